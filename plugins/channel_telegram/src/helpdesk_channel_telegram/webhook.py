"""The webhooks' door: Telegram hands in one update per request and shows the secret that it was told."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from helpdesk.httpserver.server import HttpServer
from helpdesk_channel_telegram.accept import Acceptor, Verdict
from helpdesk_channel_telegram.config import Bot

LARGEST_UPDATE = 1024 * 1024
"""Bytes of one update."""
SECRET_HEADER = b"x-telegram-bot-api-secret-token"
_STATUS = {Verdict.KEPT: 200, Verdict.GONE: 404, Verdict.LATER: 503}
_GRACE_SECONDS = 30

_Receive = Callable[[], Awaitable[dict[str, Any]]]
_Send = Callable[[dict[str, Any]], Awaitable[None]]


class WebhookDoor:
    """An HTTP server of its own. ``start`` returns when its port is bound, ``stop`` when what was taken is kept."""

    def __init__(self, bots: Mapping[str, tuple[Bot, Acceptor]]) -> None:
        self._bots = bots
        """By the last part of the path."""
        self.port = 0
        """Known once it has started."""
        self._server: HttpServer | None = None

    async def start(self, host: str, port: int) -> None:
        """Bind the port and begin to answer.

        Raises:
            OSError: the address cannot be bound.
        """
        server = HttpServer(self._answer, host, port, drain_seconds=_GRACE_SECONDS)
        try:
            await server.start()
        except OSError as error:
            setting = "HELPDESK_TELEGRAM_WEBHOOK_LISTEN"
            raise OSError(f"{setting}: {host}:{port} cannot be listened on: {error.strerror}") from error
        self._server, self.port = server, server.port

    async def stop(self) -> None:
        """Answer what was asked, then end."""
        if self._server is not None:
            await self._server.stop()

    async def _answer(self, scope: dict[str, Any], receive: _Receive, send: _Send) -> None:
        status = await self._judge(scope, receive)
        headers = [(b"content-length", b"0")] + ([(b"retry-after", b"5")] if status == _STATUS[Verdict.LATER] else [])
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _judge(self, scope: dict[str, Any], receive: _Receive) -> int:
        found = self._bots.get(scope["path"].rpartition("/")[2].lower())
        shown = dict(scope["headers"]).get(SECRET_HEADER, b"")
        # An unknown bot and a wrong secret look the same, and take the same time.
        wanted = found[0].secret if found is not None else "0" * 64
        if not hmac.compare_digest(shown, wanted.encode()) or found is None:
            return 401
        if scope["method"] != "POST":
            return 405
        body = await _body(receive)
        if body is None:
            return 413
        return _STATUS[await asyncio.shield(found[1].accept(body))]


async def _body(receive: _Receive) -> bytes | None:
    """Return the request's body; None where it is too large or broke off."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > LARGEST_UPDATE:
            return None
        if not message.get("more_body", False):
            return bytes(body)
