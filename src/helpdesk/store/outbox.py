"""The outbox as a tenant's work sees it: what is owed is added, claimed to be sent, and settled.

``docs/reference/delivery.md`` has the guarantee and the chart of a row's life. The relay's side is ``store.relaying``,
the feed's is ``store.feed``.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)

from helpdesk.contracts.event_data import told
from helpdesk.contracts.events import SHADOW_PREFIX, Published, bus_subject
from helpdesk.contracts.messages import Outbound
from helpdesk.kernel.errors import Conflict, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant, to_datetime
from helpdesk.store.engine.additions import Addition
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import none_of
from helpdesk.store.schema import outbox, tenants

ERROR_LENGTH = 2_000
"""Characters kept of a cause."""
NOTIFIERS = "notifier-"
"""How the destination of an event begins that a notifier takes to a target; no channel's name begins so."""
STAFF_PURPOSES = frozenset({"warning", "breach", "bounce", "subscription", "review"})
"""What letters to the company's own people are for; they leave in shadow mode too."""


def notifier_destination(notifier: str) -> str:
    """Return what a notifier's deliveries are called among the channels'."""
    return f"{NOTIFIERS}{notifier}"


class OutboxKind(StrEnum):
    """What a row is."""

    EVENT = "event"
    DELIVERY = "delivery"


class OutboxState(StrEnum):
    """Where a row stands."""

    OPEN = "open"
    """Owed; perhaps claimed by a relay that is publishing it."""
    PUBLISHED = "published"
    """A wake-up for it is on the bus."""
    SENDING = "sending"
    """A worker is about to send it, is sending it, or died doing so."""
    DONE = "done"
    """Its effect is recorded."""
    DEAD = "dead"
    """Given up, with its cause; ``Outbox.retry`` starts it again."""
    SUPPRESSED = "suppressed"
    """Written while the company ran in the shadow of another system: kept to be seen, never owed, never sent."""


class OutboxRow(Struct, frozen=True):
    """One row."""

    tenant_id: UUID
    id: UUID
    kind: str
    subject: str
    """The bus's subject of an event; the recipient of a delivery."""
    destination: str
    """The channel's kind for a delivery; empty for an event."""
    ticket_id: UUID | None
    seq: int
    """The ticket's log entry that caused it; orders a line: (ticket, destination, recipient)."""
    payload: dict[str, Any]
    state: str
    generation: int
    """Raised by every claim; whoever settles must hold the present one."""
    attempts: int
    """How often sending was begun."""
    created_at: Instant
    position: int | None
    """An event's place in the tenant's feed."""
    remote_id: str | None
    error: str | None

    def outbound(self) -> Outbound:
        """Return a delivery's message.

        Raises:
            msgspec.ValidationError: the payload is not one.
        """
        return msgspec.convert(self.payload, Outbound)


_FIELDS = OutboxRow.__struct_fields__
ROW_COLUMNS = tuple(outbox.c[name] for name in _FIELDS)
"""The columns of ``OutboxRow``, in its order."""

# Written out, not bound: only so do the partial indexes of what is owed serve a query.
OWED: ColumnElement[bool] = literal_column("outbox.state IN ('open', 'published', 'sending')")

_earlier = outbox.alias("earlier")
FIRST_IN_LINE: ColumnElement[bool] = none_of(
    select(_earlier.c.id).where(
        and_(
            _earlier.c.tenant_id == outbox.c.tenant_id,
            _earlier.c.ticket_id == outbox.c.ticket_id,
            _earlier.c.destination == outbox.c.destination,
            _earlier.c.subject == outbox.c.subject,
            literal_column("earlier.state IN ('open', 'published', 'sending')"),
            or_(
                _earlier.c.seq < outbox.c.seq,
                and_(_earlier.c.seq == outbox.c.seq, _earlier.c.id < outbox.c.id),
            ),
        )
    )
)
"""No earlier delivery of the same ticket to the same recipient is still owed."""


def to_row(row: Row[Any]) -> OutboxRow:
    """Return the struct of a row selected with ``ROW_COLUMNS``."""
    return OutboxRow(*row[: len(_FIELDS)])


_THIS = and_(outbox.c.tenant_id == bindparam("tenant"), outbox.c.id == bindparam("row"))
_HELD = and_(_THIS, outbox.c.generation == bindparam("held"), outbox.c.state == OutboxState.SENDING.value)

