"""The service's side of every channel: finds the tenant by our address, hands the message to the desk."""

import asyncio
from collections.abc import Mapping

from msgspec.structs import replace

from helpdesk.contracts.channels import Channel
from helpdesk.contracts.messages import Attachment, Box, Inbound, Letter, Receipt
from helpdesk.contracts.transports import EMAIL
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain.commands import Taken
from helpdesk.domain.threading import make_token
from helpdesk.intake.readers import WaitingReaders
from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.kernel.principal import Principal, system
from helpdesk.store.addresses import Addresses
from helpdesk.store.boxes import Boxes
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.participants import Participants
from helpdesk.store.tickets import Tickets


class Intake:
    """Implements ``contracts.channels.Gateway``."""

    def __init__(self, database: Database, desk: Desk, channels: Mapping[str, Channel]) -> None:
        self._database = database
        self._desk = desk
        self._channels = channels
        self.readers = WaitingReaders(database)
        """Who waits for a letter."""

    async def submit(self, message: Inbound) -> Receipt:
        """Take in one message; returns after commit.

        Raises:
            NotFound: no tenant is reached at this address.
            Invalid: the contact is no mail address; or who waits left out what the regulation demands.
            Unavailable: nothing was stored; try again later.
        """
        principal = await self._tenant_at(message.channel_kind, message.address)
        if message.contact:
            message = replace(message, contact=self._mail(message.contact))
        return _receipt(await self._desk.receive(principal, Arrival(message)))

    async def knows(self, channel_kind: str, address: str) -> bool:
        """Say whether some tenant is reached at ``address``, whatever its form."""
        try:
            normal = self._normal(channel_kind, address)
        except ValueError:
            return False
        reader = system(f"channel:{channel_kind}")
        return (
            await self._database.read(reader, lambda session: Addresses(session).tenant_of(channel_kind, normal))
            is not None
        )

    async def quarantine(self, channel_kind: str, address: str, source_key: str, raw: bytes, cause: str) -> Receipt:
        """Keep what could not be read, with its cause, for a person's look."""
        principal = await self._tenant_at(channel_kind, address)
        message = Inbound(channel_kind, self._normal(channel_kind, address), source_key, "", None, raw=raw)
        return _receipt(await self._desk.quarantine(principal, message, cause))

    async def collect(self, box: Box, after: int, limit: int, wait_seconds: float = 0.0) -> tuple[Letter, ...]:
        """Return the letters of a box behind position ``after``; wait for the first where there is none.

        Raises:
            NotFound: no tenant is reached at the box's address.
            Unavailable: try again later.
        """
        principal = await self._tenant_at(box.channel_kind, box.address)
        assert principal.tenant_id is not None
        key = (principal.tenant_id, box.channel_kind, box.address, box.person)

        def work(session: Session) -> tuple[Letter, ...]:
            return Boxes(session).letters(box, after, limit)

        found = await self._database.read(principal, work)
        if found or wait_seconds <= 0:
            return found
        await self.readers.wait(key, after, wait_seconds)
        return await self._database.read(principal, work)

    async def file(self, box: Box, letter_id: str, place: int) -> Attachment | None:
        """Return a file of one of the box's letters, with its bytes; None: there is no such file.

        Raises:
            NotFound, Unavailable: as for ``collect``.
        """
        principal = await self._tenant_at(box.channel_kind, box.address)
        letter = await self._database.read(principal, lambda session: Boxes(session).letter(box, letter_id))
        if letter is None or not 0 <= place < len(letter.attachments) or principal.tenant_id is None:
            return None
        file = letter.attachments[place]
        content = await asyncio.to_thread(self._desk.resources.files.get, principal.tenant_id, file.sha256)
        return replace(file, content=content)

    async def token_of(self, box: Box, number: int) -> str | None:
        """Return the threading token of a ticket that the box's person takes part in; None for every other number.

        Raises:
            NotFound, Unavailable: as for ``collect``.
        """
        principal = await self._tenant_at(box.channel_kind, box.address)
        secret = self._desk.resources.secret

        def work(session: Session) -> str | None:
            ticket = Tickets(session).find_number(number)
            if ticket is None or box.person not in Participants(session).addresses(ticket.id, box.channel_kind):
                return None
            return make_token(secret, session.tenant_id, ticket.id)

        return await self._database.read(principal, work)

    async def _tenant_at(self, channel_kind: str, address: str) -> Principal:
        reader = system(f"channel:{channel_kind}")
        normal = self._normal(channel_kind, address)
        tenant_id = await self._database.read(
            reader, lambda session: Addresses(session).tenant_of(channel_kind, normal)
        )
        if tenant_id is None:
            raise NotFound(f"nobody is reached at {address}")
        return reader.within(tenant_id)

    def _mail(self, contact: str) -> str:
        try:
            return self._normal(EMAIL, contact)
        except ValueError:
            raise Invalid("the mail address cannot be read", fields={"contact": "is no mail address"}) from None

    def _normal(self, channel_kind: str, address: str) -> str:
        channel = self._channels.get(channel_kind)
        return channel.normalise(address) if channel else address


def _receipt(taken: Taken) -> Receipt:
    said = (taken.number, taken.clause, taken.detail, taken.hint, taken.first)
    return Receipt(str(taken.ledger_id), taken.outcome, taken.tenant, *said)
