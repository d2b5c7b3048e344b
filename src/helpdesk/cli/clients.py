"""``helpdesk clients``: a company's clients, as a list from elsewhere has them."""

import os
import sys
from collections import Counter
from pathlib import Path

from cyclopts import App

from helpdesk.bootstrap.plugins import load_plugins
from helpdesk.bootstrap.store import open_store
from helpdesk.cli.operator import OPERATOR
from helpdesk.cli.packages import as_json
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.history.clients import ClientsJob, import_clients
from helpdesk.history.clients_mapping import clients_schema, load_clients_mapping
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.principal import system
from helpdesk.settings import read
from helpdesk.store.instance import installation
from helpdesk.store.tenants import Tenants

app = App(name="clients", help="A company's clients.")


@app.command(name="import")
def import_list(
    file: Path | None = None,
    *,
    tenant: str = "",
    mapping: Path | None = None,
    rejects: Path | None = None,
    dry_run: bool = False,
    schema: bool = False,
) -> int:
    """Bring in a list of organisations and persons; running it again adds what is new and changes nothing else.

    Exit status 1 if a record was rejected; rejects are kept with their lines and reasons.

    Parameters
    ----------
    file
        The list: CSV or JSON lines, in UTF-8, cp1251, koi8-r or cp866.
    tenant
        The company's slug.
    mapping
        The TOML file that says what its columns mean.
    rejects
        Where rejected records go, one JSON object a line; default: FILE.rejects.jsonl.
    dry_run
        Write nothing; say what would become of every record.
    schema
        Print the JSON Schema of mapping files instead.
    """
    if schema:
        print(as_json(clients_schema()))
        return 0
    if file is None or mapping is None or not tenant:
        raise Invalid("name the file, --tenant and --mapping")
    how = load_clients_mapping(mapping)
    aside = rejects or file.with_name(f"{file.name}.rejects.jsonl")
    settings = read(os.environ)
    channels = load_plugins(settings).channels
    database = open_store(settings)
    try:
        served = database.read_now(OPERATOR, lambda session: Tenants(session).by_slug(tenant)).id
        resources = Resources(Directory(), database.read_now(system("command"), installation).secret)
        job = ClientsJob(file, how, aside, dry_run)
        found = import_clients(database, OPERATOR.within(served), resources, channels, job, progress=_progress)
    finally:
        database.close()
    print(file=sys.stderr)
    would = "would be " if dry_run else ""
    print(
        f"{found.records} records: {found.added} {would}added, {found.changed} {would}changed, "
        f"{found.there} there already, {found.rejected} rejected"
    )
    if found.rejected:
        print(f"rejected, with reasons: {aside}")
    return int(bool(found.rejected))


def _progress(done: int, counts: "Counter[str]") -> None:
    said = ", ".join(f"{counts[name]} {name}" for name in ("added", "changed", "there", "rejected"))
    print(f"\r{done} records: {said}", end="", file=sys.stderr, flush=True)