_ADD = Addition(outbox)
_SHADOWED = Prepared(select(tenants.c.shadow_since).where(tenants.c.id == bindparam("tenant")), steady=True)
_UNBEGUN = and_(
    outbox.c.tenant_id == bindparam("tenant"),
    outbox.c.kind == OutboxKind.DELIVERY.value,
    outbox.c.state.in_([OutboxState.OPEN.value, OutboxState.PUBLISHED.value]),
)
_SUPPRESS = (
    update(outbox)
    .where(_UNBEGUN, outbox.c.id == bindparam("row"))
    .values(state=OutboxState.SUPPRESSED.value, generation=outbox.c.generation + 1, claimed_until=None)
    .returning(outbox.c.id)
)
_CLAIM = (
    update(outbox)
    .where(
        _THIS,
        outbox.c.kind == OutboxKind.DELIVERY.value,
        or_(
            outbox.c.state == OutboxState.PUBLISHED.value,
            and_(outbox.c.state == OutboxState.OPEN.value, outbox.c.next_attempt_at <= bindparam("now")),
        ),
        FIRST_IN_LINE,
    )
    .values(
        state=OutboxState.SENDING.value,
        generation=outbox.c.generation + 1,
        attempts=outbox.c.attempts + 1,
        claimed_until=bindparam("until"),
    )
    .returning(*ROW_COLUMNS)
)
_RENEW = update(outbox).where(_HELD).values(claimed_until=bindparam("until")).returning(outbox.c.id)
_DONE = (
    update(outbox)
    .where(_THIS, OWED)
    .values(
        state=OutboxState.DONE.value,
        effect_at=bindparam("now"),
        remote_id=bindparam("remote"),
        claimed_until=None,
        error=None,
    )
    .returning(outbox.c.id)
)
_FAILED = (
    update(outbox)
    .where(_HELD)
    .values(
        state=bindparam("new_state"),
        next_attempt_at=bindparam("again_at"),
        error=bindparam("cause"),
        claimed_until=None,
    )
    .returning(outbox.c.id)
)
_RETRY = (
    update(outbox)
    .where(_THIS, outbox.c.state == OutboxState.DEAD.value)
    .values(
        state=OutboxState.OPEN.value,
        generation=outbox.c.generation + 1,
        attempts=0,
        next_attempt_at=bindparam("now"),
        claimed_until=None,
    )
    .returning(outbox.c.id)
)
_COUNTS = select(
    func.count(case((and_(OWED, outbox.c.kind == OutboxKind.DELIVERY.value), 1))),
    func.count(case((outbox.c.state == OutboxState.DEAD.value, 1))),
).where(outbox.c.tenant_id == bindparam("tenant"))


