"""The SMTP and LMTP servers, sentence by sentence, over real sockets."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import thread_time

import pytest

from helpdesk.contracts.messages import Nature, Standing
from helpdesk.contracts.threads import with_token
from helpdesk.kernel.errors import Unavailable
from helpdesk.testing.channels import run
from helpdesk.testing.gateway import FakeGateway
from helpdesk_channel_email.arrival import Arrival, Budget
from helpdesk_channel_email.caps import MESSAGE_LIMIT
from helpdesk_channel_email.config import listener_config
from helpdesk_channel_email.listener import EmailListener

OURS, OURS_TOO = "support@a.example", "support@b.example"
TOKEN = "ab" * 21
MAIL = b"From: Ann <ann@customer.example>\r\nMessage-ID: <1@c>\r\nSubject: x\r\n\r\nhello\r\n"


class Talk:
    """A client that says lines and hears answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def hear(self) -> str:
        while True:
            line = (await self.reader.readline()).decode()
            if line[3:4] != "-":
                return line.rstrip()

    async def say(self, *lines: str | bytes) -> list[str]:
        """Say each line, and hear one answer for each."""
        answers = []
        for line in lines:
            self.writer.write(line if isinstance(line, bytes) else line.encode() + b"\r\n")
            await self.writer.drain()
            answers.append((await self.hear())[:3])
        return answers

    async def begin(self, *recipients: str, sender: str = "bounces@customer.example") -> list[str]:
        """Say everything up to DATA."""
        return await self.say(
            "EHLO c.example", f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{each}>" for each in recipients), "DATA"
        )


@asynccontextmanager
async def served(
    gateway: FakeGateway, protocol: str = "smtp", **settings: str
) -> AsyncIterator[tuple[Talk, EmailListener]]:
    listener = EmailListener(
        listener_config(
            {"HELPDESK_EMAIL_LISTEN": "127.0.0.1:0", "HELPDESK_EMAIL_LMTP_LISTEN": "127.0.0.1:0"}
            | {f"HELPDESK_EMAIL_{name}": value for name, value in settings.items()}
        )
    )
    await listener.start(gateway)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.ports[protocol])
    talk = Talk(reader, writer)
    try:
        yield talk, listener
    finally:
        writer.close()
        await listener.stop()


def a_gateway() -> FakeGateway:
    return FakeGateway({("email", OURS), ("email", OURS_TOO)})


def test_the_usual_conversation() -> None:
    """250 for ours, 550 for a stranger, 354, 250 after the dot; several mails in one connection."""

    async def main() -> None:
        gateway = a_gateway()
        async with served(gateway) as (talk, _):
            assert (await talk.hear()).startswith("220")
            told = await talk.say(
                "EHLO c", "MAIL FROM:<ann@c.example>", "RCPT TO:<nobody@a.example>", f"RCPT TO:<{OURS.upper()}>", "DATA"
            )
            assert told == ["250", "250", "550", "250", "354"]
            assert await talk.say(MAIL + b".\r\n") == ["250"]
            assert await talk.say("DATA", "RSET", "VRFY support", "EXPN x", "NOOP") == [
                "503",
                "250",
                "252",
                "502",
                "250",
            ]
            assert await talk.begin(OURS) == ["250", "250", "250", "354"]
            assert await talk.say(MAIL.replace(b"<1@c>", b"<2@c>") + b".\r\n", "QUIT") == ["250", "221"]
        assert len(gateway.messages) == 2

    run(main())


def test_one_message_for_each_recipient() -> None:
    """A mail to two tenants is two messages with two keys; one mailbox named twice is one."""

    async def main() -> None:
        gateway = a_gateway()
        async with served(gateway) as (talk, _):
            await talk.hear()
            await talk.begin(OURS, OURS_TOO, "Support+x@a.example")
            assert await talk.say(MAIL + b".\r\n") == ["250"]
        assert sorted(message.address for message in gateway.messages.values()) == [OURS, OURS_TOO]

    run(main())


def test_a_partial_failure_is_no_acknowledgement() -> None:
    """One of two copies fails: 451; the second delivery adds the missing one and repeats the other under its key."""

    async def main() -> None:
        gateway = a_gateway()
        async with served(gateway) as (talk, _):
            await talk.hear()
            gateway.failures = [Unavailable()]
            await talk.begin(OURS, OURS_TOO)
            assert await talk.say(MAIL + b".\r\n") == ["451"]
            assert len(gateway.messages) == 1
            await talk.begin(OURS, OURS_TOO)
            assert await talk.say(MAIL + b".\r\n") == ["250"]
        assert len(gateway.messages) == 2
        assert len(gateway.submissions) == 3

    run(main())


def test_lmtp_answers_for_each_recipient() -> None:
    """LMTP: one failed copy is 451, the other 250, each in its place; an oversized mail is refused for each."""

    async def main() -> None:
        gateway = a_gateway()
        async with served(gateway, "lmtp") as (talk, _):
            await talk.hear()
            assert await talk.say("EHLO c", "LHLO c") == ["500", "250"]
            gateway.failures = [Unavailable()]
            await talk.say("MAIL FROM:<>", f"RCPT TO:<{OURS}>", f"RCPT TO:<{OURS_TOO}>", "DATA")
            assert [*(await talk.say(MAIL + b".\r\n")), (await talk.hear())[:3]] == ["451", "250"]
        (message,) = gateway.messages.values()
        assert (message.address, message.nature) == (OURS_TOO, Nature.AUTOMATIC)

    run(main())


