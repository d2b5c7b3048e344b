"""The report of one month for a client: what was promised, what was kept, every breach with its cause and clause."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, select

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.log import Happened
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import SECOND, Instant, to_datetime
from helpdesk.queries.days import midnight
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.organisations import names_on_tickets
from helpdesk.queries.reports.attainment import WITH_TICKETS, attainment, counted_as, held_then, promised
from helpdesk.queries.reports.averages import averages
from helpdesk.queries.reports.judges import Judges, at_home
from helpdesk.queries.reports.periods import Span, buckets, month_text
from helpdesk.queries.reports.views import AttainmentLine, AverageLine
from helpdesk.queries.reports.words import Lang
from helpdesk.queries.views.base import Moment, View, moment
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.vocabulary.amounts import UNKNOWN, in_english, in_russian, parse_amount
from helpdesk.sla.averages import Period
from helpdesk.store.editions import Edition, Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import clocks, events, problem_tickets, problems, tickets
from helpdesk.store.tenants import Tenants

MOST_LISTED = 2_000
"""Breaches, and exclusions, that a report lists; the counts are of all."""

_CHUNK = 500
_DECIDED_AGAINST = ("breached", "merged", "closed", "unknown")


class PromiseLine(View, frozen=True):
    """One target at one level: what was promised and how it was kept."""

    target: str
    target_name: str
    level: str | None
    level_name: str
    promised: str
    """The limit in words; empty where several editions promise differently."""
    clause: str
    kept: AttainmentLine


class Breach(View, frozen=True):
    """A promise that was broken, or that counts for nothing."""

    number: int
    subject: str
    organisation: str
    target: str
    target_name: str
    clause: str
    level: str | None
    level_name: str
    line: str | None
    agent: str | None
    """Level, line and agent when it was decided."""
    started_at: Moment
    due: Moment | None
    stopped_at: Moment | None
    over_seconds: int | None
    """By how much, so far where it is not done yet."""
    counted_as: str
    """``breached``; or why it is excluded: ``merged``, ``closed``, ``unknown``."""
    cause: str
    """The reason of the regulation that an answer named, or the cause of the problem behind the ticket; empty: none."""


class SlaReport(View, frozen=True):
    """One month of one company, for all its clients or for one."""

    tenant: str
    company: str
    organisation: str
    """Empty: all."""
    zone: str
    month: str
    as_of: Moment
    over: bool
    """Whether the month has ended."""
    editions: tuple[str, ...]
    """Of the regulation, in force in the month."""
    received: int
    closed: int
    """Of those received in the month, closed by now."""
    promises: tuple[PromiseLine, ...]
    total: AttainmentLine
    means: tuple[AverageLine, ...]
    """Of all clients together; empty where the report is for one."""
    target_names: dict[str, str]
    """What the regulation calls its targets, by their names here."""
    breaches: tuple[Breach, ...]
    exclusions: tuple[Breach, ...]


def sla_report(
    session: Session, find: FindEvaluator, *, month: str = "", organisation: str = "", lang: Lang = "ru"
) -> SlaReport:
    """Return the report of ``month`` (``2026-03``; empty: the present one), in the company's zone.

    Raises:
        Invalid: the month is none.
    """
    judges, in_force, zone = at_home(session, find)
    try:
        wanted = month or _present(session, zone)
        span = Span.of_months(wanted, wanted, session.now, zone)
    except Invalid as error:
        raise Invalid(error.detail, fields={"month": "is no month"}) from None
    named = month_text(span.first)
    begin, end = midnight(span.first, zone), midnight(span.following, zone)
    kept = attainment(session, find, first_month=named, last_month=named, by=("target", "level"),
                      organisation=organisation)  # fmt: skip
    whose = names_on_tickets(session, organisation) if organisation else ()
    listed = _listed(session, judges, span, whose, lang)
    own = Tenants(session).own()
    counted = select(func.count(), func.count(tickets.c.closed_at)).where(
        tickets.c.tenant_id == session.tenant_id, tickets.c.received_at >= begin, tickets.c.received_at < end
    )
    if whose:
        counted = counted.where(tickets.c.organisation.in_(whose))
    received, closed = session.connection.execute(counted).one()
    editions = Editions(session).all()
    return SlaReport(
        tenant=own.slug,
        company=own.name if in_force is None else in_force.company.get(lang, own.name),
        organisation=next(iter(whose), ""),
        zone=zone,
        month=named,
        as_of=to_datetime(session.now),
        over=session.now >= end,
        editions=tuple(
            one.edition_id for one in editions if one.in_force_from < end and not _replaced(editions, one, begin)
        ),
        received=received,
        closed=closed,
        promises=tuple(_promise(line, judges, lang) for line in kept.items),
        total=kept.total,
        means=() if organisation else averages(session, find, first_month=named, last_month=named).items,
        target_names={name: _target_name(judges, name, lang) for name in sorted(judges.target_names())},
        breaches=tuple(one for one in listed if one.counted_as == "breached"),
        exclusions=tuple(one for one in listed if one.counted_as != "breached"),
    )


def _present(session: Session, zone: str) -> str:
    return month_text(Span.of_months("", "", session.now, zone).last)


def _replaced(editions: Sequence[Edition], one: Edition, begin: Instant) -> bool:
    """Say whether another edition had taken its place before the month began."""
    return any(one.in_force_from < other.in_force_from <= begin for other in editions)


def _promise(line: AttainmentLine, judges: Judges, lang: Lang) -> PromiseLine:
    name, level = line.by["target"] or "", line.by["level"]
    texts, clauses = set(), set()
    for judge in judges.by_hash.values():
        for target in judge.edition.targets:
            if target.name == name and target.within and (not target.levels or level in target.levels):
                texts.add(target.within)
                clauses.add(target.clause)
    told = in_russian if lang == "ru" else in_english
    words = [told(parse_amount(text)) for text in texts if text != UNKNOWN]
    return PromiseLine(
        target=name,
        target_name=_target_name(judges, name, lang),
        level=level,
        level_name=_level_name(judges, level, lang),
        promised=words[0] if len(texts) == 1 and words else "",
        clause=", ".join(sorted(clauses)),
        kept=line,
    )


def _target_name(judges: Judges, name: str, lang: Lang) -> str:
    for judge in judges.by_hash.values():
        for target in judge.edition.targets:
            if target.name == name and (found := target.name_ru if lang == "ru" else target.name_en):
                return found
    return name


def _level_name(judges: Judges, level: str | None, lang: Lang) -> str:
    for judge in judges.by_hash.values():
        if level in judge.edition.levels:
            found = judge.edition.levels[level]
            return (found.name_ru if lang == "ru" else found.name_en) or level or ""
    return level or ""


def _listed(session: Session, judges: Judges, span: Span, whose: Sequence[str], lang: Lang) -> list[Breach]:
    state = counted_as(session.now).label("counted_as")
    rows: list[Any] = []
    for place, snapshots in judges.zones().items():
        months = buckets(span, Period.MONTH, place)
        wanted = (
            select(
                tickets.c.id, tickets.c.number, tickets.c.subject, tickets.c.organisation, tickets.c.snapshot_hash,
                clocks.c.name, clocks.c.seq, clocks.c.clause, clocks.c.state, clocks.c.started_at, clocks.c.due,
                clocks.c.stopped_at, held_then(clocks.c.decided_level, tickets.c.level).label("level"),
                held_then(clocks.c.decided_line, tickets.c.line).label("line"),
                held_then(clocks.c.decided_agent, tickets.c.assignee).label("agent"), state,
            )
            .select_from(WITH_TICKETS)
            .where(*promised(session, months, sorted(judges.target_names()), snapshots, whose))
            .where(state.in_(_DECIDED_AGAINST))
            .order_by(case((state == "breached", 0), else_=1), tickets.c.number, clocks.c.name, clocks.c.seq)
            .limit(MOST_LISTED)
        )  # fmt: skip
        rows += session.connection.execute(wanted).all()
    causes = _causes(session, judges, rows, lang)
    return [_breach(row, judges, causes, session.now, lang) for row in rows]


def _breach(row: Any, judges: Judges, causes: Mapping[UUID, str], now: int, lang: Lang) -> Breach:
    over = None
    if row.counted_as == "breached" and row.due is not None:
        ended = now if row.stopped_at is None or row.state == ClockState.CANCELLED.value else row.stopped_at
        over = max(0, ended - row.due) // SECOND
    return Breach(
        number=row.number,
        subject=row.subject,
        organisation=row.organisation,
        target=row.name,
        target_name=_target_name(judges, row.name, lang),
        clause=row.clause,
        level=row.level,
        level_name=_level_name(judges, row.level, lang),
        line=row.line or None,
        agent=row.agent,
        started_at=to_datetime(row.started_at),
        due=moment(row.due),
        stopped_at=moment(row.stopped_at),
        over_seconds=over,
        counted_as=row.counted_as,
        cause=causes.get(row.id, ""),
    )


def _causes(session: Session, judges: Judges, rows: Sequence[Any], lang: Lang) -> dict[UUID, str]:
    """Return why promises of these tickets were broken, as far as anybody said."""
    found: dict[UUID, str] = {}
    ids = sorted({row.id for row in rows})
    judge_of: dict[UUID, Evaluator] = {row.id: judges.by_hash[row.snapshot_hash] for row in rows}
    same = and_(problems.c.tenant_id == problem_tickets.c.tenant_id, problems.c.id == problem_tickets.c.problem_id)
    for at in range(0, len(ids), _CHUNK):
        part = ids[at : at + _CHUNK]
        behind = (
            select(problem_tickets.c.ticket_id, problems.c.title, problems.c.cause)
            .join(problems, same)
            .where(problem_tickets.c.tenant_id == session.tenant_id, problem_tickets.c.ticket_id.in_(part))
            .order_by(problems.c.number)
        )  # fmt: skip
        for ticket_id, title, cause in session.connection.execute(behind):
            found[ticket_id] = cause or title
        answers = select(events.c.ticket_id, events.c.data).where(
            events.c.tenant_id == session.tenant_id,
            events.c.ticket_id.in_(part),
            events.c.what == Happened.ANSWER_SENT.value,
        )
        for ticket_id, data in session.connection.execute(answers.order_by(events.c.ticket_id, events.c.seq)):
            if code := (data or {}).get("postponed"):
                reasons = judge_of[ticket_id].edition.reasons
                rule = next((one for one in reasons if one.code == code), None)
                name = code if rule is None else (rule.name_ru if lang == "ru" else rule.name_en)
                clause = data.get("clause", "")
                found[ticket_id] = f"{name} ({clause})" if clause else name
    return found
