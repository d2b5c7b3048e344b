"""``helpdesk certificate`` and ``helpdesk verify``: issued over a data folder, checked without one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.cli.app import app
from helpdesk.kernel.errors import Invalid, NotFound

POLICIES = Path(__file__).resolve().parents[3] / "policies"
PROMISE = ("siroca", "resolution", "--channel", "phone", "--level", "1", "--received", "2026-02-07T22:00:00+06:00")

Run = Callable[..., tuple[object, str]]


@pytest.fixture(name="run")
def _run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("HELPDESK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HELPDESK_POLICIES", str(POLICIES))

    def run(*words: object) -> tuple[object, str]:
        result = app([str(word) for word in words], result_action="return_value", exit_on_error=False)
        return result, capsys.readouterr().out

    return run


@pytest.fixture(name="issued")
def _issued(run: Run, tmp_path: Path) -> tuple[Path, str]:
    """A certificate's file, and the key that signed it."""
    file = tmp_path / "certificate.json"
    assert "due 2026-02-08T03:00:00+06:00" in run("certificate", "promise", *PROMISE, "--out", file)[1]
    return file, run("certificate", "key", "--quiet")[1].strip()


def test_it_is_checked_without_database_or_settings(
    run: Run, issued: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """OK with and without the key; a key may be given in a file, as the API shows it."""
    file, key = issued
    shown = tmp_path / "key.json"
    shown.write_text(json.dumps({"format": "helpdesk-deadline-1", "key": key}), encoding="utf-8")
    monkeypatch.setenv("HELPDESK_DATA_DIR", "/proc/no-such-folder")
    monkeypatch.setenv("HELPDESK_HTTP_PORT", "no number")
    for words in ((), ("--key", key), ("--key", shown)):
        status, said = run("verify", file, *words)
        assert status == 0
        assert said.startswith(f"{file}: OK: siroca, a request not made, resolution 0: running, due 2026-02-08T03:00:")


def test_a_promise_takes_events_and_readings(run: Run, tmp_path: Path) -> None:
    """A pause moves the deadline, another reading too; the second implementation counts the same."""
    file = tmp_path / "waited.json"
    waited = ("--event", "pause:update@2026-02-07T23:00:00+06:00", "--event", "resume:update@2026-02-08T01:00:00+06:00")
    assert "due 2026-02-08T05:00:00+06:00" in run("certificate", "promise", *PROMISE, *waited, "--out", file)[1]
    assert run("verify", file)[0] == 0
    friday = ("siroca", "auto_close", "--channel", "phone", "--level", "3", "--received", "2026-02-06T09:00:00+06:00",
              "--event", "resolved@2026-02-06T17:00:00+06:00")  # fmt: skip
    due = {}
    for base in ("clock", "business"):
        run("certificate", "promise", *friday, "--reading", f"auto_close_base={base}", "--out", file)
        assert run("verify", file)[0] == 0
        due[base] = json.loads(file.read_bytes())["derived"]["due"]
    assert due["clock"] == "2026-02-07T17:00:00+06:00" < due["business"]
    with pytest.raises(Invalid, match="KIND@INSTANT"):
        run("certificate", "promise", *PROMISE, "--event", "resolved")


def test_one_refused_fails_and_the_others_are_still_told(run: Run, issued: tuple[Path, str], tmp_path: Path) -> None:
    """Each file has its line, with the reason."""
    file, _ = issued
    altered, strange = tmp_path / "altered.json", tmp_path / "strange.json"
    altered.write_bytes(file.read_bytes().replace(b'"2.6"', b'"2.7"'))
    strange.write_text('{"\\u001b[2J": 1}', encoding="utf-8")
    status, said = run("verify", altered, strange, tmp_path / "none.json", file)
    lines = said.splitlines()
    assert status == 1
    assert lines[0] == f"{altered}: REFUSED: hash: it is not the hash of what the certificate says"
    assert lines[1] == f"{strange}: REFUSED: ?[2J: there is no such key"
    assert lines[2] == f"{tmp_path / 'none.json'}: REFUSED: No such file or directory"
    assert ": OK: " in lines[3]
    status, said = run("verify", file, "--key", "0" * 64)
    assert (status, "not by the key that is trusted" in said) == (1, True)


def test_what_cannot_be_asked_is_said(run: Run, issued: tuple[Path, str], tmp_path: Path) -> None:
    """No files, no key, no such ticket, a request that would be refused."""
    file, _ = issued
    with pytest.raises(Invalid, match="name the certificates"):
        run("verify")
    for wrong in ("abc", file.parent):
        with pytest.raises(Invalid, match="neither a key"):
            run("verify", file, "--key", wrong)
    empty = tmp_path / "empty"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(Invalid, match="holds no key"):
        run("verify", file, "--key", empty)
    with pytest.raises(Invalid, match="not accepted"):
        run("certificate", "promise", "telemedhelp", "reaction", "--channel", "phone", *PROMISE[-2:])
    run("tenant", "add", "--regulation", POLICIES / "siroca")
    with pytest.raises(NotFound):
        run("certificate", "ticket", "siroca", "1", "resolution")
