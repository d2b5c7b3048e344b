"""Reports as pictures: SVG 1.1 with a title, a description and a text for every bar; no scripts, no outside things.

Every picture is horizontal bars, so that names of any length in any script can be read. Colour says nothing alone:
parts differ in lightness and pattern, and every line carries its numbers in words.
"""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from helpdesk.contracts.messages import Outcome
from helpdesk.queries.reports.comparison import ComparisonReport
from helpdesk.queries.reports.tables import Report, local
from helpdesk.queries.reports.views import AgeReport, AttainmentReport, AverageReport
from helpdesk.queries.reports.words import Lang, duration, number, word

MOST_LINES = 200
"""Lines in one picture; further ones are in the table."""

_WIDTH, _LABEL, _BAR, _STEP, _TOP = 960, 300, 360, 26, 86
_CHARACTER = 7.2
"""About how wide a character of a note is: the picture grows with the longest one."""
_SHADES = ("#0b5d3b", "url(#stripes)", "#8a97a6", "url(#dots)", "#2f5d8a", "#c9a227", "#6b3f7a", "#b9c2cc")
"""Dark, striped, grey, dotted, …: told apart without colour too."""


class Bar(Struct, frozen=True):
    """One line: parts of a bar by the number of their meaning, with their sizes; what is written beside it."""

    label: str
    parts: tuple[tuple[int, float], ...]
    note: str
    mark: float | None = None
    """Where a promise stands on the scale."""


class Chart(Struct, frozen=True):
    """A picture's contents."""

    name: str
    """Makes the ids unique where several pictures stand on one page."""
    title: str
    summary: str
    meanings: tuple[str, ...]
    mark: str
    """What the line across a bar means; empty: there is none."""
    bars: tuple[Bar, ...]


def to_svg(reports: Sequence[Report], *, lang: Lang = "ru") -> str:
    """Return reports of one kind, each of another company, as one picture."""
    return "".join(_drawn(_chart(reports, lang), lang))


def _chart(reports: Sequence[Report], lang: Lang) -> Chart:
    first = reports[0]
    several = len(reports) > 1
    bars = tuple(bar for report in reports for bar in _bars(report, lang, report.tenant if several else ""))
    name, meanings = _meanings(first)
    told = "; ".join(f"{bar.label}: {bar.note}" for bar in bars[:MOST_LINES]) or word("nothing", lang)
    whose = ", ".join(report.tenant for report in reports)
    zone = getattr(first, "zone", "UTC")
    title = f"{word(f'{name}_title', lang)}: {whose}, {word('as_of', lang)} {local(first.as_of, zone)[:-3]} ({zone})"
    return Chart(name, title, told, tuple(word(meaning, lang) for meaning in meanings), _mark(first, lang), bars)


def _mark(report: Report, lang: Lang) -> str:
    match report:
        case AverageReport():
            return word("promised", lang)
        case ComparisonReport():
            return word("kept_there", lang)
        case _:
            return ""


def _meanings(report: Report) -> tuple[str, tuple[str, ...]]:
    match report:
        case AttainmentReport():
            return "attainment", ("met", "breached", "running", "excluded")
        case AverageReport():
            return "averages", ("mean",)
        case AgeReport():
            return "age", ("half", "most", "oldest")
        case ComparisonReport():
            return "comparison", ("kept_here",)
        case _:
            return "balance", tuple(outcome.value for outcome in Outcome)


def _bars(report: Report, lang: Lang, prefix: str) -> Iterator[Bar]:
    def label(*parts: str | None) -> str:
        return ", ".join(part or word("none", lang) for part in ((prefix,) if prefix else ()) + parts)

    match report:
        case AttainmentReport():
            for line in report.items or ():
                kept = line.limit
                counts = (kept.met, kept.breached, kept.running, kept.excluded)
                decided, share = kept.met + kept.breached, f"{number(kept.attainment, lang)}\u00a0%"
                note = f"{share if decided else number(None, lang)} "
                note += f"({number(kept.met, lang)} {word('of', lang)} {number(decided, lang)})"
                for key, count in (("running", kept.running), ("excluded", kept.excluded)):
                    note += f", {word(key, lang)} {number(count, lang)}" if count else ""
                named = [line.by[each] for each in report.dimensions] or [word("all", lang)]
                yield Bar(label(*named), tuple(enumerate(counts)), note)
        case ComparisonReport():
            for one in report.items:
                note = f"{word('here', lang)} {number(one.kept_here, lang)}, {word('there', lang)} "
                note += f"{number(one.kept_there, lang)} {word('of', lang)} {number(one.compared, lang)}"
                yield Bar(label(word(one.name, lang)), ((0, float(one.kept_here)),), note, float(one.kept_there or 0))
        case AverageReport():
            for mean in report.items:
                note = f"{duration(mean.mean_seconds, lang)}, {word('promised', lang)} "
                note += f"{duration(mean.promised_seconds, lang)}: {word(mean.state, lang)}"
                bar = ((0, float(mean.mean_seconds or 0)),)
                yield Bar(label(mean.target, mean.first_day.isoformat()), bar, note, float(mean.promised_seconds))
        case AgeReport():
            whole = [] if report.total is None else [report.total]
            for age in report.items if report.dimensions else whole:
                steps = (age.p50_seconds, age.p90_seconds - age.p50_seconds, age.oldest_seconds - age.p90_seconds)
                note = f"{number(age.count, lang)}; {word('half', lang)} {duration(age.p50_seconds, lang)}, "
                note += f"{word('oldest', lang)} {duration(age.oldest_seconds, lang)} (№\u00a0{age.oldest.number})"
                named = [age.by[each] for each in report.dimensions] or [word("all", lang)]
                yield Bar(label(*named), tuple((n, float(step)) for n, step in enumerate(steps)), note)
        case _:
            for day in report.items:
                parts = tuple((n, float(day.outcomes.get(outcome, 0))) for n, outcome in enumerate(Outcome))
                sums = " + ".join(number(day.outcomes[each], lang) for each in Outcome if day.outcomes.get(each))
                sign = "=" if day.balanced else "≠"
                yield Bar(label(day.day, day.channel_kind), parts, f"{number(day.received, lang)} {sign} {sums or 0}")


