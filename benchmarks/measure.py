"""Measuring fairly on a shared machine: CPU time, medians, the two sides turn by turn, ratios instead of absolutes."""

import gc
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

Timed = Callable[[], float]
"""Does the work once and returns CPU nanoseconds per operation."""


@dataclass(frozen=True)
class Row:
    """One comparison: ours against a reference measured in the same run."""

    group: str
    what: str
    ours: float
    reference: float
    unit: str
    against: str
    goal: float | None = None
    """The ratio to reach; None where the row only informs."""
    stretch: float | None = None
    at_least: bool = False
    """Whether the goal is a minimum (how many times faster) rather than a maximum (how many times the cost)."""
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours in terms of the reference, or the reverse for a minimum."""
        return self.reference / self.ours if self.at_least else self.ours / self.reference

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def plain(self) -> dict[str, Any]:
        """The row as JSON."""
        return asdict(self) | {"ratio": self.ratio, "reached": self.reached}


@dataclass(frozen=True)
class Skipped:
    """A comparison that could not be made, and why."""

    group: str
    what: str
    why: str

    def plain(self) -> dict[str, Any]:
        """The row as JSON."""
        return asdict(self)


Result = Row | Skipped


def spent(work: Callable[[], object], operations: int) -> float:
    """Return the CPU nanoseconds that one of ``operations`` took."""
    begins = time.process_time_ns()
    work()
    return (time.process_time_ns() - begins) / operations


def turns(sides: dict[str, Timed], rounds: int) -> dict[str, float]:
    """Run every side once a round, one after the other, and return each side's median."""
    seen: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            gc.collect()
            gc.disable()
            try:
                seen[name].append(side())
            finally:
                gc.enable()
    return {name: median(values) for name, values in seen.items()}


def table(results: list[Result]) -> str:
    """The results as a table: one line a comparison, goals last."""
    lines = [f"{'what':58} {'ours':>12} {'reference':>12} {'ratio':>8} {'goal':>8}  against"]
    group = ""
    for row in results:
        if row.group != group:
            group = row.group
            lines.append(f"-- {group}")
        if isinstance(row, Skipped):
            lines.append(f"{row.what:58} left out: {row.why}")
            continue
        goal = "" if row.goal is None else f"{'>=' if row.at_least else '<='}{row.goal:g}"
        verdict = {True: "reached", False: "MISSED", None: ""}[row.reached]
        if row.reached and row.stretch is not None:
            better = row.ratio >= row.stretch if row.at_least else row.ratio <= row.stretch
            verdict = "stretch" if better else verdict
        lines.append(
            f"{row.what:58} {_amount(row.ours, row.unit):>12} {_amount(row.reference, row.unit):>12} {row.ratio:8.3g} "
            f"{goal:>8}  {row.against}{'; ' + row.note if row.note else ''} {verdict}".rstrip()
        )
    return "\n".join(lines)


def _amount(value: float, unit: str) -> str:
    if unit == "ns" and value >= 1e6:
        return f"{value / 1e6:.2f} ms"
    if unit == "ns" and value >= 1e4:
        return f"{value / 1e3:.1f} us"
    return f"{value:.3g} {unit}" if value < 100 else f"{value:.0f} {unit}"
