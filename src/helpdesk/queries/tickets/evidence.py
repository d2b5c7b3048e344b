"""Everything about one ticket as one sealed document: what came, what was done, what left, what was promised and why.

The document is canonical JSON, so that there is one way to write it down and any altered byte is noticed. Instants are
ISO 8601 in UTC, to the microsecond. ``helpdesk verify`` checks it without us (``helpdesk.verify.evidence``).
"""

from base64 import b64encode
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Table, TextClause, or_, select, text

from helpdesk.contracts.clocks import ClockView
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.errors import Conflict, NotFound
from helpdesk.kernel.instants import to_iso
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.numbers import ticket_id
from helpdesk.queries.tickets.certificates import seal_of
from helpdesk.queries.tickets.deadlines import find_judged
from helpdesk.regulation.certifying.certificates import certify
from helpdesk.regulation.certifying.seal import Seal, canonical
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store import schema
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants
from helpdesk.store.types import Instant

FORMAT = "helpdesk-evidence-1"
SIGNED_AS = b"helpdesk ticket evidence 1\n"
"""Stands before the signed bytes, so that no signature made for another purpose fits."""

_HIDDEN = frozenset({"tenant_id", "ticket_id", "rank", "next_due"})
"""What says nothing of its own: the document is of one ticket, and the queue's place is no evidence."""


_IS_LETTER = text("kind = 'delivery'")
"""In these words: were the kind a parameter, SQLite could not tell that the letters' index has all that is wanted."""

LARGEST_FILES = 100_000_000
"""Bytes of all files together; a document is built in memory."""

LoadFile = Callable[[UUID, str], bytes]
"""Gives a file's bytes by its tenant and its SHA-256; blocks."""


class Gathered(Struct, frozen=True):
    """Everything about a ticket but its files' bytes, which are read outside the transaction."""

    tenant_id: UUID
    document: dict[str, Any]
    seal: Seal


def seal_evidence(gathered: Gathered, load: LoadFile) -> bytes:
    """Return the sealed document, its files' bytes included.

    Raises:
        Unavailable: a file cannot be read.
    """
    hashes = {file["sha256"] for file in gathered.document["attachments"] if file["sha256"]}
    files = {each: b64encode(load(gathered.tenant_id, each)).decode("ascii") for each in sorted(hashes)}
    return canonical(gathered.seal.sealed({**gathered.document, "files": files}, SIGNED_AS))


def gather_evidence(session: Session, number: int, find: FindEvaluator) -> Gathered:
    """Return everything about one ticket as it stands now; read it in one session, which is one view.

    Raises:
        NotFound: the tenant has no ticket of this number.
        Conflict: its files are too large for one document.
    """
    wanted = ticket_id(session, number)
    log, evaluator = find_judged(session, number, find)
    now = max([session.now, *(entry.at for entry in log)])
    seal = seal_of(session)
    clocks = evaluator.clocks(log, now)
    messages = _rows(session, schema.messages, wanted)
    attachments = _rows(session, schema.attachments, wanted)
    if sum(file["size"] for file in attachments) > LARGEST_FILES:
        raise Conflict(f"the ticket's files are more than {LARGEST_FILES} bytes: export them one by one")
    document = {
        "format": FORMAT,
        "tenant": Tenants(session).own().slug,
        "ticket": number,
        "as_of": to_iso(now),
        "row": _dumped(session, schema.tickets, schema.tickets.c.id == wanted)[0],
        "snapshots": _snapshots(session, evaluator, log),
        "log": [_entry(entry) for entry in log],
        "messages": messages,
        "originals": _originals(session, messages),
        "attachments": attachments,
        "letters": _letters(session, wanted),
        "participants": _rows(session, schema.participants, wanted),
        "flags": _rows(session, schema.ticket_flags, wanted),
        "links": _links(session, wanted),
        "problems": _problems(session, wanted),
        "repairs": _rows(session, schema.repairs, wanted),
        "calls": _dumped(session, schema.calls, schema.calls.c.number == number),
        "clocks": [_clock(clock) for clock in clocks],
        "certificates": _certificates(evaluator, seal, number, log, clocks, now),
        "audit": _dumped(session, schema.audit, schema.audit.c.object == f"ticket:{number}"),
        "ledger": _rows(session, schema.ledger, wanted),
    }
    return Gathered(session.tenant_id, document, seal)


def _snapshots(session: Session, evaluator: Evaluator, log: tuple[Entry, ...]) -> dict[str, str]:
    """Return the bodies of every snapshot that judged the ticket, by hash."""
    hashes = {evaluator.snapshot.hash}
    for entry in log:
        if entry.what is Happened.REJUDGED:
            hashes |= {str(entry.data[side]["snapshot"]) for side in ("before", "after") if side in entry.data}
    found: dict[str, str] = {}
    for wanted in sorted(hashes):
        try:
            found[wanted] = Editions(session).snapshot_body(wanted).decode("utf-8")
        except NotFound:  # a snapshot that never judged a ticket here has no row; the log names it all the same
            continue
    return found


