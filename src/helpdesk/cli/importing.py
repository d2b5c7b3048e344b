"""``helpdesk import``: tickets of another system with what happened to them."""

import os
import sys
from collections import Counter
from pathlib import Path

from helpdesk.bootstrap.store import open_store
from helpdesk.cli.operator import OPERATOR
from helpdesk.cli.packages import as_json
from helpdesk.history.mapping import load_mapping, mapping_schema
from helpdesk.history.run import Brought, Job, run_import
from helpdesk.kernel.errors import Invalid
from helpdesk.settings import read
from helpdesk.store.tenants import Tenants


def import_history(
    file: Path | None = None,
    *,
    tenant: str = "",
    mapping: Path | None = None,
    events: Path | None = None,
    rejects: Path | None = None,
    dry_run: bool = False,
    schema: bool = False,
) -> int:
    """Bring in the tickets of another system; running it again brings in nothing twice and says so.

    Each ticket is judged by the edition in force at its receipt and marked as imported. No letter is sent, no event
    published, no timer armed for the past. Exit status 1 if a record was rejected; rejects are kept with their reasons.

    Parameters
    ----------
    file
        The export: CSV or JSON lines, in UTF-8, cp1251, koi8-r or cp866.
    tenant
        The company's slug.
    mapping
        The TOML file that says what its columns mean.
    events
        What happened, in a file of its own, where the mapping has [events] with `ticket`.
    rejects
        Where rejected records go, one JSON object a line; default: FILE.rejects.jsonl.
    dry_run
        Write nothing; say what would become of every record.
    schema
        Print the JSON Schema of mapping files instead.
    """
    if schema:
        print(as_json(mapping_schema()))
        return 0
    if file is None or mapping is None or not tenant:
        raise Invalid("name the file, --tenant and --mapping")
    how = load_mapping(mapping)
    if (events is not None) != (how.events is not None and bool(how.events.ticket)):
        raise Invalid("--events and [events] with `ticket` in the mapping belong together")
    aside = rejects or file.with_name(f"{file.name}.rejects.jsonl")
    database = open_store(read(os.environ))
    try:
        served = database.read_now(OPERATOR, lambda session: Tenants(session).by_slug(tenant)).id
        job = Job(file, how, aside, events, dry_run)
        found = run_import(database, OPERATOR.within(served), job, progress=_progress)
    finally:
        database.close()
    print(file=sys.stderr)
    print(_told(found, dry=dry_run))
    if found.rejected or found.orphans:
        print(f"rejected, with reasons: {aside}")
    return int(bool(found.rejected or found.orphans))


def _told(found: Brought, *, dry: bool) -> str:
    done = "would be imported" if dry else "imported"
    orphans = f", {found.orphans} events of no ticket" if found.orphans else ""
    there = f"{found.there} there already, {found.rejected} rejected"
    return f"{found.records} records: {found.imported} {done}, {there}{orphans}"


def _progress(done: int, counts: "Counter[str]") -> None:
    said = f"{done} records: {counts['imported']} imported, {counts['there']} there, {counts['rejected']} rejected"
    print(f"\r{said}", end="", file=sys.stderr, flush=True)
