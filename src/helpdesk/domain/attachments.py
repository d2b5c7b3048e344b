"""Files that belong to messages: which are kept, and which are not, by what clause. Pure.

A message is never lost for its files: what may not be attached is kept aside or left out, and the client is told.
"""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.messages import Attachment
from helpdesk.domain.ticket import Change, Letter
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging.decisions import check_attachment
from helpdesk.regulation.vocabulary.model import Edition

LARGEST_BYTES = 20 * 1024 * 1024
"""One file."""
MOST_FILES = 50
"""Of one message."""


class FileState(StrEnum):
    """What became of a file."""

    KEPT = "kept"
    QUARANTINED = "quarantined"
    """Kept aside, by the regulation: nobody gets it by the API."""
    REFUSED = "refused"
    """Not kept: too large, one too many, or not to be had from where it is; the original has it or names it."""


class Attached(Struct, frozen=True):
    """A file of a ticket."""

    id: UUID
    name: str
    content_type: str
    """What its bytes are."""
    size: int
    """Bytes."""
    sha256: str
    """In hex; empty where the bytes are not kept."""
    state: FileState = FileState.KEPT
    clause: str = ""
    reason: str = ""
    """``type``, ``size``, ``count`` or ``absent``, where it is not kept."""


def judge(edition: Edition, given: Sequence[Attachment]) -> tuple[Attached, ...]:
    """Return what becomes of the files of one message. Their bytes are in the files' store by now."""
    return tuple(_judged(edition, each, place) for place, each in enumerate(given))


def _judged(edition: Edition, given: Attachment, place: int) -> Attached:
    found = Attached(new_id(), given.name, given.content_type, given.size, given.sha256)
    if place >= MOST_FILES:
        return replace(found, sha256="", state=FileState.REFUSED, reason="count")
    if given.size > LARGEST_BYTES:
        return replace(found, sha256="", state=FileState.REFUSED, reason="size")
    if not given.sha256:
        return replace(found, state=FileState.REFUSED, reason="absent")
    verdict = check_attachment(edition, given.content_type)
    if verdict.allowed:
        return replace(found, clause=verdict.clause)
    return replace(found, state=FileState.QUARANTINED, clause=verdict.clause, reason="type")


def refusal(file: Attached) -> dict[str, str]:
    """Return what the log says of a file that is not kept."""
    said = {"name": file.name, "content_type": file.content_type, "state": file.state.value}
    return {**said, "reason": file.reason, "clause": file.clause}


def sent(file: Attached) -> Attachment:
    """Return the file as a letter takes it along; its content is in the files' store."""
    return Attachment(file.name, file.content_type, b"", file.size, file.sha256)


def tell_refusals(
    change: Change, files: Sequence[Attached], message_id: UUID, at: Instant, actor: str, edition: Edition
) -> Change:
    """Add to ``change`` what the log and the client are told of files that are not kept."""
    refused = [each for each in files if each.state is not FileState.KEPT]
    if not refused:
        return change
    entries, ticket = list(change.entries), change.ticket
    for each in refused:
        ticket = replace(ticket, last_seq=ticket.last_seq + 1)
        data = {"message_id": str(message_id), **refusal(each)}
        entries.append(Entry(ticket.last_seq, at, Happened.ATTACHMENT_REFUSED, actor, data))
    letters = (*change.letters, _letter(ticket.contact, refused, edition)) if ticket.contact else change.letters
    return replace(change, ticket=ticket, entries=tuple(entries), letters=letters)


def _letter(recipient: str, refused: Sequence[Attached], edition: Edition) -> Letter:
    """Return the letter about files that are not kept; it names none of them: names are the sender's words."""
    clause = next((each.clause for each in refused if each.reason == "type"), "")
    if not clause or edition.attachments is None:
        limits = {"most": str(MOST_FILES), "megabytes": str(LARGEST_BYTES // 2**20)}
        return Letter("attachment", recipient, "attachment-limits", "", limits)
    accepted = "\n".join(edition.attachments.accept)
    return Letter("attachment", recipient, "", "", {"clause": clause, "accepted": accepted})
