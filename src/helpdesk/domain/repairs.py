"""Repairs: a piece of equipment from the request to its return, and who pays. Pure.

=============  ==========  =============
state          act         leads to
=============  ==========  =============
requested      receive     received
requested      cancel      cancelled
received       diagnose    diagnosed
diagnosed      diagnose    diagnosed
diagnosed      begin       repairing
diagnosed      replace     replaced
diagnosed      decline     declined
repairing      finish      repaired
repairing      replace     replaced
repaired       return      returned
replaced       return      returned
declined       return      returned
=============  ==========  =============

Under warranty is what was found faulty within the term of the warranty, unless an exception takes it out: then the
contractor pays. Everything else the client pays, transport included, and nothing begins before the client agreed
(SpecPromDesign, terms and definitions). The text does not list the exceptions, so each is written down and approved; it
does not say who pays the transport of a warranty case, and the contractor who owes the repair is taken to.
"""

from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.domain.clients import Day, Equipment
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.vocabulary.model import Edition

DUTY = "repair_record"
"""The duty by which a regulation has repairs."""


class RepairState(StrEnum):
    """Where a repair stands."""

    REQUESTED = "requested"
    RECEIVED = "received"
    """The equipment is with us."""
    DIAGNOSED = "diagnosed"
    """It is known what is wrong, and who pays."""
    REPAIRING = "repairing"
    REPAIRED = "repaired"
    REPLACED = "replaced"
    DECLINED = "declined"
    """Neither repaired nor replaced: the client did not agree, or it cannot be."""
    RETURNED = "returned"
    CANCELLED = "cancelled"
    """The equipment was never sent."""


class RepairAct(StrEnum):
    """What is done."""

    RECEIVE = "receive"
    DIAGNOSE = "diagnose"
    BEGIN = "begin"
    FINISH = "finish"
    REPLACE = "replace"
    DECLINE = "decline"
    RETURN = "return"
    CANCEL = "cancel"


TRANSITIONS: dict[tuple[RepairState, RepairAct], RepairState] = {
    (RepairState.REQUESTED, RepairAct.RECEIVE): RepairState.RECEIVED,
    (RepairState.REQUESTED, RepairAct.CANCEL): RepairState.CANCELLED,
    (RepairState.RECEIVED, RepairAct.DIAGNOSE): RepairState.DIAGNOSED,
    (RepairState.DIAGNOSED, RepairAct.DIAGNOSE): RepairState.DIAGNOSED,
    (RepairState.DIAGNOSED, RepairAct.BEGIN): RepairState.REPAIRING,
    (RepairState.DIAGNOSED, RepairAct.REPLACE): RepairState.REPLACED,
    (RepairState.DIAGNOSED, RepairAct.DECLINE): RepairState.DECLINED,
    (RepairState.REPAIRING, RepairAct.FINISH): RepairState.REPAIRED,
    (RepairState.REPAIRING, RepairAct.REPLACE): RepairState.REPLACED,
    (RepairState.REPAIRED, RepairAct.RETURN): RepairState.RETURNED,
    (RepairState.REPLACED, RepairAct.RETURN): RepairState.RETURNED,
    (RepairState.DECLINED, RepairAct.RETURN): RepairState.RETURNED,
}


class Cover(StrEnum):
    """Why the warranty covers a fault, or does not."""

    COVERED = "covered"
    NOT_ACCEPTED = "not_accepted"
    """No act of acceptance was signed by the day the fault was told."""
    NO_TERM = "no_term"
    """The equipment has no warranty that is known."""
    OVER = "over"
    """Its last day had passed."""
    EXCEPTION = "exception"
    """Within the term, but no case of the warranty."""


class Payer(StrEnum):
    """Who pays."""

    CONTRACTOR = "contractor"
    CLIENT = "client"


class Repair(Struct, frozen=True):
    """One piece of equipment under repair."""

    id: UUID
    number: int
    """Counted within the company, apart from tickets."""
    ticket_id: UUID
    equipment_id: UUID
    fault: str
    """As the client tells it."""
    told_on: Day
    """The day of the ticket's receipt, in the company's zone: when the fault was told."""
    state: RepairState
    diagnosis: str
    cover: Cover | None
    exception: str
    approved_by: str
    """Who approved the exception."""
    payer: Payer | None
    transport_payer: Payer | None
    agreed: bool
    """The client agreed to pay."""
    replacement_id: UUID | None
    """The equipment given instead."""
    clause: str
    created_at: Instant
    ended_at: Instant | None
    version: int


