"""One service over one data folder: two would share one store of NATS and write over each other's ``service.json``."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from helpdesk.kernel.errors import Unavailable

LOCK_FILE = "service.lock"


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold the data folder while the service runs; whatever ends the process lets go of it.

    A record lock belongs to the process alone: no child that outlives it keeps the folder.

    Raises:
        Unavailable: another service holds it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise Unavailable(
                f"another service runs over the data folder {folder}: name another one in HELPDESK_DATA_DIR"
            ) from None
        yield
    finally:
        os.close(held)
