"""What the vocabulary's types cannot say: references, amounts, conditions, overlaps, cycles."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from itertools import combinations
from typing import Any

from helpdesk.regulation.compiling.calendars import CalendarError, check_zone, compile_rule
from helpdesk.regulation.compiling.codes import MOST_CODES, MOST_NAMES
from helpdesk.regulation.compiling.patches import VALUE, apply_patches, tables_at
from helpdesk.regulation.vocabulary.amounts import UNKNOWN, parse_amount
from helpdesk.regulation.vocabulary.conditions import parse_condition
from helpdesk.regulation.vocabulary.days import ProductionCalendar
from helpdesk.regulation.vocabulary.lines import KeyPath
from helpdesk.regulation.vocabulary.model import Edition, Patch
from helpdesk.regulation.vocabulary.problems import nearest
from helpdesk.regulation.vocabulary.shapes import Misfit, fit
from helpdesk.regulation.vocabulary.work import Target, Term

_SHARE = re.compile(r"([1-9]\d?)%")

ACTS: Mapping[str, str] = {"close": "closed", "ask_again": "", "reopen": "reopened", "resolve": "resolved"}
"""What a term's act makes happen by itself; asking again is left to a person."""


def check_edition(edition: Edition, production: Mapping[str, ProductionCalendar]) -> Iterator[Misfit]:
    """Yield every mistake of an edition that fits the vocabulary."""
    yield from _check_calendars(edition, production)
    yield from _check_names(edition)
    for index, target in enumerate(edition.targets):
        yield from _check_target(target, ("targets", index))
    for index, term in enumerate(edition.terms):
        yield from _check_term(edition, term, ("terms", index))
    yield from _check_families(edition)
    yield from _check_size(edition)
    yield from _check_cycles(edition)
    yield from _check_references(edition)


def check_readings(data: dict[str, Any], check: Callable[[dict[str, Any]], Iterable[Misfit]]) -> Iterator[Misfit]:
    """Apply every alternative of every reading alone and yield what it breaks."""
    for name, reading in data.get("readings", {}).items():
        path: KeyPath = ("readings", name)
        alternatives = reading.get("alternatives", {})
        if not alternatives and not reading.get("given"):
            yield Misfit(path, "the reading has no alternative: then it is no reading", "state the rule itself")
        if str(reading.get("value")) in alternatives:
            yield Misfit((*path, "value"), "the value chosen is also an alternative", "an alternative is another value")
        for value, patches in alternatives.items():
            yield from _try_patches(data, (*path, "alternatives", value), patches, check)
        for index, patch in enumerate(reading.get("given", ())):
            if not tables_at(data, patch["at"]) and not patch["at"].endswith(".*"):
                yield Misfit((*path, "given", index, "at"), f"nothing stands at {patch['at']!r}")
            if VALUE not in patch["set"].values():
                yield Misfit((*path, "given", index, "set"), f"nothing is set to {VALUE}")


def _try_patches(
    data: dict[str, Any],
    path: KeyPath,
    patches: list[dict[str, Any]],
    check: Callable[[dict[str, Any]], Iterable[Misfit]],
) -> Iterator[Misfit]:
    changed = deepcopy(data)
    try:
        apply_patches(changed, [fit(Patch, patch) for patch in patches])
    except LookupError as error:
        yield Misfit(path, f"nothing stands at {error.args[0]!r}", "e.g. targets.reaction, calendars.*, counting")
        return
    if patches and changed == data:
        yield Misfit(path, "the alternative changes nothing")
    for misfit in check(changed):
        yield Misfit(path, f"under this reading {misfit.message}", misfit.suggestion)


def _check_calendars(edition: Edition, production: Mapping[str, ProductionCalendar]) -> Iterator[Misfit]:
    try:
        check_zone(edition.edition.zone)
    except CalendarError as error:
        yield Misfit(("edition", "zone"), str(error), error.suggestion)
    for name, rule in edition.calendars.items():
        if rule.hours == UNKNOWN:
            continue
        try:
            compile_rule(rule, production)
        except CalendarError as error:
            yield Misfit(("calendars", name, error.key), str(error), error.suggestion)


