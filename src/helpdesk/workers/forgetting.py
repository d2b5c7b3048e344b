"""Forgets what is kept for a time only: answers to repetitions after 30 days, counts of automatic mail after one.

In batches of few rows, each a transaction of its own: nobody who writes waits for long. Several may run.
"""

from helpdesk.kernel.instants import DAY
from helpdesk.kernel.principal import system
from helpdesk.store import inbox, mail_counters
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.workers.periodic import Periodic

PRINCIPAL = system("forgetting")
INPUTS_KEPT = 30 * DAY
"""How long one input stays one message, and one idempotency key one effect (microseconds)."""
COUNTS_KEPT = DAY
"""The longest window in which automatic mails to one address are counted (microseconds)."""
HOURLY_SECONDS = 3_600.0
BATCH = 500


class Forgetting(Periodic):
    """Forgets at the start and every hour."""

    name = "forgetting"

    def __init__(self, database: Database, *, every_seconds: float = HOURLY_SECONDS, batch: int = BATCH) -> None:
        super().__init__(every_seconds=every_seconds)
        self._database = database
        self._batch = batch

    async def work(self) -> None:
        """Forget everything whose time is over, unless it is stopped before."""
        more = True
        while more and not self.stopping:
            more = await self._database.write(PRINCIPAL, self._forget_some)

    def _forget_some(self, session: Session) -> bool:
        """Forget one batch of each; say whether there may be more."""
        inputs = inbox.forget_before(session, session.now - INPUTS_KEPT, self._batch)
        counts = mail_counters.forget_before(session, session.now - COUNTS_KEPT, self._batch)
        return self._batch in (inputs, counts)
