"""What judges a company's tickets, as reports need it: zones and targets by snapshot."""

from collections.abc import Callable, Mapping

from msgspec import Struct
from sqlalchemy import select

from helpdesk.regulation.evaluator import Evaluator
from helpdesk.regulation.work import Target
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import tickets

FindEvaluator = Callable[[Session, str], Evaluator]
"""Gives the evaluator of a snapshot by its hash."""


class Judges(Struct, frozen=True):
    """The evaluators of every snapshot that judges a ticket of the company."""

    by_hash: Mapping[str, Evaluator]

    def zones(self) -> dict[str, tuple[str, ...]]:
        """Return the snapshots by their edition's zone; nearly always there is one zone."""
        found: dict[str, list[str]] = {}
        for snapshot, evaluator in self.by_hash.items():
            found.setdefault(evaluator.zone, []).append(snapshot)
        return {zone: tuple(sorted(snapshots)) for zone, snapshots in sorted(found.items())}

    def target_names(self) -> frozenset[str]:
        """Return the names of all targets, those that promise no time left out."""
        return frozenset(target.name for one in self.by_hash.values() for target in one.edition.targets)

    def target(self, snapshot: str, name: str, level: str | None, channel: str, line: str) -> Target | None:
        """Return the target of that name for such a request; None where there is none."""
        for target in self.by_hash[snapshot].edition.targets:
            if target.name != name:
                continue
            sides = ((target.levels, level), (target.channels, channel), (target.lines, line))
            if all(not allowed or value in allowed for allowed, value in sides):
                return target
        return None


def judges_of(session: Session, find: FindEvaluator) -> Judges:
    """Return what judges the tickets of the session's tenant."""
    wanted = select(tickets.c.snapshot_hash).where(tickets.c.tenant_id == session.tenant_id).distinct()
    hashes = sorted(session.connection.execute(wanted).scalars())
    return Judges({snapshot: find(session, snapshot) for snapshot in hashes})


def home_zone(judges: Judges, in_force: Evaluator | None) -> str:
    """Return the zone that a report names as the company's: that of the edition in force, else of any that was."""
    if in_force is not None:
        return in_force.zone
    return next(iter(judges.zones()), "UTC")
