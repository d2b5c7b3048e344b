"""Files on their way with a change: judged, told of, given to the letters that take them along, stored."""

from uuid import UUID

from msgspec.structs import replace

from helpdesk.contracts.messages import Outbound
from helpdesk.domain.attachments import Attached, judge, sent, tell_refusals
from helpdesk.domain.ticket import Change, Letter
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.attachments import Attachments
from helpdesk.store.engine.session import Session


class Enclosures:
    """The files of one change. Reads nothing where there are none.

    Raises:
        Invalid: a letter is to take along what is not the ticket's, was taken along before, or is not kept.
    """

    def __init__(self, session: Session, evaluator: Evaluator, change: Change) -> None:
        self._session = session
        self._edition = evaluator.edition
        self._came: dict[UUID, tuple[Attached, ...]] = {
            note.id: judge(self._edition, note.attachments) for note in change.notes if note.attachments
        }
        self._taken: dict[UUID, tuple[Attached, ...]] = {
            note.id: Attachments(session).loose(note.takes, change.ticket.id) for note in change.notes if note.takes
        }

    def tell(self, change: Change) -> Change:
        """Return ``change`` with what the log and the client are told of files that are not kept."""
        actor = self._session.principal.actor
        for message_id, files in self._came.items():
            at = max(self._session.now, *(entry.at for entry in change.entries))
            change = tell_refusals(change, files, message_id, at, actor, self._edition)
        return change

    def enclose(self, outbound: Outbound, letter: Letter) -> Outbound:
        """Return the message with the files that it takes along."""
        files = self._taken.get(letter.message_id) if letter.message_id is not None else None
        return replace(outbound, attachments=tuple(map(sent, files))) if files else outbound

    def store(self, ticket_id: UUID) -> None:
        """Note the files with the messages, which are stored by now."""
        attachments = Attachments(self._session)
        for message_id, files in self._came.items():
            attachments.add(files, ticket_id, message_id)
        for message_id, files in self._taken.items():
            attachments.bind(files, message_id)
