"""Tickets with their logs and messages, as one tenant sees them."""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import and_, bindparam, select, update

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Note, Ticket
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.additions import Addition
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.several import Several
from helpdesk.store.schema import events, messages, raw_messages, tickets, unindexed


class Cached(Struct, frozen=True):
    """What a ticket's row keeps of what its log folds to."""

    rank: bytes
    """Its place in the queue: ``types.encode_rank`` of the evaluator's order key."""
    next_due: Instant | None
    """The nearest due instant among its running targets."""
    needs: str
    """Why an agent must act; empty: nobody must."""
    waits: str
    """The reasons to wait in force: ``types.encode_names``."""


_FIELDS = Ticket.__struct_fields__
_CACHED = Cached.__struct_fields__
_COLUMNS = tuple(tickets.c[name] for name in _FIELDS)

_BY_NUMBER = select(*_COLUMNS).where(
    and_(tickets.c.tenant_id == bindparam("tenant"), tickets.c.number == bindparam("wanted"))
)
_BY_ID = select(*_COLUMNS).where(and_(tickets.c.tenant_id == bindparam("tenant"), tickets.c.id == bindparam("wanted")))
# Held until the transaction ends, so that writers of one ticket come one after another instead of deciding in vain;
# rows that only refer to it are not kept waiting. SQLite has one writer anyway and leaves this out.
_ONE_HELD_BY_NUMBER = Prepared(_BY_NUMBER.with_for_update(key_share=True))
_ONE_HELD_BY_ID = Prepared(_BY_ID.with_for_update(key_share=True))
_ONE_BY_NUMBER = Prepared(_BY_NUMBER)
_ONE_BY_ID = Prepared(_BY_ID)
_HELD_TOGETHER = Several(
    tickets.c.id,
    lambda one_of: (
        select(*_COLUMNS)
        .where(tickets.c.tenant_id == bindparam("tenant"), one_of)
        .order_by(tickets.c.id)
        .with_for_update(key_share=True, skip_locked=True)
    ),
)
_LOGS = Several(
    events.c.ticket_id,
    lambda one_of: (
        select(events.c.ticket_id, events.c.seq, events.c.at, events.c.what, events.c.actor, events.c.data)
        .where(events.c.tenant_id == bindparam("tenant"), one_of)
        .order_by(events.c.ticket_id, events.c.seq)
    ),
)
_VERSION_SEEN = and_(
    tickets.c.tenant_id == bindparam("tenant"),
    tickets.c.id == bindparam("wanted"),
    tickets.c.version == bindparam("expected"),
)


