"""Reports as tables: one header, one row a line, for spreadsheets (CSV, RFC 4180) and for the terminal."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from helpdesk.contracts.messages import Outcome
from helpdesk.queries.reports.comparison import ComparisonReport
from helpdesk.queries.reports.views import AgeReport, AttainmentReport, AverageReport, BalanceReport
from helpdesk.queries.reports.words import Lang, word

Report = AttainmentReport | AverageReport | AgeReport | BalanceReport | ComparisonReport
Cell = str | int | float | None

BOM = "\ufeff"
"""Says to spreadsheets that the text is UTF-8; other readers stumble over it, so it is only put where asked for."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the beginning of a formula or of a command."""
_AVERAGE = (
    "target", "clause", "population", "first_day", "last_day", "unit", "promised_seconds", "counted", "mean_seconds",
    "open", "open_seconds", "excluded", "state", "rest_mean_seconds", "expected", "rest_mean_expected_seconds",
)  # fmt: skip
_COMPARED = ("number", "source_id", "target", "clause", "done_at", "due_here", "due_there", "here", "there")
_AGE = ("count", "p50_seconds", "p75_seconds", "p90_seconds", "p95_seconds", "oldest_seconds")


class Table(Struct, frozen=True):
    """Columns by key, rows in their order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tabulate(reports: Sequence[Report]) -> Table:
    """Return reports of one kind, each of another company, as one table; the company comes first."""
    first = reports[0]
    columns = ("tenant", *_columns(first))
    rows = [(report.tenant, *row) for report in reports for row in _rows(report)]
    return Table(columns, tuple(rows))


def to_csv(table: Table, *, lang: Lang = "ru", separator: Literal[",", ";"] = ",", bom: bool = False) -> str:
    """Return the table as CSV; texts that a spreadsheet would run as a formula are shown as the texts they are."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(guarded(word(_heading(column), lang)) for column in table.columns)
    writer.writerows([_written(cell, lang, separator) for cell in row] for row in table.rows)
    return (BOM if bom else "") + out.getvalue()


def to_text(table: Table, *, lang: Lang = "ru") -> str:
    """Return the table in aligned columns."""
    head = [word(_heading(column), lang) for column in table.columns]
    rows = [head, *([_written(cell, lang, ",") or "–" for cell in row] for row in table.rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n"
                   for row in rows)  # fmt: skip


def guarded(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula: with an apostrophe before it where one might."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text


def local(moment: datetime | None, zone: str) -> str:
    """Return an instant as the company's clock shows it, for people; empty for none."""
    return "" if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def _written(cell: Cell, lang: Lang, separator: str) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return word("yes" if cell else "no", lang)
        case float():  # with a semicolon between columns the reader expects a comma within numbers
            return f"{cell:.2f}".replace(".", "," if separator == ";" else ".")
        case int():
            return str(cell)
        case _:
            return guarded(cell)


def _heading(column: str) -> str:
    return "average_state" if column == "state_of_mean" else column


def _columns(report: Report) -> tuple[str, ...]:
    match report:
        case AttainmentReport():
            limit = ("met", "breached", "running", "excluded", "merged", "closed", "unknown", "attainment")
            goal = ("goal_met", "goal_missed", "goal_running", "goal_excluded", "goal_attainment")
            return (*report.dimensions, *limit, *goal)
        case ComparisonReport():
            return _COMPARED
        case AverageReport():
            return tuple("state_of_mean" if name == "state" else name for name in _AVERAGE)
        case AgeReport():
            return (*report.dimensions, *_AGE, "oldest_number")
        case _:
            return ("day", "channel_kind", "received", *(outcome.value for outcome in Outcome), "imported", "balanced")


def _rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    match report:
        case AttainmentReport():
            for line in report.items:
                limit, goal = line.limit, line.goal
                why = [limit.excluded_because.get(reason, 0) for reason in ("merged", "closed", "unknown")]
                kept = (limit.met, limit.breached, limit.running, limit.excluded, *why, limit.attainment)
                aimed = (goal.met, goal.missed, goal.running, goal.excluded, goal.attainment)
                yield (*(line.by[each] for each in report.dimensions), *kept, *aimed)
        case ComparisonReport():
            for one in report.differences:
                times = [local(moment, report.zone) for moment in (one.done_at, one.due_here, one.due_there)]
                yield (one.number, one.source_id, one.name, one.clause, *times, one.here, one.there)
        case AverageReport():
            for mean in report.items:
                values = {name: getattr(mean, name) for name in _AVERAGE}
                days = {"first_day": mean.first_day.isoformat(), "last_day": mean.last_day.isoformat()}
                yield tuple({**values, **days}.values())
        case AgeReport():
            whole = [] if report.total is None else [report.total]
            for age in report.items if report.dimensions else whole:
                named = (age.by[each] for each in report.dimensions)
                yield (*named, *(getattr(age, name) for name in _AGE), age.oldest.number)
        case _:
            for day in report.items:
                counts = (day.outcomes.get(outcome, 0) for outcome in Outcome)
                yield (day.day, day.channel_kind, day.received, *counts, day.imported, day.balanced)
