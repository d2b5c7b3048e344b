"""Deliveries: wake-ups from the bus, rows from the database, messages to a channel, effects back into the database.

One worker per channel, with slots and a deadline of its own, so that a sick channel stays alone. A wake-up is only a
hint: who sends is decided by the claim, which is committed before the send.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from nats.aio.msg import Msg
from nats.errors import Error
from nats.js import JetStreamContext

from helpdesk.broker.connection import Connection, Link
from helpdesk.broker.streams import WORK, ensure_deliveries
from helpdesk.contracts.channels import PermanentFailure, Sender, TemporaryFailure
from helpdesk.contracts.messages import Outbound
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.instants import SECOND
from helpdesk.kernel.principal import Principal, system
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.outbox import Outbox, OutboxRow

_log = logging.getLogger(__name__)

T = TypeVar("T")

FETCH_SECONDS = 2.0
"""A fetch over a server's restart hangs for as long as this."""
LONGEST_REQUEST_SECONDS = 3_600.0
"""How long the other side may have us wait at its request."""
SETTLE_TRIES = 4
"""How often the desk's part of settling is tried before the effect is recorded without it."""
SETTLE_SECONDS = 60.0
"""How long to hold on to an effect while the database is down; then it stays unknown, and is repeated."""


class DeliveryPolicy(Struct, frozen=True):
    """How one channel is served."""

    slots: int = 16
    """Messages being sent at once."""
    deadline_seconds: float = 30.0
    """How long one send may take."""
    lease_us: int = 10 * SECOND
    """How long a claim holds without renewal; it is renewed while the send runs."""
    first_backoff_us: int = 1 * SECOND
    last_backoff_us: int = 900 * SECOND
    max_attempts: int = 100
    """Tries before a row is given up: with these pauses, about a day."""
    max_crashes: int = 12
    """The same where the sender fails in a way it did not declare."""

    def backoff_us(self, attempts: int) -> int:
        """Return the pause after the ``attempts``-th try: doubling, bounded, give or take a fifth."""
        pause = min(self.first_backoff_us << min(attempts - 1, 30), self.last_backoff_us)
        return int(pause * random.uniform(0.8, 1.2))  # noqa: S311 - no secret


LoadFile = Callable[[UUID, str], bytes]
"""Gives a file's content by its tenant and its SHA-256; blocks, and raises Unavailable."""


class OnDelivered(Protocol):
    """The desk's part when a message has left; runs in the transaction that records it."""

    def __call__(self, session: Session, row: OutboxRow, remote_id: str) -> None:
        """Write what follows. ``session`` is bound to the row's tenant. May run again if the transaction fails."""
        ...


class OnFailed(Protocol):
    """The desk's part when a message was given up; runs in the transaction that records it."""

    def __call__(self, session: Session, row: OutboxRow, cause: str) -> None:
        """Write what follows. ``session`` is bound to the row's tenant. May run again if the transaction fails."""
        ...


class _Sent(Struct, frozen=True):
    remote_id: str


class _Failed(Struct, frozen=True):
    cause: str
    backoff_us: int | None
    """None: give up."""


