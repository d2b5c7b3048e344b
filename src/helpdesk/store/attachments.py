"""What is kept of attachments beside their bytes, as one tenant sees it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select, update

from helpdesk.domain.attachments import Attached, FileState
from helpdesk.kernel.errors import Invalid
from helpdesk.store.engine.additions import Addition
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import attachments

_FIELDS = tuple(attachments.c[name] for name in Attached.__struct_fields__)
_ADD = Addition(attachments)
_USED = Prepared(
    select(attachments.c.id)
    .where(attachments.c.tenant_id == bindparam("tenant"), attachments.c.sha256 == bindparam("wanted"))
    .limit(1)
)


class Attachments:
    """The tenant's attachments."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def add(self, files: Sequence[Attached], ticket_id: UUID | None, message_id: UUID | None) -> None:
        """Note files of a message, or files put to a ticket; without a ticket: of what is held."""
        rows = [
            {
                "tenant_id": self._tenant,
                **{name: getattr(each, name) for name in Attached.__struct_fields__},
                "state": each.state.value,
                "ticket_id": ticket_id,
                "message_id": message_id,
                "added_by": self._session.principal.actor,
                "added_at": self._session.now,
            }
            for each in files
        ]
        _ADD.add(self._session, rows)

    def of(self, ticket_id: UUID) -> tuple[tuple[Attached, UUID | None], ...]:
        """Return every file of the ticket with the message that it belongs to, the oldest first."""
        wanted = (
            select(*_FIELDS, attachments.c.message_id)
            .where(attachments.c.tenant_id == self._tenant, attachments.c.ticket_id == ticket_id)
            .order_by(attachments.c.id)
        )
        return tuple((_attached(tuple(row)[:-1]), row.message_id) for row in self._connection.execute(wanted))

    def one(self, ticket_id: UUID, attachment_id: UUID) -> Attached | None:
        """Return a file of the ticket; None: it has none of this id."""
        wanted = select(*_FIELDS).where(
            attachments.c.tenant_id == self._tenant,
            attachments.c.ticket_id == ticket_id,
            attachments.c.id == attachment_id,
        )
        row = self._connection.execute(wanted).one_or_none()
        return None if row is None else _attached(tuple(row))

    def loose(self, ids: Sequence[UUID], ticket_id: UUID) -> tuple[Attached, ...]:
        """Return files of the ticket that no letter took along yet.

        Raises:
            Invalid: one is not the ticket's, was taken along, or is not kept.
        """
        wanted = select(*_FIELDS).where(
            attachments.c.tenant_id == self._tenant,
            attachments.c.ticket_id == ticket_id,
            attachments.c.id.in_(ids),
            attachments.c.message_id.is_(None),
            attachments.c.state == FileState.KEPT.value,
        )
        found = {row.id: _attached(tuple(row)) for row in self._connection.execute(wanted)}
        lacking = [str(each) for each in ids if each not in found]
        if lacking:
            raise Invalid(
                "not every attachment can be sent", fields={"attachments": f"no file to send: {', '.join(lacking)}"}
            )
        return tuple(found[each] for each in dict.fromkeys(ids))

    def bind(self, files: Sequence[Attached], message_id: UUID) -> None:
        """Give loose files to the letter that takes them along."""
        ids = [each.id for each in files]
        these = (attachments.c.tenant_id == self._tenant, attachments.c.id.in_(ids))
        self._connection.execute(update(attachments).where(*these).values(message_id=message_id))

    def uses(self, sha256: str) -> bool:
        """Say whether any row tells of these bytes."""
        return _USED.first(self._session, {"tenant": self._tenant, "wanted": sha256}) is not None


def _attached(row: tuple[object, ...]) -> Attached:
    fields = dict(zip(Attached.__struct_fields__, row, strict=True))
    return Attached(**{**fields, "state": FileState(fields["state"])})  # type: ignore[arg-type]
