"""Who takes part in a ticket from outside, as one tenant sees them."""

from uuid import UUID

from sqlalchemy import and_, delete, select

from helpdesk.contracts.transports import EMAIL
from helpdesk.domain.participants import COPIED, Participant
from helpdesk.store.engine.additions import Addition
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_set
from helpdesk.store.schema import participants

_ADD = Addition(participants, leave=True)


class Participants:
    """The tenant's tickets' participants."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def of(self, ticket_id: UUID) -> tuple[Participant, ...]:
        """Return all who take part, by transport and address."""
        table = participants.c
        wanted = (
            select(table.channel_kind, table.address, table.role)
            .where(table.tenant_id == self._tenant, table.ticket_id == ticket_id)
            .order_by(table.channel_kind, table.address)
        )
        return tuple(Participant(*row) for row in self._connection.execute(wanted))

    def addresses(self, ticket_id: UUID, channel_kind: str) -> frozenset[str]:
        """Return the addresses of one transport that may write into the ticket."""
        table = participants.c
        of_ticket = and_(
            table.tenant_id == self._tenant, table.ticket_id == ticket_id, table.channel_kind == channel_kind
        )
        return frozenset(self._connection.execute(select(table.address).where(of_ticket)).scalars())

    def copied(self, ticket_id: UUID) -> tuple[str, ...]:
        """Return the mail addresses that get copies of letters to the client."""
        return tuple(each.address for each in self.of(ticket_id) if (each.channel_kind, each.role) == (EMAIL, COPIED))

    def add(self, ticket_id: UUID, channel_kind: str, address: str, role: str) -> None:
        """Let ``address`` write into the ticket from outside; adding it again changes nothing."""
        _ADD.add(self._session, [self._row(ticket_id, Participant(channel_kind, address, role))])

    def put(self, ticket_id: UUID, participant: Participant) -> None:
        """Let somebody take part, in this role from now on."""
        putting = insert_or_set(self._session.dialect, participants, {"role": participant.role})
        self._connection.execute(putting, self._row(ticket_id, participant))

    def share(self, source_id: UUID, target_id: UUID) -> None:
        """Let everybody who may write into one ticket write into another."""
        for each in self.of(source_id):
            self.add(target_id, each.channel_kind, each.address, each.role)

    def remove(self, ticket_id: UUID, channel_kind: str, address: str) -> None:
        """Have somebody take part no longer."""
        table = participants.c
        same = and_(
            table.tenant_id == self._tenant,
            table.ticket_id == ticket_id,
            table.channel_kind == channel_kind,
            table.address == address,
        )
        self._connection.execute(delete(participants).where(same))

    def _row(self, ticket_id: UUID, participant: Participant) -> dict[str, object]:
        return {
            "tenant_id": self._tenant,
            "ticket_id": ticket_id,
            "channel_kind": participant.channel_kind,
            "address": participant.address,
            "role": participant.role,
        }
