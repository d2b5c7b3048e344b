"""The receiving side: the door behind a server of its own."""

from helpdesk.contracts.channels import Gateway
from helpdesk_channel_web.config import Config
from helpdesk_channel_web.door import WebDoor
from helpdesk_channel_web.server import WebServer


class WebListener:
    """Takes forms and messages in. ``stop`` returns when what was taken is in the database and answered."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._server = WebServer()
        self._door: WebDoor | None = None

    @property
    def port(self) -> int:
        """Where requests arrive, known once it has started."""
        return self._server.port

    async def start(self, gateway: Gateway) -> None:
        """Begin to receive.

        Raises:
            OSError: the port cannot be bound.
        """
        self._door = WebDoor(self.config, gateway)
        await self._server.start(self._door, *self.config.listen)

    async def stop(self) -> None:
        """Take nothing more, answer what was asked."""
        if self._door is not None:
            self._door.stop()
        await self._server.stop()
