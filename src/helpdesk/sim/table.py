"""A simulation's report as people read it."""

from collections.abc import Iterator

from helpdesk.kernel.instants import Instant, to_datetime
from helpdesk.sim.report import Kept, Report

_HEAD = ("target", "kept before", "kept after", "change", "earlier", "later", "newly breached", "newly met")


def table(report: Report) -> Iterator[str]:
    """Yield the report's lines."""
    yield f"{report.tenant}, edition {report.edition}: {report.tickets} tickets, {report.unmoved} stand as they did"
    for number, text in (
        (report.refused, "tickets that the draft would not have let in or cannot judge"),
        (report.impossible, "acts that could not have been done so"),
        (report.apart, "replies that would have come after closing"),
    ):
        if number:
            yield f"  {number} {text}"
    rows: list[tuple[str, ...]] = [_HEAD]
    for target in report.targets:
        before, after = target.before.attainment, target.after.attainment
        change = "" if before is None or after is None else f"{after - before:+.2f}"
        counts = (target.earlier, target.later, target.newly_breached, target.newly_met)
        rows.append((target.name, _kept(target.before), _kept(target.after), change, *map(str, counts)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for moved in report.moved:
        states = f"{moved.state_before or 'none'} → {moved.state_after or 'none'}"
        yield f"#{moved.number} {moved.name} {_at(moved.due_before)} → {_at(moved.due_after)} ({states})"
    for ticket, reason in report.refusals:
        yield f"#{ticket} would not have been let in: {reason}"


def _kept(kept: Kept) -> str:
    return "" if kept.attainment is None else f"{kept.attainment:.2f} % of {kept.met + kept.breached}"


def _at(instant: Instant | None) -> str:
    return "no deadline" if instant is None else f"{to_datetime(instant):%Y-%m-%dT%H:%M:%SZ}"
