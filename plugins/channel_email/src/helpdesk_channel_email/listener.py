"""The receiving side: SMTP and LMTP servers inside the running loop."""

import asyncio
import logging
import ssl
from collections.abc import Callable

from helpdesk.contracts.channels import Gateway
from helpdesk_channel_email.accept import Envelope, Recipient, Verdict, accept, find_recipient
from helpdesk_channel_email.arrival import Budget
from helpdesk_channel_email.config import ListenerConfig
from helpdesk_channel_email.pool import ParserPool
from helpdesk_channel_email.smtpd import Door, LmtpDoor

_log = logging.getLogger(__name__)

_MEMORY_FOR_ARRIVALS = 128 * 1024 * 1024
_DRAIN_SECONDS = 30.0


class EmailListener:
    """Takes mail in. ``start`` returns when the ports are bound; ``stop`` when what was taken is in the database."""

    def __init__(self, config: ListenerConfig) -> None:
        self.ports: dict[str, int] = {}
        """The ports bound, by protocol: ``smtp``, ``lmtp``."""
        self.budget = Budget(_MEMORY_FOR_ARRIVALS)
        self.doors: set[Door] = set()
        """The open connections."""
        self._config = config
        self._gateway: Gateway | None = None
        self._parsers = ParserPool(config.parsers)
        self._servers: list[asyncio.Server] = []
        self._deliveries: set[asyncio.Task[list[Verdict]]] = set()
        self._stopping = False

    async def start(self, gateway: Gateway) -> None:
        """Bind the ports.

        Raises:
            OSError: a port cannot be bound, or the certificate cannot be read.
        """
        self._gateway = gateway
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd would log every address and command
        tls = None
        if self._config.tls is not None:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(*self._config.tls)
        loop = asyncio.get_running_loop()
        endpoints = (
            ("smtp", "HELPDESK_EMAIL_LISTEN", self._config.smtp, Door),
            ("lmtp", "HELPDESK_EMAIL_LMTP_LISTEN", self._config.lmtp, LmtpDoor),
        )
        for name, setting, endpoint, door in endpoints:
            if endpoint is None:
                continue
            host, port = endpoint
            try:
                server = await loop.create_server(self._factory(door, tls), host, port)
            except OSError as error:
                await self.stop()
                reason = (error.strerror or str(error)).rpartition(": ")[2]  # asyncio names the address once more
                raise OSError(f"{setting}: {host}:{port} cannot be listened on: {reason}") from error
            self._servers.append(server)
            self.ports[name] = int(server.sockets[0].getsockname()[1])
            _log.info("%s is taken in on %s:%d", name.upper(), host, self.ports[name])

    async def stop(self) -> None:
        """Close the ports, finish the mails that were read whole, hang up; whoever got no 250 comes again."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        self._stopping = True
        if self._deliveries:
            await asyncio.wait(self._deliveries, timeout=_DRAIN_SECONDS)
        for _ in range(5):  # the replies are written by the tasks that waited
            await asyncio.sleep(0)
        for door in tuple(self.doors):
            door.hang_up()
        await self._parsers.close()

    async def recipient(self, address: str) -> Recipient | None:
        """Return the mailbox of ours that ``address`` leads to."""
        assert self._gateway is not None
        return await find_recipient(self._gateway, address)

    async def deliver(self, envelope: Envelope) -> list[Verdict]:
        """Hand a mail in; while stopping, put it off."""
        if self._stopping or self._gateway is None:
            return [Verdict.LATER] * len(envelope.recipients)
        task = asyncio.ensure_future(accept(envelope, self._gateway, self._parsers))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)
        return await task

    def authserv_id(self, peer: str) -> str:
        """Return whose Authentication-Results count for mail from ``peer``."""
        return self._config.authserv_id if self._config.trusts(peer) else ""

    def _factory(self, door: type[Door], tls: ssl.SSLContext | None) -> Callable[[], asyncio.Protocol]:
        def connect() -> asyncio.Protocol:
            if len(self.doors) >= self._config.connections:
                return _Busy()
            return door(self, self._config.hostname, tls)

        return connect


class _Busy(asyncio.Protocol):
    """Answers a connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"421 4.3.2 Too many connections, please try again later\r\n")
        transport.close()
