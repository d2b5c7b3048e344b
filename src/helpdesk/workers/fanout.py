"""The fan-out: follows every tenant's feed for each of its subscriptions, and owes what their targets want."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import system
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.subscriptions import lagging
from helpdesk.workers.wake import Wake

_log = logging.getLogger(__name__)

PRINCIPAL = system("fanout")
POLL_SECONDS = 1.0
"""Looks at least this often: positions in the feed are given shortly after the commit that woke it."""
CALM_SECONDS = 0.2
"""Looks no more often than this, however often it is woken."""
BATCH = 200
"""Events read for one subscription in one transaction, and subscriptions looked at in one round."""

OweNext = Callable[[Session, UUID, int], bool]
"""Owes a subscription what it wants of the next events; says whether there may be more."""


class Fanout:
    """Owes events to subscriptions, each in its own transaction: one that fails keeps no other waiting."""

    name = "fanout"

    def __init__(
        self,
        database: Database,
        owe_next: OweNext,
        *,
        on_owed: Callable[[], None] = lambda: None,
        read: Callable[[Session, int], Sequence[tuple[UUID, UUID]]] = lagging,
    ) -> None:
        self._database = database
        self._owe_next = owe_next
        self._on_owed = on_owed
        self._read = read
        self._stopping = False
        self.wake = Wake()
        """Call it after a commit that added events, from any thread."""

    def stop(self) -> None:
        """Finish the round."""
        self._stopping = True
        self.wake()

    async def run(self, ready: Callable[[], None]) -> None:
        """Follow the feeds until stopped."""
        self._stopping = False
        ready()
        while not self._stopping:
            try:
                more = await self._round()
            except Unavailable as problem:
                _log.warning("the fan-out waits for the database: %s", problem)
                more = False
            if not more:
                await asyncio.sleep(CALM_SECONDS)
                await self.wake.wait(POLL_SECONDS)

    async def _round(self) -> bool:
        """Give every subscription that lags its next events; say whether one of them has more."""
        more = False
        for tenant, subscription in await self._database.read(PRINCIPAL, lambda session: self._read(session, BATCH)):
            try:
                more |= await self._database.write(PRINCIPAL.within(tenant), partial(self._work, subscription))
            except Unavailable:
                raise
            except Exception:
                _log.exception("the fan-out could not serve a subscription")
        return more

    def _work(self, subscription: UUID, session: Session) -> bool:
        session.after_commit(self._on_owed)
        return self._owe_next(session, subscription, BATCH)
