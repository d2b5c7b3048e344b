"""Boxes: letters of channels whose clients come for them, each once, in an order without gaps."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, select, tuple_, update

from helpdesk.contracts.messages import Box, Letter, Outbound
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_set
from helpdesk.store.schema import box_letters, boxes, tickets

Key = tuple[UUID, str, str, str]
"""A box, by tenant, kind, our address and the person."""

# Setting the position to itself locks the row until the transaction ends, whoever made it.
_LOCK = {
    dialect: insert_or_set(dialect, boxes, {"last": boxes.c.last}).returning(boxes.c.last)
    for dialect in ("sqlite", "postgresql")
}
_LETTER = box_letters.c


class Boxes:
    """The tenant's boxes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def put(self, message: Outbound, ticket_id: UUID | None) -> int:
        """Put a letter into its recipient's box and return its position; again: where it is."""
        box = Box(message.channel_kind, message.sender, message.recipient)
        row = self._row(box)
        last: int = self._connection.execute(_LOCK[self._session.dialect], {**row, "last": 0}).scalar_one()
        same = and_(_LETTER.tenant_id == self._tenant, _LETTER.letter_id == message.id)
        there = self._connection.execute(select(_LETTER.position).where(same)).scalar()
        if there is not None:
            return int(there)
        bare = [msgspec.structs.replace(each, content=b"") for each in message.attachments]
        kept = msgspec.structs.replace(message, attachments=tuple(bare), token="")
        letter = {"position": last + 1, "letter_id": message.id, "ticket_id": ticket_id, "at": self._session.now}
        self._connection.execute(box_letters.insert(), {**row, **letter, "payload": msgspec.to_builtins(kept)})
        moved = update(boxes).where(_is(boxes, self._tenant, box)).values(last=last + 1)
        self._connection.execute(moved)
        return last + 1

    def letters(self, box: Box, after: int, limit: int) -> tuple[Letter, ...]:
        """Return at most ``limit`` letters behind position ``after``, in their order."""
        behind = and_(_is(box_letters, self._tenant, box), _LETTER.position > after)
        return self._read(behind, limit)

    def letter(self, box: Box, letter_id: str) -> Letter | None:
        """Return one of the box's letters."""
        this = and_(_is(box_letters, self._tenant, box), _LETTER.letter_id == letter_id)
        return next(iter(self._read(this, 1)), None)

    def _read(self, wanted: ColumnElement[bool], limit: int) -> tuple[Letter, ...]:
        rows = self._connection.execute(
            select(_LETTER.position, _LETTER.at, tickets.c.number, _LETTER.payload)
            .outerjoin(tickets, and_(tickets.c.tenant_id == _LETTER.tenant_id, tickets.c.id == _LETTER.ticket_id))
            .where(wanted)
            .order_by(_LETTER.position)
            .limit(limit)
        )
        found = []
        for position, at, number, payload in rows:
            sent = msgspec.convert(payload, Outbound)
            said = (sent.purpose, sent.subject, sent.text, sent.automatic, sent.in_reply_to, sent.attachments)
            found.append(Letter(position, sent.id, at, number, *said))
        return tuple(found)

    def _row(self, box: Box) -> dict[str, Any]:
        return {"tenant_id": self._tenant, **_named(box)}


def moved(session: Session, keys: Collection[Key]) -> dict[Key, int]:
    """Return the latest position in each of these boxes, of all tenants. For the service itself."""
    columns = (boxes.c.tenant_id, boxes.c.channel_kind, boxes.c.address, boxes.c.person)
    wanted = select(*columns, boxes.c.last).where(tuple_(*columns).in_(list(keys)))
    return {
        (tenant, kind, address, person): last
        for tenant, kind, address, person, last in session.connection.execute(wanted)
    }


def _named(box: Box) -> dict[str, str]:
    return {"channel_kind": box.channel_kind, "address": box.address, "person": box.person}


def _is(table: Any, tenant_id: UUID, box: Box) -> ColumnElement[bool]:
    return and_(
        table.c.tenant_id == tenant_id,
        table.c.channel_kind == box.channel_kind,
        table.c.address == box.address,
        table.c.person == box.person,
    )