class Deliveries:
    """Sends what is owed to one channel.

    ``on_settled`` is called after each commit that settled a row (the relay's ``wake``: its successor may leave now).
    """

    def __init__(
        self,
        database: Database,
        connection: Connection,
        destination: str,
        sender: Sender,
        *,
        on_delivered: OnDelivered,
        on_failed: OnFailed,
        on_settled: Callable[[], None] = lambda: None,
        load_file: LoadFile | None = None,
        policy: DeliveryPolicy | None = None,
    ) -> None:
        self._database = database
        self._connection = connection
        self._destination = destination
        self._sender = sender
        self._on_delivered = on_delivered
        self._on_failed = on_failed
        self._on_settled = on_settled
        self._load_file = load_file
        self._policy = policy or DeliveryPolicy()
        self._stopping = asyncio.Event()
        self._busy: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        """``deliveries:<channel>``."""
        return f"deliveries:{self._destination}"

    def stop(self) -> None:
        """Take no more wake-ups; finish what is being sent."""
        self._stopping.set()

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve the channel until stopped."""
        self._stopping.clear()
        ready()
        try:
            while not self._stopping.is_set():
                link = await self._or_stop(self._connection.link())
                if link is None:
                    break
                try:
                    await self._serve(link)
                except (Error, TimeoutError, OSError) as problem:
                    _log.debug("%s lost its link: %r", self.name, problem)
                    self._connection.renew(link)
            if self._busy:
                await asyncio.wait(self._busy)
        finally:
            for task in self._busy:
                task.cancel()

    async def _serve(self, link: Link) -> None:
        name = await ensure_deliveries(link.js, self._destination)
        subscription = await link.js.pull_subscribe_bind(consumer=name, stream=WORK)
        try:
            while link.alive and not self._stopping.is_set():
                await self._take(link, subscription)
        finally:
            with contextlib.suppress(Error, OSError):
                await subscription.unsubscribe()

    async def _take(self, link: Link, subscription: JetStreamContext.PullSubscription) -> None:
        """Fetch as many wake-ups as there are free slots, and begin with each."""
        free = self._policy.slots - len(self._busy)
        if free <= 0:
            await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
            return
        for message in await self._or_stop(_fetch(link, subscription, free)) or ():
            task = asyncio.create_task(self._deliver(message), name=f"{self.name} send")
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def _or_stop(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Return what ``work`` returns, or None when stopping comes first."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else None
        finally:
            working.cancel()
            stopping.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)

    async def _deliver(self, message: Msg) -> None:
        """Deliver the row that a wake-up names, and confirm the wake-up once its fate is recorded."""
        try:
            await self._deliver_named(message.data)
        except Unavailable as problem:
            _log.warning("%s waits for the database: %s", self.name, problem)
            await _answer(message.nak(delay=1))
        except Exception:
            _log.exception("%s could not deliver", self.name)
            await _answer(message.nak(delay=5))
        else:
            await _answer(message.ack())

    async def _deliver_named(self, wake_up: bytes) -> None:
        try:
            tenant, row_id = (UUID(part) for part in wake_up.decode().split())
        except ValueError:
            _log.warning("%s dropped a wake-up that names no row", self.name)
            return
        principal = system("deliveries", tenant)
        lease = self._policy.lease_us
        row = await self._database.write(principal, lambda session: Outbox(session).claim_to_send(row_id, lease))
        if row is not None:
            await self._settle(principal, row, await self._send(principal, row))

    async def _send(self, principal: Principal, row: OutboxRow) -> _Sent | _Failed:
        policy = self._policy
        if row.attempts > policy.max_attempts:
            return _Failed(row.error or "every try ended without an outcome", None)
        try:
            message = row.outbound()
        except msgspec.ValidationError as problem:
            return _Failed(f"the row holds no message: {problem}", None)
        renewal = asyncio.create_task(self._renew(principal, row))
        try:
            message = await self._with_files(principal, message)
            return await self._send_once(row, message)
        except Unavailable as problem:
            return _Failed(
                problem.detail, policy.backoff_us(row.attempts) if row.attempts < policy.max_attempts else None
            )
        finally:
            renewal.cancel()

    async def _with_files(self, principal: Principal, message: Outbound) -> Outbound:
        """Return the message with its files' content.

        Raises:
            Unavailable: their store does not answer.
        """
        if not message.attachments or self._load_file is None or principal.tenant_id is None:
            return message
        loaded = [
            replace(each, content=await asyncio.to_thread(self._load_file, principal.tenant_id, each.sha256))
            for each in message.attachments
        ]
        return replace(message, attachments=tuple(loaded))

    async def _send_once(self, row: OutboxRow, message: Outbound) -> _Sent | _Failed:
        policy = self._policy
        backoff = policy.backoff_us(row.attempts)
        deadline = asyncio.timeout(policy.deadline_seconds)
        try:
            async with deadline:
                return _Sent(str(await self._sender.send(message)))
        except PermanentFailure as problem:
            return _Failed(str(problem) or "refused for good", None)
        except TemporaryFailure as problem:
            cause = str(problem) or "refused for now"
            asked = int(min(problem.retry_after_seconds, LONGEST_REQUEST_SECONDS) * SECOND)
            return _Failed(cause, max(backoff, asked) if row.attempts < policy.max_attempts else None)
        except (Exception, SystemExit) as problem:  # a plugin's mistake is its own channel's trouble only
            if deadline.expired():
                cause = f"no outcome within {policy.deadline_seconds:g} s"
                return _Failed(cause, backoff if row.attempts < policy.max_attempts else None)
            _log.exception("the sender of %s failed", self._destination)
            cause = f"{type(problem).__name__}: {problem}"
            return _Failed(cause, backoff if row.attempts < policy.max_crashes else None)

    async def _renew(self, principal: Principal, row: OutboxRow) -> None:
        lease = self._policy.lease_us
        while True:
            await asyncio.sleep(lease / SECOND / 3)
            with contextlib.suppress(Unavailable):
                if not await self._database.write(principal, lambda session: Outbox(session).renew(row, lease)):
                    return

    async def _settle(self, principal: Principal, row: OutboxRow, outcome: _Sent | _Failed) -> None:
        """Record the outcome with what the desk makes of it, in one transaction.

        A message that left must be recorded even if the desk's part fails again and again: else it would leave again.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + SETTLE_SECONDS
        tries = 0
        while True:
            tries += 1
            with_desk = tries <= SETTLE_TRIES
            try:
                await self._database.write(
                    principal, partial(self._record, row=row, outcome=outcome, with_desk=with_desk)
                )
            except Unavailable:
                if loop.time() > ends:
                    raise
                tries -= 1
                await asyncio.sleep(0.5)
            except Exception:
                if not with_desk:
                    raise
                _log.exception("the desk could not note what became of %s", row.id)
                await asyncio.sleep(0.05 * tries)
            else:
                return

    def _record(self, session: Session, *, row: OutboxRow, outcome: _Sent | _Failed, with_desk: bool) -> None:
        outbox = Outbox(session)
        if isinstance(outcome, _Sent):
            if outbox.record_done(row, outcome.remote_id) and with_desk:
                self._on_delivered(session, row, outcome.remote_id)
        else:
            again_at = None if outcome.backoff_us is None else session.now + outcome.backoff_us
            if outbox.record_failure(row, outcome.cause, again_at) and again_at is None and with_desk:
                self._on_failed(session, row, outcome.cause)
        session.after_commit(self._on_settled)


async def _fetch(link: Link, subscription: JetStreamContext.PullSubscription, batch: int) -> list[Msg]:
    """Return wake-ups, none when none came or the link was lost."""
    fetching = asyncio.ensure_future(subscription.fetch(batch, timeout=FETCH_SECONDS))
    lost = asyncio.ensure_future(link.lost.wait())
    try:
        await asyncio.wait({fetching, lost}, return_when=asyncio.FIRST_COMPLETED)
        if not fetching.done():
            return []
        try:
            return fetching.result()
        except TimeoutError:
            return []
    finally:
        fetching.cancel()
        lost.cancel()
        await asyncio.gather(fetching, lost, return_exceptions=True)


async def _answer(answering: Awaitable[None]) -> None:
    """Confirm or put back a wake-up; over a lost link it comes again by itself, and finds its row settled."""
    with contextlib.suppress(Error, OSError):
        await answering
