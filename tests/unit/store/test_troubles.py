"""What the database's own trouble is, for the operator."""

import logging
import sqlite3

import pytest

from helpdesk.kernel.errors import Unavailable
from helpdesk.store.engine.sqlite import translated


def test_a_full_disk_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Callers hear that the database is not available; why stands in the log, in SQLite's own words."""
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    with caplog.at_level(logging.WARNING):
        told = translated(full)
    assert isinstance(told, Unavailable)
    assert "disk" not in told.detail
    assert "database or disk is full" in caplog.text
