"""Whether the audit is as it was written: every line's mark and seal counted anew, and heads that were handed out."""

import hmac
from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from helpdesk.kernel.instants import MINUTE, Instant, to_iso
from helpdesk.queries.tickets.certificates import seal_of
from helpdesk.store.audit import SERVICE
from helpdesk.store.audit_chain import BEGINNING, Line, head_of, key_of, mark, seal, sealed_lines, unsealed_lines
from helpdesk.store.engine.session import Session

FORMAT = "helpdesk audit head 1"
SIGNED_AS = b"helpdesk audit head 1\n"
_PATIENCE_US = 10 * MINUTE
"""For how long a line may wait for its seal before that is told."""


class AuditHead(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a company's audit is sealed, signed with the installation's key: keep it where the database is not."""

    format: str
    tenant_id: str
    seq: int
    """Lines sealed so far; 0: none."""
    seal: str
    """Of the last of them, hexadecimal: it stands for all of them."""
    as_of: str
    key: str
    hash: str
    signature: str


class Fault(Struct, frozen=True):
    """One thing that is not as it was written."""

    seq: int | None
    line: str
    """The line's id; empty where it is missing."""
    what: str


class Checked(Struct, frozen=True):
    """A tenant's audit after checking."""

    tenant_id: UUID
    sealed: int
    waiting: int
    """Lines that are not sealed yet: the sealer comes by every few seconds."""
    faults: tuple[Fault, ...]


def audit_head(session: Session) -> AuditHead:
    """Return how far the audit of the session's tenant is sealed; of a session bound to none, the service's own."""
    tenant = session.principal.tenant_id or SERVICE
    head = head_of(session, tenant)
    seq, sealed = (0, BEGINNING) if head is None else (head.seq, head.seal)
    told = {"format": FORMAT, "tenant_id": str(tenant), "seq": seq, "seal": sealed.hex(), "as_of": to_iso(session.now)}
    return AuditHead(**seal_of(session).sealed(told, SIGNED_AS))


def check_audit(session: Session, heads: Sequence[AuditHead] = ()) -> Checked:
    """Go through the whole audit of the session's tenant; ``heads`` are some that were handed out before.

    An edit, a deletion, an insertion or an exchange of lines by whoever does not have the key shows as a fault; heads
    show the rest: a chain that was shortened or written anew with the key does not lead through them.
    """
    tenant, key = session.principal.tenant_id or SERVICE, key_of(session)
    promised = {head.seq: head for head in heads if head.tenant_id == str(tenant) and head.seq}
    faults: list[Fault] = []
    before, seq = BEGINNING, 0
    for line in sealed_lines(session, tenant):
        seq += 1
        if line.seq != seq:
            faults.append(Fault(seq, "", f"lines {seq} to {(line.seq or 0) - 1} are missing"))
            seq = line.seq or seq
        if not _is_marked(key, line):
            faults.append(_fault(line, "it is not as it was written"))
        elif not hmac.compare_digest(line.seal or b"", seal(key, before, seq, line.mark or b"")):
            faults.append(_fault(line, "it does not follow the line before"))
        before = line.seal or b""
        if seq in promised and promised.pop(seq).seal != before.hex():
            faults.append(_fault(line, "a head that was handed out says otherwise"))
    head = head_of(session, tenant)
    if (seq, before) != ((0, BEGINNING) if head is None else (head.seq, head.seal)):
        faults.append(Fault(seq, "", f"the chain should end at line {0 if head is None else head.seq}"))
    faults += [Fault(at, "", "a head that was handed out names it, and it is gone") for at in promised]
    waiting = 0
    for line in unsealed_lines(session, tenant):
        waiting += 1
        if not _is_marked(key, line):
            faults.append(_fault(line, "nobody wrote it, or it was altered before it was sealed"))
        elif line.told["at"] < session.now - _PATIENCE_US:
            faults.append(_fault(line, _unsealed(line.told["at"])))
    return Checked(tenant, seq, waiting, tuple(faults))


def _is_marked(key: bytes, line: Line) -> bool:
    return line.mark is not None and hmac.compare_digest(line.mark, mark(key, line.told))


def _fault(line: Line, what: str) -> Fault:
    return Fault(line.seq, str(line.told["id"]), what)


def _unsealed(at: Instant) -> str:
    return f"it is not sealed since {to_iso(at)}: does a timekeeper run?"
