"""Fresh databases of either kind, for measuring."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.postgres import APPLICATION, OWNER, PostgresServer

from helpdesk.store.migrations import upgrade

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "shared_buffers": "256MB"}


class Databases:
    """Makes databases in ``folder``, or on the PostgreSQL ``server``."""

    def __init__(self, folder: Path, server: PostgresServer | None) -> None:
        self.folder = folder
        self.server = server
        self._made = 0

    def new(self) -> str:
        """Return the URL of a database with every table and no row."""
        self._made += 1
        if self.server is None:
            url = f"sqlite:///{self.folder}/{self._made}.db"
            upgrade(url)
            return url
        name = self.server.create()
        upgrade(self.server.url(name, OWNER), application_role=APPLICATION)
        return self.server.url(name)


@contextlib.contextmanager
def databases(kind: str) -> Iterator[Databases]:
    """Give databases of ``kind`` (``sqlite``, ``postgresql``) while within; a durable server of their own with it."""
    with tempfile.TemporaryDirectory() as folder:
        server = None if kind == "sqlite" else PostgresServer(DURABLE)
        try:
            yield Databases(Path(folder), server)
        finally:
            if server is not None:
                server.stop()
