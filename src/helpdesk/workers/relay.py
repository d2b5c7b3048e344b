"""The relay: from the outbox to JetStream, for all tenants. ``docs/reference/delivery.md`` has the guarantee.

A round claims in one transaction, publishes without one, and records in another. It is woken after commits and polls
slowly besides. Several relays may run; claims and feed positions are given by one at a time.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from uuid import UUID

import msgspec
from msgspec import Struct

from helpdesk.broker.connection import Connection, Link
from helpdesk.broker.publisher import Note, Result, publish
from helpdesk.broker.streams import EVENTS, WORK, Incarnation, delivery_subject
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.instants import HOUR, SECOND, Instant
from helpdesk.kernel.principal import system
from helpdesk.store import feed, relaying
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.outbox import OutboxRow
from helpdesk.workers.wake import Wake

_log = logging.getLogger(__name__)

PRINCIPAL = system("relay")


class RelaySettings(Struct, frozen=True):
    """How the relay paces itself. Durations in seconds by the wall unless they say ``_us``."""

    poll_seconds: float = 1.0
    """Looks for work at least this often, woken or not."""
    batch: int = 500
    """Events, and deliveries, claimed in one round."""
    window: int = 128
    """Deliveries of one destination that are out at once; the rest waits in the database."""
    claim_us: int = 6 * SECOND
    """How long a round may take before its rows may be claimed by another."""
    republish_after_us: int = 60 * SECOND
    """A wake-up that led to nothing for so long counts as lost."""
    replay_window_us: int = 24 * HOUR
    """Events younger than this are published again when the stream lost them; older ones are in the feed."""
    rest_seconds: float = 0.5
    """Pause after a round in which the broker failed."""


class _Round(Struct):
    """What one transaction claimed."""

    more_to_place: bool
    events: list[OutboxRow]
    deliveries: list[OutboxRow]


class Relay:
    """Publishes what the outbox owes."""

    name = "relay"

    def __init__(self, database: Database, connection: Connection, settings: RelaySettings | None = None) -> None:
        self._database = database
        self._connection = connection
        self._settings = settings or RelaySettings()
        self.wake = Wake()
        """Call it after a commit that added rows, from any thread."""
        self._stopping = False
        self._batch = self._settings.batch
        """How many are claimed in one round now: fewer where the database could not settle so many in time."""
        self._checked = 0
        self._published = 0
        connection.on_link(self.wake)

    @property
    def published(self) -> int:
        """Events and wake-ups stored by the bus so far."""
        return self._published

    def stop(self) -> None:
        """Finish after one last round."""
        self._stopping = True
        self.wake()

    async def run(self, ready: Callable[[], None]) -> None:
        """Relay until stopped."""
        self._stopping = False
        ready()
        while True:
            last = self._stopping
            try:
                more = await self._round()
                self._batch = min(self._settings.batch, self._batch * 2)
            except Unavailable as problem:
                self._batch = max(1, self._batch // 2)
                _log.warning("the relay waits for the database: %s", problem)
                more = False
            if last:
                return
            if not more:
                await self.wake.wait(self._settings.poll_seconds)

    async def _round(self) -> bool:
        """Do one round; say whether there may be more to do at once."""
        link = self._connection.present
        if link is None:
            return await self._database.write(PRINCIPAL, feed.place) >= feed.PLACE_LIMIT
        if link.number != self._checked:
            await self._recover(link)
            self._checked = link.number
        claimed = await self._database.write(PRINCIPAL, self._claim)
        if not claimed.events and not claimed.deliveries:
            return claimed.more_to_place
        events, wake_ups = await asyncio.gather(
            publish(link, EVENTS, _event_lines(claimed.events)),
            publish(link, WORK, _wake_up_lines(claimed.deliveries)),
        )
        await self._database.write(PRINCIPAL, lambda session: self._settle(session, link, events, wake_ups))
        self._published += len(events.stored) + len(wake_ups.stored)
        if events.failed or wake_ups.failed:
            _log.warning(
                "the bus did not take %d: %s",
                len(events.failed) + len(wake_ups.failed),
                events.problem or wake_ups.problem,
            )
            if not (events.full or wake_ups.full):
                self._connection.renew(link)
            await asyncio.sleep(self._settings.rest_seconds)
            return False
        return claimed.more_to_place or max(len(claimed.events), len(claimed.deliveries)) >= self._batch

    def _claim(self, session: Session) -> _Round:
        settings = self._settings
        relaying.reap(session)
        limit = min(self._batch, feed.PLACE_LIMIT)
        more = feed.place(session, limit) >= limit
        events = relaying.claim_events(session, self._batch, settings.claim_us)
        deliveries = relaying.claim_deliveries(session, self._batch, settings.window, settings.claim_us)
        return _Round(more, events, deliveries)

    def _settle(self, session: Session, link: Link, events: Result[OutboxRow], wake_ups: Result[OutboxRow]) -> None:
        relaying.events_stored(session, _settled(link.events, events))
        relaying.wake_ups_stored(session, _settled(link.work, wake_ups), self._settings.republish_after_us)
        relaying.release(session, [*events.failed, *wake_ups.failed])
        relaying.refuse(session, [*events.refused, *wake_ups.refused])

    async def _recover(self, link: Link) -> None:
        """Owe again what the streams of this link do not have: they may have been wiped, or set back to a copy."""
        first, last = link.work.place(0), link.work.last_place
        wake_ups = await self._database.write(
            PRINCIPAL, lambda session: relaying.reopen_lost_wake_ups(session, first, last)
        )
        events = 0
        for tenant in await self._database.read(PRINCIPAL, relaying.tenant_ids):
            events += await self._recover_events(tenant, link.events)
        if wake_ups or events:
            _log.warning("the bus lost %d wake-ups and %d events: they are published again", wake_ups, events)

    async def _recover_events(self, tenant: UUID, stream: Incarnation) -> int:
        first, last = stream.place(0), stream.last_place

        def begin(session: Session) -> tuple[int, Instant]:
            return relaying.last_position(session, tenant), session.now - self._settings.replay_window_us

        up_to, since = await self._database.read(PRINCIPAL, begin)
        count = 0
        while up_to > 0:
            find = partial(relaying.find_lost_events, tenant=tenant, up_to=up_to, first_place=first, last_place=last)
            lost, oldest = await self._database.read(PRINCIPAL, find)
            for start in range(0, len(lost), self._settings.batch):
                part = lost[start : start + self._settings.batch]
                await self._database.write(PRINCIPAL, partial(relaying.reopen_events, lost=part))
            count += len(lost)
            up_to -= relaying.SCAN_POSITIONS
            if oldest is not None and oldest < since:
                break
        return count


def _event_lines(rows: Iterable[OutboxRow]) -> list[list[Note[OutboxRow]]]:
    """Return the events by ticket, each ticket's in order."""
    lines: dict[UUID, list[Note[OutboxRow]]] = defaultdict(list)
    for row in rows:
        note = Note(row, row.subject, msgspec.json.encode(row.payload), str(row.id))
        lines[row.ticket_id or row.id].append(note)
    return list(lines.values())


def _wake_up_lines(rows: Iterable[OutboxRow]) -> list[list[Note[OutboxRow]]]:
    """Return a wake-up for each delivery: ids only, and another message id for each claim."""
    return [
        [
            Note(
                row,
                delivery_subject(row.destination),
                f"{row.tenant_id} {row.id}".encode(),
                f"{row.id}.{row.generation}",
            )
        ]
        for row in rows
    ]


def _settled(stream: Incarnation, result: Result[OutboxRow]) -> list[relaying.Settled]:
    return [relaying.Settled(stored.key, stream.place(stored.seq)) for stored in result.stored]