class Done(Struct, frozen=True):
    """An act with what belongs to it."""

    act: RepairAct
    diagnosis: str = ""
    exception: str = ""
    approved_by: str = ""
    agreed: bool = False
    replacement_id: UUID | None = None


def clause_of(edition: Edition) -> str:
    """Return the clause by which the regulation has repairs.

    Raises:
        Conflict: it has none.
    """
    duty = next((known for known in edition.duties if known.name == DUTY), None)
    if duty is None:
        raise Conflict("the regulation knows no repairs")
    return duty.clause


def cover_of(equipment: Equipment, told_on: Day, exception: str = "") -> Cover:
    """Return whether the warranty covers a fault that was told on a day (both ends of the term included)."""
    if not equipment.accepted(told_on):
        return Cover.NOT_ACCEPTED
    if equipment.warranty_until is None:
        return Cover.NO_TERM
    if told_on > equipment.warranty_until:
        return Cover.OVER
    return Cover.EXCEPTION if exception.strip() else Cover.COVERED


def act_on(repair: Repair, done: Done, equipment: Equipment, now: Instant) -> Repair:
    """Return the repair after an act.

    Raises:
        Conflict: the table has no such edge, or the client who is to pay has not agreed; says the clause.
        Invalid: something is missing that belongs to the act, or given that does not.
    """
    try:
        state = TRANSITIONS[repair.state, done.act]
    except KeyError:
        raise Conflict(f"{done.act} is not possible while the repair is {repair.state}", clause=repair.clause) from None
    _fits(done)
    ended = now if state in {RepairState.RETURNED, RepairState.CANCELLED} else None
    moved = replace(repair, state=state, ended_at=ended)
    match done.act:
        case RepairAct.DIAGNOSE:
            return _diagnosed(moved, done, equipment)
        case RepairAct.BEGIN:
            return _paid_for(replace(moved, agreed=repair.agreed or done.agreed))
        case RepairAct.REPLACE:
            if done.replacement_id == repair.equipment_id:
                raise Invalid("it cannot replace itself", fields={"replacement_id": "must be another piece"})
            return _paid_for(replace(moved, agreed=repair.agreed or done.agreed, replacement_id=done.replacement_id))
    return moved


_BELONGS = {
    "diagnosis": {RepairAct.DIAGNOSE},
    "exception": {RepairAct.DIAGNOSE},
    "approved_by": {RepairAct.DIAGNOSE},
    "agreed": {RepairAct.BEGIN, RepairAct.REPLACE},
    "replacement_id": {RepairAct.REPLACE},
}


def _fits(done: Done) -> None:
    alien = {name: f"does not belong to {done.act}" for name, acts in _BELONGS.items() if done.act not in acts}
    wrong = {name: why for name, why in alien.items() if getattr(done, name)}
    if done.act is RepairAct.DIAGNOSE and not done.diagnosis.strip():
        wrong["diagnosis"] = "must not be empty"
    if done.act is RepairAct.REPLACE and done.replacement_id is None:
        wrong["replacement_id"] = "is needed"
    if bool(done.exception.strip()) != bool(done.approved_by.strip()):
        wrong["approved_by"] = "an exception is approved by somebody"
    if wrong:
        raise Invalid("the act is not complete, or says too much", fields=wrong)


def _diagnosed(repair: Repair, done: Done, equipment: Equipment) -> Repair:
    cover = cover_of(equipment, repair.told_on, done.exception)
    payer = Payer.CONTRACTOR if cover is Cover.COVERED else Payer.CLIENT
    if cover is not Cover.EXCEPTION and done.exception.strip():
        raise Invalid("there is nothing to except from", fields={"exception": f"the fault is not covered: {cover}"})
    return replace(
        repair,
        diagnosis=done.diagnosis.strip(),
        cover=cover,
        exception=done.exception.strip(),
        approved_by=done.approved_by.strip(),
        payer=payer,
        transport_payer=payer,
        agreed=False,
    )


def _paid_for(repair: Repair) -> Repair:
    if repair.payer is Payer.CLIENT and not repair.agreed:
        raise Conflict("the client pays, and has not agreed yet", clause=repair.clause)
    return repair
