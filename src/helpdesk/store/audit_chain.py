"""The audit's chain: every line is marked by who writes it, and sealed to the line before within seconds.

The mark is a MAC over the line, made when it is written, under a key derived from the installation's secret; the seal
is a MAC over the seal before it, the line's number and its mark. So acts of one tenant need not wait for each other,
and a line that was altered, taken out, put in or moved by whoever does not have the key breaks the chain.
"""

import hmac
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct
from sqlalchemy import Engine, bindparam, exists, insert, select, text, update

from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.session import Session
from helpdesk.store.instance import installation
from helpdesk.store.schema import audit, audit_heads

BATCH = 500
"""Lines sealed in one transaction, and read at once."""
BEGINNING = bytes(32)
"""Stands for the seal before the first line."""
_SEALERS_LOCK = 0x61756469  # any number that nobody else locks
_LINE = ("tenant_id", "id", "at", "actor", "by", "act", "object", "data")
_COLUMNS = tuple(audit.c[name] for name in (*_LINE, "mark", "seq", "seal"))

_keys: WeakKeyDictionary[Engine, bytes] = WeakKeyDictionary()


class Head(Struct, frozen=True):
    """The last sealed line of a tenant's audit."""

    tenant_id: UUID
    seq: int
    seal: bytes
    sealed_at: Instant


class Line(Struct, frozen=True):
    """One line as it stands in the database."""

    told: Mapping[str, Any]
    mark: bytes | None
    seq: int | None
    seal: bytes | None


def key_of(session: Session) -> bytes:
    """Return the key of marks and seals; it is read once for each database."""
    engine = session.connection.engine
    found = _keys.get(engine)
    if found is None:
        found = hmac.digest(installation(session).secret, b"helpdesk audit 1", "sha256")
        _keys[engine] = found
    return found


def mark(key: bytes, told: Mapping[str, Any]) -> bytes:
    """Return the mark of a line."""
    values = {**{name: told[name] for name in _LINE}, "tenant_id": str(told["tenant_id"]), "id": str(told["id"])}
    return hmac.digest(key, b"line" + msgspec.json.encode(values, order="deterministic"), "sha256")


def seal(key: bytes, before: bytes, seq: int, marked: bytes) -> bytes:
    """Return the seal of a line."""
    return hmac.digest(key, b"seal" + before + seq.to_bytes(8, "big") + marked, "sha256")


def seal_waiting(session: Session) -> list[Head]:
    """Seal lines that are not sealed yet, of every tenant that the session may see; return the heads that moved.

    A line without a true mark is nobody's act: it is left unsealed, and checking tells of it.
    """
    if session.dialect == "postgresql":
        session.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SEALERS_LOCK})
    waiting = select(*_COLUMNS).where(audit.c.seq.is_(None), audit.c.mark.is_not(None))
    rows = [_line(row) for row in session.connection.execute(waiting.order_by(audit.c.id).limit(BATCH))]
    key, heads, sealed = key_of(session), dict[UUID, Head](), []
    for row in rows:
        if row.mark is None or not hmac.compare_digest(row.mark, mark(key, row.told)):
            continue
        tenant = row.told["tenant_id"]
        head = heads.get(tenant) or head_of(session, tenant) or Head(tenant, 0, BEGINNING, 0)
        heads[tenant] = Head(tenant, head.seq + 1, seal(key, head.seal, head.seq + 1, row.mark), session.now)
        sealed.append({"tenant": tenant, "line": row.told["id"], "place": head.seq + 1, "link": heads[tenant].seal})
    if sealed:
        session.connection.execute(_SEAL, sealed)
    for head in heads.values():
        _set_head(session, head)
    return list(heads.values())


def waits(session: Session) -> bool:
    """Say whether anything of what the session may see is not sealed."""
    wanted = select(exists(select(audit.c.id).where(audit.c.seq.is_(None))))
    return bool(session.connection.execute(wanted).scalar())


def head_of(session: Session, tenant: UUID) -> Head | None:
    """Return the tenant's head; None where nothing is sealed yet."""
    wanted = select(*(audit_heads.c[name] for name in Head.__struct_fields__)).where(audit_heads.c.tenant_id == tenant)
    row = session.connection.execute(wanted).one_or_none()
    return None if row is None else Head(row[0], row[1], bytes(row[2]), row[3])


def sealed_lines(session: Session, tenant: UUID) -> Iterator[Line]:
    """Yield the tenant's sealed lines by their number."""
    after = 0
    wanted = (
        select(*_COLUMNS)
        .where(audit.c.tenant_id == tenant, audit.c.seq > bindparam("after"))
        .order_by(audit.c.seq)
        .limit(BATCH)
    )
    while rows := [_line(row) for row in session.connection.execute(wanted, {"after": after})]:
        yield from rows
        after = rows[-1].seq or 0


def unsealed_lines(session: Session, tenant: UUID) -> Iterator[Line]:
    """Yield the tenant's lines that have no number: not sealed yet, or nobody's."""
    wanted = select(*_COLUMNS).where(audit.c.tenant_id == tenant, audit.c.seq.is_(None)).order_by(audit.c.id)
    yield from (_line(row) for row in session.connection.execute(wanted).all())


_SEAL = (
    update(audit)
    .where(audit.c.tenant_id == bindparam("tenant"), audit.c.id == bindparam("line"))
    .values(seq=bindparam("place"), seal=bindparam("link"))
)


def _set_head(session: Session, head: Head) -> None:
    values = {"seq": head.seq, "seal": head.seal, "sealed_at": head.sealed_at}
    moved = update(audit_heads).where(audit_heads.c.tenant_id == head.tenant_id).values(values)
    if not session.connection.execute(moved.returning(audit_heads.c.seq)).all():
        session.connection.execute(insert(audit_heads), {"tenant_id": head.tenant_id, **values})


def _line(row: Any) -> Line:
    told = dict(zip(_LINE, row[: len(_LINE)], strict=True))
    marked, seq, sealed = row[len(_LINE) :]
    return Line(told, None if marked is None else bytes(marked), seq, None if sealed is None else bytes(sealed))
