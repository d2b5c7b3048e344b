"""Why a ticket needs an agent's act now, or that it does not: what the queue and `next` are made of. Pure.

It follows from the ticket and its log alone, so that it may be written beside the ticket and computed again. Time does
not change it: whatever comes due writes to the log first.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.rights import Flag
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Ticket, waiting_reasons
from helpdesk.regulation.judging.decisions import duty_clause
from helpdesk.regulation.judging.evaluator import Evaluator

RESPONSIBLE = "assignee_before_answer"
"""The duty by which a regulation wants somebody responsible for every request."""

NOBODY_RESPONSIBLE = "nobody_responsible"
"""The flag where the regulation wants somebody responsible for every request and a limit comes near, or has passed,
while nobody is; whoever gets the ticket takes it down."""
ACKNOWLEDGEMENT = "acknowledgement"
"""The letter that tells the client the number, and what the solution waits for."""
WITHHELD = "acknowledgement_withheld"
"""The flag on a request whose acknowledgement was not sent, because its address got too many; its reason says so, and
names the waits of which it would have told."""
LOST = "acknowledgement_lost"
"""The flag on a request whose acknowledgement could never be sent."""
TOO_MANY = "too_many_letters"
"""The reason of a letter withheld by the caps on automatic letters."""


class Need(StrEnum):
    """Why an agent must act."""

    NOTHING = ""
    """Nobody must: the ticket waits for somebody else, or is done."""
    WORK = "work"
    """It can be worked on."""
    PROMISE = "promise"
    """It waits, and a promise of ours runs on all the same."""
    RESPONSIBLE = "responsible"
    """It waits, and the regulation wants somebody responsible for it; nobody is."""
    ASK_AGAIN = "ask_again"
    """The client did not answer in time and is to be asked once more."""
    VERDICT = "verdict"
    """The client said something of what is done: do they agree?"""
    TELL_CLIENT = "tell_client"
    """The letter with the number was withheld, or came back: the client does not know what an agent must tell."""


_ENDS_VERDICT = frozenset(
    {Happened.RESOLVED, Happened.DISAGREED, Happened.REOPENED, Happened.QUESTION_SENT, Happened.CLOSED}
)
_ENDS_ASKING = frozenset({Happened.QUESTION_SENT, Happened.CLIENT_MESSAGE, Happened.RESOLVED, Happened.CLOSED})
_SHOWS_KNOWN = frozenset({Happened.ACKNOWLEDGED, Happened.CLIENT_MESSAGE, Happened.NUMBER_TOLD, Happened.CLOSED})
_ARRIVED = frozenset({Happened.CLIENT_MESSAGE, Happened.NUMBER_TOLD})
_NAMES_NUMBER = frozenset({Happened.ANSWER_SENT, Happened.QUESTION_SENT, Happened.NOTICE_SENT})
_OURS = frozenset({ClockKind.LIMIT, ClockKind.AVERAGE, ClockKind.UNKNOWN})
_UNKEPT = frozenset({ClockState.RUNNING, ClockState.BREACHED})


def need_of(ticket: Ticket, log: Sequence[Entry], clocks: Iterable[ClockView], evaluator: Evaluator) -> Need:
    """Return why the ticket needs an agent's act; ``clocks`` as they stand at the end of ``log``."""
    if ticket.state is State.CLOSED:
        return Need.NOTHING
    if verdict_awaited(log):
        return Need.VERDICT
    if client_untold(log):
        return Need.TELL_CLIENT
    if to_be_asked_again(log):
        return Need.ASK_AGAIN
    if ticket.state in {State.NEW, State.OPEN}:
        return Need.WORK
    if ticket.state is State.RESOLVED:
        return Need.NOTHING
    waiting = waiting_reasons(tuple(log))
    if any(_runs_on(clock, ticket, evaluator, waiting) for clock in clocks):
        return Need.PROMISE
    if ticket.assignee is None and duty_clause(evaluator.edition, RESPONSIBLE):
        return Need.RESPONSIBLE
    return Need.NOTHING


def waits_for_work(assignee: str | None, need: Need) -> bool:
    """Say whether `next` may hand the ticket out: it needs somebody's act, and nobody has it."""
    return assignee is None and need is not Need.NOTHING


def verdict_awaited(log: Iterable[Entry]) -> bool:
    """Say whether the client said something of what is done, and nobody has taken it up yet."""
    done = awaited = False
    for entry in log:
        if entry.what in _ENDS_VERDICT:
            awaited = False
            done = entry.what is Happened.RESOLVED or (done and entry.what is Happened.QUESTION_SENT)
        elif entry.what is Happened.CLIENT_MESSAGE:
            awaited = done
    return awaited


def to_be_asked_again(log: Iterable[Entry]) -> bool:
    """Say whether a term ran out by which the client is to be asked once more, and nobody has asked yet."""
    wanted = False
    for entry in log:
        if entry.what is Happened.EXPIRED and entry.data.get("then") == Need.ASK_AGAIN.value:
            wanted = True
        elif entry.what in _ENDS_ASKING:
            wanted = False
    return wanted


def client_untold(log: Iterable[Entry]) -> bool:
    """Say whether the client was not told of the request, as far as we know: its letter was withheld, or came back.

    What a person writes to the client has the number in it, but goes where the letter came back from.
    """
    withheld = lost = arrived = False
    for entry in log:
        if "absorbed" in entry.data:
            continue  # written without our number, on a ticket that was merged into this one
        arrived = arrived or entry.what in _ARRIVED
        if entry.what is Happened.WITHHELD and entry.data.get("purpose") == ACKNOWLEDGEMENT:
            withheld = True
        elif entry.what is Happened.BOUNCED and is_acknowledgement(entry):
            lost = not arrived
        elif entry.what in _SHOWS_KNOWN:
            withheld = lost = False
        elif entry.what in _NAMES_NUMBER:
            withheld = False
    return withheld or lost


def has_number(log: Iterable[Entry]) -> bool:
    """Say whether the client is known to have the number: they wrote, or were told it. No later bounce undoes that."""
    return any(entry.what in _ARRIVED and "absorbed" not in entry.data for entry in log)


def is_acknowledgement(bounced: Entry) -> bool:
    """Say whether it was the letter with the number that came back: by its purpose, or by what followed from it."""
    return bounced.data.get("purpose") == ACKNOWLEDGEMENT or bool(bounced.data.get("not_accepted"))


def withheld_flag(entries: Sequence[Entry]) -> Flag:
    """Return the flag on a request whose acknowledgement was withheld; ``entries`` are those it begins with."""
    return Flag(WITHHELD, "", ", ".join((TOO_MANY, *sorted(waiting_reasons(tuple(entries))))))


def _runs_on(clock: ClockView, ticket: Ticket, evaluator: Evaluator, waiting: frozenset[str]) -> bool:
    """Say whether a promise of ours is neither kept nor stopped by what the ticket waits for."""
    if clock.kind not in _OURS or clock.state not in _UNKEPT or clock.stopped_at is not None:
        return False
    if clock.state is ClockState.RUNNING:
        return True
    rules = [rule for family in evaluator.families if family.name == clock.name for rule in family.rules]
    fitting = [rule for rule in rules if rule.fits(ticket.channel, ticket.level, ticket.line)] or rules
    return not any(rule.fold.pause_reasons & waiting for rule in fitting)
