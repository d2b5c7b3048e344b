"""What a regulation says beyond clocks and channels: fields, attachments, levels, pauses, closing, scope, review.

Each answer names the clause that decides. Pure functions of an edition; the evaluator offers them as methods.
"""

import calendar
import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from urllib.parse import urlsplit

from msgspec import Struct

from helpdesk.regulation.vocabulary.amounts import UNKNOWN, parse_amount
from helpdesk.regulation.vocabulary.doors import Acceptance, Duty, FieldRule
from helpdesk.regulation.vocabulary.model import Edition
from helpdesk.regulation.vocabulary.work import Term


class Verdict(Struct, frozen=True):
    """A decision with the clause behind it; ``needs`` names what is missing where it says no."""

    allowed: bool
    clause: str
    act: str = ""
    """What to do: ``register``, ``refuse``, ``identify``, ``quarantine``, ``flag``, ``ask`` …"""
    needs: tuple[str, ...] = ()
    hint_ru: str = ""
    hint_en: str = ""
    among: Mapping[str, tuple[str, ...]] = {}
    """Of what it ``needs``, which values would do: ``{"level": ("1", "2")}``."""


class FieldCheck(Struct, frozen=True):
    """Which fields are missing: ``hard`` ones refuse the request, ``soft`` ones are asked for later."""

    hard: tuple[FieldRule, ...]
    soft: tuple[FieldRule, ...]


def check_fields(edition: Edition, channel: str, given: Mapping[str, str]) -> FieldCheck:
    """Return the fields that a request by ``channel`` lacks (absent or blank)."""
    missing = [rule for rule in edition.fields if not given.get(rule.name, "").strip()]
    hard = tuple(rule for rule in missing if channel in rule.hard_on)
    soft = tuple(rule for rule in missing if channel not in rule.hard_on and _asked(rule, channel))
    return FieldCheck(hard, soft)


def _asked(rule: FieldRule, channel: str) -> bool:
    return channel in rule.soft_on or not (rule.soft_on or rule.hard_on)


def check_attachment(edition: Edition, content_type: str) -> Verdict:
    """Decide about a file by what its bytes are. The request is registered either way."""
    rule = edition.attachments
    if rule is None:
        return Verdict(True, "", "accept")
    if not rule.accept or any(_same_type(known, content_type) for known in rule.accept):
        return Verdict(True, rule.clause, "accept")
    return Verdict(rule.otherwise == "accept", rule.clause, rule.otherwise, tuple(rule.accept))


def _same_type(known: str, given: str) -> bool:
    return given == known or (known.endswith("/*") and given.startswith(known[:-1]))


def entitled(edition: Edition, basis: str | None, *, suspended: bool = False) -> Verdict:
    """Decide whether a requester is served: on what basis (``licence``, …; None: unknown), and not suspended."""
    pause = edition.admission.suspension
    if suspended and pause is not None and pause.new_requests == "refuse":
        return Verdict(False, pause.clause, "refuse", (), pause.hint_ru, pause.hint_en)
    rule = edition.admission.entitlement
    if rule is None or basis in rule.basis:
        return Verdict(True, rule.clause if rule else "", "register")
    refused = rule.without == "refuse"
    return Verdict(not refused, rule.clause, rule.without, tuple(rule.basis), rule.hint_ru, rule.hint_en)


def version_served(edition: Edition, product: str, version: str) -> Verdict:
    """Decide about a product's version: an older one is flagged or refused; with no table nothing can be said."""
    rule = edition.admission.product
    if rule is None:
        return Verdict(True, "", "register")
    if rule.minimum_versions == UNKNOWN or not isinstance(rule.minimum_versions, dict):
        return Verdict(True, rule.clause, "unknown")
    least = rule.minimum_versions.get(product)
    if least is None or _parts(version) >= _parts(least):
        return Verdict(True, rule.clause, "register")
    return Verdict(rule.older == "flag", rule.clause, rule.older, (rule.reason,) if rule.reason else ())


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


_FAQ_FIRST = "faq_first"
"""The duty by which clients are to look for an answer before they ask; its value: the hosts to look on."""


def read_first(edition: Edition) -> tuple[str, ...]:
    """Return where clients are to look for an answer before they ask; nothing ever waits for it."""
    duty = duty_of(edition, _FAQ_FIRST)
    return tuple(f"https://{host}/" for host in duty.value.split()) if duty is not None else ()


