"""The sealer: chains the audit's new lines, a few seconds after they were written.

It is not woken by commits: an act does not wait for its seal, and a few seconds later is soon enough. Several may run;
the database lets one at a time.
"""

import logging

from helpdesk.kernel.principal import system
from helpdesk.store import audit_chain
from helpdesk.store.engine.database import Database
from helpdesk.workers.periodic import Periodic

_log = logging.getLogger(__name__)

PRINCIPAL = system("sealer")


class Sealer(Periodic):
    """Seals what waits."""

    name = "sealer"

    def __init__(self, database: Database, *, every_seconds: float = 2.0) -> None:
        super().__init__(every_seconds=every_seconds)
        self._database = database

    async def work(self) -> None:
        """Seal batch by batch, while there is one that no other sealer has in hand."""
        while await self._database.read(PRINCIPAL, audit_chain.waits):
            heads = await self._database.write(PRINCIPAL, audit_chain.seal_waiting)
            for head in heads:  # whoever keeps the log elsewhere keeps a head that nobody here can take back
                _log.info("audit of %s sealed to line %d: %s", head.tenant_id, head.seq, head.seal.hex())
            if not heads:
                break
