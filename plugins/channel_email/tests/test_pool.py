"""The parser children: killed for what they read, replaced, and never in each other's way."""

import asyncio
import random

import pytest
from tests.corpus.emails import OURS, hostile_mails

from helpdesk.testing.channels import run
from helpdesk.testing.gateway import FakeGateway
from helpdesk_channel_email import pool as pool_module
from helpdesk_channel_email.accept import Envelope, Recipient, Verdict, accept
from helpdesk_channel_email.parse import Request
from helpdesk_channel_email.pool import ParserPool, ParserUnavailable, PoisonMail

GOOD = Request(b"From: ann@customer.example\r\nSubject: good\r\n\r\nhello\r\n", "", False)
# Valid and small, and still twice too much: each of 199 parts has headers that are slow to read.
PARAMETERS = b"; ".join(b"%d*=x" % number for number in range(1_000))
SLOW_PART = b"--x\r\nContent-Type: text/plain; %b\r\nContent-Disposition: attachment; %b\r\n\r\nx\r\n"
SLOW = (
    b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    + SLOW_PART % (PARAMETERS, PARAMETERS) * 199
)


def test_processor_time_is_bounded() -> None:
    """A mail that takes too long to read is poison; the next one is read by another child."""

    async def main() -> None:
        pool = ParserPool(1)
        with pytest.raises(PoisonMail, match="processor time"):
            await pool.parse(Request(SLOW, "", False))
        assert (await pool.parse(GOOD)).subject == "good"
        await pool.close()

    run(main())


def test_memory_is_bounded() -> None:
    """A mail that needs more memory than there is is poison; the next one is read by another child."""

    async def main() -> None:
        pool = ParserPool(1)
        with pytest.raises(PoisonMail, match="256 MB"):
            await pool.parse(Request(b"From: a@b.example\r\n\r\n" + b"x" * 200_000_000, "", False))
        assert (await pool.parse(GOOD)).subject == "good"
        await pool.close()

    run(main())


def test_a_child_killed_from_outside_costs_no_mail() -> None:
    """The mail that a worn child takes down with it is read again by a new one."""

    async def main() -> None:
        pool = ParserPool(1)
        await pool.parse(GOOD)
        child = pool._slots.get_nowait()
        assert child is not None
        child._process.kill()
        await child._process.wait()
        pool._slots.put_nowait(child)
        assert (await pool.parse(GOOD)).subject == "good"
        await pool.close()

    run(main())


def test_silence_is_no_fault_of_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that is stopped (not slow) makes the mail come again; the child is replaced."""
    monkeypatch.setattr(pool_module, "_WALL_SECONDS", 0.5)

    async def main() -> None:
        pool = ParserPool(1)
        await pool.parse(GOOD)
        child = pool._slots.get_nowait()
        assert child is not None
        child._process.send_signal(19)  # SIGSTOP
        pool._slots.put_nowait(child)
        with pytest.raises(ParserUnavailable):
            await pool.parse(GOOD)
        assert (await pool.parse(GOOD)).subject == "good"
        await pool.close()

    run(main())


def test_answers_are_never_mixed_up_by_cancelling() -> None:
    """Two hundred mails, a third of them cancelled at random moments: each answer belongs to its question."""

    async def main() -> None:
        pool = ParserPool(2)
        rng = random.Random(1)

        async def ask(number: int) -> None:
            raw = b"From: a@b.example\r\nSubject: %d\r\n\r\nx" % number
            assert (await pool.parse(Request(raw, "", False))).subject == str(number)

        for batch in range(20):
            tasks = [asyncio.create_task(ask(batch * 10 + number)) for number in range(10)]
            await asyncio.sleep(rng.random() * 0.003)
            for task in tasks:
                if rng.random() < 0.3:
                    task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(result is None or isinstance(result, asyncio.CancelledError) for result in results)
        await pool.close()

    run(main())


def test_mutants_of_hostile_mails_are_all_accounted_for() -> None:
    """Cut, spliced, doubled and bent seeds: each is taken in or quarantined, and the parsers go on."""
    seeds = [mail.raw for mail in hostile_mails(large=False).values() if len(mail.raw) < 30_000]
    rng = random.Random(20260302)

    async def main() -> None:
        gateway = FakeGateway({("email", OURS)})
        pool = ParserPool(2)
        for _ in range(1_500):
            raw = mutated(seeds, rng)
            before = len(gateway.submissions)
            verdicts = await accept(Envelope(raw, "x@y.example", [Recipient(OURS, None)], ""), gateway, pool)
            assert verdicts == [Verdict.KEPT]
            assert len(gateway.submissions) == before + 1
        await pool.close()

    run(main(), 120)


def mutated(seeds: list[bytes], rng: random.Random) -> bytes:
    raw = bytearray(rng.choice(seeds))
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(raw) + 1)
        match rng.randrange(6):
            case 0:
                del raw[at:]
            case 1:
                del raw[at : at + rng.randrange(1, 50)]
            case 2:
                raw[at:at] = rng.choice(
                    (b"\x00", b"\r\n", b"\n\n", b"=?", b"?=", b";", b'"', b"<", b">", b"--b", b"\xff\xfe", b"\\")
                )
            case 3:
                raw[at:at] = raw[at : at + rng.randrange(1, 400)] * rng.randrange(1, 20)
            case 4:
                other = rng.choice(seeds)
                start = rng.randrange(len(other) + 1)
                raw[at:at] = other[start : start + rng.randrange(1, 2_000)]
            case _:
                for _ in range(10):
                    if raw:
                        raw[rng.randrange(len(raw))] = rng.randrange(256)
    return bytes(raw)
