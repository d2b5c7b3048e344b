"""``helpdesk audit``: how far it is sealed, and whether it is as it was written."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from helpdesk.bootstrap.store import open_store
from helpdesk.cli.operator import OPERATOR
from helpdesk.cli.packages import as_json
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.principal import Principal
from helpdesk.queries.records.audit_chain import AuditHead, audit_head, check_audit
from helpdesk.settings import read
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants

app = App(name="audit", help="Who did what: how far it is sealed, and whether anybody altered it.")

_PATIENCE_SECONDS = 600.0
_OWN = "(the service's own)"


@app.command
def head(*, tenant: Annotated[tuple[str, ...], Parameter(negative="")] = ()) -> None:
    """Print how far each audit is sealed, one signed JSON object a line: keep it where the database is not.

    Parameters
    ----------
    tenant
        A company's slug; may be given several times. Default: all, and the service's own.
    """
    database = open_store(read(os.environ))
    try:
        for _, principal in database.read_now(OPERATOR, lambda session: _audited(session, tenant)):
            print(as_json(database.read_now(principal, audit_head)))
    finally:
        database.close()


@app.command
def verify(
    *,
    tenant: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    heads: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
) -> int:
    """Count every line's mark and seal anew; exit 1 where a line was altered, taken out, put in or moved.

    Parameters
    ----------
    tenant
        A company's slug; may be given several times. Default: all, and the service's own.
    heads
        A file of heads that were handed out before: the chain must lead through each. May be given several times.
    """
    handed_out = [head for path in heads for head in _heads(path)]
    database = open_store(read(os.environ))
    wrong = 0
    try:
        for slug, principal in database.read_now(OPERATOR, lambda session: _audited(session, tenant)):
            found = database.read_now(
                principal, lambda session: check_audit(session, handed_out), within_seconds=_PATIENCE_SECONDS
            )
            wrong += len(found.faults)
            waits = f", {found.waiting} not sealed yet" if found.waiting else ""
            print(f"{slug}: {found.sealed} lines sealed{waits}, {len(found.faults) or 'no'} faults")
            for fault in found.faults:
                place = "" if fault.seq is None else f" {fault.seq}"
                print(f"  line{place}{f' ({fault.line})' if fault.line else ''}: {fault.what}")
    finally:
        database.close()
    return int(bool(wrong))


def _audited(session: Session, slugs: tuple[str, ...]) -> list[tuple[str, Principal]]:
    tenants = Tenants(session)
    served = [tenants.by_slug(slug) for slug in slugs] if slugs else list(tenants.all())
    found = [(one.slug, OPERATOR.within(one.id)) for one in served]
    return found if slugs else [*found, (_OWN, OPERATOR)]


def _heads(path: Path) -> list[AuditHead]:
    try:
        return [msgspec.json.decode(line, type=AuditHead) for line in path.read_bytes().splitlines() if line.strip()]
    except (OSError, msgspec.MsgspecError) as error:
        raise Invalid(f"{path} holds no heads: {error}") from error
