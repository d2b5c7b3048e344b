"""Opening the store: a file is made and upgraded, and a start that needs no upgrade loads no machinery for it."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.bootstrap.store import open_store
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import system
from helpdesk.settings import read
from helpdesk.store.migrations import is_current
from helpdesk.store.revision import NEWEST, stored_revision

_OPEN = """
import sys
from helpdesk.bootstrap.store import open_store
from helpdesk.settings import read
open_store(read({"HELPDESK_DATA_DIR": sys.argv[1]})).close()
print("alembic" in sys.modules)
"""


def test_the_newest_revision_is_the_one_migrations_end_in(tmp_path: Path) -> None:
    """What a start takes for the newest is what an upgrade leads to."""
    settings = read({"HELPDESK_DATA_DIR": str(tmp_path / "data")})
    url = settings.database_url.reveal()
    assert stored_revision(url) is None
    database = open_store(settings)
    try:
        assert database.read_now(system("test"), lambda session: session.now) > 0
    finally:
        database.close()
    assert stored_revision(url) == NEWEST
    assert is_current(url)


def test_an_upgraded_store_is_opened_without_alembic(tmp_path: Path) -> None:
    """The second start imports nothing that only the first one needed."""
    for alembic_needed in ("True", "False"):
        done = subprocess.run(
            [sys.executable, "-c", _OPEN, str(tmp_path / "data")], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == alembic_needed


def test_the_data_folder_is_the_owners_only(tmp_path: Path) -> None:
    """Others on the machine see neither tickets nor tokens."""
    settings = read({"HELPDESK_DATA_DIR": str(tmp_path / "data")})
    open_store(settings).close()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data" / "helpdesk.sqlite3").stat().st_mode & 0o077 == 0


def test_a_newer_version_s_database_is_left_alone(tmp_path: Path) -> None:
    """Who goes back to an older version is told so, and nothing is changed."""
    settings = read({"HELPDESK_DATA_DIR": str(tmp_path)})
    open_store(settings).close()
    with sqlite3.connect(tmp_path / "helpdesk.sqlite3") as raw:
        raw.execute("UPDATE alembic_version SET version_num = 'later'")
    raw.close()
    with pytest.raises(Unavailable, match="newer version"):
        open_store(settings)
    assert stored_revision(settings.database_url.reveal()) == "later"
