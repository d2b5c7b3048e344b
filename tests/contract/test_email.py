"""The email channel keeps what every channel promises, over real SMTP and LMTP sockets."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import ClassVar

import aiosmtplib
from tests.contract.sink import smtp_sink
from tests.corpus.emails import OURS, OURS_TOO, hostile_mails

from helpdesk.contracts.channels import Channel, Gateway, Sender
from helpdesk.contracts.messages import Outbound
from helpdesk.testing.channels import Answer, ChannelContract, Deliver, ListenerContract, SenderContract, run
from helpdesk_channel_email.channel import EmailChannel
from helpdesk_channel_email.config import listener_config
from helpdesk_channel_email.listener import EmailListener

SETTINGS = {"HELPDESK_EMAIL_LISTEN": "127.0.0.1:0", "HELPDESK_EMAIL_LMTP_LISTEN": "127.0.0.1:0"}


def _told(code: int) -> Answer:
    if code // 100 == 2:
        return Answer.KEPT
    return Answer.REFUSED if code // 100 == 5 else Answer.AGAIN


async def deliver_by_smtp(port: int, raw: bytes, address: str) -> Answer:
    """Deliver as a mail server would: one connection, one mail."""
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, timeout=30)
    try:
        await client.connect()
        await client.sendmail("bounces@customer.example", [address], raw)
    except aiosmtplib.SMTPRecipientsRefused as error:
        return _told(error.recipients[0].code)
    except aiosmtplib.SMTPResponseException as error:
        return _told(error.code)
    except aiosmtplib.SMTPServerDisconnected:
        return Answer.AGAIN
    else:
        return Answer.KEPT
    finally:
        client.close()


async def deliver_by_lmtp(port: int, raw: bytes, address: str) -> Answer:
    """Deliver as a mail server in front of us would."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def say(line: bytes) -> int:
        writer.write(line)
        await writer.drain()
        while True:
            answer = await reader.readline()
            if not answer:
                return 421
            if answer[3:4] != b"-":
                return int(answer[:3])

    try:
        await reader.readline()
        await say(b"LHLO mx\r\n")
        await say(b"MAIL FROM:<bounces@customer.example>\r\n")
        code = await say(b"RCPT TO:<" + address.encode() + b">\r\n")
        if code == 250:
            await say(b"DATA\r\n")
            code = await say(b"\r\n".join(raw.splitlines()).replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n")
        return _told(code)
    finally:
        writer.close()


class TestEmail(ChannelContract):
    """Mail addresses."""

    addresses: ClassVar = {
        " Support@A.Desk.Example ": "support@a.desk.example",
        "support+t.x@a.desk.example": "support+t.x@a.desk.example",
        "Служба@Пример.рф": "служба@xn--e1afmkfd.xn--p1ai",
    }
    no_addresses = ("support", "@", "a@", "@b", "a@b@c", "a b@c", "a@b..c", "<a@b>", 'alice)bob"@x', "a@[127.0.0.1]")

    def channel(self) -> Channel:
        return EmailChannel()


class TestEmailBySmtp(ListenerContract):
    """The SMTP server."""

    ours = (OURS, OURS_TOO)
    stranger = "nobody@a.desk.example"
    protocol: ClassVar[str] = "smtp"

    def kind(self) -> str:
        return "email"

    def listening(self, gateway: Gateway) -> AbstractAsyncContextManager[Deliver]:
        @asynccontextmanager
        async def server() -> AsyncIterator[Deliver]:
            listener = EmailListener(listener_config(SETTINGS))
            await listener.start(gateway)

            def deliver(raw: bytes, address: str) -> Awaitable[Answer]:
                return self.deliver(listener.ports[self.protocol], raw, address)

            try:
                yield deliver
            finally:
                await listener.stop()

        return server()

    def deliver(self, port: int, raw: bytes, address: str) -> Awaitable[Answer]:
        return deliver_by_smtp(port, raw, address)

    def inputs(self) -> Mapping[str, bytes]:
        return {
            name: raw.replace(b"\n", b"\r\n")
            for name, raw in {
                "plain": b"From: Ann <ann@customer.example>\nTo: x\nMessage-ID: <1@c>\nSubject: a\n\nhello\n",
                "russian": (
                    "From: Анна <anna@customer.example>\nMessage-ID: <2@c>\nSubject: Не работает\n\nЗдравствуйте!\n"
                ).encode("koi8-r"),
                "dots": b"From: ann@customer.example\nMessage-ID: <3@c>\n\n.\n..\n.dot\n",
                "no id": b"From: ann@customer.example\nSubject: x\n\nhello\n",
                "no id, other body": b"From: ann@customer.example\nSubject: x\n\nhello again\n",
            }.items()
        }

    def hostile(self) -> Mapping[str, bytes]:
        return {name: mail.raw for name, mail in hostile_mails().items()}


class TestEmailByLmtp(TestEmailBySmtp):
    """The LMTP server."""

    protocol = "lmtp"

    def deliver(self, port: int, raw: bytes, address: str) -> Awaitable[Answer]:
        return deliver_by_lmtp(port, raw, address)


class TestEmailSender(SenderContract):
    """The sender, against a real SMTP server that behaves as told."""

    def message(self) -> Outbound:
        return Outbound(
            id="018f0000-0000-7000-8000-000000000001",
            channel_kind="email",
            sender=OURS,
            recipient="ann@customer.example",
            subject="[#17] Обращение зарегистрировано",
            text="Здравствуйте!\n",
        )

    def remote(self, behaviour: str) -> AbstractAsyncContextManager[tuple[Sender, list[bytes]]]:
        @asynccontextmanager
        async def pair() -> AsyncIterator[tuple[Sender, list[bytes]]]:
            async with smtp_sink(behaviour) as (port, taken):
                sender = EmailChannel().sender(
                    {"HELPDESK_EMAIL_SMTP_URL": f"smtp://127.0.0.1:{port}", "HELPDESK_EMAIL_TIMEOUT_SECONDS": "5"}
                )
                assert sender is not None
                yield sender, taken

        return pair()


def test_each_hostile_mail_ends_as_listed() -> None:
    """Submitted, quarantined or refused: over SMTP, each mail ends as the corpus says."""
    contract = TestEmailBySmtp()
    mails = hostile_mails()
    ends: dict[str, str] = {}

    async def main() -> None:
        gateway = contract.gateway()
        async with contract.listening(gateway) as deliver:
            for name, mail in mails.items():
                kept = set(gateway.kept)
                told = await deliver(mail.raw, OURS)
                new = gateway.kept - kept
                by = "submit" if new & set(gateway.messages) else "quarantine"
                ends[name] = {Answer.REFUSED: "refuse", Answer.KEPT: by}.get(told, told.value) if len(new) < 2 else "?"

    run(main(), 120)
    assert ends == {name: mail.ends for name, mail in mails.items()}


def test_trusted_relays_are_read_as_networks() -> None:
    """Loopback is trusted unless said otherwise; IPv4 within IPv6 is IPv4; a name is nobody."""
    config = listener_config({})
    assert config.trusts("127.0.0.1")
    assert config.trusts("::ffff:127.0.0.1")
    assert not config.trusts("198.51.100.7")
    assert not config.trusts("localhost")
    assert listener_config({"HELPDESK_EMAIL_TRUSTED_RELAYS": "198.51.100.0/24"}).trusted == (
        ipaddress.ip_network("198.51.100.0/24"),
    )
