"""Laws of the desk's data, each asked of the rows themselves. They raise AssertionError and say what is wrong."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import msgspec
from sqlalchemy import func, select
from tests.support.certificates import SEAL
from tests.support.chart import TAKES_UP, leads_to

from helpdesk.contracts.clocks import ClockKind, ClockView
from helpdesk.contracts.log import Entry
from helpdesk.desk.changing.commit import fold
from helpdesk.desk.changing.directory import Directory
from helpdesk.domain.ticket import Ticket
from helpdesk.domain.timers import TimerState
from helpdesk.domain.timers import changes as timer_changes
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.certifying.certificates import _rule, certify, to_json
from helpdesk.regulation.judging.clockwork import Derived
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import ledger, messages, outbox, tickets
from helpdesk.store.tickets import Cached, Tickets
from helpdesk.store.timers import Clocks, Timers
from helpdesk.verify.calendar import Calendar, Unknown
from helpdesk.verify.calendar import Clock as RoundTheClock
from helpdesk.verify.certificates import verify
from helpdesk.verify.history import Entry as Line
from helpdesk.verify.history import clocks as begun
from helpdesk.verify.history import fits
from helpdesk.verify.specs import read_pinned_form

MOMENTS = {"warned": "at", "goal_passed": "goal", "breached": "due", "expired": "due"}
"""What a timer enters, each with the name of its moment."""


def of_log(log: Sequence[Entry]) -> str:
    """Gapless, in the order of time, along the chart; return the state in which it ends."""
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    assert [entry.at for entry in log] == sorted(entry.at for entry in log)
    assert [entry.what for entry in log[:2]] == ["received", "registered"]
    state: str | None = "new"
    waits: set[str] = set()
    touched = False
    for entry in log[2:]:
        touched |= entry.what in TAKES_UP
        assert state is not None
        before, state = state, leads_to(state, entry.what)
        assert state is not None, f"{entry.what} happened to a ticket that was {before}"
        if entry.what == "paused":
            waits.add(entry.data["reason"])
        elif entry.what == "resumed":
            assert entry.data["reason"] in waits, "a wait ended that never began"
            waits.discard(entry.data["reason"])
            state = "waiting" if waits else "open" if touched else "new"
        elif entry.what in {"resolved", "closed"}:
            waits.clear()
    assert state is not None
    return state


def lived_elsewhere(log: Sequence[Entry]) -> int:
    """Return how many of the first entries were brought in from another system, and so told to nobody."""
    if "imported" not in log[0].data:
        return 0
    theirs = f"{log[0].data['imported']['source']}:", log[0].actor
    return sum(entry.actor.startswith(theirs) for entry in log)


def of_moments(log: Sequence[Entry]) -> None:
    """What came due is entered at its moment, however late that was, and in the order of the moments."""
    before: Instant | None = None
    for earlier, entry in pairwise(log[lived_elsewhere(log) :]):
        moment = entry.data.get(MOMENTS.get(entry.what, ""))
        assert moment is None or entry.at == max(moment, earlier.at), entry
        assert moment is None or before is None or before <= moment, entry
        before = moment


def needs(session: Session, ticket: Ticket) -> str:
    """Return why its row has it that an agent must act; empty: nobody must."""
    return str(session.connection.execute(select(tickets.c.needs).where(tickets.c.id == ticket.id)).scalar_one())


def of_ticket(session: Session, directory: Directory, number: int) -> tuple[Ticket, tuple[Entry, ...]]:
    """Everything stored beside a ticket's log is what the log says; return both."""
    store = Tickets(session)
    ticket = store.by_number(number)
    log = store.log(ticket.id)
    assert (of_log(log), len(log)) == (ticket.state, ticket.last_seq)
    folded = fold(directory.of(session, ticket.snapshot_hash), ticket, log)
    stored = Clocks(session).of(ticket.id)
    assert stored == tuple(sorted(folded.clocks, key=lambda clock: (clock.name, clock.seq)))
    kept = [tickets.c[name] for name in Cached.__struct_fields__]
    assert Cached(*session.connection.execute(select(*kept).where(tickets.c.id == ticket.id)).one()) == folded.cached
    timers = Timers(session).of(ticket.id)
    assert timer_changes(timers, folded.clocks, folded.ends) == []
    armed = {(key.clock, key.clock_seq): timer for key, timer in timers.items() if key.point == "due"}
    for clock in stored:
        if clock.kind in {"limit", "term"} and clock.state == "running" and clock.due is not None:
            timer = armed[clock.name, clock.seq]
            assert (timer.due_at, timer.state == "cancelled") == (clock.due, False), clock
    of_moments(log)
    assert ticket.state != "closed" or all(timer.state is not TimerState.PENDING for timer in timers.values())
    published = session.connection.execute(
        select(outbox.c.payload).where(outbox.c.kind == "event", outbox.c.ticket_id == ticket.id)
    ).scalars()
    assert sorted(each["seq"] for each in published) == [entry.seq for entry in log[lived_elsewhere(log) :]]
    assert ticket.state == "waiting" or all(clock.state != "paused" for clock in stored), "it stands still for nothing"
    stored_messages = session.connection.execute(select(messages.c.seq).where(messages.c.ticket_id == ticket.id))
    assert {seq for (seq,) in stored_messages} <= {entry.seq for entry in log}
    return ticket, log


