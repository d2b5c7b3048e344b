"""The files' store: bytes by tenant and content, kept once, checked when read, swept when nobody tells of them."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.ids import new_id
from helpdesk.store.files import FileStore


@pytest.fixture(params=["file", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    return FileStore(f"file://{tmp_path}/files" if request.param == "file" else "memory:///")


def test_the_same_bytes_are_kept_once_and_tenants_apart(files: FileStore) -> None:
    """Putting again changes nothing; another tenant does not reach them."""
    ours, theirs = new_id(), new_id()
    sha256 = files.put(ours, b"abc")
    assert files.put(ours, b"abc") == sha256
    assert files.get(ours, sha256) == b"abc"
    assert files.put(ours, b"") != sha256
    with pytest.raises(Unavailable):
        files.get(theirs, sha256)


def test_other_bytes_than_were_given_are_not_handed_on(tmp_path: Path) -> None:
    """What was changed in the store is noticed."""
    files, tenant = FileStore(f"file://{tmp_path}"), new_id()
    sha256 = files.put(tenant, b"abc")
    (tmp_path / str(tenant) / sha256[:2] / sha256).write_bytes(b"abd")
    with pytest.raises(Unavailable, match="other bytes"):
        files.get(tenant, sha256)


def test_an_orphan_that_is_put_again_is_young(tmp_path: Path) -> None:
    """So a sweep under way does not delete what a message is about to tell of."""
    files, tenant = FileStore(f"file://{tmp_path}"), new_id()
    sha256 = files.put(tenant, b"abc")
    path = tmp_path / str(tenant) / sha256[:2] / sha256
    old = datetime.now(UTC) - timedelta(days=2)
    os.utime(path, (old.timestamp(), old.timestamp()))
    (orphan,) = files.older_than(datetime.now(UTC) - timedelta(days=1))
    files.put(tenant, b"abc")
    assert not files.delete(orphan)
    os.utime(path, (old.timestamp(), old.timestamp()))
    (orphan,) = files.older_than(datetime.now(UTC) - timedelta(days=1))
    assert files.delete(orphan)
    assert not files.delete(orphan)
