"""The SMTP and LMTP servers' side of one connection, on aiosmtpd's protocol.

Departures from aiosmtpd: the text after DATA is read in blocks instead of lines (hundreds of thousands of short lines
neither block the loop nor cost a hundred bytes each), lines may be long, and LMTP answers for each recipient.
"""

import asyncio
import logging
import ssl
from typing import Any, Protocol

from aiosmtpd import smtp
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, syntax

from helpdesk_channel_email.accept import Envelope, Recipient, Verdict
from helpdesk_channel_email.arrival import Arrival, Budget
from helpdesk_channel_email.caps import MESSAGE_LIMIT, RECIPIENT_LIMIT

_log = logging.getLogger(__name__)

_BLOCK = 1 << 24  # more than the reader ever buffers: each read empties it
_IDLE_SECONDS = 300.0
_REPLIES = {
    Verdict.KEPT: "250 2.0.0 Kept",
    Verdict.GONE: "550 5.1.1 No such mailbox here",
    Verdict.LATER: "451 4.3.0 Not kept, please try again later",
}
_NOT_NOW = "451 4.3.0 Please try again later"


class Reception(Protocol):
    """What a connection's commands lead to: the listener."""

    budget: Budget
    doors: "set[Door]"

    async def recipient(self, address: str) -> Recipient | None:
        """Return the mailbox of ours that ``address`` leads to."""
        ...

    async def deliver(self, envelope: Envelope) -> list[Verdict]:
        """Hand the mail in; return after commit."""
        ...

    def authserv_id(self, peer: str) -> str:
        """Return whose Authentication-Results count for mail from ``peer``."""
        ...


class _Addressed(smtp.Envelope):
    """An envelope that knows whom its recipients are."""

    def __init__(self) -> None:
        super().__init__()
        self.recipients: list[Recipient] = []


class _Handler:
    """The hooks that aiosmtpd calls by name."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: smtp.Session, _envelope: smtp.Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [line for line in responses if not line.startswith("250-AUTH")]

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: smtp.Session, envelope: _Addressed, address: str, _options: list[str]
    ) -> str:
        if len(envelope.recipients) >= RECIPIENT_LIMIT:
            return "452 4.5.3 Too many recipients"
        try:
            found = await self._reception.recipient(address)
        except Exception as error:
            _log.warning("a recipient could not be looked up: %s", type(error).__name__)
            return _NOT_NOW
        if found is None:
            return _REPLIES[Verdict.GONE]
        envelope.rcpt_tos.append(found.address)
        envelope.recipients.append(found)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        _log.warning("a command failed: %s", type(error).__name__)
        return _NOT_NOW


class Door(SMTP):
    """One connection; this one speaks SMTP."""

    line_length_limit = 64 * 1024  # of the reader: how much is buffered before the peer has to wait

    def __init__(self, reception: Reception, hostname: str, tls: ssl.SSLContext | None) -> None:
        self._reception = reception
        super().__init__(
            _Handler(reception),
            data_size_limit=MESSAGE_LIMIT,
            enable_SMTPUTF8=True,
            hostname=hostname,
            ident="helpdesk",
            tls_context=tls,
            timeout=_IDLE_SECONDS,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve."""
        self._reception.doors.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the connection."""
        self._reception.doors.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        """End the connection once what was written is sent."""
        if self.transport is not None:
            self.transport.close()

    def _create_envelope(self) -> _Addressed:
        return _Addressed()

    @syntax("VRFY <address>")
    async def smtp_VRFY(self, _arg: str) -> None:  # noqa: N802
        """Tell nobody who is here."""
        await self.push("252 2.5.2 Send a mail and see")

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Read the mail, hand it in, and only then answer."""
        if await self.check_helo_needed():
            return
        envelope = self.envelope
        assert isinstance(envelope, _Addressed)
        if not envelope.recipients:
            await self.push("503 5.5.1 RCPT comes first")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End with a line that holds a dot alone")
        arrival = Arrival(self._reception.budget)
        try:
            await self._read(arrival)
            if arrival.complaint:
                replies = self._for_each([arrival.complaint], len(envelope.recipients))
            else:
                replies = self._said(await self._deliver(arrival.content(), envelope))
            for reply in replies:
                await self.push(reply)
        finally:
            arrival.close()
            self.envelope = self._create_envelope()

    async def _read(self, arrival: Arrival) -> None:
        rest: bytes | None = None
        while rest is None:
            block = await self._reader.read(_BLOCK)
            if not block:
                raise ConnectionResetError("the peer left in the middle of a mail")
            rest = arrival.feed(block)
        if rest and not self._reader.at_eof():
            self._reader.feed_data(rest)  # commands that came with the mail's end; the buffer is empty here

    async def _deliver(self, raw: bytes, envelope: _Addressed) -> list[Verdict]:
        peer: Any = self.session.peer if self.session is not None else None
        host = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from or ""
        mail = Envelope(raw, sender, tuple(envelope.recipients), self._reception.authserv_id(host))
        # What was read whole is taken in whole, even if the peer does not wait for the answer.
        return await asyncio.shield(asyncio.ensure_future(self._reception.deliver(mail)))

    def _said(self, verdicts: list[Verdict]) -> list[str]:
        """Return the one reply of SMTP: kept, or nobody has any of the addresses, or all of it comes again."""
        if Verdict.LATER in verdicts or len(set(verdicts)) > 1:
            return [_REPLIES[Verdict.LATER]]
        return [_REPLIES[verdicts[0]]]

    def _for_each(self, replies: list[str], _recipients: int) -> list[str]:
        return replies


class LmtpDoor(Door, LMTP):
    """One connection that speaks LMTP: a reply for each recipient."""

    def _said(self, verdicts: list[Verdict]) -> list[str]:
        return [_REPLIES[verdict] for verdict in verdicts]

    def _for_each(self, replies: list[str], recipients: int) -> list[str]:
        return replies * recipients
