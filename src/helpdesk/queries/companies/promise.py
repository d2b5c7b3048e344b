"""What would be promised to a request, were it to come now: the regulation asked about a log that nobody wrote."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.clocks import ClockView
from helpdesk.contracts.messages import Outcome
from helpdesk.contracts.transports import EMAIL
from helpdesk.domain import rating
from helpdesk.domain.clarifying import clarify, stated
from helpdesk.domain.opening import Beginning, Way, admit, first_entries, flags_of_way
from helpdesk.domain.rating import Repeated
from helpdesk.domain.rights import Rights, Standing, decide
from helpdesk.domain.stating import demand_listed
from helpdesk.domain.ways import Ways
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import DAY, Instant, from_datetime, to_datetime
from helpdesk.queries.companies.speech import Said
from helpdesk.queries.evaluators import FindInForce
from helpdesk.queries.views.base import moment
from helpdesk.queries.views.promise import CategoryView, OpenWay, PromisedDeadline, PromisedWait, PromiseView
from helpdesk.queries.views.tickets import FlagView
from helpdesk.regulation.judging.categories import category_of, first_line
from helpdesk.regulation.judging.decisions import read_first
from helpdesk.regulation.judging.evaluator import Admission, Evaluator
from helpdesk.regulation.judging.explanation import Explanation
from helpdesk.regulation.judging.waits import Begun, lacking
from helpdesk.regulation.vocabulary.work import Target, Term
from helpdesk.sla.errors import BeyondCalendar
from helpdesk.store.engine.session import Session
from helpdesk.store.standing import Asker, standing_of
from helpdesk.store.tenants import Tenants
from helpdesk.store.tickets import Tickets

EARLIEST = 7 * DAY
LATEST = 366 * DAY
"""How far from the present a promise may be asked for."""

_DAYS_AHEAD = 31
_NOBODY = "promise"


class Question(Struct, frozen=True):
    """A request that might come."""

    way: Way
    level: str | None = None
    requester: str = ""
    """Who would ask, on that channel."""
    contact: str = ""
    """Their mail address."""
    organisation: str = ""
    product: str = ""
    version: str = ""
    category: str = ""
    criterion: str = ""
    facts: tuple[str, ...] = ()
    affected: int | None = None
    repeats: int | None = None
    """The ticket that the client would ask about once more."""
    fields: Mapping[str, str] | None = None
    """What it would state, by the regulation's names of fields; None: not looked at."""
    missing: tuple[str, ...] = ()
    """What the client could not tell, in words."""


def ask(session: Session, question: Question, at: Instant | None, evaluator_at: FindInForce, ways: Ways) -> PromiseView:
    """Return what the session's tenant would promise at ``at``, by default now; letters would go by one of ``ways``.

    Raises:
        Invalid: the instant is too far from now or beyond the known calendar, or the level is none of the regulation's.
        Conflict: no edition is in force then.
    """
    now = session.now
    if at is not None and not now - EARLIEST <= at <= now + LATEST:
        raise Invalid("The instant is too far away.", fields={"at": "must lie within 7 days back and 366 days ahead"})
    moment_asked = now if at is None else at
    evaluator = evaluator_at(session, moment_asked)
    addresses = ((question.way.channel_kind, question.requester), (EMAIL, question.contact))
    asker = Asker(addresses, question.organisation)
    standing = standing_of(session, asker, moment_asked, evaluator.zone)
    again = _repeated(session, question.repeats)
    way = question.way
    contact = question.contact or ways.contact(way.channel_kind, question.requester, way.address, standing.mail)
    question = replace(question, contact=contact)
    return promise(evaluator, Tenants(session).own().slug, question, moment_asked, standing, again)


def _repeated(session: Session, number: int | None) -> Repeated | None:
    if number is None:
        return None
    ticket = Tickets(session).find_number(number)
    if ticket is None:
        raise Invalid("There is no such ticket.", fields={"repeats": "names none"})
    return Repeated(ticket.number, ticket.level)


