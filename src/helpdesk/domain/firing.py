"""What a timer does to a ticket: it warns, passes a goal, breaches, or lets a term expire into an act. Pure."""

from typing import Any

from helpdesk.contracts.clocks import ClockKind, ClockView
from helpdesk.contracts.log import Happened
from helpdesk.domain.attention import NOBODY_RESPONSIBLE, RESPONSIBLE
from helpdesk.domain.correspondence import ASK_AGAIN
from helpdesk.domain.known import Known
from helpdesk.domain.rights import Flag
from helpdesk.domain.solving import close
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Change, Letter, Progress
from helpdesk.domain.timers import DUE, END, GOAL, StoredTimer
from helpdesk.domain.waiting import PAUSE, resolve_now
from helpdesk.regulation.judging.decisions import duty_clause
from helpdesk.regulation.vocabulary.model import Edition

CLOSE = "close:"
"""A term's act that closes the ticket, followed by the outcome."""


def fire(timer: StoredTimer, known: Known, clocks: tuple[ClockView, ...], alert_address: str) -> Change | None:
    """Return what ``timer`` does at its own moment, or None where its clock no longer runs towards it.

    ``known.now`` is the timer's due instant or later. Entries carry the timer's own moment, however late it fires,
    unless something was entered since: our downtime is nobody's time. How late it fired, the timer's row says.
    """
    progress = Progress(known.ticket, max(timer.due_at, known.log[-1].at), known.actor, known.log)
    if timer.key.point == END:
        return _end_wait(timer, progress)
    clock = next((c for c in clocks if (c.name, c.seq) == (timer.key.clock, timer.key.clock_seq)), None)
    if clock is None or clock.due is None or known.ticket.state is State.CLOSED:
        return None
    data: dict[str, Any] = {"clock": clock.name, "clock_seq": clock.seq, "due": clock.due, "clause": clock.clause}
    if timer.key.point == DUE and clock.kind is ClockKind.TERM:
        progress.happened(Happened.EXPIRED, **data, then=clock.then)
        _act(progress, clock, known.evaluator.edition)
    elif timer.key.point == DUE:
        progress.happened(Happened.BREACHED, **data)
        _nobody_has_it(progress, known)
        _alert(progress, known, "breach", clock, alert_address)
    elif timer.key.point == GOAL:
        progress.happened(Happened.GOAL_PASSED, **data, goal=clock.goal)
    else:
        progress.happened(Happened.WARNED, **data, at=timer.due_at)
        _nobody_has_it(progress, known)
        _alert(progress, known, "warning", clock, alert_address)
    return progress.change()


def _nobody_has_it(progress: Progress, known: Known) -> None:
    """Say that nobody is responsible, where the regulation wants somebody to be."""
    clause = duty_clause(known.evaluator.edition, RESPONSIBLE)
    if clause and known.ticket.assignee is None:
        progress.raise_flag(Flag(NOBODY_RESPONSIBLE, clause))


def _act(progress: Progress, clock: ClockView, edition: Edition) -> None:
    """Carry out what a term that ran out leads to, where the ticket's state still knows it."""
    if clock.then.startswith(CLOSE):
        close(progress, clock.then.removeprefix(CLOSE))
    elif clock.then == ASK_AGAIN:
        progress.raise_flag(Flag(ASK_AGAIN, clock.clause))
    elif clock.then == "resolve" and progress.ticket.state is not State.RESOLVED:
        resolve_now(progress, edition)
    elif clock.then == "reopen" and progress.ticket.state is State.RESOLVED:
        progress.happened(Happened.REOPENED, by="term")


def _end_wait(timer: StoredTimer, progress: Progress) -> Change | None:
    """End a wait at its planned end: the clocks go on from that moment."""
    reason = timer.key.clock.removeprefix(PAUSE)
    if reason not in progress.waiting:
        return None
    progress.happened(Happened.RESUMED, reason=reason, planned=True)
    return progress.change()


def _alert(progress: Progress, known: Known, purpose: str, clock: ClockView, address: str) -> None:
    """Tell the company and whoever of its agents has the ticket."""
    arguments = {"target": clock.name, "clause": clock.clause, "due_at": clock.due}
    for recipient in dict.fromkeys((address, *known.roster.alert_addresses(known.ticket.assignee))):
        if recipient:
            progress.send(Letter(purpose, recipient, "", "", arguments))
