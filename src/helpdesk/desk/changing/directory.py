"""Evaluators by snapshot: what a ticket is judged by is looked up once and kept, because it never changes."""

import threading
from collections import OrderedDict

from helpdesk.kernel.errors import Conflict
from helpdesk.kernel.instants import Instant, to_iso
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import Snapshot
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session


class Directory:
    """Finds the evaluator of a ticket's snapshot or of the edition in force. Safe to use from several threads."""

    def __init__(self, capacity: int = 256) -> None:
        self._capacity = capacity
        """How many evaluators are kept; the least recently used goes first."""
        self._evaluators: OrderedDict[str, Evaluator] = OrderedDict()
        self._lock = threading.Lock()

    def in_force(self, session: Session, at: Instant) -> Evaluator:
        """Return the evaluator of the tenant's edition in force at ``at``.

        Raises:
            Conflict: the tenant has no edition in force then.
        """
        snapshot_hash = Editions(session).snapshot_in_force(at)
        if snapshot_hash is None:
            raise Conflict(f"no edition of the regulation is in force at {to_iso(at)}")
        return self.of(session, snapshot_hash)

    def of(self, session: Session, snapshot_hash: str) -> Evaluator:
        """Return the evaluator of the snapshot with this hash.

        Raises:
            NotFound: the tenant has no such snapshot.
        """
        with self._lock:
            evaluator = self._evaluators.get(snapshot_hash)
            if evaluator is not None:
                self._evaluators.move_to_end(snapshot_hash)
                return evaluator
        evaluator = Evaluator(Snapshot.from_json(Editions(session).snapshot_body(snapshot_hash)))
        with self._lock:
            self._evaluators[snapshot_hash] = evaluator
            while len(self._evaluators) > self._capacity:
                self._evaluators.popitem(last=False)
        return evaluator
