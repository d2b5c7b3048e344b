"""What judges a company's tickets, as reports need it: zones and targets by snapshot."""

from collections.abc import Mapping

from msgspec import Struct
from sqlalchemy import select

from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.vocabulary.work import Target
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import tickets


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


def at_home(session: Session, find: FindEvaluator) -> tuple[Judges, Evaluator | None, str]:
    """Return what judges the tenant's tickets, what is in force now, and the zone that a report names as the company's.

    The zone is that of the edition in force, else of any that was.
    """
    judges, now = judges_of(session, find), Editions(session).snapshot_in_force(session.now)
    in_force = None if now is None else find(session, now)
    zone = next(iter(judges.zones()), "UTC") if in_force is None else in_force.zone
    return judges, in_force, zone
