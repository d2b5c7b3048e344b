"""Putting files to tickets. Their bytes go into the files' store first, then the transaction tells of them."""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.filetypes import PLAIN_BYTES, clean_name, sniff
from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Attachment, Inbound
from helpdesk.desk.changing.change import opened_at
from helpdesk.desk.changing.resources import Resources
from helpdesk.domain.attachments import LARGEST_BYTES, MOST_FILES, Attached, FileState, judge, refusal
from helpdesk.domain.ticket import Progress
from helpdesk.kernel.errors import Invalid
from helpdesk.store.attachments import Attachments
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.files import FileStore

_MAIL = "message/rfc822"


class Put(Struct, frozen=True):
    """What was put to a ticket."""

    number: int
    version: int
    file: Attached


def keep_files(files: FileStore, tenant_id: UUID, message: Inbound) -> Inbound:
    """Put the message's files into their store; return it without their content. Blocks.

    What is too large or one too many is not put there: the message's original has it.

    Raises:
        Unavailable: the store does not answer.
    """
    kept = [
        kept_file(files, tenant_id, each, fits=place < MOST_FILES) for place, each in enumerate(message.attachments)
    ]
    return replace(message, attachments=tuple(kept))


def kept_file(files: FileStore, tenant_id: UUID, given: Attachment, *, fits: bool = True) -> Attachment:
    """Put one file into the store, unless it is too large; return it without its content, as what its bytes are.

    What its channel left where it is, for its size or because it cannot be had, stays as the channel says.
    """
    if given.size and not given.content:
        return Attachment(clean_name(given.name) or "attachment", given.content_type or PLAIN_BYTES, b"", given.size)
    shown = sniff(given.content)
    # A mail inside a mail is text to look at; who took the outer one apart knows better.
    content_type = _MAIL if given.content_type == _MAIL and shown in {"text/plain", PLAIN_BYTES} else shown
    size = len(given.content)
    sha256 = files.put(tenant_id, given.content) if fits and size <= LARGEST_BYTES else ""
    return Attachment(clean_name(given.name) or "attachment", content_type, b"", size, sha256)


def put_file(
    session: Session, resources: Resources, number: int, given: Attachment, expected_version: int | None
) -> Put:
    """Note a file that is in the store by now as one of the ticket's.

    What the regulation does not accept is kept aside; the log says so.

    Raises:
        NotFound: this tenant has no such ticket.
        VersionConflict: the ticket is not at ``expected_version``.
        Invalid: it has as many files as no letter took along as a letter may take.
    """
    attachments = Attachments(session)
    with opened_at(session, resources, number, expected_version) as opened:
        ticket = opened.ticket
        if sum(message_id is None for _, message_id in attachments.of(ticket.id)) >= MOST_FILES:
            raise Invalid(f"a ticket has at most {MOST_FILES} files that no letter took along")
        (file,) = judge(opened.known.evaluator.edition, [given])
        progress = Progress(ticket, opened.known.now, opened.known.actor)
        about = {"attachment": str(file.id)}
        if file.state is FileState.KEPT:
            progress.happened(Happened.ATTACHED, **about, name=file.name, content_type=file.content_type)
        else:
            progress.happened(Happened.ATTACHMENT_REFUSED, **about, **refusal(file))
        changed = opened.committer.change(ticket, opened.log, progress.change())
        attachments.add([file], ticket.id, None)
        Audit(session).record("attachment.add", f"ticket:{ticket.number}", {**about, "state": file.state.value})
        return Put(changed.number, changed.version, file)