AFFECTED_COUNT = "affected_count"
"""The duty by which a regulation wants the number of affected users recorded with the level."""


def may_set_level(
    edition: Edition,
    level: str,
    facts: Collection[str],
    criterion: str,
    affected: int | None = None,
    category: str = "",
) -> Verdict:
    """Decide whether ``level`` may be set: facts recorded, criterion named, users counted where that is needed.

    Where the request's ``category`` gives the level and says what must be true for that, that is what is demanded.
    """
    rule = edition.levels[level]
    given = next((known for known in edition.scope if known.category == category and known.level == level), None)
    wanted = given.needs if given is not None and given.needs else rule.requires
    needs = [fact for fact in wanted if fact not in facts]
    if edition.rating is not None and edition.rating.needs_criterion and not criterion.strip():
        needs.append("criterion")
    if affected is None and duty_clause(edition, AFFECTED_COUNT):
        needs.append("affected")
    return Verdict(not needs, rule.clause, "set" if not needs else "ask", tuple(needs))


def may_expedite(edition: Edition, level: str | None, facts: Collection[str], category: str = "") -> Verdict:
    """Decide whether a request may be taken out of turn."""
    rule = edition.queue
    if "expedited" not in rule.order:
        return Verdict(False, rule.clause, "refuse")
    needs = [fact for fact in rule.expedite_needs if fact not in facts]
    among: dict[str, tuple[str, ...]] = {}
    if rule.expedite_levels and level not in rule.expedite_levels:
        among["level"] = tuple(rule.expedite_levels)
    if rule.expedite_categories and category not in rule.expedite_categories:
        among["category"] = tuple(rule.expedite_categories)
    wanted = (*needs, *among)
    act = "expedite" if not wanted else "ask"
    return Verdict(not wanted, rule.expedite_clause or rule.clause, act, wanted, among=among)


def may_pause(edition: Edition, reason: str, level: str | None, sent: Collection[str]) -> Verdict:
    """Decide whether work may wait for ``reason``: what must have been sent (``question``, ``notice``) was sent."""
    rule = next((known for known in edition.pauses if known.reason == reason), None)
    if rule is None:
        return Verdict(False, "", "refuse")
    if rule.levels and level not in rule.levels:
        return Verdict(False, rule.clause, "refuse", ("level",), among={"level": tuple(rule.levels)})
    needs = (rule.requires,) if rule.requires and rule.requires not in sent else ()
    return Verdict(not needs, rule.clause, "pause" if not needs else "ask", needs)


def may_close(edition: Edition, outcome: str, facts: Collection[str]) -> Verdict:
    """Decide whether a request may end with ``outcome``."""
    rule = next((known for known in edition.outcomes if known.code == outcome), None)
    if rule is None:
        return Verdict(False, "", "refuse")
    needs = tuple(fact for fact in rule.needs if fact not in facts)
    return Verdict(not needs, rule.clause, "close" if not needs else "ask", needs)


def may_disagree(edition: Edition, text: str) -> Verdict:
    """Decide whether a client's disagreement reopens the work: where the text wants arguments, it has some."""
    rule = edition.closing
    if rule is None:
        return Verdict(True, "", "reopen")
    needs = ("text",) if rule.disagreement_needs_text and not text.strip() else ()
    return Verdict(not needs, rule.clause, "reopen" if not needs else "ask", needs)


def duty_of(edition: Edition, name: str) -> Duty | None:
    """Return a duty that the service holds for this company, None where it does not."""
    return next((duty for duty in edition.duties if duty.name == name), None)


def duty_clause(edition: Edition, name: str) -> str:
    """Return the clause of a duty that the service holds for this company; empty where it does not."""
    duty = duty_of(edition, name)
    return duty.clause if duty is not None else ""


def closed_by_silence(edition: Edition, outcome: str) -> Term | None:
    """Return the term whose running out closes with ``outcome``; None where silence never does."""
    return next((term for term in edition.terms if term.then == f"close:{outcome}"), None)


def ends_work(edition: Edition, outcome: str) -> bool:
    """Say whether closing with ``outcome`` says that the work is done: it neither declines nor stands for silence."""
    rule = next((each for each in edition.outcomes if each.code == outcome), None)
    return rule is not None and not rule.declines and closed_by_silence(edition, outcome) is None


