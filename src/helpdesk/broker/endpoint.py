"""Where a broker is reached."""

from typing import Protocol

from msgspec import Struct


class Endpoint(Struct, frozen=True):
    """Addresses and the secret to get in with. Not for logs: an address may carry a password."""

    servers: tuple[str, ...]
    token: str | None = None

    def __repr__(self) -> str:
        return "Endpoint(…)"


class Broker(Protocol):
    """Something that knows the present endpoint: a server of our own, or one that others run."""

    async def endpoint(self) -> Endpoint:
        """Return where the broker is reached now; waits while it is down."""
        ...


class ExternalBroker:
    """A NATS server or cluster that others run (``HELPDESK_NATS_URL``)."""

    def __init__(self, url: str) -> None:
        """``url``: one or more ``nats://`` or ``tls://`` addresses, separated by commas.

        Raises:
            ValueError: an address has another scheme, or there is none.
        """
        servers = tuple(part.strip() for part in url.split(",") if part.strip())
        if not servers:
            raise ValueError("the NATS URL is empty")
        for server in servers:
            if not server.startswith(("nats://", "tls://")):
                raise ValueError("a NATS URL begins with nats:// or tls://")
        self._endpoint = Endpoint(servers)

    async def endpoint(self) -> Endpoint:
        """Return the configured addresses."""
        return self._endpoint