def _check_names(edition: Edition) -> Iterator[Misfit]:
    for section in ("channels", "refusals", "fields", "lines", "duties"):
        yield from _twice((entry.name for entry in getattr(edition, section)), section, "name")
    for section in ("reasons", "outcomes"):
        yield from _twice((entry.code for entry in getattr(edition, section)), section, "code")
    yield from _twice((entry.reason for entry in edition.pauses), "pauses", "reason")
    yield from _twice((clause.id for clause in edition.clauses), "clauses", "id")
    taken: dict[tuple[str, str], str] = {}
    for index, channel in enumerate(edition.channels):
        for address in channel.addresses:
            other = taken.setdefault((channel.kind, address), channel.name)
            if other != channel.name:
                yield Misfit(("channels", index, "addresses"), f"{address!r} is also an address of {other!r}")
    official = {channel.name for channel in edition.channels}
    for index, refusal in enumerate(edition.refusals):
        if refusal.name in official:
            yield Misfit(("refusals", index, "name"), f"{refusal.name!r} is also an official channel")
    ranks: dict[int, str] = {}
    for name, level in edition.levels.items():
        if ranks.setdefault(level.rank, name) != name:
            yield Misfit(("levels", name, "rank"), f"the level {ranks[level.rank]!r} has the same rank")
    if edition.edition.in_force_from is not None and edition.edition.in_force_from.tzinfo is not None:
        yield Misfit(("edition", "in_force_from"), "an edition's instant is local in its zone", "leave out the offset")


def _twice(names: Iterable[str], section: str, key: str) -> Iterator[Misfit]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Misfit((section, index, key), f"{name!r} is named twice")
        seen.add(name)


def _check_target(target: Target, path: KeyPath) -> Iterator[Misfit]:
    given = [key for key in ("within", "average", "none") if getattr(target, key)]
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        yield Misfit(path, f"exactly one of within, average, none = true is needed, found {found}")
    if target.goal:
        yield from _check_amount(target.goal, target.calendar, (*path, "goal"))
    for key in ("within", "average"):
        if getattr(target, key):
            yield from _check_amount(getattr(target, key), target.calendar, (*path, key))
    yield from _check_shares(target.warn_at, path)
    if target.none:
        return
    yield from _check_conditions(target.starts_on, (*path, "starts_on"))
    yield from _check_conditions(target.stops_on, (*path, "stops_on"))
    yield from _check_conditions(target.resumes_on, (*path, "resumes_on"), empty=True)
    for condition in sorted(set(target.starts_on) & set(target.stops_on)):
        yield Misfit((*path, "stops_on"), f"{condition!r} both starts and stops the target", "it would measure nothing")


def _check_term(edition: Edition, term: Term, path: KeyPath) -> Iterator[Misfit]:
    yield from _check_amount(term.within, term.calendar, (*path, "within"))
    if term.min_gap:
        yield from _check_elapsed(term.min_gap, (*path, "min_gap"))
    yield from _check_shares(term.warn_at, path)
    yield from _check_conditions(term.starts_on, (*path, "starts_on"))
    yield from _check_conditions(term.cancelled_on, (*path, "cancelled_on"))
    for condition in sorted(set(term.starts_on) & set(term.cancelled_on)):
        yield Misfit((*path, "cancelled_on"), f"{condition!r} both starts and cancels the term")
    if term.min_requests < 1:
        yield Misfit((*path, "min_requests"), "at least one request starts a term")
    for key in ("then", "before_min"):
        act, _, outcome = getattr(term, key).partition(":")
        if act not in ACTS:
            yield Misfit((*path, key), f"there is no act {act!r}", nearest(act, ACTS))
        elif act == "close" and outcome not in {known.code for known in edition.outcomes}:
            known = nearest(outcome, (known.code for known in edition.outcomes))
            yield Misfit((*path, key), f"there is no outcome {outcome!r}", known)


def _check_amount(text: str, calendar: str, path: KeyPath) -> Iterator[Misfit]:
    if text == UNKNOWN:
        return
    try:
        amount = parse_amount(text)
    except ValueError as error:
        yield Misfit(path, str(error), "e.g. '4 working hours', '24 elapsed hours', '3 working days'")
        return
    if not calendar and amount.unit != "elapsed":
        yield Misfit(path, f"{text!r} needs a calendar", 'add calendar = "…"')


def _check_elapsed(text: str, path: KeyPath) -> Iterator[Misfit]:
    found = list(_check_amount(text, "none", path))
    yield from found
    if not found and parse_amount(text).unit != "elapsed":
        yield Misfit(path, f"{text!r} is not elapsed time", "e.g. '4 elapsed hours'")


def _check_shares(shares: Iterable[str], path: KeyPath) -> Iterator[Misfit]:
    for share in shares:
        if not _SHARE.fullmatch(share):
            yield Misfit((*path, "warn_at"), f"{share!r} is no share of the amount", "from '1%' to '99%'")