def test_tokens_come_from_the_recipients_plus_address() -> None:
    """support+t.<token>@ leads to support@ and brings its token, in any case; another plus part brings none."""

    async def main() -> None:
        gateway = a_gateway()
        address = with_token(OURS, TOKEN)
        assert address is not None
        async with served(gateway) as (talk, _):
            await talk.hear()
            for number, recipient in enumerate((address, address.upper(), "support+sales@a.example")):
                await talk.begin(recipient)
                assert await talk.say(MAIL.replace(b"<1@c>", b"<%d@c>" % number) + b".\r\n") == ["250"]
        assert [(m.address, m.tokens) for m in gateway.messages.values()] == [
            (OURS, (TOKEN,)),
            (OURS, (TOKEN,)),
            (OURS, ()),
        ]

    run(main())


def test_mail_from_our_own_address_is_automatic() -> None:
    """What claims to come from the mailbox it is for is our own mail coming back."""

    async def main() -> None:
        gateway = a_gateway()
        async with served(gateway) as (talk, _):
            await talk.hear()
            await talk.begin(OURS, OURS_TOO)
            await talk.say(b"From: <" + OURS.encode() + b">\r\n\r\nx\r\n.\r\n")
        natures = {message.address: message.nature for message in gateway.messages.values()}
        assert natures == {OURS: Nature.AUTOMATIC, OURS_TOO: Nature.REQUEST}

    run(main())


@pytest.mark.parametrize(
    ("trusted", "standing"), [("127.0.0.0/8", Standing.AUTHENTICATED), ("198.51.100.1", Standing.CLAIMED)]
)
def test_authentication_is_believed_from_trusted_relays_only(trusted: str, standing: Standing) -> None:
    """The same header from a peer that is not ours proves nothing."""

    async def main() -> None:
        gateway = a_gateway()
        async with served(gateway, AUTHSERV_ID="mx.a.example", TRUSTED_RELAYS=trusted) as (talk, _):
            await talk.hear()
            await talk.begin(OURS)
            header = b"Authentication-Results: mx.a.example; dmarc=pass header.from=customer.example\r\n"
            await talk.say(header + MAIL + b".\r\n")
        (message,) = gateway.messages.values()
        assert message.standing is standing

    run(main())


def test_only_cr_lf_dot_cr_lf_ends_a_mail() -> None:
    """Bare line feeds around a dot are text, commands behind them too (CVE-2023-51764); doubled dots are halved."""

    async def main() -> None:
        gateway = a_gateway()
        smuggled = b"a\n.\nMAIL FROM:<e@x>\r\n.\nRCPT TO:<x@y>\n.\r\nb\r.\r\n..\r\n...c\r\n"
        async with served(gateway) as (talk, _):
            await talk.hear()
            await talk.begin(OURS)
            assert await talk.say(b"From: ann@c.example\r\n\r\n" + smuggled + b".\r\n", "NOOP") == ["250", "250"]
        (message,) = gateway.messages.values()
        assert message.raw.partition(b"\r\n\r\n")[2] == smuggled.replace(b"\r\n..", b"\r\n.").replace(
            b"\r\n.\n", b"\r\n\n"
        )

    run(main())


def test_commands_that_come_with_the_mail_are_answered() -> None:
    """A client that writes everything at once hears every answer in order."""

    async def main() -> None:
        gateway = a_gateway()
        async with served(gateway) as (talk, _):
            await talk.hear()
            await talk.begin(OURS)
            talk.writer.write(MAIL + b".\r\nNOOP\r\nMAIL FROM:<x@y.example>\r\nQUIT\r\n")
            assert [(await talk.hear())[:3] for _ in range(4)] == ["250", "250", "250", "221"]

    run(main())


def test_limits_are_told_at_the_door() -> None:
    """Announced size 552, recipients over 100 452, connections over the limit 421, bad syntax 5xx, never a 250."""

    async def main() -> None:
        gateway = FakeGateway({("email", f"s{n}@a.example") for n in range(101)})
        async with served(gateway, CONNECTIONS="1") as (talk, listener):
            await talk.hear()
            assert await talk.say("EHLO c", f"MAIL FROM:<a@b.example> SIZE={MESSAGE_LIMIT + 1}") == ["250", "552"]
            assert await talk.say("RCPT TO:<s0@a.example>", "DATA", "DATA x") == ["503", "503", "503"]
            told = await talk.say("MAIL FROM:<a@b.example>", *(f"RCPT TO:<s{n}@a.example>" for n in range(101)))
            assert told == ["250"] * 101 + ["452"]
            _, other = await asyncio.open_connection("127.0.0.1", listener.ports["smtp"])
            busy = Talk(_, other)
            assert (await busy.hear()).startswith("421")
            other.close()
            for junk in (
                "RCPT TO:<\x00>",
                "RCPT TO:<s0@a.example",
                "RCPT TO:" + "a" * 400,
                "\x80\xff",
                "AUTH PLAIN eA==",
            ):
                (code,) = await talk.say(junk.encode("latin-1") + b"\r\n")
                assert code[0] in "45", junk

    run(main())


