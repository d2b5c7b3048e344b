"""Bringing in tickets of another system: written as they were lived through, told to nobody.

No letter leaves, no event is published, no timer is armed for a moment that has passed: what was due then is marked as
fired. Deadlines yet to come are kept as for any other ticket. Each ticket has its line in the ledger, on the day of its
receipt, and is known by the other system's id in the inbox, so that it is brought in once.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.messages import Outcome
from helpdesk.contracts.transports import EMAIL
from helpdesk.desk.changing.commit import Folded
from helpdesk.domain.participants import CLIENT
from helpdesk.domain.ticket import Note, Ticket
from helpdesk.domain.timers import Armed, TimerChange, TimerKey, TimerState
from helpdesk.domain.timers import changes as timer_changes
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.inbox import IMPORT, Inbox
from helpdesk.store.ledger import IMPORTED_FROM, Ledger, LedgerEntry
from helpdesk.store.participants import Participants
from helpdesk.store.tenants import Counters
from helpdesk.store.tickets import Tickets
from helpdesk.store.timers import Clocks, Timers


class Lived(Struct, frozen=True):
    """One ticket, lived through and folded; its number is given when it is written."""

    source: str
    source_id: str
    content_hash: bytes
    day: str
    """The date of its receipt in the company's zone."""
    ticket: Ticket
    log: tuple[Entry, ...]
    notes: tuple[tuple[Note, int, Instant], ...]
    """Messages, each with the entry that tells of it and its instant."""
    folded: Folded
    passed: Mapping[TimerKey, Instant] = {}
    """What passed before a clock that stands still stopped: it counts as fired when the clock goes on."""


class Became(StrEnum):
    """What became of one."""

    IMPORTED = "imported"
    THERE = "there"
    """It was brought in before, with the same content."""
    CHANGED = "changed"
    """It was brought in before with another content: nothing is written."""


class Written(Struct, frozen=True):
    """What became of one ticket."""

    became: Became
    number: int
    """Ours; 0 where a dry run gave none."""


def import_batch(
    session: Session, source: str, batch: Sequence[Lived], dry: dict[str, bytes] | None = None
) -> list[Written]:
    """Write what is new of ``batch``, all of it in one transaction.

    With ``dry``, which remembers what was met so far, it only says what would become of each.

    Raises:
        IntegrityError: another import of the same source runs beside this one.
    """
    inbox = Inbox(session)
    known = brought_before(session, source, [lived.source_id for lived in batch])
    met: dict[str, bytes] = {} if dry is None else dry
    found: list[Written] = []
    fresh = [lived for lived in _unique(batch) if lived.source_id not in known]
    number = 0 if dry is not None or not fresh else Counters(session).next("ticket", len(fresh))
    for lived in batch:
        if lived.source_id in known:
            held, there = known[lived.source_id]
            found.append(Written(Became.THERE if held == lived.content_hash else Became.CHANGED, there))
        elif lived.source_id in met:
            same = met[lived.source_id] == lived.content_hash
            found.append(Written(Became.THERE if same else Became.CHANGED, 0))
        else:
            met[lived.source_id] = lived.content_hash
            found.append(Written(Became.IMPORTED, number))
            if dry is None:
                _write(session, inbox, lived, number)
                number += 1
    return found


def brought_before(session: Session, source: str, ids: Sequence[str]) -> dict[str, tuple[bytes, int]]:
    """Return which of a system's tickets are here already: the hash of their content and our number, by its id."""
    found = Inbox(session).known(IMPORT + source, ids)
    return {key: (held, int(answer["number"]) if answer else 0) for key, (held, answer) in found.items()}


def record_import(session: Session, source: str, told: Mapping[str, Any]) -> None:
    """Note in the audit that a file was brought in, with what became of it."""
    Audit(session).record("history.import", f"source:{source}", told)


def _unique(batch: Sequence[Lived]) -> list[Lived]:
    return list({lived.source_id: lived for lived in reversed(batch)}.values())


def _write(session: Session, inbox: Inbox, lived: Lived, number: int) -> None:
    ticket = replace(lived.ticket, number=number)
    for entry in lived.log:
        if entry.what is Happened.REGISTERED:
            entry.data["number"] = number
    tickets = Tickets(session)
    tickets.insert(ticket, lived.folded.cached)
    tickets.append(ticket.id, lived.log)
    Clocks(session).add([(ticket.id, lived.folded.clocked)])
    armed = timer_changes({}, lived.folded.clocks, lived.folded.ends)
    passed = [TimerChange(key, moment, 1, TimerState.FIRED) for key, moment in lived.passed.items()]
    passed += [replace(each, state=TimerState.FIRED) if each.due_at <= session.now else each for each in armed]
    Timers(session).replace([(ticket.id, {}, Armed({}).changed(passed))])
    notes, seqs, moments = zip(*lived.notes, strict=True) if lived.notes else ((), (), ())
    tickets.add_messages(ticket, notes, seqs, moments)
    for kind, address in {(ticket.channel_kind, ticket.requester), (EMAIL, ticket.contact)}:
        if address:
            Participants(session).add(ticket.id, kind, address, CLIENT)
    ledger_id = new_id()
    Ledger(session).enter(
        LedgerEntry(
            id=ledger_id,
            channel_kind=ticket.channel_kind,
            address=ticket.address,
            sender=ticket.requester,
            received_at=ticket.received_at,
            day=lived.day,
            outcome=Outcome.TICKET,
            source_key=lived.source_id,
            reason=IMPORTED_FROM + lived.source,
            ticket_id=ticket.id,
        )
    )
    inbox.take(IMPORT + lived.source, lived.source_id, lived.content_hash, {"number": number}, ledger_id)
