"""``helpdesk db sweep-files``."""

import os
from datetime import UTC, datetime

from helpdesk.bootstrap.store import open_store
from helpdesk.desk.upkeep.sweeping import sweep_orphans
from helpdesk.settings import read
from helpdesk.store.files import FileStore


def sweep_files() -> None:
    """Delete attachments' bytes that no message tells of and that are older than a day.

    They are left behind where the service was killed, or the database lost, between keeping a file and committing its
    message. The service may run meanwhile; once a day is often enough.
    """
    settings = read(os.environ)
    database = open_store(settings)
    try:
        seen, deleted = sweep_orphans(database, FileStore(settings.files_url.reveal()), datetime.now(UTC))
    finally:
        database.close()
    print(f"{seen} files older than a day, {deleted} deleted")
