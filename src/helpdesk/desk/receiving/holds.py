"""What an agent makes of a doubtful message: a ticket of its own, part of a ticket, or nothing.

The message has its one line in the ledger already, as held, and gets no second one: received stays the sum of the
outcomes. What it became stands with the hold, and in the audit.
"""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.desk.changing.firing import settle
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.receiving.registering import Arrival, Entrance, came_by, incoming, register, rights_of
from helpdesk.desk.tickets.links import where_it_goes_on
from helpdesk.domain.correspondence import client_wrote
from helpdesk.domain.opening import Way, admit_or_flag
from helpdesk.domain.participants import CLIENT
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.errors import Conflict, Invalid, NotFound, Refused
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.holds import Held, Holds, Resolution
from helpdesk.store.participants import Participants
from helpdesk.store.tickets import Tickets


class ResolveHold(Struct, frozen=True):
    """What is to become of a message that is held."""

    ledger_id: UUID
    act: Resolution
    number: int | None = None
    """The ticket that it is joined to."""
    reason: str = ""


class HoldResolved(Struct, frozen=True):
    """What became of it."""

    ledger_id: UUID
    resolution: Resolution
    number: int | None
    """The ticket it belongs to now."""


def resolve_hold(session: Session, resources: Resources, command: ResolveHold) -> HoldResolved:
    """Resolve a message that is held. Its clocks count from when it was received, not from when somebody looked.

    A message joined to a closed ticket becomes a ticket of its own that continues it, as any late word does.

    Raises:
        NotFound: nothing is held under that line of the ledger.
        Conflict: somebody resolved it already.
        Invalid: no ticket to join it to is named, or there is none of that number; nothing says why it is discarded.
        Refused: the regulation does not let it in as a request.
    """
    held = Holds(session).by_ledger_id(command.ledger_id)
    if held.resolution is not None:
        raise Conflict(f"it is resolved already: {held.resolution}")
    ticket = _carried_out(session, resources, command, held)
    reason = command.reason.strip()
    Holds(session).resolve(held.ledger_id, command.act, ticket.id if ticket is not None else held.ticket_id, reason)
    number = ticket.number if ticket is not None else None
    data = {"resolution": command.act, "number": number, "reason": reason}
    Audit(session).record("hold.resolve", f"hold:{held.ledger_id}", data)
    return HoldResolved(held.ledger_id, command.act, number)


def _carried_out(session: Session, resources: Resources, command: ResolveHold, held: Held) -> Ticket | None:
    if command.act == "ticket":
        return _registered(session, resources, held)
    if command.act == "joined":
        return _joined(session, resources, held, command.number)
    if not command.reason.strip():
        raise Invalid("nothing is discarded without a reason", fields={"reason": "must not be empty"})
    return None


def _registered(session: Session, resources: Resources, held: Held) -> Ticket:
    message = held.message
    way = Way(message.channel_kind, message.address, message.chat_kind)
    evaluator = resources.directory.in_force(session, held.received_at)
    admission, flags = admit_or_flag(evaluator, way, held.received_at)
    if not admission.accepted:
        raise Refused(admission.reason, clause=admission.clause, hint=admission.hint_ru, ledger_id=held.ledger_id)
    entrance = Entrance(
        admission.channel,
        held.received_at,
        admission.counts_from,
        delayed=True,
        flags=flags,
        raw_hash=held.raw_hash,
    )
    return _let_in(session, resources, held, entrance)


def _let_in(session: Session, resources: Resources, held: Held, entrance: Entrance, organisation: str = "") -> Ticket:
    evaluator = resources.directory.in_force(session, held.received_at)
    arrival = Arrival(replace(held.message, level=None))
    decided = rights_of(session, evaluator, arrival, held.received_at, organisation)
    rights = decided.rights
    if rights.refused:
        raise Refused(rights.reason_ru, clause=rights.clause, hint=rights.hint_ru, ledger_id=held.ledger_id)
    return register(session, resources, evaluator, arrival, decided, entrance)


def _joined(session: Session, resources: Resources, held: Held, number: int | None) -> Ticket:
    message, tickets = held.message, Tickets(session)
    if number is None:
        raise Invalid("no ticket to join it to is named", fields={"number": "is needed"})
    try:
        ticket = tickets.by_number(number, held=True)
    except NotFound:
        raise Invalid(f"there is no ticket {number}", fields={"number": "names no ticket"}) from None
    ticket = settle(session, resources, where_it_goes_on(session, ticket))
    if ticket.state is State.CLOSED:
        entrance = Entrance(
            ticket.channel, held.received_at, follows=ticket.number, delayed=True, raw_hash=held.raw_hash
        )
        return _let_in(session, resources, held, entrance, ticket.organisation)
    opened = resources.open(session, ticket, session.principal.actor)
    note = incoming(session, message, "follow_up", held.raw_hash)
    heard = client_wrote(opened.known, note, came_by(opened.known, message), held.received_at)
    changed = opened.committer.change(ticket, opened.log, heard)
    Participants(session).add(ticket.id, message.channel_kind, message.sender, CLIENT)
    return changed