def promise(
    evaluator: Evaluator,
    tenant: str,
    question: Question,
    at: Instant,
    standing: Standing | None = None,
    again: Repeated | None = None,
) -> PromiseView:
    """Return what ``evaluator`` promises a request that is received and registered at ``at``.

    Without a ``standing`` nobody's right to support is checked.

    Raises:
        Invalid: level or category are none of the regulation's, or the calendar does not reach ``at``.
    """
    try:
        admission = admit(evaluator, question.way, at)
        ways = tuple(_ways(evaluator, at))
    except BeyondCalendar as error:
        raise Invalid("The calendar is not known that far.", fields={"at": str(error)}) from error
    said = Said(evaluator.zone)
    official = any(channel.name == admission.channel for channel in evaluator.channels)
    counts_from = max(at, admission.counts_from)
    rights = decide(evaluator.edition, standing or Standing(checked=False), question.product, question.version)
    refusal = _refusal(admission, rights)
    contact = question.contact or (question.requester if question.way.channel_kind == EMAIL else "")
    missing = _missing(evaluator, question, admission.channel)
    flags, waits = clarify(evaluator.edition, rights.flags, missing)
    flags += flags_of_way(evaluator.edition, question.way.channel_kind, contact)
    wish = rating.Said(question.level, question.category, question.criterion, question.facts, question.affected, again)
    rated = rating.rate(evaluator, wish)
    demand_listed(evaluator.edition, question.fields or {})
    if refusal is None:
        level = evaluator.initial_level(rated.level)
        explained = _explained(evaluator, question, admission, rated, at, waits)
        deadlines = tuple(_deadline(evaluator, clock, why) for clock, why in explained)
        opens_at: Instant | None = _work_begins(evaluator, [why for _, why in explained], counts_from)
        unrated = _unrated(evaluator, admission.channel, level, deadlines)
        shown = (admission.clause, moment(opens_at), to_datetime(at), deadlines, flags, unrated)
        note_ru, note_en = _notes(evaluator, admission)
        say_ru, say_en = (
            f"{said.accepted_ru(*shown)} {note_ru}".strip(),
            f"{said.accepted_en(*shown)} {note_en}".strip(),
        )
    else:
        level, deadlines = None, ()
        opens_at = _taken_again(evaluator, question.way, at) if official and not admission.accepted else None
        opening = moment(opens_at)
        say_ru = said.refused_ru(refusal.clause, refusal.reason_ru, refusal.hint_ru, opening)
        say_en = said.refused_en(refusal.clause, refusal.reason_en, refusal.hint_en, opening)
    return PromiseView(
        at=to_datetime(at),
        tenant=tenant,
        edition=evaluator.snapshot.edition_id,
        snapshot=evaluator.snapshot.hash,
        outcome=Outcome.TICKET if refusal is None else Outcome.REFUSED,
        official=official,
        channel=admission.channel,
        clause=admission.clause if refusal is None else refusal.clause,
        reason_ru=refusal.reason_ru if refusal is not None else "",
        reason_en=refusal.reason_en if refusal is not None else "",
        hint_ru=admission.hint_ru if refusal is None else refusal.hint_ru,
        hint_en=admission.hint_en if refusal is None else refusal.hint_en,
        level=level,
        category=_category(evaluator, question.category),
        needs=rated.verdict.needs if refusal is None else (),
        read_first=read_first(evaluator.edition),
        counts_from=to_datetime(counts_from),
        opens_at=moment(opens_at),
        flags=tuple(FlagView(each.flag, each.clause, each.reason) for each in flags) if refusal is None else (),
        waits=tuple(_wait(evaluator, wait) for wait in waits) if refusal is None else (),
        ways=ways,
        deadlines=deadlines,
        say_ru=say_ru,
        say_en=say_en,
    )


def _refusal(admission: Admission, rights: Rights) -> Rights | None:
    """Return why it would not be let in: on account of its way first, then of who asks; None: it would."""
    if not admission.accepted:
        words = (admission.reason, admission.reason_en, admission.hint_ru, admission.hint_en)
        return Rights("refuse", admission.clause, *words)
    return rights if rights.refused else None


def _explained(
    evaluator: Evaluator,
    question: Question,
    admission: Admission,
    rated: rating.Rated,
    at: Instant,
    waits: tuple[Begun, ...],
) -> tuple[tuple[ClockView, Explanation], ...]:
    line = first_line(evaluator.edition, question.way.channel_kind)
    log = first_entries(
        Beginning(
            channel=admission.channel,
            sender=question.requester,
            number=0,
            actor=_NOBODY,
            received_at=at,
            registered_at=at,
            counts_from=admission.counts_from,
            level=rated.level,
            category=question.category,
            by_category=rated.by_category,
            waits=waits,
            line=line if evaluator.lines and line != evaluator.lines[0] else "",
        )
    )
    return tuple((clock, evaluator.explain(log, clock.name, clock.seq, at)) for clock in evaluator.clocks(log, at))


