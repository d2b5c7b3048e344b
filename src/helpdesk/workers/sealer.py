"""The sealer: chains the audit's new lines, a few seconds after they were written.

It is not woken by commits: an act does not wait for its seal, and a few seconds later is soon enough. Several may run;
the database lets one at a time.
"""

import logging
from collections.abc import Callable

from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import system
from helpdesk.store import audit_chain
from helpdesk.store.engine.database import Database
from helpdesk.workers.wake import Wake

_log = logging.getLogger(__name__)

PRINCIPAL = system("sealer")


class Sealer:
    """Seals what waits."""

    name = "sealer"

    def __init__(self, database: Database, *, every_seconds: float = 2.0) -> None:
        self._database = database
        self._every_seconds = every_seconds
        self._wake = Wake()
        self._stopping = False

    def stop(self) -> None:
        """Finish the batch in hand."""
        self._stopping = True
        self._wake()

    async def run(self, ready: Callable[[], None]) -> None:
        """Seal until stopped."""
        self._stopping = False
        ready()
        while not self._stopping:
            try:
                while await self._database.read(PRINCIPAL, audit_chain.waits):
                    heads = await self._database.write(PRINCIPAL, audit_chain.seal_waiting)
                    for head in heads:  # whoever keeps the log elsewhere keeps a head that nobody here can take back
                        _log.info("audit of %s sealed to line %d: %s", head.tenant_id, head.seq, head.seal.hex())
                    if not heads:
                        break
            except Unavailable as problem:
                _log.warning("the sealer waits for the database: %s", problem)
            await self._wake.wait(self._every_seconds)
