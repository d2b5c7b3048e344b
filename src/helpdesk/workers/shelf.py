"""The sending side of channels whose clients come for their letters: into the person's box, and there they are."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from helpdesk.contracts.channels import TemporaryFailure
from helpdesk.contracts.messages import Outbound
from helpdesk.domain.threading import ticket_of_token
from helpdesk.kernel.principal import system
from helpdesk.store.addresses import Addresses
from helpdesk.store.boxes import Boxes, Key
from helpdesk.store.engine.database import Database, Session

_SHELF = system("shelf")


class Shelf:
    """Puts letters into boxes, each once, whatever is repeated. ``on_put`` is told of each box that got one."""

    def __init__(self, database: Database, secret: bytes, on_put: Callable[[Key], None]) -> None:
        self._database = database
        self._secret = secret
        self._on_put = on_put

    async def send(self, message: Outbound) -> str:
        """Put ``message`` into its recipient's box; return where it is.

        Raises:
            TemporaryFailure: no tenant has the address that it leaves from.
            Unavailable: the database does not answer.
        """
        kind, address = message.channel_kind, message.sender
        tenant = await self._database.read(_SHELF, lambda session: Addresses(session).tenant_of(kind, address))
        if tenant is None:
            raise TemporaryFailure(f"no company has {address} of {kind}")
        work = partial(_put, message=message, secret=self._secret)
        position = await self._database.write(_SHELF.within(tenant), work)
        self._on_put((tenant, kind, address, message.recipient))
        return f"{message.recipient}#{position}"


def _put(session: Session, *, message: Outbound, secret: bytes) -> int:
    ticket_id: UUID | None = ticket_of_token(secret, session.tenant_id, message.token)
    return Boxes(session).put(message, ticket_id)
