"""The linter of regulations: contradictions, inverted ranges, gaps, unlisted channels, each with a witness.

It looks at one edition as it stands (no parameters, the chosen readings) and reports only what it can show.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from zoneinfo import ZoneInfo

from msgspec import Struct

from helpdesk.kernel.instants import Instant, to_datetime
from helpdesk.regulation.compiling.calendars import compile_rule
from helpdesk.regulation.compiling.patches import references, substitute, tables_at
from helpdesk.regulation.examining.findings import Finding, Witness
from helpdesk.regulation.examining.numbering import numbering_faults
from helpdesk.regulation.examining.ranges import find_inversion
from helpdesk.regulation.judging.decisions import review
from helpdesk.regulation.loading.loader import Document, Package
from helpdesk.regulation.vocabulary.model import Edition
from helpdesk.regulation.vocabulary.shapes import fit

_AUTOMATIC = "acknowledged"
"""The event that no person causes: the letter of registration left."""


class Subject(Struct, frozen=True):
    """The edition under the linter's eye."""

    package: Package
    document: Document
    edition: Edition
    now: Instant

    def finding(self, name: str, ru: str, en: str, witness: Witness) -> Finding:
        """Return a finding of this tenant."""
        return Finding(f"{self.package.tenant}.{name}", ru, en, witness)


def lint(package: Package, now: Instant, edition_id: str | None = None) -> tuple[Finding, ...]:
    """Return every finding about an edition (the latest by default), sorted by id. ``now`` decides what is overdue."""
    document = package.editions[-1]
    for candidate in package.editions:
        if candidate.data["edition"]["id"] == edition_id:
            document = candidate
    edition = fit(Edition, substitute(document.data, {}))
    subject = Subject(package, document, edition, now)
    found = [finding for rule in _RULES for finding in rule(subject)]
    return tuple(sorted(found, key=lambda finding: finding.id))


def _contradictions(subject: Subject) -> Iterator[Finding]:
    """Two clauses say different things of one subject."""
    seen: set[str] = set()
    for one, two in combinations(subject.edition.claims, 2):
        if one.subject == two.subject and one.says != two.says and one.subject not in seen:
            seen.add(one.subject)
            yield subject.finding(
                one.subject,
                f"пункты {one.clause} и {two.clause} противоречат друг другу",
                f"clause {one.clause}: {one.says}; clause {two.clause}: {two.says}",
                Witness((one.clause, two.clause)),
            )


def _hours_differ(subject: Subject) -> Iterator[Finding]:
    """The text counts the hours of a day otherwise than its own window does."""
    for claim in subject.edition.claims:
        rule = subject.edition.calendars.get(claim.calendar)
        if rule is None or not claim.hours_a_day:
            continue
        calendar = compile_rule(rule, subject.package.production)
        opening = calendar.next_open_us(subject.now)
        day = calendar.local_date(opening)
        seconds = sum(b - a for a, b in calendar.hours_on(day))
        if seconds != claim.hours_a_day * 3600:
            yield subject.finding(
                claim.subject,
                f"заявлено {claim.hours_a_day} ч в день, а рабочее окно длится {seconds / 3600:g} ч",
                f"{claim.says}, yet the working window lasts {seconds / 3600:g} hours",
                Witness((claim.clause, rule.clause), instant=_local(opening, rule.zone), shows_ru=f"{day:%d.%m.%Y}",
                        shows_en=f"{day.isoformat()}, any working day"),
            )  # fmt: skip


def _vacuous(subject: Subject) -> Iterator[Finding]:
    """Under a reading, the letter that registers a request also counts as the reaction to it."""
    for name, reading in subject.edition.readings.items():
        for value, patches in reading.alternatives.items():
            for patch in patches:
                stops = patch.set.get("stops_on", ())
                targets = tables_at(subject.document.data, patch.at)
                if list(stops) == [_AUTOMATIC] and any("registered" in target["starts_on"] for target in targets):
                    target = targets[0]
                    yield subject.finding(
                        f"vacuous-{target['name']}",
                        "буквально автоматическое письмо и регистрирует, и засчитывается как реакция",
                        f"taken literally ({name} = {value}) the automatic letter both registers and reacts",
                        Witness((reading.clause, target["clause"]), instant=_local(subject.now, _zone(subject)),
                                shows_ru="любое принятое письмо", shows_en="any accepted letter"),
                    )  # fmt: skip


