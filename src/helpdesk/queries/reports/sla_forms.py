"""The month's report as a page to print (HTML without scripts or outside things) and as a table (CSV)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from helpdesk.queries.reports.sla import Breach, PromiseLine, SlaReport
from helpdesk.queries.reports.tables import Cell, Table
from helpdesk.queries.reports.words import Lang, duration, number, word

_MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
_COLUMNS = (
    "number", "subject", "organisation", "target", "clause", "level", "line", "agent", "started_at", "due",
    "stopped_at", "over_seconds", "counted_as", "cause",
)  # fmt: skip
_STYLE = """
@page { size: A4; margin: 16mm 14mm; }
body { font: 10.5pt/1.4 "Noto Sans", "DejaVu Sans", Arial, sans-serif; color: #1a1f24; margin: 2em auto;
       max-width: 60em; }
h1 { font-size: 17pt; margin: 0 0 .2em; } h2 { font-size: 12.5pt; margin: 1.4em 0 .4em; }
table { border-collapse: collapse; width: 100%; } thead { display: table-header-group; } tr { break-inside: avoid; }
th, td { border: 1px solid #8a97a6; padding: .25em .5em; text-align: left; vertical-align: top; }
th { background: #e7eaee; font-weight: 600; } td.n, th.n { text-align: right; white-space: nowrap; }
.bar { width: 9em; } .bar svg { display: block; } .note { color: #4a545e; font-size: 9pt; }
"""


def breach_table(report: SlaReport) -> Table:
    """Return what was broken and what was excluded, a row each; times as the company's clock shows them."""
    rows: list[tuple[Cell, ...]] = []
    for one in (*report.breaches, *report.exclusions):
        times = [_local(at, report.zone, iso=True) for at in (one.started_at, one.due, one.stopped_at)]
        whose = (one.level_name or None, one.line, one.agent)
        promise = (one.number, one.subject, one.organisation, one.target_name, one.clause, *whose)
        rows.append((*promise, *times, one.over_seconds, one.counted_as, one.cause))
    return Table(_COLUMNS, tuple(rows))


def to_html(report: SlaReport, *, lang: Lang = "ru") -> str:
    """Return the report as one page, ready to be printed."""
    return "".join(_page(report, lang))


def _page(report: SlaReport, lang: Lang) -> Iterator[str]:
    title = f"{word('sla_title', lang)}: {_month(report.month, lang)}"
    yield f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
    yield f"<style>{_STYLE}</style></head><body>\n<h1>{escape(title)}</h1>\n"
    whose = report.organisation or word("all_organisations", lang)
    yield f"<p>{escape(report.company)} — {escape(whose)}</p>\n"
    total = report.total.limit
    yield f"<p>{word('received_in_month', lang)}: {number(report.received, lang)}; {word('closed_of_them', lang)}: "
    yield f"{number(report.closed, lang)}. {word('attainment_title', lang)}: "
    yield f"<strong>{_percent(total.attainment, lang)}</strong> ({number(total.met, lang)} {word('of', lang)} "
    yield f"{number(total.met + total.breached, lang)}).</p>\n"
    yield f"<h2>{word('promises', lang)}</h2>\n"
    yield from _promises(report.promises, lang)
    if report.means:
        yield f"<h2>{word('averages_title', lang)}</h2>\n"
        yield from _means(report, lang)
    yield f"<h2>{word('breaches', lang)}: {number(total.breached, lang)}</h2>\n"
    yield from _breaches(report.breaches, report.zone, lang)
    yield f"<h2>{word('exclusions', lang)}: {number(total.excluded, lang)}</h2>\n"
    yield from _exclusions(report.exclusions, lang)
    yield f'<p class="note">{word("editions", lang)}: {escape(", ".join(report.editions) or "–")}. '
    yield f"{word('times_by', lang)} {escape(report.zone)}; {word('as_of', lang)} "
    yield f"{_local(report.as_of, report.zone)}{'' if report.over else ', ' + word('not_over', lang)}. "
    yield f"{word('how_counted', lang)}</p>\n</body></html>\n"


def _promises(lines: Sequence[PromiseLine], lang: Lang) -> Iterator[str]:
    if not lines:
        yield f"<p>{word('nothing', lang)}.</p>\n"
        return
    heads = ("target", "level", "promised", "clause", "met", "breached", "running", "excluded", "attainment")
    yield _head([*heads, "share"], lang, numbers=heads[4:])
    for line in lines:
        kept = line.kept.limit
        yield f"<tr><td>{escape(line.target_name)}</td><td>{escape(line.level_name or word('none', lang))}</td>"
        yield f"<td>{escape(line.promised)}</td><td>{escape(line.clause)}</td>"
        for count in (kept.met, kept.breached, kept.running, kept.excluded):
            yield f'<td class="n">{number(count, lang)}</td>'
        yield f'<td class="n">{_percent(kept.attainment, lang)}</td>'
        yield f'<td class="bar">{_bar(kept.met, kept.breached)}</td></tr>\n'
    yield "</tbody></table>\n"


def _means(report: SlaReport, lang: Lang) -> Iterator[str]:
    heads = ("target", "clause", "first_day", "last_day", "promised", "mean", "counted", "open", "average_state")
    yield _head(heads, lang, numbers=("counted", "open"))
    for line in report.means:
        yield f"<tr><td>{escape(report.target_names.get(line.target, line.target))}</td><td>{escape(line.clause)}</td>"
        yield f"<td>{line.first_day:%d.%m.%Y}</td><td>{line.last_day:%d.%m.%Y}</td>"
        yield f"<td>{duration(line.promised_seconds, lang)}</td><td>{duration(line.mean_seconds, lang)}</td>"
        yield f'<td class="n">{number(line.counted, lang)}</td><td class="n">{number(line.open, lang)}</td>'
        yield f"<td>{word(line.state, lang)}</td></tr>\n"
    yield "</tbody></table>\n"


def _breaches(found: Sequence[Breach], zone: str, lang: Lang) -> Iterator[str]:
    if not found:
        yield f"<p>{word('no_breaches', lang)}.</p>\n"
        return
    heads = ("number", "subject", "target", "clause", "level", "line", "due", "stopped_at", "over", "cause")
    yield _head(heads, lang, numbers=("number",))
    for one in found:
        yield f'<tr><td class="n">{one.number}</td><td>{escape(one.subject)}</td><td>{escape(one.target_name)}</td>'
        yield f"<td>{escape(one.clause)}</td><td>{escape(one.level_name)}</td><td>{escape(one.line or '')}</td>"
        yield f"<td>{_local(one.due, zone)}</td><td>{_local(one.stopped_at, zone) or word('not_yet', lang)}</td>"
        yield f"<td>{duration(one.over_seconds, lang)}</td><td>{escape(one.cause or word('none', lang))}</td></tr>\n"
    yield "</tbody></table>\n"


def _exclusions(found: Sequence[Breach], lang: Lang) -> Iterator[str]:
    if not found:
        yield f"<p>{word('no_exclusions', lang)}.</p>\n"
        return
    yield _head(("number", "subject", "target", "clause", "excluded_because"), lang, numbers=("number",))
    for one in found:
        yield f'<tr><td class="n">{one.number}</td><td>{escape(one.subject)}</td><td>{escape(one.target_name)}</td>'
        yield f"<td>{escape(one.clause)}</td><td>{word(one.counted_as, lang)}</td></tr>\n"
    yield "</tbody></table>\n"


def _head(columns: Sequence[str], lang: Lang, *, numbers: Sequence[str]) -> str:
    cells = ""
    for column in columns:
        right = ' class="n"' if column in numbers else ""
        cells += f'<th scope="col"{right}>{escape(word(column, lang))}</th>'
    return f"<table><thead><tr>{cells}</tr></thead><tbody>\n"


def _bar(met: int, breached: int) -> str:
    whole = met + breached
    if not whole:
        return ""
    kept = f'<rect x="1" y="1" width="{round(120 * met / whole, 1)}" height="10" fill="#0b5d3b"/>'
    frame = '<rect x="1" y="1" width="120" height="10" fill="none" stroke="#1a1f24"/>'
    return f'<svg width="122" height="12" aria-hidden="true">{kept}{frame}</svg>'


def _percent(value: float | None, lang: Lang) -> str:
    return "–" if value is None else f"{number(value, lang)}\u00a0%"


def _local(at: datetime | None, zone: str, *, iso: bool = False) -> str:
    if at is None:
        return ""
    shown = at.astimezone(ZoneInfo(zone))
    return f"{shown:%Y-%m-%d %H:%M:%S}" if iso else f"{shown:%d.%m.%Y %H:%M}"


def _month(text: str, lang: Lang) -> str:
    year, month = text.split("-")
    return f"{_MONTHS[int(month) - 1]} {year}" if lang == "ru" else text