def _check_conditions(texts: Iterable[str], path: KeyPath, *, empty: bool = False) -> Iterator[Misfit]:
    if not texts and not empty:
        yield Misfit(path, "the list of conditions is empty", "name at least one event")
    for text in texts:
        try:
            parse_condition(text)
        except ValueError as error:
            yield Misfit(path, str(error))


def _check_families(edition: Edition) -> Iterator[Misfit]:
    """Rules of one name must agree on when they start and stop, and no two may fit the same request."""
    for (i, one), (j, two) in combinations(enumerate(edition.targets), 2):
        if one.name != two.name:
            continue
        for key in ("starts_on", "stops_on", "resumes_on", "repeat", "counts_from"):
            if getattr(one, key) != getattr(two, key) and not (one.none or two.none):
                yield Misfit(("targets", j, key), f"differs from targets[{i}] of the same name", "use another name")
        if all(_meet(getattr(one, key), getattr(two, key)) for key in ("channels", "levels", "lines")):
            yield Misfit(("targets", j), f"fits the same requests as targets[{i}] of the same name")
    names = {target.name for target in edition.targets}
    for index, term in enumerate(edition.terms):
        if term.name in names:
            yield Misfit(("terms", index, "name"), f"{term.name!r} is also a target")
        names.add(term.name)


def _check_size(edition: Edition) -> Iterator[Misfit]:
    """Clocks are folded by codes of which there are so many."""
    for section in ("levels", "lines", "channels"):
        count = len(getattr(edition, section))
        if count > MOST_NAMES:
            yield Misfit((section,), f"{count} are too many", f"at most {MOST_NAMES}")
    rules: tuple[Target | Term, ...] = (*edition.targets, *edition.terms)
    lists = ("starts_on", "stops_on", "resumes_on", "cancelled_on")
    events = {text for rule in rules for key in lists for text in getattr(rule, key, ())} | {"closed"}
    reasons = {reason for rule in rules for reason in rule.pause_on}
    needed = len(events) + 2 * len(reasons) + 1
    if needed > MOST_CODES:
        yield Misfit(
            ("targets",),
            f"targets and terms listen to {len(events)} events and {len(reasons)} reasons to wait: too many",
            f"events and twice the reasons may be {MOST_CODES - 1}",
        )


def _meet(one: Iterable[str], two: Iterable[str]) -> bool:
    return not one or not two or bool(set(one) & set(two))


def _check_cycles(edition: Edition) -> Iterator[Misfit]:
    """A chain of terms in which each act starts the next may not come back to its beginning."""
    effects = {term.name: ACTS.get(term.then.partition(":")[0], "") for term in edition.terms}
    starts = {term.name: {text.partition("(")[0] for text in term.starts_on} for term in edition.terms}
    for index, term in enumerate(edition.terms):
        seen: set[str] = set()
        ahead = [effects[term.name]]
        while ahead:
            event = ahead.pop()
            if event in starts[term.name]:
                yield Misfit(("terms", index, "then"), f"the act leads back to the start of {term.name!r}: a cycle")
                break
            following = {name for name, events in starts.items() if event in events} - seen
            seen |= following
            ahead += [effects[name] for name in following]


def _check_references(edition: Edition) -> Iterator[Misfit]:
    known = {
        "calendar": set(edition.calendars),
        "channels": {channel.name for channel in edition.channels},
        "levels": set(edition.levels),
        "lines": {line.name for line in edition.lines},
        "pause_on": {pause.reason for pause in edition.pauses},
    }
    sections: tuple[str, ...] = ("targets", "terms", "pauses", "claims")
    for section, rules in ((name, getattr(edition, name)) for name in sections):
        for index, rule in enumerate(rules):
            for key, names in known.items():
                given = getattr(rule, key, [])
                for name in [given] if isinstance(given, str) else given:
                    if name and name not in names:
                        path = (section, index, key)
                        yield Misfit(path, f"{name!r} is not defined under {_SECTION[key]}", nearest(name, names))
    for index, field in enumerate(edition.fields):
        for key in ("hard_on", "soft_on"):
            for name in set(getattr(field, key)) - known["channels"]:
                yield Misfit(("fields", index, key), f"there is no channel {name!r}", nearest(name, known["channels"]))
    yield from _check_waits(edition)
    yield from _check_singles(edition, known)
    yield from _check_categories(edition, known["levels"])
    yield from _check_listed(edition)


def _check_listed(edition: Edition) -> Iterator[Misfit]:
    for index, rule in enumerate(edition.fields):
        for value in rule.one_of:
            if value != value.strip().casefold():
                suggestion = f"write {value.strip().casefold()!r}"
                yield Misfit(("fields", index, "one_of"), f"{value!r} is compared without case and blanks", suggestion)


