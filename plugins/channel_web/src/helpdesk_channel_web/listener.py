"""The receiving side: the door behind a server of its own."""

from helpdesk.contracts.channels import Gateway
from helpdesk.httpserver.server import HttpServer
from helpdesk_channel_web.config import Config
from helpdesk_channel_web.door import WebDoor

_GRACE_SECONDS = 30
_MOST_CONNECTIONS = 2_000


class WebListener:
    """Takes forms and messages in. ``stop`` returns when what was taken is in the database and answered."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._door: WebDoor | None = None
        self._server: HttpServer | None = None

    @property
    def port(self) -> int:
        """Where requests arrive, known once it has started."""
        return self._server.port if self._server is not None else 0

    async def start(self, gateway: Gateway) -> None:
        """Begin to receive.

        Raises:
            OSError: the port cannot be bound.
        """
        self._door = WebDoor(self.config, gateway)
        host, port = self.config.listen
        self._server = HttpServer(
            self._door, host, port, drain_seconds=_GRACE_SECONDS, most_connections=_MOST_CONNECTIONS
        )
        await self._server.start()

    async def stop(self) -> None:
        """Take nothing more, answer what was asked."""
        if self._door is not None and self._server is not None:
            self._door.stop()
            await self._server.stop()
