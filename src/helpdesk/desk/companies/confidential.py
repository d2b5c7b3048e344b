"""Confidential companies: each reading of their tickets by staff is recorded in the audit."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from helpdesk.desk.changing.versions import seen
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging.decisions import duty_clause
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import Snapshot
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenant, Tenants

DUTY = "confidential"
"""The regulation's duty that demands it."""
READ = "ticket.read"
"""The act in the audit."""

InForce = Callable[[Session, Instant], Evaluator]


class Reading(Struct, frozen=True):
    """What somebody of the staff was shown."""

    about: str
    """``ticket:<number>``, or the list that was asked for."""
    data: dict[str, Any]
    """The key's name, the way in, and for a list the numbers of the tickets shown."""


def demands_confidentiality(snapshot: Snapshot) -> bool:
    """Say whether the regulation demands that readings are recorded."""
    return any(duty.name == DUTY for duty in snapshot.body().edition.duties)


def record_reading(session: Session, reading: Reading) -> None:
    """Record a reading: who by the session, what, and when. It is shown only once this is committed."""
    Audit(session).record(READ, reading.about, reading.data)


def set_confidential(
    session: Session, slug: str, in_force: InForce, expected_version: int | None = None, *, on: bool, cause: str
) -> Tenant:
    """Mark a company confidential, or end that; an operator's act, audited. Asking for what is so changes nothing.

    Keys that are in use notice within two seconds.

    Raises:
        NotFound: there is no such company.
        VersionConflict: it is not at ``expected_version``.
        Invalid: no cause is given.
        Conflict: its regulation demands confidentiality.
    """
    if not cause.strip():
        raise Invalid("confidentiality changes for a cause", fields={"cause": "must not be empty"})
    tenants = Tenants(session)
    tenant = tenants.held(slug)
    with seen(tenant.version, expected_version):
        if tenant.confidential == on:
            return tenant
        bound = session.within(tenant.id)
        clause = "" if on else duty_clause(in_force(bound, session.now).edition, DUTY)
        if clause:
            raise Conflict(f"the regulation demands confidentiality: clause {clause}", clause=clause)
        tenants.set_confidential(tenant.id, on)
        Audit(bound).record("tenant.confidential", f"tenant:{slug}", {"on": on, "cause": cause.strip()})
        return tenants.by_id(tenant.id)
