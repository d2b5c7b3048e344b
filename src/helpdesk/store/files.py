"""The files' store: attachments' bytes, in a local folder or in an object store, by tenant and content.

A file's key is its tenant and the SHA-256 of its bytes: the same bytes are kept once, nothing is ever overwritten by
something else, and whoever reads can check. Bytes are put here before the transaction that tells of them; what no row
tells of is an orphan, and swept away once it is old.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import obstore
from msgspec import Struct
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store, from_url

from helpdesk.kernel.errors import Unavailable

GRACE = timedelta(days=1)
"""How old an orphan must be: the transaction that tells of it has long ended by then."""
_SECONDS = "20s"
_RETRIES = 3


class Stored(Struct, frozen=True):
    """An object of the store."""

    tenant_id: UUID
    sha256: str
    modified_at: datetime


class FileStore:
    """Attachments' bytes. Calls block: make them on a thread. Safe to use from several threads.

    Raises, all of it:
        Unavailable: the store does not answer, or has other bytes than it was given.
    """

    def __init__(self, url: str) -> None:
        self._folder: Path | None = None
        if url.startswith("file://"):
            self._folder = Path(url.removeprefix("file://"))
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._store: obstore.store.ObjectStore = LocalStore(self._folder)
        elif url.startswith("s3://"):
            self._store = S3Store.from_url(
                url, client_options={"timeout": _SECONDS}, retry_config={"max_retries": _RETRIES}
            )
        else:
            self._store = from_url(url)

    def put(self, tenant_id: UUID, content: bytes) -> str:
        """Keep ``content`` durably; return its SHA-256 in hex. Doing it again changes nothing."""
        sha256 = hashlib.sha256(content).hexdigest()
        key = _key(tenant_id, sha256)
        try:
            try:
                obstore.put(self._store, key, content, mode="create")
            except AlreadyExistsError:
                if datetime.now(UTC) - obstore.head(self._store, key)["last_modified"] > GRACE / 2:
                    obstore.put(self._store, key, content)  # young again, lest a sweep take it for an orphan meanwhile
            self._sync(key)
        except (BaseError, OSError) as error:
            raise Unavailable("the files' store is not available") from error
        return sha256

    def get(self, tenant_id: UUID, sha256: str) -> bytes:
        """Return the bytes."""
        try:
            content = bytes(obstore.get(self._store, _key(tenant_id, sha256)).bytes())
        except (BaseError, OSError) as error:
            raise Unavailable("the file cannot be read from its store") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Unavailable("the file's store has other bytes than it was given")
        return content

    def older_than(self, moment: datetime) -> Iterator[Stored]:
        """Give every object that was last written before ``moment``."""
        try:
            for chunk in obstore.list(self._store):
                for found in chunk:
                    tenant, _, sha256 = found["path"].split("/")
                    if found["last_modified"] < moment:
                        yield Stored(UUID(tenant), sha256, found["last_modified"])
        except (BaseError, OSError) as error:
            raise Unavailable("the files' store cannot be listed") from error

    def delete(self, orphan: Stored) -> bool:
        """Delete an object unless it was written again meanwhile; say whether it was deleted."""
        key = _key(orphan.tenant_id, orphan.sha256)
        try:
            if obstore.head(self._store, key)["last_modified"] != orphan.modified_at:
                return False
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            raise Unavailable("the file cannot be deleted from its store") from error
        return True

    def _sync(self, key: str) -> None:
        """Make a local file survive the loss of power: it is acknowledged once its transaction is committed."""
        if self._folder is None:
            return
        path = self._folder / key
        for each in (path, path.parent, path.parent.parent):
            descriptor = os.open(each, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _key(tenant_id: UUID, sha256: str) -> str:
    return f"{tenant_id}/{sha256[:2]}/{sha256}"