def test_a_gateway_that_cannot_look_up_is_a_temporary_failure() -> None:
    """When the service cannot say whether an address is ours, nobody is told 550."""

    class Down(FakeGateway):
        async def knows(self, channel_kind: str, address: str) -> bool:
            raise Unavailable

    async def main() -> None:
        async with served(Down(())) as (talk, _):
            await talk.hear()
            assert await talk.say("EHLO c", "MAIL FROM:<a@b.example>", f"RCPT TO:<{OURS}>") == ["250", "250", "451"]

    run(main())


def test_a_peer_that_leaves_in_the_middle_leaves_nothing() -> None:
    """Without the final dot there is no mail, and the next connection is served."""

    async def main() -> None:
        gateway = a_gateway()
        async with served(gateway) as (talk, listener):
            await talk.hear()
            await talk.begin(OURS)
            talk.writer.write(MAIL)
            talk.writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.ports["smtp"])
            other = Talk(reader, writer)
            await other.hear()
            await other.begin(OURS)
            assert await other.say(MAIL + b".\r\n") == ["250"]
            writer.close()
        assert len(gateway.messages) == 1

    run(main())


def test_the_loop_stays_responsive_while_a_large_mail_arrives() -> None:
    """Twenty megabytes of empty lines: no step of the loop takes a quarter of a second of processor time."""

    async def main() -> float:
        async with served(a_gateway()) as (talk, _):
            await talk.hear()
            await talk.begin(OURS)
            lag, done = 0.0, asyncio.Event()

            async def watch() -> None:
                nonlocal lag
                while not done.is_set():
                    before = thread_time()
                    await asyncio.sleep(0)
                    lag = max(lag, thread_time() - before)

            watching = asyncio.create_task(watch())
            assert await talk.say(b"From: ann@c.example\r\n\r\n" + b"\r\n" * 10_000_000 + b".\r\n") == ["250"]
            done.set()
            await watching
            return lag

    assert run(main()) < 0.25


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 100_000])
def test_a_mail_is_the_same_in_blocks_of_any_size(size: int) -> None:
    """Where the network cuts does not matter; what follows the dot is given back."""
    sent = b"..a\r\n\r\n.\n.b\r\n..\r\n.\r\nNOOP\r\n"
    arrival = Arrival(Budget(1_000))
    rest: bytes | None = None
    for start in range(0, len(sent), size):
        rest = arrival.feed(sent[start : start + size])
        if rest is not None:
            rest += sent[start + size :]
            break
    assert rest == b"NOOP\r\n"
    assert arrival.content() == b".a\r\n\r\n\n.b\r\n.\r\n"


def test_an_empty_mail_is_a_lone_dot() -> None:
    """A dot right after DATA ends a mail of nothing."""
    arrival = Arrival(Budget(1_000))
    assert arrival.feed(b".\r\n") == b""
    assert arrival.content() == b""


def test_too_much_is_heard_out_and_refused() -> None:
    """Past the mail's limit 552, past everybody's budget 452; the bytes are dropped, the budget comes back."""
    budget = Budget(2 * MESSAGE_LIMIT)
    large = Arrival(budget)
    for _ in range(30):
        assert large.feed(b"x" * (1 << 20)) is None
    assert large.feed(b"\r\n.\r\n") == b""
    assert large.complaint.startswith("552")
    large.close()
    small = Arrival(Budget(10))
    assert small.feed(b"x" * 11) is None
    assert small.feed(b"\r\n.\r\n") == b""
    assert small.complaint.startswith("452")
    small.close()
    exact = Arrival(budget)
    assert exact.feed(b"x" * (MESSAGE_LIMIT - 2) + b"\r\n.\r\n") == b""
    assert exact.complaint == ""
    assert len(exact.content()) == MESSAGE_LIMIT
    exact.close()
    assert budget.take(2 * MESSAGE_LIMIT)


def test_starttls_is_offered_with_a_certificate() -> None:
    """With a certificate the server offers STARTTLS, and takes mail over it; commands sent before it are forgotten."""
    certificate = Path(__file__).with_name("localhost.pem")  # self-signed for localhost; it guards nothing

    async def main() -> None:
        gateway = a_gateway()
        async with served(gateway, TLS_CERT=str(certificate)) as (talk, _):
            await talk.hear()
            assert await talk.say("EHLO c", "MAIL FROM:<a@b.example>", "STARTTLS") == ["250", "250", "220"]
            await talk.writer.start_tls(ssl.create_default_context(cafile=certificate), server_hostname="localhost")
            assert await talk.say(f"RCPT TO:<{OURS}>") == ["503"]
            assert await talk.begin(OURS) == ["250", "250", "250", "354"]
            assert await talk.say(MAIL + b".\r\n") == ["250"]
        assert len(gateway.messages) == 1

    run(main())
