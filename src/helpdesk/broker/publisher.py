"""Publishing into JetStream: many at once, a bounded number in flight, in order within a line."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct
from nats.errors import BadSubjectError, Error, MaxPayloadError
from nats.js import api

from helpdesk.broker.connection import Link

IN_FLIGHT = 256
"""How many lines are published at once."""
ACK_SECONDS = 3.0
"""How long one acknowledgement may take; after it the line counts as not published (it may be stored all the same)."""

_FULL = frozenset({10077, 10047, 10023})
"""JetStream's codes for: stream full, no storage left, no resources."""

T = TypeVar("T")


class Note(Struct, Generic[T], frozen=True):
    """One thing to publish."""

    key: T
    """The caller's name for it."""
    subject: str
    payload: bytes
    message_id: str
    """``Nats-Msg-Id``: repeated, it is stored once within the stream's window."""


class Stored(Struct, Generic[T], frozen=True):
    """JetStream has it."""

    key: T
    seq: int
    """Its sequence in the stream."""


class Result(Struct, Generic[T]):
    """What became of a round."""

    stored: list[Stored[T]] = []
    failed: list[T] = []
    """Not acknowledged, or behind one that was not. Publish them again under the same ids."""
    refused: list[tuple[T, str]] = []
    """Can never be published as they are, each with its cause. Their line went on without them."""
    problem: str = ""
    """The first failure's text."""
    full: bool = False
    """Whether the stream had no room. The link is sound then."""


async def publish(
    link: Link, stream: str, lines: Iterable[Sequence[Note[T]]], *, in_flight: int = IN_FLIGHT
) -> Result[T]:
    """Publish ``lines`` concurrently, the notes of one line strictly one after another.

    Never raises for the broker's sake: what was not acknowledged is in ``failed``, with the rest of its line.
    Returns as soon as the link is lost.
    """
    result: Result[T] = Result()
    waiting = list(lines)
    queue = iter(waiting)

    async def take_lines() -> None:
        for line in queue:
            await _publish_line(link, stream, line, result)

    takers = [asyncio.create_task(take_lines()) for _ in range(min(in_flight, len(waiting)))]
    lost = asyncio.create_task(link.lost.wait())
    try:
        busy = set(takers)
        while busy and not lost.done():
            _, pending = await asyncio.wait({*busy, lost}, return_when=asyncio.FIRST_COMPLETED)
            busy &= pending
    finally:
        for task in (*takers, lost):
            task.cancel()
        ends = await asyncio.gather(*takers, lost, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end
    for line in queue:  # nobody took them any more
        result.failed.extend(note.key for note in line)
        result.problem = result.problem or "the link was lost"
    return result


async def _publish_line(link: Link, stream: str, line: Sequence[Note[T]], result: Result[T]) -> None:
    for index, note in enumerate(line):
        try:
            seq = await _publish_one(link, stream, note)
        except (MaxPayloadError, BadSubjectError) as problem:
            result.refused.append((note.key, f"the bus cannot take it: {problem}"))
        except (Error, TimeoutError, OSError, asyncio.CancelledError) as problem:
            result.problem = result.problem or f"{type(problem).__name__}: {problem}"
            result.full = result.full or getattr(problem, "err_code", None) in _FULL
            result.failed.extend(rest.key for rest in line[index:])
            if isinstance(problem, asyncio.CancelledError):
                raise
            return
        else:
            result.stored.append(Stored(note.key, seq))


async def _publish_one(link: Link, stream: str, note: Note[T]) -> int:
    if not link.alive:
        raise ConnectionError("the link is down")
    if len(note.payload) > link.client.max_payload:
        raise MaxPayloadError
    # Not publish_async: it swallows what the stream refuses, and is no faster with many at once.
    ack = await link.js.publish(
        note.subject,
        note.payload,
        timeout=ACK_SECONDS,
        stream=stream,
        headers={api.Header.MSG_ID: note.message_id},
    )
    return ack.seq
