"""A mail server that only receives: the other side of every letter the service sends."""

import asyncio
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session
from msgspec import Struct


class Mail(Struct, frozen=True):
    """One letter that reached the sink."""

    recipient: str
    message: EmailMessage
    arrived: float
    """Seconds since the epoch, by this machine's clock."""

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        """The plain text, decoded."""
        body = self.message.get_body(("plain",))
        return "" if body is None else str(body.get_content())

    @property
    def message_id(self) -> str:
        """The Message-ID, by which repeats of one letter are known."""
        return str(self.message["Message-ID"] or "")


class Sink:
    """Listens on a free port of 127.0.0.1 and keeps what arrives."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._arrived = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen; ``port`` is known afterwards."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Take no more mail."""
        if self._server is not None:
            self._server.close()

    async def expect(self, wanted: Callable[[Mail], bool], timeout_seconds: float) -> Mail:
        """Return the first mail that is ``wanted``, waiting for it.

        Raises:
            TimeoutError: none came in time.
        """
        async with asyncio.timeout(timeout_seconds):
            while True:
                self._arrived.clear()
                for mail in self.mails:
                    if wanted(mail):
                        return mail
                await self._arrived.wait()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Keep one letter for each of its recipients (aiosmtpd calls this by its name)."""
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.extend(Mail(recipient, message, time.time()) for recipient in envelope.rcpt_tos)
        self._arrived.set()
        return "250 kept"

    def _protocol(self) -> SMTP:
        return SMTP(self, hostname="sink.invalid", enable_SMTPUTF8=True)
