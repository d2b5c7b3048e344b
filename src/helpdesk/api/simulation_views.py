"""What a simulation shows."""

from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.views.base import Moment, View, moment
from helpdesk.sim.report import Kept, Moved, OfTarget, Report


class MovedView(View, frozen=True):
    """One promise that would stand otherwise."""

    number: int
    name: str
    seq: int
    due_before: Moment | None
    due_after: Moment | None
    state_before: str
    """Empty: the promise is new."""
    state_after: str
    """Empty: the promise is gone."""


class PromisesView(View, frozen=True):
    """How many promises with a limit were kept, of those that are decided."""

    met: int
    breached: int
    attainment: float | None
    """In percent; null where none is decided."""


class TargetView(View, frozen=True):
    """One target or term over all tickets."""

    name: str
    before: PromisesView
    after: PromisesView
    earlier: int
    later: int
    newly_breached: int
    newly_met: int


class RefusalView(View, frozen=True):
    """A ticket that the draft would not have let in, or that it cannot judge."""

    number: int
    reason: str


class SimulationView(View, frozen=True):
    """What the draft would have changed."""

    tenant: str
    edition: str
    snapshot: str
    as_of: Moment
    tickets: int
    unmoved: int
    """Tickets whose every promise stands as it did."""
    refused: int
    impossible: int
    """Acts that could not have been done so."""
    apart: int
    """Replies that would have come after closing and become tickets of their own."""
    targets: tuple[TargetView, ...]
    moved: tuple[MovedView, ...]
    """By number; no more than were asked for."""
    refusals: tuple[RefusalView, ...]
    """No more than were asked for."""


def simulation_view(report: Report) -> SimulationView:
    """Return a report as it is shown."""
    return SimulationView(
        tenant=report.tenant,
        edition=report.edition,
        snapshot=report.snapshot,
        as_of=to_datetime(report.as_of),
        tickets=report.tickets,
        unmoved=report.unmoved,
        refused=report.refused,
        impossible=report.impossible,
        apart=report.apart,
        targets=tuple(map(_target, report.targets)),
        moved=tuple(map(_moved, report.moved)),
        refusals=tuple(RefusalView(number, reason) for number, reason in report.refusals),
    )


def _target(found: OfTarget) -> TargetView:
    return TargetView(
        found.name, _kept(found.before), _kept(found.after), found.earlier, found.later, found.newly_breached,
        found.newly_met,
    )  # fmt: skip


def _kept(kept: Kept) -> PromisesView:
    return PromisesView(kept.met, kept.breached, kept.attainment)


def _moved(found: Moved) -> MovedView:
    due_before, due_after = moment(found.due_before), moment(found.due_after)
    return MovedView(found.number, found.name, found.seq, due_before, due_after, found.state_before, found.state_after)
