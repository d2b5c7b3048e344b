"""Repairs: each act is kept with the repair, told in its ticket's log and audited, in one transaction."""

from uuid import UUID

from msgspec import Struct

from helpdesk.contracts.log import Happened
from helpdesk.desk.changing.firing import settle
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.changing.versions import seen
from helpdesk.domain.clients import day_of
from helpdesk.domain.known import begin
from helpdesk.domain.repairs import Done, Repair, RepairAct, RepairState, act_on, clause_of
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.errors import Conflict, Invalid, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.organisations import Organisations
from helpdesk.store.repairs import Repairs
from helpdesk.store.tenants import Counters
from helpdesk.store.tickets import Tickets


class RepairKept(Struct, frozen=True):
    """A repair as an act left it."""

    number: int
    version: int
    state: str


def request_repair(session: Session, resources: Resources, ticket: int, equipment_id: UUID, fault: str) -> RepairKept:
    """Begin a repair of a piece of the client's equipment, by the ticket's own edition.

    Raises:
        Conflict: the regulation knows no repairs, or the piece is under repair already; says by which number.
        Invalid: there is no such ticket or equipment, or it is another client's.
    """
    found = _ticket(session, ticket)
    evaluator = resources.directory.of(session, found.snapshot_hash)
    clause = clause_of(evaluator.edition)
    _check_owner(session, found, equipment_id, "equipment_id")
    before = Repairs(session).going_on(equipment_id)
    if before is not None:  # two diagnoses might have two of them pay
        raise Conflict(f"repair {before} of this piece goes on", clause=clause)
    repair = Repair(
        id=new_id(),
        number=Counters(session).next("repair"),
        ticket_id=found.id,
        equipment_id=equipment_id,
        fault=fault.strip(),
        told_on=day_of(found.received_at, evaluator.zone),
        state=RepairState.REQUESTED,
        diagnosis="",
        cover=None,
        exception="",
        approved_by="",
        payer=None,
        transport_payer=None,
        agreed=False,
        replacement_id=None,
        clause=clause,
        created_at=session.now,
        ended_at=None,
        version=1,
    )
    Repairs(session).add(repair)
    _tell(session, resources, found, repair, "request")
    return _kept(repair)


def act(session: Session, resources: Resources, number: int, done: Done, expected_version: int | None) -> RepairKept:
    """Carry out an act on a repair.

    Raises:
        NotFound: there is no such repair.
        VersionConflict: it is not at ``expected_version``.
        Conflict, Invalid: as ``act_on`` says; or the replacement is another client's.
    """
    repairs = Repairs(session)
    before = repairs.by_number(number)
    with seen(before.version, expected_version):
        ticket = Tickets(session).by_id(before.ticket_id, held=True)
        after = act_on(before, done, repairs.equipment(before.equipment_id), session.now)
        if done.act is RepairAct.REPLACE and done.replacement_id is not None:
            _check_owner(session, ticket, done.replacement_id, "replacement_id")
            if repairs.going_on(done.replacement_id) is not None:
                raise Invalid("the replacement is under repair", fields={"replacement_id": "is under repair itself"})
        changed = repairs.replace(before, after)
        _tell(session, resources, ticket, changed, done.act.value)
        return _kept(changed)


def _ticket(session: Session, number: int) -> Ticket:
    try:
        return Tickets(session).by_number(number, held=True)
    except NotFound:
        raise Invalid("there is no such ticket", fields={"ticket": "names none"}) from None


def _check_owner(session: Session, ticket: Ticket, equipment_id: UUID, field: str) -> None:
    """Hold a piece of equipment against the ticket's organisation.

    Raises:
        Invalid: it does not exist, or is not that organisation's.
    """
    try:
        piece = Repairs(session).equipment(equipment_id)
    except NotFound:
        raise Invalid("there is no such equipment", fields={field: "names none"}) from None
    owner = Organisations(session).find_name(ticket.organisation)
    if owner is None or owner.id != piece.organisation_id:
        raise Invalid("the equipment is not that of the ticket's organisation", fields={field: "is another client's"})


def _tell(session: Session, resources: Resources, ticket: Ticket, repair: Repair, did: str) -> None:
    opened = resources.open(session, settle(session, resources, ticket), session.principal.actor)
    progress = begin(opened.known)
    told = {"repair": repair.number, "act": did, "state": repair.state.value}
    if repair.payer is not None:
        told |= {"cover": str(repair.cover), "payer": repair.payer.value}
    progress.happened(Happened.REPAIR_MOVED, **told)
    opened.committer.change(opened.ticket, opened.log, progress.change())
    Audit(session).record(f"repair.{did}", f"repair:{repair.number}", {**told, "ticket": ticket.number})


def _kept(repair: Repair) -> RepairKept:
    return RepairKept(repair.number, repair.version, repair.state.value)