def _certificates(
    evaluator: Evaluator,
    seal: Seal,
    number: int,
    log: tuple[Entry, ...],
    clocks: tuple[ClockView, ...],
    now: int,
) -> dict[str, Any]:
    """Return the certificate of every clock that has one, by name and number."""
    found: dict[str, Any] = {}
    for clock in clocks:
        try:
            certificate = certify(evaluator, seal, number, log, clock.name, clock.seq, now)
        except Conflict:  # no time is promised there, or none that is known: the clock's own note says so
            continue
        found[f"{clock.name}/{clock.seq}"] = msgspec.to_builtins(certificate)
    return found


def _originals(session: Session, messages: list[dict[str, Any]]) -> dict[str, str]:
    """Return the originals that the messages came in, by SHA-256."""
    table = schema.raw_messages
    found: dict[str, str] = {}
    for wanted in sorted({message["raw_hash"] for message in messages if message["raw_hash"]}):
        content = session.connection.execute(
            select(table.c.content).where(table.c.tenant_id == session.tenant_id, table.c.hash == bytes.fromhex(wanted))
        ).scalar_one()
        found[wanted] = b64encode(content).decode("ascii")
    return found


def _letters(session: Session, wanted: UUID) -> list[dict[str, Any]]:
    table = schema.outbox
    kept = ("id", "seq", "destination", "subject", "payload", "state", "attempts", "created_at", "effect_at",
            "remote_id", "error")  # fmt: skip
    rows = _dumped(session, table, table.c.ticket_id == wanted, _IS_LETTER)
    return [{name: row[name] for name in kept} for row in rows]


def _links(session: Session, wanted: UUID) -> list[dict[str, Any]]:
    table = schema.ticket_links
    rows = session.connection.execute(
        select(table).where(
            table.c.tenant_id == session.tenant_id, or_(table.c.ticket_id == wanted, table.c.other_id == wanted)
        )
    ).all()
    numbered = select(schema.tickets.c.id, schema.tickets.c.number).where(
        schema.tickets.c.tenant_id == session.tenant_id,
        schema.tickets.c.id.in_({id_ for row in rows for id_ in (row.ticket_id, row.other_id)}),
    )
    numbers = {row.id: row.number for row in session.connection.execute(numbered)}
    return [
        {
            "ticket": numbers[row.ticket_id],
            "other": numbers[row.other_id],
            "kind": row.kind,
            "actor": row.actor,
            "created_at": to_iso(row.created_at),
        }
        for row in sorted(rows, key=lambda row: (row.created_at, row.kind))
    ]


def _problems(session: Session, wanted: UUID) -> list[dict[str, Any]]:
    """Return the problems that are behind the ticket."""
    within = select(schema.problem_tickets.c.problem_id).where(
        schema.problem_tickets.c.tenant_id == session.tenant_id, schema.problem_tickets.c.ticket_id == wanted
    )
    return _dumped(session, schema.problems, schema.problems.c.id.in_(within))


def _rows(session: Session, table: Table, wanted: UUID) -> list[dict[str, Any]]:
    return _dumped(session, table, table.c.ticket_id == wanted)


def _dumped(session: Session, table: Table, *which: ColumnElement[bool] | TextClause) -> list[dict[str, Any]]:
    """Return rows of the tenant with every column but the hidden ones, in the order of their keys."""
    columns = [column for column in table.columns if column.name not in _HIDDEN]
    order = [*(column for column in columns if column.name == "seq"), *table.primary_key.columns]
    rows = session.connection.execute(
        select(*columns).where(table.c.tenant_id == session.tenant_id, *which).order_by(*order)
    )
    return [
        {column.name: _plain(value, column.type) for column, value in zip(columns, row, strict=True)} for row in rows
    ]


def _plain(value: Any, kind: object) -> Any:
    if value is None:
        return None
    if kind is Instant:
        return to_iso(value)
    if isinstance(value, UUID):
        return str(value)
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def _entry(entry: Entry) -> dict[str, Any]:
    return {**msgspec.to_builtins(entry), "at": to_iso(entry.at)}


def _clock(clock: ClockView) -> dict[str, Any]:
    instants = {
        name: None if at is None else to_iso(at)
        for name in ("started_at", "stopped_at", "goal", "due")
        for at in (getattr(clock, name),)
    }
    return {**msgspec.to_builtins(clock), **instants, "warn_at": [to_iso(at) for at in clock.warn_at]}
