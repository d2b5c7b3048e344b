"""Canned answers: keeping them with their links checked, and answering a ticket with one."""

from uuid import UUID

from msgspec import Struct

from helpdesk.desk.changing.change import change_ticket
from helpdesk.desk.changing.letters import Composer
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.changing.versions import Kept, seen
from helpdesk.domain import commands
from helpdesk.domain.answer_links import faults
from helpdesk.domain.commands import ReplyKind, TicketChanged
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.audit import Audit
from helpdesk.store.canned import CannedAnswer, CannedAnswers
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Tickets
from helpdesk.texts.canned import ARGUMENTS, LANGUAGES, fill, problems_of

_SAMPLE = dict.fromkeys(ARGUMENTS, "x")


class Draft(Struct, frozen=True):
    """A canned answer to be kept."""

    name: str
    language: str
    title: str
    text: str


class CannedReply(Struct, frozen=True):
    """Answer a ticket with a canned answer."""

    number: int
    name: str
    language: str = ""
    """Empty: the ticket's own, else whichever there is."""
    kind: ReplyKind = ReplyKind.ANSWER
    resolves: bool = False


def put(
    session: Session, resources: Resources, answer_id: UUID | None, draft: Draft, expected_version: int | None
) -> Kept:
    """Add a canned answer, or replace one; its text and links are checked against the regulation in force.

    Raises:
        NotFound, VersionConflict, Conflict: as ``CannedAnswers`` says.
        Conflict: no edition is in force.
        Invalid: the text cannot be used, or holds a link that no answer may hold; says the clause.
    """
    evaluator = resources.directory.in_force(session, session.now)
    check(evaluator, draft.text)
    answers, text = CannedAnswers(session), draft.text.strip()
    if answer_id is None:
        kept = answers.add(draft.name, draft.language, draft.title.strip(), text)
    else:
        before = answers.by_id(answer_id)
        with seen(before.version, expected_version):
            kept = answers.replace(before, draft.name, draft.language, draft.title.strip(), text)
    act = "canned_answer.add" if answer_id is None else "canned_answer.change"
    Audit(session).record(act, f"canned_answer:{kept.id}", {"name": kept.name, "language": kept.language})
    return Kept(kept.id, kept.version)


def remove(session: Session, answer_id: UUID, expected_version: int | None) -> Kept:
    """Take a canned answer away.

    Raises:
        NotFound, VersionConflict: as ``CannedAnswers`` says.
    """
    answers = CannedAnswers(session)
    gone = answers.by_id(answer_id)
    with seen(gone.version, expected_version):
        answers.remove(gone)
    Audit(session).record("canned_answer.remove", f"canned_answer:{answer_id}", {"name": gone.name})
    return Kept(gone.id, gone.version)


def check(evaluator: Evaluator, text: str) -> None:
    """Hold a canned answer's text against its form and the regulation.

    Raises:
        Invalid: it cannot be used, or holds a link that no answer may hold.
    """
    wrong = problems_of(text)
    if wrong:
        raise Invalid("the text cannot be used", fields={"text": "; ".join(wrong)})
    rule = evaluator.edition.answer_links
    for link, fault in faults(evaluator.edition, fill(text, _SAMPLE)):
        clause = rule.clause if rule is not None else None
        raise Invalid(f"an answer may not link to {link[:200]}, which {fault}", fields={"text": fault}, clause=clause)


def reply(session: Session, resources: Resources, command: CannedReply, expected_version: int | None) -> TicketChanged:
    """Write a canned answer to the client, its places filled from the ticket.

    Raises:
        NotFound, VersionConflict, Conflict, Invalid: as for any reply; a link is checked by the ticket's own edition.
        Invalid: there is no canned answer of this name.
    """
    ticket = Tickets(session).by_number(command.number)
    found = _choose(CannedAnswers(session), command, ticket)
    evaluator = resources.directory.of(session, ticket.snapshot_hash)
    text = filled(found, ticket, resources.composer(session, evaluator))
    sent = commands.Reply(command.number, command.kind, text, resolves=command.resolves)
    return change_ticket(session, resources, sent, expected_version)


def filled(answer: CannedAnswer, ticket: Ticket, composer: Composer) -> str:
    """Return the answer's text for a ticket."""
    arguments = composer.arguments_of(ticket)
    return fill(answer.text, {**arguments, "client": ticket.requester_name, "organisation": ticket.organisation})


def _choose(answers: CannedAnswers, command: CannedReply, ticket: Ticket) -> CannedAnswer:
    wanted = [command.language] if command.language else [ticket.language, *LANGUAGES]
    for language in wanted:
        found = answers.find(command.name, language)
        if found is not None:
            return found
    raise Invalid(
        "there is no such canned answer", fields={"name": f"names none in {', '.join(dict.fromkeys(wanted))}"}
    )
