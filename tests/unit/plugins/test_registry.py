"""A bad plugin costs only itself: every way of being bad, beside a good one."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpdesk.contracts.hookspecs import ENTRY_POINT_GROUP, hookimpl
from helpdesk.plugins.problems import Trouble, call_alone
from helpdesk.plugins.registry import Registry, build_registry

HEADER = "from helpdesk.contracts.hookspecs import hookimpl\n"
GOOD_MANIFEST = 'name = "x"\nversion = "1"\nsummary = "s"\nprovides = []\n'


class Carrier:
    """A channel that does nothing."""

    answers = False

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def settings(self) -> Mapping[str, str]:
        return {}

    def normalise(self, address: str) -> str:
        return address

    def listener(self, settings: Mapping[str, Any]) -> None:
        return None

    def sender(self, settings: Mapping[str, Any]) -> None:
        return None


class Undecided(Carrier):
    """A channel that does not say whether clients are answered on it."""

    answers = None  # type: ignore[assignment]


class Forgetful(Carrier):
    """A channel that does not say whose letters wait."""

    collects = None


def plugin(**hooks: Callable[..., Any]) -> object:
    return SimpleNamespace(**{name: hookimpl(function) for name, function in hooks.items()})


def raises(error: BaseException) -> Callable[[], Any]:
    def hook() -> Any:
        raise error

    return hook


GOOD = plugin(register_channel=lambda: Carrier("pigeon"))


def beside_good(bad: object) -> Registry:
    return build_registry(found=(), objects={"a_bad": bad, "good": GOOD, "z_bad": bad})


@pytest.mark.parametrize(
    ("bad", "trouble"),
    [
        (plugin(register_channel=raises(ValueError("bug"))), Trouble.CALL),
        (plugin(register_channel=raises(SystemExit(3))), Trouble.CALL),
        (plugin(register_channel=raises(KeyboardInterrupt())), Trouble.CALL),
        (plugin(register_channel=raises(BaseException("panic"))), Trouble.CALL),
        (plugin(register_channel=raises(MemoryError())), Trouble.CALL),
        (plugin(register_channel=lambda: None), Trouble.RESULT),
        (plugin(register_channel=lambda: {"kind": "pigeon"}), Trouble.RESULT),
        (plugin(register_channel=lambda: Carrier("Pigeon post")), Trouble.RESULT),
        (plugin(register_channel=lambda: SimpleNamespace(kind="owl")), Trouble.RESULT),
        (plugin(register_channel=lambda: Undecided("owl")), Trouble.RESULT),
        (plugin(register_channel=lambda: Forgetful("owl")), Trouble.RESULT),
        (plugin(register_carrier=lambda: SimpleNamespace(name="pager")), Trouble.RESULT),
        (plugin(register_carrier=lambda: SimpleNamespace(name="pager", follows="Phone")), Trouble.RESULT),
        (plugin(register_carrier=lambda: SimpleNamespace(name="pager", follows="phone")), Trouble.RESULT),
        (plugin(register_carrier=raises(RuntimeError("bug"))), Trouble.CALL),
        (plugin(register_notifier=lambda: SimpleNamespace(name="Pager")), Trouble.RESULT),
        (plugin(register_notifier=lambda: SimpleNamespace(name="pager")), Trouble.RESULT),
        (plugin(register_notifier=raises(RuntimeError("bug"))), Trouble.CALL),
        (plugin(register_regulation=lambda: "siroca"), Trouble.RESULT),
        (plugin(register_channell=lambda: Carrier("owl")), Trouble.HOOK),
        (plugin(on_ticket=lambda ticket: None), Trouble.HOOK),
        (plugin(register_channel=lambda ticket: Carrier("owl")), Trouble.HOOK),
        (SimpleNamespace(), Trouble.HOOK),
    ],
)
def test_a_bad_plugin_costs_only_itself(bad: object, trouble: Trouble) -> None:
    """Raising, exiting, returning junk, misspelling a hook: reported by name, the good one works."""
    registry = beside_good(bad)
    assert list(registry.channels) == ["pigeon"]
    assert {(problem.plugin, problem.trouble) for problem in registry.problems} >= {("a_bad", trouble)}
    assert "good" not in {problem.plugin for problem in registry.problems}
    assert all(problem.cause for problem in registry.problems)


def test_the_users_interrupt_is_not_swallowed() -> None:
    """Ctrl-C during loading ends loading."""
    over = threading.Event()

    def hook() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        over.wait()

    with pytest.raises(KeyboardInterrupt):
        beside_good(plugin(register_channel=hook))
    over.set()


def test_what_does_not_return_is_left_out() -> None:
    """Whoever asks waits for so long and no longer, and is told where it stands."""
    over = threading.Event()
    found, cause = call_alone(over.wait, within_seconds=0.0)
    over.set()
    assert found is None
    assert "has not returned within 0 s" in cause


def test_an_exception_that_cannot_be_shown_is_reported_all_the_same() -> None:
    """The exception's own text is foreign code too."""

    class Sulk(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    problem = beside_good(plugin(register_channel=raises(Sulk()))).problems[0]
    assert "Sulk" in problem.cause


def test_of_two_plugins_with_one_kind_the_first_stays() -> None:
    """A second channel of the same kind is reported and changes nothing."""
    first = Carrier("owl")
    registry = build_registry(
        found=(),
        objects={
            "one": plugin(register_channel=lambda: first),
            "two": plugin(register_channel=lambda: Carrier("owl")),
        },
    )
    assert registry.channels["owl"] is first
    assert [(p.plugin, p.trouble) for p in registry.problems] == [("two", Trouble.DUPLICATE)]


def test_wrappers_are_refused() -> None:
    """No plugin stands around another one's hooks."""

    @hookimpl(wrapper=True)
    def register_channel() -> Any:
        yield

    registry = build_registry(found=(), objects={"w": SimpleNamespace(register_channel=register_channel), "good": GOOD})
    assert list(registry.channels) == ["pigeon"]
    assert [(p.plugin, p.trouble) for p in registry.problems] == [("w", Trouble.HOOK)]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., EntryPoint]]:
    """Makes installed-looking packages with a manifest and a module."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def make(name: str, source: str, manifest: str | None = GOOD_MANIFEST) -> EntryPoint:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text(source, encoding="utf-8")
        if manifest is not None:
            (folder / "helpdesk-plugin.toml").write_text(manifest, encoding="utf-8")
        return EntryPoint(name, name, ENTRY_POINT_GROUP)

    yield make
    for module in set(sys.modules) - before:
        del sys.modules[module]


@pytest.mark.parametrize(
    ("source", "manifest", "trouble"),
    [
        ("raise ValueError('bug')", GOOD_MANIFEST, Trouble.IMPORT),
        ("raise SystemExit(3)", GOOD_MANIFEST, Trouble.IMPORT),
        ("import no_such_module_anywhere", GOOD_MANIFEST, Trouble.IMPORT),
        ("x = (", GOOD_MANIFEST, Trouble.IMPORT),
        ("raise AssertionError('imported')", None, Trouble.MANIFEST),
        ("raise AssertionError('imported')", GOOD_MANIFEST + "contracts = 99\n", Trouble.MANIFEST),
        ("raise AssertionError('imported')", GOOD_MANIFEST + "contract = 1\n", Trouble.MANIFEST),
        ("raise AssertionError('imported')", "name = ", Trouble.MANIFEST),
        (HEADER + "@hookimpl\ndef on_tickett(ticket): ...", GOOD_MANIFEST, Trouble.HOOK),
    ],
)
def test_a_bad_package_costs_only_itself(
    package: Callable[..., EntryPoint], source: str, manifest: str | None, trouble: Trouble
) -> None:
    """A package that fails to import is reported; one with a wrong manifest is not even imported."""
    registry = build_registry(found=[package("bad_package", source, manifest)], objects={"good": GOOD})
    assert list(registry.channels) == ["pigeon"]
    assert [(p.plugin, p.trouble) for p in registry.problems] == [("bad_package", trouble)]
    assert "imported" not in registry.problems[0].cause


def test_a_missing_package_is_reported() -> None:
    """An entry point that leads nowhere is a problem, not an exception."""
    registry = build_registry(found=[EntryPoint("gone", "gone_package_x:plugin", ENTRY_POINT_GROUP)])
    assert [(p.plugin, p.trouble) for p in registry.problems] == [("gone", Trouble.MANIFEST)]


def test_a_manifest_that_is_not_true_is_reported(package: Callable[..., EntryPoint]) -> None:
    """What a plugin says it provides and what it provides are compared."""
    manifest = GOOD_MANIFEST.replace("[]", '["channel:owl"]')
    source = (
        "from pathlib import Path\n"
        "from helpdesk.contracts.regulations import RegulationPackage\n"
        + HEADER
        + "@hookimpl\ndef register_regulation():\n    return RegulationPackage('acme', Path('.'))\n"
    )
    registry = build_registry(found=[package("liar_package", source, manifest)])
    assert list(registry.regulations) == ["acme"]
    assert [(p.plugin, p.trouble) for p in registry.problems] == [("liar_package", Trouble.MANIFEST)]


def test_folders_become_regulations(tmp_path: Path) -> None:
    """A folder of folders, a single folder, a template, a broken one and a duplicate: each as the rules say."""
    for name, text in {
        "acme": 'tenant = "acme"\n',
        "broken": "tenant = ",
        "nameless": "x = 1\n",
        "_template": 'tenant = "template"\n',
        "twin": 'tenant = "acme"\n',
        "calendars": None,
    }.items():
        (tmp_path / name).mkdir()
        if text is not None:
            (tmp_path / name / "regulation.toml").write_text(text, encoding="utf-8")
    registry = build_registry([tmp_path, tmp_path / "nowhere"], found=())
    assert {tenant: package.root for tenant, package in registry.regulations.items()} == {"acme": tmp_path / "acme"}
    assert [(Path(p.plugin).name, p.trouble) for p in registry.problems] == [
        ("broken", Trouble.FOLDER),
        ("nameless", Trouble.FOLDER),
        ("twin", Trouble.DUPLICATE),
        ("nowhere", Trouble.FOLDER),
    ]


def test_two_registries_share_nothing() -> None:
    """The manager is built anew each time: there is no global one."""
    first = build_registry(found=(), objects={"good": GOOD})
    second = build_registry(found=())
    assert list(first.channels) == ["pigeon"]
    assert not second.channels


def test_what_is_installed_here_loads_without_problems() -> None:
    """The plugins of this repository are found by their entry points, without a single problem."""
    registry = build_registry()
    assert registry.problems == ()
    assert {"chat", "email", "phone", "telegram", "web"} <= set(registry.channels)
    assert set(registry.notifiers) == {"webhook"}
    assert {name: carrier.follows for name, carrier in registry.carriers.items()} == {"sms": "phone"}
    ways = [("email", "a@b.example"), ("telegram", "5"), ("phone", "+79160000000"), ("fax", "1")]
    assert [registry.answering.reaches(*way) for way in ways] == [True, True, False, False]
    visitor, member = "anna@b.example", "user:www.b.example/1"
    assert [registry.answering.reaches("web", each) for each in (visitor, member)] == [False, True]
    assert set(registry.collecting) == {"chat", "web"}
    assert registry.manifests["channel_email"].provides == ("channel:email",)
