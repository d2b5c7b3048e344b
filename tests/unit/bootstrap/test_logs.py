"""Logs: one event is one line, whoever writes it and whatever is in it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from helpdesk.bootstrap import logs


@pytest.fixture(name="out", autouse=True)
def _restored() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_json_lines_are_objects(out: io.StringIO) -> None:
    """Each line is one JSON object with time, level, logger and event, ours and other libraries' alike."""
    logs.configure("info", "json", out)
    structlog.get_logger("helpdesk.desk").info("registered", number=7)
    logging.getLogger("other.library").warning("slow by %d s", 3)
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["event"], first["number"], first["level"]) == ("registered", 7, "info")
    assert (second["event"], second["logger"]) == ("slow by 3 s", "other.library")
    assert first["timestamp"].endswith("Z")


def test_what_came_from_outside_stays_on_its_line(out: io.StringIO) -> None:
    """A line break or an escape sequence in a value cannot forge a line of the log."""
    logs.configure("info", "text", out)
    structlog.get_logger("helpdesk.intake").info("subject\nforged", sender="a\r\nb\x1b[2J")
    assert len(out.getvalue().splitlines()) == 1
    assert "\x1b" not in out.getvalue()


def test_levels_are_kept(out: io.StringIO) -> None:
    """Nothing below the level is written, and chatty libraries are held to warnings."""
    logs.configure("info", "text", out)
    structlog.get_logger("helpdesk.x").debug("quiet")
    logging.getLogger("httpx2").info("GET https://bot:secret@example.org")
    assert out.getvalue() == ""


def test_exceptions_come_without_local_variables(out: io.StringIO) -> None:
    """A traceback names lines of code, never the values of variables: they may be secrets."""
    logs.configure("info", "text", out)
    password = "canary" + "-value"
    try:
        int("wrong")
    except ValueError:
        structlog.get_logger("helpdesk.x").exception("failed")
    assert "ValueError: invalid literal" in out.getvalue()
    assert password not in out.getvalue()