def _check_categories(edition: Edition, levels: set[str]) -> Iterator[Misfit]:
    categories = [rule.category for rule in edition.scope]
    yield from _twice(categories, "scope", "category")
    for index, rule in enumerate(edition.scope):
        if rule.level and rule.level not in levels:
            yield Misfit(("scope", index, "level"), f"there is no level {rule.level!r}", nearest(rule.level, levels))
        if rule.needs and not rule.level:
            yield Misfit(("scope", index, "needs"), "facts are recorded for a level, and the category gives none")
    for index, outcome in enumerate(edition.outcomes):
        if outcome.category and outcome.category not in categories:
            other = nearest(outcome.category, categories)
            yield Misfit(("outcomes", index, "category"), f"there is no category {outcome.category!r}", other)
    for name in edition.queue.expedite_categories:
        if name not in categories:
            other = nearest(name, categories)
            yield Misfit(("queue", "expedite_categories"), f"there is no category {name!r}", other)
    channels = [channel.name for channel in edition.channels]
    for name in edition.acceptance.channels if edition.acceptance is not None else ():
        if name not in channels:
            yield Misfit(("acceptance", "channels"), f"there is no channel {name!r}", nearest(name, channels))
    if any(line.takes_calls for line in edition.lines[1:]) and any(target.lines for target in edition.targets):
        yield Misfit(("lines",), "calls begin on a line that is not the first, and a target looks at lines")


def _check_waits(edition: Edition) -> Iterator[Misfit]:
    """What begins by itself must be able to end by itself, and asks for fields that there are."""
    fields = {field.name for field in edition.fields}
    begun: set[str] = set()
    for index, rule in enumerate(edition.pauses):
        for name in rule.demands:
            if name not in fields:
                path = ("pauses", index, "demands")
                yield Misfit(path, f"{name!r} is not defined under [[fields]]", nearest(name, fields))
        if not rule.begins_when:
            for key in ("demands", "letter"):
                if getattr(rule, key):
                    yield Misfit(("pauses", index, key), "nothing begins by itself here", "say begins_when")
            continue
        if rule.begins_when in begun:
            yield Misfit(("pauses", index, "begins_when"), "another reason begins then")
        begun.add(rule.begins_when)
        if not rule.ends_on:
            yield Misfit(("pauses", index, "ends_on"), "it begins by itself and never ends so")


_SECTION = {"calendar": "[calendars]", "channels": "[[channels]]", "levels": "[levels]", "lines": "[[lines]]",
            "pause_on": "[[pauses]]"}  # fmt: skip


def _check_singles(edition: Edition, known: Mapping[str, set[str]]) -> Iterator[Misfit]:
    rating, admission, acceptance = edition.rating, edition.admission, edition.acceptance
    if rating is not None and rating.default is not None and rating.default not in known["levels"]:
        yield Misfit(
            ("rating", "default"), f"there is no level {rating.default!r}", nearest(rating.default, known["levels"])
        )
    if rating is None and edition.levels:
        yield Misfit(("levels",), "there are levels and no [rating]", "say who rates, and the level before that")
    if admission.holiday_calendar and admission.holiday_calendar not in known["calendar"]:
        name = admission.holiday_calendar
        yield Misfit(
            ("admission", "holiday_calendar"), f"there is no calendar {name!r}", nearest(name, known["calendar"])
        )
    if not admission.holiday_calendar and any(channel.on_holiday != "accept" for channel in edition.channels):
        yield Misfit(("admission",), "a channel depends on holidays and no holiday_calendar is named")
    if acceptance is not None and acceptance.bounce_within:
        yield from _check_elapsed(acceptance.bounce_within, ("acceptance", "bounce_within"))
    closing, codes = edition.closing, {outcome.code for outcome in edition.outcomes}
    if closing is not None and closing.confirmed and closing.confirmed not in codes:
        name = closing.confirmed
        yield Misfit(("closing", "confirmed"), f"there is no outcome {name!r}", nearest(name, codes))
    if not edition.channels:
        yield Misfit(("channels",), "there is no official channel: nobody could ever be served")
    if not edition.queue.order:
        yield Misfit(("queue", "order"), "the order is empty", 'e.g. order = ["arrival"]')
    if isinstance(edition.edition.in_force_from, datetime) and edition.edition.in_force_from.year < 1990:
        yield Misfit(("edition", "in_force_from"), "the edition would be older than the service can count")
    for index, clause in enumerate(edition.clauses):
        if bool(clause.rules) == bool(clause.not_software):
            yield Misfit(("clauses", index), "a clause has either rules or a reason why it is not software")