def _review_overdue(subject: Subject) -> Iterator[Finding]:
    """The edition is older than its own review allows."""
    today = to_datetime(subject.now).date()
    found = review(subject.edition, today)
    if found is not None and found.overdue and found.latest is not None:
        yield subject.finding(
            "review-overdue",
            f"редакция {subject.edition.edition.id} должна была быть пересмотрена до {found.latest:%d.%m.%Y}",
            f"the edition {subject.edition.edition.id} was to be reviewed by {found.latest.isoformat()}",
            Witness((found.clause,), instant=_local(subject.now, _zone(subject)), shows_en="today", shows_ru="сегодня"),
        )


def _gaps(subject: Subject) -> Iterator[Finding]:
    """The text refers to something that it does not give."""
    used = references(subject.document.data)
    for name, parameter in subject.package.regulation.parameters.items():
        if name in used:
            yield subject.finding(
                parameter.finding or f"{name.replace('_', '-')}-missing",
                parameter.describe_ru or parameter.describe,
                parameter.describe,
                Witness((parameter.clause, *parameter.also)),
            )
    for target in subject.edition.targets:
        if target.within == "unknown" and target.refers_to:
            yield subject.finding(
                f"{target.name.replace('_', '-')}-without-number",
                f"пункт {target.clause} обещает срок, а пункт {target.refers_to} его не называет",
                f"clause {target.clause} promises a limit by level, and {target.refers_to} gives none",
                Witness((target.clause, target.refers_to)),
            )


def _channels(subject: Subject) -> Iterator[Finding]:
    """Lists of channels differ, or people are sent to a channel that is not listed."""
    edition = subject.edition
    lists: dict[str, set[str]] = {}
    for channel in edition.channels:
        for clause in channel.listed_in:
            lists.setdefault(clause, set()).add(channel.name)
    for (one, first), (two, second) in combinations(lists.items(), 2):
        if first != second:
            only = ", ".join(sorted(first ^ second))
            yield subject.finding(
                "channels-differ",
                f"пункты {one} и {two} называют разные каналы: {only}",
                f"clauses {one} and {two} list different channels: {only}",
                Witness((one, two)),
            )
    if edition.acceptance is None:
        return
    sends, lists_them = edition.acceptance.clause, edition.admission.clause
    for name in set(edition.acceptance.fallback_channels) - {channel.name for channel in edition.channels}:
        yield subject.finding(
            "channel-unlisted",
            f"пункт {sends} направляет в канал «{name}», которого нет в пункте {lists_them}",
            f"clause {sends} sends people to {name!r}, which {lists_them} does not list",
            Witness((lists_them, sends)),
        )


def _ranges(subject: Subject) -> Iterator[Finding]:
    """The lower bound of a range may lie after its upper bound."""
    found = find_inversion(subject.edition, subject.package, subject.now)
    if found is not None:
        yield subject.finding(
            "range-inverted",
            f"пункт {found.clause}: цель ({found.goal}) наступает позже предела ({found.limit})",
            f"clause {found.clause}: the goal ({found.goal}) comes after the limit ({found.limit})",
            Witness((found.clause,), instant=found.received, case=found.case,
                    shows_ru=f"получено {found.received}", shows_en=f"received {found.received}"),
        )  # fmt: skip


def _numbers(subject: Subject) -> Iterator[Finding]:
    """The text numbers its sections twice, or leaves numbers out."""
    printed = [clause.printed_as or clause.id for clause in subject.edition.clauses]
    faults = numbering_faults(printed)
    if faults:
        yield subject.finding(
            "numbering",
            "нумерация разделов и пунктов нарушена: " + "; ".join(fault.ru for fault in faults),
            "sections and clauses are numbered twice or skipped: " + "; ".join(fault.en for fault in faults),
            Witness(tuple(fault.number for fault in faults)),
        )


def _uncovered_levels(subject: Subject) -> Iterator[Finding]:
    """A target is promised for some levels and says nothing of the others."""
    levels = set(subject.edition.levels)
    for name in dict.fromkeys(target.name for target in subject.edition.targets):
        rules = [target for target in subject.edition.targets if target.name == name]
        named = {level for target in rules for level in target.levels}
        silent = sorted(levels - named)
        if named and silent and all(target.levels for target in rules):
            yield subject.finding(
                f"{name}-by-level",
                f"для уровней {', '.join(silent)} срок «{name}» не назван",
                f"no {name!r} is given for the levels {', '.join(silent)}",
                Witness((rules[0].clause,)),
            )


_RULES: Sequence[Callable[[Subject], Iterator[Finding]]] = (
    _contradictions,
    _hours_differ,
    _vacuous,
    _review_overdue,
    _gaps,
    _channels,
    _ranges,
    _numbers,
    _uncovered_levels,
)


def _zone(subject: Subject) -> str:
    return subject.edition.edition.zone


def _local(at: Instant, zone: str) -> str:
    return to_datetime(at).astimezone(ZoneInfo(zone)).isoformat()