class Outbox:
    """The tenant's outbox."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def add_events(self, events: Iterable[Published]) -> None:
        """Owe the publication of ``events``, which belong to the tenant, in the order of their ``seq``.

        In a company's shadow mode they go to the feed, marked, and not to the bus.
        """
        rows = []
        for event in events:
            assert event.tenant_id == self._tenant
            ticket_id = None if event.number is None else UUID(event.subject)
            row = self._new(OutboxKind.EVENT, event.id, ticket_id, event.seq, event)
            row["subject"] = f"{SHADOW_PREFIX}{event.type}" if self._in_shadow() else bus_subject(event)
            rows.append(row)
        _ADD.add(self._session, rows)

    def tell(self, what: str, about: UUID, data: Mapping[str, Any]) -> None:
        """Owe the publication of an event of the company's that no ticket's log tells of."""
        event = Published(
            id=new_id(),
            tenant_id=self._tenant,
            type=what,
            subject=str(about),
            occurred_at=to_datetime(self._session.now),
            number=None,
            seq=0,
            data=told(data),
        )
        self.add_events([event])

    def add_delivery(self, message: Outbound, *, ticket_id: UUID | None, seq: int) -> UUID:
        """Owe the sending of ``message``; return the row's id.

        In a company's shadow mode a letter to the outside is kept as suppressed instead: nobody ever sends it.

        ``seq`` is the ticket's log entry that caused it: of one ticket and recipient, the smaller leaves first.
        """
        row_id = new_id()
        row = self._new(OutboxKind.DELIVERY, row_id, ticket_id, seq, message)
        row |= {"destination": message.channel_kind, "subject": message.recipient}
        if message.purpose not in STAFF_PURPOSES and self._in_shadow():
            row["state"] = OutboxState.SUPPRESSED.value
        _ADD.add(self._session, [row])
        return row_id

    def _in_shadow(self) -> bool:
        """Say whether the company runs in the shadow of another system. Asked here, so that no writer can forget it."""
        row = _SHADOWED.first(self._session, {"tenant": self._tenant})
        return row is not None and row[0] is not None

    def suppress_owed(self) -> int:
        """Take back every letter to the outside that nobody has begun to send; return how many."""
        owed = self._connection.execute(select(outbox.c.id, outbox.c.payload).where(_UNBEGUN), {"tenant": self._tenant})
        outward = [row.id for row in owed.all() if row.payload.get("purpose") not in STAFF_PURPOSES]
        return sum(self._one(_SUPPRESS, row_id) is not None for row_id in outward)

    def _new(
        self, kind: OutboxKind, row_id: UUID, ticket_id: UUID | None, seq: int, payload: Published | Outbound
    ) -> dict[str, Any]:
        return {
            "tenant_id": self._tenant,
            "id": row_id,
            "kind": kind.value,
            "subject": "",
            "destination": "",
            "ticket_id": ticket_id,
            "seq": seq,
            "payload": payload,
            "state": OutboxState.OPEN.value,
            "next_attempt_at": self._session.now,
            "created_at": self._session.now,
        }

    def get(self, row_id: UUID) -> OutboxRow:
        """Return a row.

        Raises:
            NotFound: the tenant has none with this id.
        """
        found = self._connection.execute(select(*ROW_COLUMNS).where(_THIS), self._bound(row_id)).one_or_none()
        if found is None:
            raise NotFound
        return to_row(found)

    def claim_to_send(self, row_id: UUID, lease_us: int) -> OutboxRow | None:
        """Claim a delivery for sending for ``lease_us``; None when it is not to be sent now.

        That is: settled, being sent by another, not yet due, or behind an earlier one of its ticket. Commit, then send.
        """
        now = self._session.now
        found = self._one(_CLAIM, row_id, now=now, until=now + lease_us)
        return None if found is None else to_row(found)

    def renew(self, row: OutboxRow, lease_us: int) -> bool:
        """Hold the claim for ``lease_us`` from now; False when it was lost."""
        held = self._one(_RENEW, row.id, held=row.generation, until=self._session.now + lease_us)
        return held is not None

    def record_done(self, row: OutboxRow, remote_id: str) -> bool:
        """Record that the remote side took it; False when that was recorded before.

        It is recorded even if the claim was lost meanwhile: the effect is a fact, and saying so spares a repeat.
        """
        return self._one(_DONE, row.id, now=self._session.now, remote=remote_id) is not None

    def record_failure(self, row: OutboxRow, cause: str, again_at: Instant | None) -> bool:
        """Record a failed try: open again at ``again_at``, or dead when that is None. False when the claim was lost."""
        state = OutboxState.DEAD if again_at is None else OutboxState.OPEN
        failed = self._one(
            _FAILED,
            row.id,
            held=row.generation,
            new_state=state.value,
            again_at=self._session.now if again_at is None else again_at,
            cause=cause[:ERROR_LENGTH].replace("\0", ""),
        )
        return failed is not None

    def dead(self, limit: int = 100) -> list[OutboxRow]:
        """Return what was given up, the oldest first."""
        rows = self._connection.execute(
            select(*ROW_COLUMNS)
            .where(outbox.c.tenant_id == self._tenant, outbox.c.state == OutboxState.DEAD.value)
            .order_by(outbox.c.id)
            .limit(limit)
        )
        return [to_row(row) for row in rows]

    def retry(self, row_id: UUID) -> None:
        """Owe a dead row again, with its attempts counted anew.

        Raises:
            NotFound: the tenant has none with this id.
            Conflict: it is not dead.
        """
        if self._one(_RETRY, row_id, now=self._session.now) is None:
            raise Conflict(f"the row is {self.get(row_id).state}, not dead")

    def counts(self) -> tuple[int, int]:
        """Return how many deliveries are owed, and how many rows are dead."""
        owed, dead = self._connection.execute(_COUNTS, {"tenant": self._tenant}).one()
        return owed, dead

    def _bound(self, row_id: UUID) -> dict[str, Any]:
        return {"tenant": self._tenant, "row": row_id}

    def _one(self, statement: Any, row_id: UUID, **values: Any) -> Row[Any] | None:
        return self._connection.execute(statement, self._bound(row_id) | values).one_or_none()
