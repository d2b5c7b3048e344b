"""What all handlers share: evaluators, texts, the installation's secret."""

import threading

from msgspec import Struct

from helpdesk.contracts.log import Entry
from helpdesk.desk.changing.commit import Committer
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.letters import Composer, House
from helpdesk.desk.changing.waiting import WaitingQueues
from helpdesk.domain.known import Known
from helpdesk.domain.ticket import Ticket
from helpdesk.domain.ways import Ways
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.agents import Agents
from helpdesk.store.engine.session import Session
from helpdesk.store.files import FileStore
from helpdesk.store.tenants import Tenants
from helpdesk.store.tickets import Tickets
from helpdesk.texts.renderer import Texts


class Opened(Struct, frozen=True):
    """A ticket opened for a decision: what is known of it, and what writes the change."""

    known: Known
    composer: Composer
    committer: Committer

    @property
    def ticket(self) -> Ticket:
        """The ticket as it was read."""
        return self.known.ticket

    @property
    def log(self) -> tuple[Entry, ...]:
        """Its log as it was read."""
        return self.known.log


class Resources:
    """Made once by bootstrap; safe to use from several threads."""

    def __init__(
        self,
        directory: Directory,
        secret: bytes,
        files: FileStore | None = None,
        ways: Ways | None = None,
    ) -> None:
        self.directory = directory
        self.secret = secret
        """Keys the threading tokens of this installation."""
        self.ways = ways or Ways()
        """By what letters reach clients."""
        self.files = files or FileStore("memory:///")
        """Attachments' bytes; without a store of their own they live as long as the process does."""
        self.waiting = WaitingQueues()
        """What waits for an agent."""
        self._texts: dict[str, Texts] = {}
        self._lock = threading.Lock()

    def composer(self, session: Session, evaluator: Evaluator) -> Composer:
        """Return what composes the letters of the session's tenant under ``evaluator``."""
        tenant = Tenants(session).own()
        house = House(
            tenant.id,
            self.secret,
            tenant.alert_address,
            self.ways,
            tenant.confidential,
            Agents(session).display_name,
        )
        return Composer(house, evaluator, self._texts_of(evaluator))

    def open(self, session: Session, ticket: Ticket, actor: str) -> Opened:
        """Read the ticket's log and regulation, ready for a decision now.

        A log never runs back: where another session committed later entries, the last of them counts as the present.
        """
        return self.opened(session, ticket, Tickets(session).log(ticket.id), actor)

    def opened(self, session: Session, ticket: Ticket, log: tuple[Entry, ...], actor: str) -> Opened:
        """Do the same for a ticket whose log was read already."""
        evaluator = self.directory.of(session, ticket.snapshot_hash)
        composer = self.composer(session, evaluator)
        acting = session.principal.agent if actor == session.principal.actor else ""
        known = Known(ticket, log, evaluator, actor, max(session.now, log[-1].at), agent=acting)
        return Opened(known, composer, Committer(session, evaluator, composer, self.waiting))

    def _texts_of(self, evaluator: Evaluator) -> Texts:
        key = evaluator.snapshot.hash
        with self._lock:
            texts = self._texts.get(key)
        if texts is None:
            texts = Texts(evaluator.messages)
            with self._lock:
                self._texts[key] = texts
        return texts