def _unrated(
    evaluator: Evaluator, channel: str, level: str | None, deadlines: Iterable[PromisedDeadline]
) -> tuple[Target, ...]:
    """Return a target of each name that is promised by level only, where the request would have no level."""
    if level is not None:
        return ()
    known = {each.name for each in deadlines}
    found: dict[str, Target] = {}
    for target in evaluator.edition.targets:
        if target.levels and target.name not in known and (not target.channels or channel in target.channels):
            found.setdefault(target.name, target)
    return tuple(found.values())


def _missing(evaluator: Evaluator, question: Question, channel: str) -> tuple[str, ...]:
    """Return what the request would lack."""
    if question.fields is None:
        return question.missing
    told = stated(
        question.fields,
        channel_kind=question.way.channel_kind,
        sender=question.requester,
        contact=question.contact,
        organisation=question.organisation,
    )
    return (*lacking(evaluator.edition, channel, told), *question.missing)


def _wait(evaluator: Evaluator, wait: Begun) -> PromisedWait:
    rule = next(rule for rule in evaluator.edition.pauses if rule.reason == wait.reason)
    words = {field.name: field.name_ru for field in evaluator.edition.fields}
    missing = tuple(words.get(name, name) for name in wait.missing)
    return PromisedWait(wait.reason, rule.name_ru, rule.name_en, wait.clause, missing)


def _notes(evaluator: Evaluator, admission: Admission) -> tuple[str, str]:
    """Return what is told of the channel, where it consults or registers and does not solve on the spot."""
    rule = next((rule for rule in evaluator.edition.channels if rule.name == admission.channel), None)
    return (rule.consultation_only_ru, rule.consultation_only_en) if rule is not None else ("", "")


def _category(evaluator: Evaluator, category: str) -> CategoryView | None:
    rule = category_of(evaluator.edition, category)
    if rule is None:
        return None
    return CategoryView(rule.category, rule.name_ru, rule.name_en, rule.served, rule.clause, rule.level or None)


def _deadline(evaluator: Evaluator, clock: ClockView, why: Explanation) -> PromisedDeadline:
    rules: tuple[Target | Term, ...] = (*evaluator.edition.targets, *evaluator.edition.terms)
    rule = next(rule for rule in rules if rule.name == clock.name)
    return PromisedDeadline(
        name=clock.name,
        name_ru=rule.name_ru or rule.name,
        name_en=rule.name_en or rule.name,
        kind=clock.kind,
        clause=clock.clause,
        amount_ru=why.amount_ru,
        amount_en=why.amount_en,
        goal=moment(clock.goal),
        due=moment(clock.due),
        note=clock.note,
        disclaimed_by=rule.disclaimed_by if isinstance(rule, Target) else "",
        text_ru=why.text_ru,
        text_en=why.text_en,
    )


def _work_begins(evaluator: Evaluator, explained: Iterable[Explanation], counts_from: Instant) -> Instant:
    """Return the first instant of working time, among the calendars that the deadlines count in."""
    found = []
    for each in explained:
        if each.due is None and each.amount_us is None:
            continue
        if not each.calendar:
            return counts_from
        try:
            found.append(evaluator.calendars[each.calendar].next_open_us(counts_from))
        except BeyondCalendar:
            continue
    return min(found, default=counts_from)


def _taken_again(evaluator: Evaluator, way: Way, at: Instant) -> Instant | None:
    """Return the local midnight at which the way takes requests again, at most a month ahead."""
    zone = ZoneInfo(evaluator.zone)
    midnight = to_datetime(at).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        for days in range(1, _DAYS_AHEAD + 1):
            ahead = from_datetime(midnight + timedelta(days=days))
            if admit(evaluator, way, ahead).accepted:
                return ahead
    except BeyondCalendar:
        return None
    return None


def _ways(evaluator: Evaluator, at: Instant) -> Iterator[OpenWay]:
    for channel in evaluator.channels:
        admission = evaluator.admit_by_name(channel.name, at)
        yield OpenWay(channel.name, channel.kind, channel.addresses, admission.accepted, admission.clause)
