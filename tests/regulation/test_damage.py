"""Five hundred damaged regulation files: each is refused with a place, none gives a traceback, none is accepted."""

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.regulation.loading.loader import load_package
from helpdesk.regulation.vocabulary.problems import RegulationError

POLICIES = Path(__file__).parents[2] / "policies"
COMPANIES = ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24")

Damage = Callable[[str, random.Random], str | None]


def _line(text: str, rng: random.Random, pattern: str) -> tuple[str, re.Match[str]] | None:
    found = list(re.finditer(pattern, text, flags=re.MULTILINE))
    return (text, rng.choice(found)) if found else None


def _replace(pattern: str, make: Callable[[re.Match[str], random.Random], str]) -> Damage:
    def damage(text: str, rng: random.Random) -> str | None:
        found = _line(text, rng, pattern)
        if found is None:
            return None
        whole, match = found
        return whole[: match.start()] + make(match, rng) + whole[match.end() :]

    return damage


DAMAGES: dict[str, Damage] = {
    "unknown key": _replace(r"^(clause = .*)$", lambda m, r: f"{m[1]}\nclauze_{r.randrange(99)} = 1"),
    "duplicate key": _replace(r"^(name = .*)$", lambda m, _: f"{m[1]}\n{m[1]}"),
    "wrong type": _replace(r'^(name|clause|kind|calendar) = ".*"$', lambda m, r: f"{m[1]} = {r.randrange(9)}"),
    "list for a text": _replace(r'^(name|clause|kind) = (".*")$', lambda m, _: f"{m[1]} = [{m[2]}]"),
    "bad zone": _replace(r'^zone = ".*"', lambda _, r: f'zone = "Europe/Nowhere{r.randrange(99)}"'),
    "path as zone": _replace(r'^zone = ".*"', lambda _, r: f'zone = "{"../" * r.randrange(1, 9)}etc/passwd"'),
    "zero amount": _replace(r'^(within|average|goal) = "[0-9]+', lambda m, _: f'{m[1]} = "0'),
    "negative amount": _replace(r'^(within|average|goal) = "', lambda m, _: f'{m[1]} = "-'),
    "bare amount": _replace(r'"(\d+) (working|elapsed|calendar) (\w+)"', lambda m, _: f'"{m[1]} {m[3]}"'),
    "huge amount": _replace(r'^(within|average|goal) = "', lambda m, r: f'{m[1]} = "{"9" * r.randrange(4, 300)}'),
    "huge number": _replace(r"^rank = \d+", lambda _, r: f"rank = {'9' * r.randrange(5, 4000)}"),
    "empty condition": _replace(r"^(starts_on|stops_on|cancelled_on) = .*$", lambda m, _: f"{m[1]} = []"),
    "no such event": _replace(
        r"^(starts_on|stops_on|cancelled_on) = .*$", lambda m, _: f'{m[1]} = ["cancelled_by_moon"]'
    ),
    "bad condition": _replace(r"^(starts_on|stops_on|cancelled_on) = .*$", lambda m, _: f'{m[1]} = ["closed(a=b=c)"]'),
    "no such calendar": _replace(r'^calendar = ".*"$', lambda _, r: f'calendar = "other{r.randrange(99)}"'),
    "empty hours": _replace(r"^hours = \{.*\}", lambda _, __: "hours = {}"),
    "hours of no day": _replace(r"^hours = \{.*\}", lambda _, __: 'hours = { someday = "09:00-18:00" }'),
    "hours reversed": _replace(r"^hours = \{.*\}", lambda _, __: 'hours = { mon = "09:00-09:00" }'),
    "hours overlapping": _replace(r"^hours = \{.*\}", lambda _, __: 'hours = { mon = ["09:00-18:00", "17:00-19:00"] }'),
    "no such days": _replace(r'^days = ".*"', lambda _, __: 'days = "ATLANTIS"'),
    "deep nesting": _replace(
        r"^\[queue\]", lambda _, r: f"deep = {'[' * (n := r.randrange(30, 5000))}{']' * n}\n[queue]"
    ),
    "broken syntax": _replace(r"^(\w+) = ", lambda m, _: f"{m[1]} == "),
    "unclosed text": _replace(r'"$', lambda _, __: ""),
    "missing section": _replace(r"^\[queue\]$", lambda _, __: "[qeueu]"),
    "cycle of terms": _replace(r'^then = ".*"$', lambda _, __: 'then = "resolve"\nmin_gap = "0 elapsed hours"'),
    "no such outcome": _replace(r'^then = ".*"$', lambda _, __: 'then = "close:by_magic"'),
    "offset in an edition": _replace(r"^(in_force_from = \S+)", lambda m, _: f"{m[1]}+03:00"),
    "reading of nothing": _replace(r'at = "[a-z.*]+"', lambda _, __: 'at = "targets.nothing"'),
    "reading that is its own alternative": _replace(
        r'^value = "(\w+)"\n(why = .*\n)(basis = .*\n)?alternatives\.(\w+)',
        lambda m, _: m[0].replace(f"alternatives.{m[4]}", f"alternatives.{m[1]}"),
    ),
    "reading to a bad value": _replace(r'set = \{ (\w+) = "\w+" \}', lambda m, _: f'set = {{ {m[1]} = "perhaps" }}'),
    "level nobody has": _replace(r'^levels = \["\w+"\]', lambda _, __: 'levels = ["no_such_level"]'),
    "two rules for one": _replace(r'^levels = \["\w+"\]\n', lambda _, __: ""),
    "undeclared parameter": _replace(r'^(clause) = ".*"', lambda m, _: f'{m[1]} = "$nobody_gives_this"'),
    "empty clause": _replace(r'^clause = ".*"', lambda _, __: 'clause = ""'),
    "share of more than all": _replace(r"^warn_at = .*", lambda _, __: 'warn_at = ["150%"]'),
    "not UTF-8": lambda text, _: text.replace("а", "\udcff", 1) if "а" in text else None,
    "not TOML at all": lambda text, r: "".join(r.sample(text, len(text))),
    "cut short": lambda text, r: text[: r.randrange(1, text.index("[queue]"))],
}


def _damaged_files() -> list[tuple[str, str, str]]:
    rng = random.Random(20260301)
    found: list[tuple[str, str, str]] = []
    while len(found) < 500:
        for kind, damage in DAMAGES.items():
            company = rng.choice(COMPANIES)
            edition = next((POLICIES / company / "editions").glob("*.toml"))
            text = edition.read_text("utf-8")
            damaged = damage(text, rng)
            if damaged is not None and damaged != text:
                found.append((f"{kind} in {company} {len(found)}", f"{company}/editions/{edition.name}", damaged))
    return found[:500]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("policies")
    for name in (*COMPANIES, "calendars"):
        shutil.copytree(POLICIES / name, root / name)
    return root


@pytest.mark.parametrize(("kind", "file", "damaged"), [pytest.param(*c, id=c[0]) for c in _damaged_files()])
def test_a_damaged_file_is_refused_with_its_place(kind: str, file: str, damaged: str, folder: Path) -> None:
    path = folder / file
    original = path.read_bytes()
    path.write_bytes(damaged.encode("utf-8", "surrogateescape"))
    try:
        with pytest.raises(RegulationError) as caught:
            load_package(path.parents[1])
    finally:
        path.write_bytes(original)
    assert caught.value.problems
    for problem in caught.value.problems:
        assert problem.message
        assert problem.file
        assert problem.line >= 1 or problem.file in {"editions", "calendars"}


def test_the_files_themselves_are_accepted(folder: Path) -> None:
    for company in COMPANIES:
        load_package(folder / company)