def _drawn(chart: Chart, lang: Lang) -> Iterator[str]:
    shown = chart.bars[:MOST_LINES]
    left_out = len(chart.bars) - len(shown)
    height = _TOP + _STEP * (len(shown) + bool(left_out) + (not shown)) + 16
    scale = max((max(sum(size for _, size in bar.parts), bar.mark or 0) for bar in shown), default=0) or 1
    longest = max((len(bar.note) for bar in shown), default=0)
    width = max(_WIDTH, _LABEL + _BAR + 26 + round(_CHARACTER * longest))
    title, desc = f"{chart.name}-title", f"{chart.name}-desc"
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    yield f' role="img" lang="{lang}" aria-labelledby="{title} {desc}"'
    yield ' font-family="system-ui, Noto Sans, DejaVu Sans, sans-serif" font-size="13" fill="#1a1f24">'
    yield f'<title id="{title}">{_text(chart.title)}</title><desc id="{desc}">{_text(chart.summary)}</desc>'
    yield _PATTERNS
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    yield f'<text x="16" y="28" font-size="17" font-weight="600">{_text(chart.title)}</text>'
    yield from _legend(chart.meanings, chart.mark)
    for place, bar in enumerate(shown):
        yield from _line(bar, _TOP + place * _STEP, scale)
    y = _TOP + len(shown) * _STEP + 14
    if not shown:
        yield f'<text x="16" y="{y}">{_text(word("nothing", lang))}</text>'
    if left_out:
        yield f'<text x="16" y="{y}">{_text(word("more", lang))}: {left_out}</text>'
    yield "</svg>\n"


_PATTERNS = (
    '<defs><pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#b3261e"/><rect width="2" height="6" fill="#ffffff"/></pattern>'
    '<pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="#e7eaee"/>'
    '<circle cx="2" cy="2" r="1" fill="#5b6672"/></pattern></defs>'
)


def _legend(meanings: Sequence[str], mark: str) -> Iterator[str]:
    x = 16
    for index, meaning in enumerate(meanings):
        yield f'<rect x="{x}" y="46" width="12" height="12" fill="{_SHADES[index]}" stroke="#1a1f24"/>'
        yield f'<text x="{x + 18}" y="57" font-size="12">{_text(meaning)}</text>'
        x += 34 + 8 * len(meaning)
    if mark:
        yield f'<line x1="{x + 6}" y1="44" x2="{x + 6}" y2="60" stroke="#b3261e" stroke-width="2"/>'
        yield f'<text x="{x + 18}" y="57" font-size="12">{_text(mark)}</text>'


def _line(bar: Bar, y: int, scale: float) -> Iterator[str]:
    said = f"{bar.label}: {bar.note}"
    yield f"<g aria-label={quoteattr(_plain(said))}><title>{_text(said)}</title>"
    yield f'<text x="{_LABEL - 8}" y="{y + 14}" text-anchor="end">{_text(_short(bar.label, 40))}</text>'
    x = float(_LABEL)
    for meaning, size in bar.parts:
        width = _BAR * size / scale
        if width > 0:
            yield f'<rect x="{x:.1f}" y="{y + 3}" width="{width:.1f}" height="15" fill="{_SHADES[meaning]}"/>'
        x += width
    if bar.mark is not None:
        at = _LABEL + _BAR * bar.mark / scale
        yield f'<line x1="{at:.1f}" y1="{y}" x2="{at:.1f}" y2="{y + 21}" stroke="#b3261e" stroke-width="2"/>'
    yield f'<text x="{_LABEL + _BAR + 10}" y="{y + 14}" font-size="12">{_text(bar.note)}</text></g>'


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _text(text: str) -> str:
    return escape(_plain(text))


def _plain(text: str) -> str:
    """Return ``text`` without what XML cannot hold."""
    return "".join(char if char.isprintable() or char in "\u00a0\u202f" else " " for char in text)