@cache
def _update(changed: tuple[str, ...]) -> Prepared:
    """Return what sets these columns: a database looks after the indexes of all that are named, changed or not."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*changed, *_CACHED)}
    return Prepared(update(tickets).where(_VERSION_SEEN).values(values))


_LATEST_MESSAGE = Prepared(
    select(messages.c.message_id)
    .where(
        messages.c.tenant_id == bindparam("tenant"),
        messages.c.ticket_id == bindparam("wanted"),
        messages.c.direction == "in",
        messages.c.message_id != "",
    )
    .order_by(messages.c.seq.desc())
    .limit(1)
)
_NOTE = tuple(messages.c[name] for name in Note.__struct_fields__ if name in messages.c)
_INCOMING = Prepared(
    select(messages.c.seq, *_NOTE)
    .where(
        messages.c.tenant_id == bindparam("tenant"),
        messages.c.ticket_id == bindparam("wanted"),
        messages.c.direction == "in",
    )
    .order_by(messages.c.seq)
)

_INSERT = Addition(tickets)
_APPEND = Addition(events)
_ADD_MESSAGE = Addition(messages)
_TO_INDEX = Addition(unindexed)
_KEEP_ORIGINAL = Addition(raw_messages, leave=True)


class Tickets:
    """The tenant's tickets. Nothing here decides; it keeps what the desk decided."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def by_number(self, number: int, *, held: bool = False) -> Ticket:
        """Return the ticket with this number; ``held`` for a change until the transaction ends.

        Raises:
            NotFound: this tenant has none.
        """
        ticket = self._one(_ONE_HELD_BY_NUMBER if held else _ONE_BY_NUMBER, number)
        if ticket is None:
            raise NotFound(f"no ticket {number}")
        return ticket

    def by_id(self, ticket_id: UUID, *, held: bool = False) -> Ticket:
        """Return the ticket with this id; ``held`` for a change until the transaction ends.

        Raises:
            NotFound: this tenant has none.
        """
        ticket = self._one(_ONE_HELD_BY_ID if held else _ONE_BY_ID, ticket_id)
        if ticket is None:
            raise NotFound("no such ticket")
        return ticket

    def held(self, ids: Sequence[UUID]) -> list[Ticket]:
        """Return the tickets with these ids, held for a change until the transaction ends; others' are left out.

        That is: on PostgreSQL those that another transaction holds at this moment.
        """
        return [_ticket(row) for row in _HELD_TOGETHER.all(self._session, ids, {"tenant": self._tenant})]

    def find(self, ticket_id: UUID) -> Ticket | None:
        """Return the ticket with this id, or None."""
        return self._one(_ONE_BY_ID, ticket_id)

    def find_number(self, number: int) -> Ticket | None:
        """Return the ticket with this number, or None."""
        return self._one(_ONE_BY_NUMBER, number)

    def _one(self, statement: Prepared, wanted: UUID | int) -> Ticket | None:
        row = statement.first(self._session, {"tenant": self._tenant, "wanted": wanted})
        return None if row is None else _ticket(row)

    def insert(self, ticket: Ticket, cached: Cached) -> None:
        """Add a new ticket with what its row keeps of its log."""
        values = {name: getattr(ticket, name) for name in _FIELDS}
        values |= {"tenant_id": self._tenant, **asdict(cached)}
        _INSERT.add(self._session, [values])

    def update(self, changes: Sequence[tuple[Ticket, Ticket, Cached]]) -> bool:
        """Replace the first by the second of each, if the row still has the first's version; say whether all had.

        Where one had not, this work must not be committed.
        """
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for old, new, cached in changes:
            changed = tuple(name for name in _FIELDS if getattr(old, name) != getattr(new, name))
            values = {f"new_{name}": getattr(new, name) for name in changed}
            values |= {f"new_{name}": getattr(cached, name) for name in _CACHED}
            values |= {"tenant": self._tenant, "wanted": old.id, "expected": old.version}
            by_columns.setdefault(changed, []).append(values)
        done = [_update(changed).change_each(self._session, rows) for changed, rows in by_columns.items()]
        return all(done)

    def log(self, ticket_id: UUID) -> tuple[Entry, ...]:
        """Return the ticket's whole log, oldest first."""
        return self.logs([ticket_id]).get(ticket_id, ())

    def logs(self, ids: Sequence[UUID]) -> dict[UUID, tuple[Entry, ...]]:
        """Return the whole logs of several tickets, oldest entries first."""
        rows = _LOGS.all(self._session, ids, {"tenant": self._tenant})
        return {
            ticket_id: tuple(Entry(seq, at, Happened(what), actor, data) for _, seq, at, what, actor, data in of)
            for ticket_id, of in groupby(rows, itemgetter(0))
        }

    def append(self, ticket_id: UUID, entries: Iterable[Entry]) -> None:
        """Add to the ticket's log; a gap or a repeated ``seq`` is refused by the primary key and the caller's count."""
        rows = [
            {
                "tenant_id": self._tenant,
                "ticket_id": ticket_id,
                "seq": entry.seq,
                "at": entry.at,
                "what": entry.what.value,
                "actor": entry.actor,
                "data": entry.data,
            }
            for entry in entries
        ]
        _APPEND.add(self._session, rows)

    def add_messages(
        self, ticket: Ticket, notes: Sequence[Note], seqs: Sequence[int], at: Sequence[Instant] | None = None
    ) -> None:
        """Store messages, each with the ``seq`` of the log entry that tells of it, and its instant where it is past."""
        moments = at or [self._session.now] * len(notes)
        rows = [
            {
                "tenant_id": self._tenant,
                "id": note.id,
                "ticket_id": ticket.id,
                "seq": seq,
                "direction": note.direction,
                "kind": note.kind,
                "channel": ticket.channel,
                "sender": note.sender,
                "recipient": note.recipient,
                "subject": note.subject,
                "text": note.text,
                "new_text": note.new_text,
                "message_id": note.message_id,
                "received_at": moment,
                "author": note.author,
                "raw_hash": note.raw_hash,
            }
            for note, seq, moment in zip(notes, seqs, moments, strict=True)
        ]
        _ADD_MESSAGE.add(self._session, rows)
        _TO_INDEX.add(self._session, [{"tenant_id": self._tenant, "message_id": note.id} for note in notes])

    def latest_message_id(self, ticket_id: UUID) -> str:
        """Return the Message-ID of the latest message that came in, or an empty text."""
        found = _LATEST_MESSAGE.first(self._session, {"tenant": self._tenant, "wanted": ticket_id})
        return "" if found is None else str(found[0])

    def incoming(self, ticket_id: UUID) -> list[tuple[int, Note]]:
        """Return the messages that came in, without their files, each with the ``seq`` of its entry in the log."""
        rows = _INCOMING.all(self._session, {"tenant": self._tenant, "wanted": ticket_id})
        names = [column.name for column in _NOTE]
        return [(seq, Note(**dict(zip(names, row, strict=True)))) for seq, *row in rows]

    def keep_original(self, content_hash: bytes, content: bytes) -> None:
        """Keep an original as it came; the same bytes are kept once."""
        values = {"tenant_id": self._tenant, "hash": content_hash, "content": content}
        _KEEP_ORIGINAL.add(self._session, [values])


def _ticket(row: tuple[Any, ...]) -> Ticket:
    fields = dict(zip(_FIELDS, row, strict=True))
    fields["state"] = State(fields["state"])
    return Ticket(**fields)
