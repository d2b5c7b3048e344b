"""``helpdesk evidence``: everything about one ticket as one sealed document."""

import os
import sys
from pathlib import Path

from helpdesk.bootstrap.store import open_store
from helpdesk.cli.operator import OPERATOR
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.upkeep.exporting import record_export
from helpdesk.queries.tickets.evidence import gather_evidence, seal_evidence
from helpdesk.settings import read
from helpdesk.store.files import FileStore
from helpdesk.store.tenants import Tenants

_PATIENCE_SECONDS = 600.0


def export_evidence(tenant: str, number: int, *, out: Path | None = None) -> None:
    """Write everything about one ticket as one document that `helpdesk verify` checks; the act is audited.

    Parameters
    ----------
    tenant
        The company's slug.
    number
        The ticket's number.
    out
        The file to write; default: standard output.
    """
    settings = read(os.environ)
    database = open_store(settings)
    find = Directory().of
    try:
        served = OPERATOR.within(database.read_now(OPERATOR, lambda session: Tenants(session).by_slug(tenant)).id)
        gathered = database.read_now(
            served, lambda session: gather_evidence(session, number, find), within_seconds=_PATIENCE_SECONDS
        )
        document = seal_evidence(gathered, FileStore(settings.files_url.reveal()).get)
        database.write_now(served, lambda session: record_export(session, number, document))
    finally:
        database.close()
    if out is None:
        sys.stdout.buffer.write(document)
    else:
        out.write_bytes(document)
        print(f"{out}: ticket {number} of {tenant}, {len(document)} bytes")
