"""Certificates of a ticket's deadlines, issued at the time of asking; nothing of them is kept."""

from msgspec import Struct

from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.tickets.deadlines import find_judged
from helpdesk.regulation.certifying.certificates import certify
from helpdesk.regulation.certifying.certified import FORMAT, Certificate
from helpdesk.regulation.certifying.seal import Seal
from helpdesk.store.engine.session import Session
from helpdesk.store.instance import installation


class CertificateKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The public key that this installation's certificates are signed with."""

    format: str
    """Of the certificates."""
    key: str
    """Ed25519, 32 bytes in hexadecimal; ``helpdesk verify --key`` takes it."""
    fingerprint: str
    """The beginning of the key's SHA-256, for people to compare."""


def get_certificate(session: Session, number: int, name: str, seq: int, evaluator_of: FindEvaluator) -> Certificate:
    """Return the certificate of one of a ticket's clocks as it stands now.

    Raises:
        NotFound: the tenant has no such ticket, or the ticket no such clock.
        Conflict: no time is promised there, or none that is known.
    """
    log, evaluator = find_judged(session, number, evaluator_of)
    return certify(evaluator, seal_of(session), number, log, name, seq, session.now)


def get_key(session: Session) -> CertificateKey:
    """Return the public key."""
    seal = seal_of(session)
    return CertificateKey(FORMAT, seal.public_key, seal.fingerprint)


def seal_of(session: Session) -> Seal:
    """Return the installation's seal."""
    return Seal(installation(session).secret)
