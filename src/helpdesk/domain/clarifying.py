"""Who asks, and what a request lacks: what follows from it at the registration, and how it is made clear. Pure.

Where the regulation has a ticket wait for it, the wait begins with the registration, the letter with the number tells
the client, and it ends with what is said here or with the client's word, as the regulation says.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.transports import PHONE
from helpdesk.domain import commands
from helpdesk.domain.known import Known, begin
from helpdesk.domain.rights import IDENTIFICATION, INCOMPLETE, Flag
from helpdesk.domain.ticket import Change, Letter, Note
from helpdesk.domain.waiting import end_on
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.regulation.judging.waits import Begun, begin_with, for_completeness
from helpdesk.regulation.vocabulary.model import Edition


def stated(
    fields: Mapping[str, str],
    *,
    channel_kind: str,
    sender: str,
    name: str = "",
    contact: str = "",
    organisation: str = "",
    text: str = "",
) -> dict[str, str]:
    """Return what a request states, by the names that regulations give to fields."""
    mail = contact or (sender if "@" in sender else "")
    own = {
        "description": text,
        "contact": name or mail or sender,
        "contact_name": name,
        "email": mail,
        "phone": sender if channel_kind == PHONE else "",
        "organisation": organisation,
    }
    return {**own, **fields}


def clarify(
    edition: Edition, flags: tuple[Flag, ...], missing: tuple[str, ...]
) -> tuple[tuple[Flag, ...], tuple[Begun, ...]]:
    """Return the flags of a new request with the one on what it lacks, and the waits that it begins with.

    ``missing``: names of fields, and words of whoever took it in.
    """
    unidentified = any(each.flag == IDENTIFICATION for each in flags)
    waits = begin_with(edition, unidentified=unidentified, missing=missing)
    if not missing:
        return flags, waits
    clauses = [wait.clause for wait in waits if for_completeness(edition, wait.reason)]
    clauses += [rule.clause for rule in edition.fields if rule.name in missing or not clauses]
    return (*flags, Flag(INCOMPLETE, clauses[0] if clauses else "", ", ".join(missing))), waits


def letter_of_registration(
    edition: Edition, language: str, contact: str, waits: tuple[Begun, ...], helpful: Iterable[str] = ()
) -> Letter:
    """Return the letter with the number: where the solution waits for the client, it says so and for what.

    ``helpful``: fields that nothing waits for, and that the client may be asked for with it.
    """
    words = {rule.name: rule.name_ru if language == "ru" else rule.name_en for rule in edition.fields}

    def listed(names: Iterable[str]) -> str:
        return "\n".join(f"- {words.get(name, name)}" for name in dict.fromkeys(names))

    told = next((wait for wait in waits if wait.letter), None)
    if told is None:
        return Letter("acknowledgement", contact, "", arguments={"missing": listed(helpful)})
    missing = listed(name for wait in waits for name in wait.missing)
    return Letter("acknowledgement", contact, told.letter, arguments={"missing": missing, "clause": told.clause})


def identified(known: Known, contact: UUID | None, name: str, organisation: str) -> Change:
    """Say who the request is from: a contact, with the name that is kept, or an organisation, or both.

    Raises:
        Conflict: the ticket is closed.
    """
    ticket = known.ticket
    progress = begin(known)
    who = None if contact is None else str(contact)
    progress.happened(Happened.IDENTIFIED, contact=who, organisation=organisation)
    progress.set(requester_name=name or ticket.requester_name, organisation=organisation or ticket.organisation)
    end_on(progress, known.evaluator.edition, "identified")
    progress.lower_flag(IDENTIFICATION)
    return progress.change()


def supply(command: commands.Supply, known: Known) -> Change:
    """Put down what the client told of what the request lacks; with the last of it the wait for it ends.

    Raises:
        Invalid: nothing is told, or something that the regulation and the request know nothing of.
        Conflict: the ticket is closed.
    """
    details = {name: text.strip() for name, text in command.details.items() if text.strip()}
    if not details:
        raise Invalid("nothing is supplied", fields={"details": "must not be empty"})
    edition = known.evaluator.edition
    words = {rule.name: rule.name_ru for rule in edition.fields}
    lacking = still_missing(known.log)
    unknown = [name for name in details if name not in words and name not in lacking]
    if unknown:
        names = ", ".join((*words, *(name for name in lacking if name not in words))) or "nothing is demanded"
        raise Invalid(f"nobody asks for {unknown[0]!r}", fields={f"details.{unknown[0]}": f"one of {names}"})
    ticket, message_id = known.ticket, new_id()
    text = "\n".join(f"{words.get(name, name)}: {told}" for name, told in details.items())
    progress = begin(known)
    progress.happened(Happened.SUPPLIED, details=[*details], message_id=str(message_id))
    author = ticket.requester_name or ticket.requester
    subject = ticket.subject
    progress.store(Note(message_id, "in", "told", ticket.requester, ticket.address, subject, text, text, author=author))
    if not set(lacking) - details.keys():
        end_on(progress, edition, "supplied")
        progress.lower_flag(INCOMPLETE)
    return progress.change()


def still_missing(log: tuple[Entry, ...]) -> tuple[str, ...]:
    """Return what the request lacked when it was registered and nobody has put down since."""
    missing: list[str] = []
    for entry in log:
        if entry.what is Happened.REGISTERED:
            missing = list(entry.data.get("missing", ()))
        elif entry.what is Happened.SUPPLIED:
            missing = [name for name in missing if name not in entry.data["details"]]
    return tuple(missing)
