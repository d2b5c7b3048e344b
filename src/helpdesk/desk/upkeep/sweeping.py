"""Sweeping the files' store: bytes that no row tells of, because their transaction never committed."""

from datetime import datetime
from functools import partial

from helpdesk.kernel.principal import system
from helpdesk.store.attachments import Attachments
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.files import GRACE, FileStore, Stored

_SWEEPER = system("sweeper")


def sweep_orphans(database: Database, files: FileStore, now: datetime) -> tuple[int, int]:
    """Delete orphans older than a day; return how many objects were looked at and how many deleted. Blocks.

    A file that comes again while it is an orphan is written anew, and so is young.

    Raises:
        Unavailable: the database or the store does not answer.
    """
    seen = deleted = 0
    for found in files.older_than(now - GRACE):
        seen += 1
        if not database.read_now(_SWEEPER, partial(_used, found=found)):
            deleted += files.delete(found)
    return seen, deleted


def _used(session: Session, *, found: Stored) -> bool:
    return Attachments(session.within(found.tenant_id)).uses(found.sha256)
