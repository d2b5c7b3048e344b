"""A ticket's files, as the API shows them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from helpdesk.domain.attachments import Attached, FileState
from helpdesk.kernel.errors import Conflict, NotFound
from helpdesk.queries.views.tickets import AttachmentList, AttachmentView
from helpdesk.store.attachments import Attachments
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import attachments

_SHOWN = tuple(attachments.c[name] for name in Attached.__struct_fields__)


def list_attachments(session: Session, ticket_id: UUID) -> AttachmentList:
    """Return every file of the ticket, also those that are not kept."""
    found = Attachments(session).of(ticket_id)
    return AttachmentList(tuple(attachment_view(file, message_id) for file, message_id in found))


def file_to_give_out(session: Session, ticket_id: UUID, attachment_id: UUID) -> Attached:
    """Return what is kept of a file; its bytes are in the files' store.

    Raises:
        NotFound: the ticket has none of this id.
        Conflict: it is kept aside, or not kept at all.
    """
    found = Attachments(session).one(ticket_id, attachment_id)
    if found is None:
        raise NotFound
    if found.state is not FileState.KEPT:
        raise Conflict(f"the file is {found.state.value} and is not given out")
    return found


def files_by_message(session: Session, message_ids: Sequence[UUID]) -> dict[UUID, tuple[AttachmentView, ...]]:
    """Return the files of messages, by message."""
    if not message_ids:
        return {}
    wanted = (
        select(*_SHOWN, attachments.c.message_id)
        .where(attachments.c.tenant_id == session.tenant_id, attachments.c.message_id.in_(message_ids))
        .order_by(attachments.c.id)
    )
    found: dict[UUID, tuple[AttachmentView, ...]] = {}
    for row in session.connection.execute(wanted):
        view = AttachmentView(
            row.id,
            row.name,
            row.content_type,
            row.size,
            row.sha256,
            FileState(row.state),
            row.clause,
            row.reason,
            row.message_id,
        )
        found[row.message_id] = (*found.get(row.message_id, ()), view)
    return found


def attachment_view(file: Attached, message_id: UUID | None) -> AttachmentView:
    """Return a file as it is shown."""
    return AttachmentView(
        file.id,
        file.name,
        file.content_type,
        file.size,
        file.sha256,
        file.state,
        file.clause,
        file.reason,
        message_id,
    )
