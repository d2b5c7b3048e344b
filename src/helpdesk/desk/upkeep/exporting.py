"""What is noted when everything about a ticket is handed out."""

import hashlib

from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session


def record_export(session: Session, number: int, document: bytes) -> None:
    """Note in the audit that the evidence of a ticket was handed out, and which: by its SHA-256."""
    told = {"sha256": hashlib.sha256(document).hexdigest(), "bytes": len(document)}
    Audit(session).record("evidence.export", f"ticket:{number}", told)