def confirmed_outcome(edition: Edition) -> str:
    """Return the outcome with which the client's confirmation closes; empty where the text names none."""
    return edition.closing.confirmed if edition.closing is not None else ""


def accepted_by_notice(edition: Edition) -> bool:
    """Say whether some target is met by the notice that names the engineer."""
    return any(stop.startswith("notice_sent(names_engineer") for target in edition.targets for stop in target.stops_on)


def in_scope(edition: Edition, category: str, facts: Collection[str] = ()) -> Verdict:
    """Decide whether a kind of question is served; ``facts`` may make it so where it otherwise is not."""
    rule = next((known for known in edition.scope if known.category == category), None)
    if rule is None:
        return Verdict(True, "", "serve")
    served = rule.served or any(fact in facts for fact in rule.unless)
    return Verdict(served, rule.clause, "serve" if served else "decline")


def reason_to_postpone(edition: Edition, code: str) -> Verdict:
    """Decide whether ``code`` is a reason the regulation names."""
    rule = next((known for known in edition.reasons if known.code == code), None)
    return Verdict(rule is not None, rule.clause if rule else "", "postpone" if rule else "refuse")


def link_allowed(edition: Edition, url: str) -> Verdict:
    """Decide whether an answer may be a link to ``url``; where the text names no hosts, any will do."""
    rule = edition.answer_links
    if rule is None:
        return Verdict(True, "", "link")
    host = (urlsplit(url).hostname or "").casefold()
    known = not rule.hosts or any(host == name or host.endswith(f".{name}") for name in rule.hosts)
    return Verdict(known, rule.clause, "link" if known else "refuse")


def acceptance(edition: Edition, *, letter_relayed: bool, bounced: bool, channel: str = "") -> Verdict:
    """Decide whether a request by ``channel`` counts as accepted, given what became of its letter of registration."""
    rule = edition.acceptance
    if rule is None or not _waits_for_letter(rule, channel):
        return Verdict(True, rule.clause if rule else "", "accepted")
    accepted = letter_relayed and not bounced
    return Verdict(accepted, rule.clause, "accepted" if accepted else "ask", tuple(rule.fallback_channels))


def bounce_takes_back(edition: Edition, since_letter_us: int, channel: str = "") -> Verdict:
    """Decide whether a bounce, that long after the letter of registration left, takes the acceptance back."""
    rule = edition.acceptance
    if rule is None or not _waits_for_letter(rule, channel):
        return Verdict(False, rule.clause if rule else "", "accepted")
    in_time = not rule.bounce_within or since_letter_us <= parse_amount(rule.bounce_within).value
    return Verdict(in_time, rule.clause, "ask" if in_time else "accepted", tuple(rule.fallback_channels))


def _waits_for_letter(rule: Acceptance, channel: str) -> bool:
    return rule.when != "registered" and (not rule.channels or not channel or channel in rule.channels)


def work_of(edition: Edition, line: str, work: str) -> Verdict:
    """Decide whether a line does this kind of work; where the text gives a line no list, it does."""
    rule = next((known for known in edition.lines if known.name == line), None)
    if rule is None:
        return Verdict(False, "", "refuse")
    allowed = not rule.work or work in rule.work
    return Verdict(allowed, rule.clause, "work" if allowed else "hand_over")


def line_for_calls(edition: Edition) -> str:
    """Return the line on which calls land, or empty where the text names none."""
    return next((line.name for line in edition.lines if line.takes_calls), "")


class Review(Struct, frozen=True):
    """When an edition must be looked at again. Dates are local to the edition."""

    earliest: date | None
    latest: date | None
    overdue: bool
    clause: str


def review(edition: Edition, today: date) -> Review | None:
    """Return the review's dates, or None where the text sets none or the edition has no date."""
    header = edition.edition
    if header.review is None or header.in_force_from is None:
        return None
    since = header.in_force_from
    earliest, latest = (
        _months_after(since, months) if months is not None else None
        for months in (header.review.min_months, header.review.max_months)
    )
    return Review(earliest, latest, latest is not None and today > latest, header.review.clause)


def _months_after(moment: datetime, months: int) -> date:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return date(year, month + 1, min(moment.day, calendar.monthrange(year, month + 1)[1]))


def number_text(edition: Edition, number: int) -> str:
    """Return how a request's number is written in a subject."""
    return edition.numbering.form.replace("{number}", str(number)) if edition.numbering else f"#{number}"
