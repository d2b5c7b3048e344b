"""Editions that their own text wants looked at again: told once, when the time is over.

The operator sees it in the list of companies at any time; here it is told unasked: to the company's head by mail, to
subscribers as an event, and in the company's audit, which is also how it is known to have been told.
"""

from zoneinfo import ZoneInfo

from helpdesk.contracts.events import REVIEW_OVERDUE
from helpdesk.desk.changing.resources import Resources
from helpdesk.kernel.instants import to_datetime
from helpdesk.regulation.judging.decisions import review
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.audit import Audit
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import Outbox
from helpdesk.store.tenants import Tenant, Tenants


def tell_overdue(session: Session, resources: Resources) -> tuple[str, ...]:
    """Tell of every company whose edition in force is overdue and of which nobody was told; return their slugs."""
    return tuple(
        tenant.slug for tenant in Tenants(session).all() if _told(session.within(tenant.id), resources, tenant)
    )


def _told(session: Session, resources: Resources, tenant: Tenant) -> bool:
    in_force = Editions(session).snapshot_in_force(session.now)
    if in_force is None:
        return False
    evaluator = resources.directory.of(session, in_force)
    today = to_datetime(session.now).astimezone(ZoneInfo(evaluator.zone)).date()
    found = review(evaluator.edition, today)
    about = f"edition:{evaluator.snapshot.edition_id}"
    if found is None or not found.overdue or Audit(session).has(REVIEW_OVERDUE, about):
        return False
    said = {
        "edition": evaluator.snapshot.edition_id,
        "snapshot": in_force,
        "latest": found.latest.isoformat() if found.latest is not None else "",
        "clause": found.clause,
    }
    Audit(session).record(REVIEW_OVERDUE, about, said)
    Outbox(session).tell(REVIEW_OVERDUE, tenant.id, said)
    _write(session, resources, evaluator, tenant.alert_address, said)
    return True


def _write(session: Session, resources: Resources, evaluator: Evaluator, recipient: str, said: dict[str, str]) -> None:
    words = {name: said[name] for name in ("edition", "clause")} | {"deadline": said["latest"]}
    letter = resources.composer(session, evaluator).compose_apart("review", recipient, words)
    if letter is not None:
        Outbox(session).add_delivery(letter, ticket_id=None, seq=0)