def of_ledger(session: Session, taken: Counter[str], made: int) -> None:
    """What was received has one line each, the lines are what was answered, and there are so many tickets."""
    rows = session.connection.execute(
        select(ledger.c.outcome, func.count()).where(ledger.c.tenant_id == session.tenant_id).group_by(ledger.c.outcome)
    )
    assert {row[0]: row[1] for row in rows} == dict(taken)
    stored = session.connection.execute(
        select(func.count()).select_from(tickets).where(tickets.c.tenant_id == session.tenant_id)
    ).scalar_one()
    assert stored == made


def of_clocks(judge: Evaluator, log: Sequence[Entry], now: Instant) -> int:
    """The second implementation finds the same clocks, the same instants and the same time gone by; return how many.

    What has run, what was paused and what was closed make up the time between a clock's beginning and its end.
    """
    views = judge.clocks(log, now)
    promised = [view for view in views if view.kind not in {ClockKind.NONE, ClockKind.UNKNOWN}]
    assert Counter(view.name for view in promised) == Counter(_slow_names(judge, log))
    for view in promised:
        certificate = to_json(certify(judge, SEAL, 1, log, view.name, view.seq, now))
        assert verify(certificate, [SEAL.public_key]).state == view.state
        document = json.loads(certificate)
        assert document["derived"]["state"] == view.state
        _of_time(document, judge.derived(log, view.name, view.seq, now), now)
    return len(promised)


def _slow_names(judge: Evaluator, log: Sequence[Entry]) -> Iterator[str]:
    """Yield the name of each clock that the log begins, by the second implementation."""
    lines = [
        Line(each.seq, each.at, each.what.value, each.data, each.data.get("counts_from") or each.at) for each in log
    ]
    for family in judge.families:
        for rule in family.rules:
            if rule.amount is None:
                continue
            said = msgspec.to_builtins(_rule(judge, cast("Derived", SimpleNamespace(rule=rule))))
            yield from (rule.name for clock in begun(said, lines) if fits(said, lines, clock))


def _of_time(document: dict[str, Any], derived: Derived, now: Instant) -> None:
    """elapsed + paused + closed = wall."""
    view: ClockView = derived.view
    assert derived.run is not None
    assert derived.deadline is not None
    assert derived.counted_from is not None
    end = now if view.stopped_at is None else view.stopped_at
    start = derived.counted_from
    amount = document["rule"]["amount"]
    in_days = "days" in amount
    if end <= start:
        assert (view.elapsed_us, view.paused_us) == (0, 0)
        return
    try:
        calendar = _calendar(document)
        first = calendar.midnight_after(calendar.date_of(start)) if in_days else start
        ran = paused = closed = 0
        for begins, ends in _steps(calendar, start, end, [*derived.run.pauses, (first, None)]):
            if any(a <= begins and (b is None or begins < b) for a, b in derived.run.pauses):
                paused += ends - begins
            elif begins >= first and calendar.is_open(begins):
                ran += ends - begins
            else:
                closed += ends - begins
    except Unknown:
        return  # it has run beyond the dates that its certificate speaks of
    assert ran + paused + closed == end - start
    assert (view.elapsed_us, view.paused_us) == (ran, paused), (view, ran, paused, closed)


def _steps(
    calendar: Calendar, start: Instant, end: Instant, edges: list[tuple[Instant, Instant | None]]
) -> Iterator[tuple[Instant, Instant]]:
    for begins, ends in calendar.steps(start, edges):
        if begins >= end:
            return
        yield begins, min(ends, end)


def _calendar(document: dict[str, Any]) -> Calendar:
    plain = document["calendar"]
    return RoundTheClock() if plain is None else Calendar(read_pinned_form(plain, document["zone"]))
