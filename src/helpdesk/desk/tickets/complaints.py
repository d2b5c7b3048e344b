"""Taking a complaint about staff past the agent concerned, handing it to somebody, deciding it."""

from uuid import UUID

from msgspec import Struct

from helpdesk.contracts.messages import Outbound
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.changing.versions import Kept, seen
from helpdesk.domain.complaints import (
    Complaint,
    ComplaintState,
    check_handler,
    contact_of,
    route_of,
)
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.store.agents import Agents
from helpdesk.store.audit import Audit
from helpdesk.store.complaints import Complaints
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import Outbox
from helpdesk.store.tenants import Counters
from helpdesk.store.tickets import Tickets

_NOBODY = "\N{EN DASH}"


class Complain(Struct, frozen=True):
    """A client complains."""

    text: str
    ticket: int | None = None
    about: str = ""
    """The agent; empty: whoever has the ticket."""
    complainant: str = ""
    contact: str = ""
    """A mail address; empty: they are not answered in writing."""


def complain(session: Session, resources: Resources, command: Complain) -> Kept:
    """Keep a complaint and send it where the regulation says. What is audited tells nothing of it.

    Raises:
        Conflict: no edition is in force, or it names no way for complaints.
        Invalid: there is no such ticket, or nobody is complained about.
    """
    evaluator = resources.directory.in_force(session, session.now)
    route = route_of(evaluator.edition)
    complaint = Complaint(
        id=new_id(),
        number=Counters(session).next("complaint"),
        ticket=command.ticket,
        about=_about(session, command),
        complainant=command.complainant.strip(),
        contact=command.contact,
        text=command.text.strip(),
        state=ComplaintState.OPEN,
        handler=None,
        upheld=None,
        decision="",
        clause=route.clause,
        told=contact_of(route),
        received_at=session.now,
        decided_at=None,
        version=1,
    )
    Complaints(session).add(complaint)
    composer, words = resources.composer(session, evaluator), _words(complaint)
    _send(session, composer.compose_apart("complaint", complaint.told, words))
    _send(session, composer.compose_apart("complaint_received", complaint.contact, words))
    Audit(session).record("complaint.add", f"complaint:{complaint.id}")
    return Kept(complaint.id, complaint.version)


def hand(session: Session, resources: Resources, complaint_id: UUID, agent: str, expected_version: int | None) -> Kept:
    """Say who looks into a complaint.

    Raises:
        NotFound: there is none, or it is about whoever asks.
        VersionConflict: it is not at ``expected_version``.
        Invalid: none of the company's agents, or one who is away or has left.
        Conflict: it is decided, or about that very agent.
    """
    complaints = Complaints(session)
    found = complaints.by_id(complaint_id)
    with seen(found.version, expected_version):
        handler = Agents(session).roster(agent).taker(agent.strip(), None)
        check_handler(route_of(resources.directory.in_force(session, session.now).edition), found, handler)
        changed = complaints.change(found, handler=handler)
    Audit(session).record("complaint.hand", f"complaint:{complaint_id}")
    return Kept(changed.id, changed.version)


def decide(
    session: Session,
    resources: Resources,
    complaint_id: UUID,
    text: str,
    expected_version: int | None,
    *,
    upheld: bool,
) -> Kept:
    """Decide a complaint and tell the client.

    Raises:
        NotFound, VersionConflict: as for ``hand``.
        Conflict: it is decided already.
    """
    complaints = Complaints(session)
    before = complaints.by_id(complaint_id)
    with seen(before.version, expected_version):
        if before.state is ComplaintState.DECIDED:
            raise Conflict("the complaint is decided already")
        decided = {"upheld": upheld, "decision": text.strip(), "decided_at": session.now}
        changed = complaints.change(before, state=ComplaintState.DECIDED.value, **decided)
    evaluator = resources.directory.in_force(session, session.now)
    words = {**_words(changed), "text": changed.decision}
    _send(session, resources.composer(session, evaluator).compose_apart("complaint_decided", changed.contact, words))
    Audit(session).record("complaint.decide", f"complaint:{complaint_id}")
    return Kept(changed.id, changed.version)


def _about(session: Session, command: Complain) -> str:
    ticket = None
    if command.ticket is not None:
        ticket = Tickets(session).find_number(command.ticket)
        if ticket is None:
            raise Invalid("there is no such ticket", fields={"ticket": "names none"})
    if command.about.strip():
        return Agents(session).roster(command.about).known(command.about.strip(), "about")
    about = ticket.assignee if ticket is not None else None
    if not about:
        raise Invalid("about whom?", fields={"about": "needed, or a ticket that somebody has"})
    return about


def _words(complaint: Complaint) -> dict[str, str]:
    return {
        "number": str(complaint.number),
        "other": _NOBODY if complaint.ticket is None else str(complaint.ticket),
        "engineer": complaint.about,
        "agent": complaint.complainant or _NOBODY,
        "clause": complaint.clause,
        "text": complaint.text,
    }


def _send(session: Session, letter: Outbound | None) -> None:
    if letter is not None:
        Outbox(session).add_delivery(letter, ticket_id=None, seq=0)
