"""Reasons to wait: how they begin and end. Pure.

Which clocks stand still meanwhile, each target of the regulation says.
"""

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain import commands
from helpdesk.domain.known import Known, begin, demand
from helpdesk.domain.rights import INCOMPLETE
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Change, Progress
from helpdesk.domain.timers import END, TimerKey
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging.decisions import may_pause
from helpdesk.regulation.judging.waits import CLIENT_WAITS, ended_by, for_completeness
from helpdesk.regulation.vocabulary.model import Edition

WAITING_CLIENT = CLIENT_WAITS
PAUSE = "pause:"
"""Begins the name that a wait has among the timers' clocks; its reason follows."""

TO_AUTHORISED = "authorised_notice"
"""A notice that went to the client's authorised persons, as many as are known."""

_LETTERS = {Happened.QUESTION_SENT: "question", Happened.NOTICE_SENT: "notice"}


class InForce(Struct, frozen=True):
    """A wait as it stands."""

    reason: str
    since: Instant
    until: Instant | None
    """Its planned end, where it has one."""
    automatic: bool
    """It began by itself, with the registration."""
    note: str
    missing: tuple[str, ...]
    """What the client is asked for, where it was listed."""
    message_id: UUID | None
    """The question or notice to the client that went before it; None: none did, or the letter of registration."""


def in_force(log: Iterable[Entry]) -> tuple[InForce, ...]:
    """Return the waits in force at the end of ``log``, the oldest first."""
    found: dict[str, InForce] = {}
    told: Entry | None = None
    for entry in log:
        if entry.what in _LETTERS:
            told = entry
        elif entry.what is Happened.PAUSED:
            data, asked = entry.data, told if told is not None else Entry(0, 0, entry.what, "")
            reason, missing = str(data["reason"]), data.get("missing", asked.data.get("missing", ()))
            letter = asked.data.get("message_id")
            found[reason] = InForce(
                reason,
                entry.at,
                data.get("until"),
                bool(data.get("automatic")),
                str(data.get("note", "")),
                tuple(map(str, missing)),
                UUID(letter) if letter else None,
            )
        elif entry.what is Happened.RESUMED:
            found.pop(str(entry.data["reason"]), None)
            told = None if not found else told
        elif entry.what in {Happened.RESOLVED, Happened.CLOSED}:
            found, told = {}, None
    return tuple(found.values())


def hold(command: commands.Hold, known: Known) -> Change:
    """Begin to wait for a reason that the regulation names."""
    reasons = known.evaluator.pause_reasons
    if command.reason not in reasons:
        names = ", ".join(reasons)
        raise Invalid(f"no reason {command.reason!r} to wait", fields={"reason": f"one of {names}"})
    progress = begin(known)
    if command.reason in progress.waiting:
        raise Conflict(f"the ticket waits for {command.reason} already")
    demand(may_pause(known.evaluator.edition, command.reason, known.ticket.level, _sent(known)), "reason")
    if command.until is not None and command.until <= known.now:
        raise Invalid("the planned end has passed", fields={"until": "must lie in the future"})
    planned = {} if command.until is None else {"until": command.until}
    progress.happened(Happened.PAUSED, reason=command.reason, note=command.note, **planned)
    return progress.change()


def planned_ends(log: Iterable[Entry]) -> dict[TimerKey, Instant]:
    """Return when the waits in force end by themselves, for those that have a planned end."""
    ends: dict[str, tuple[TimerKey, Instant]] = {}
    for entry in log:
        if entry.what is Happened.PAUSED and "until" in entry.data:
            reason = str(entry.data["reason"])
            ends[reason] = TimerKey(PAUSE + reason, entry.seq, END), int(entry.data["until"])
        elif entry.what is Happened.RESUMED:
            ends.pop(str(entry.data["reason"]), None)
        elif entry.what in {Happened.RESOLVED, Happened.CLOSED}:
            ends.clear()
    return dict(ends.values())


def release(command: commands.Release, known: Known) -> Change:
    """End the wait for a reason."""
    progress = begin(known)
    if command.reason not in progress.waiting:
        raise Conflict(f"the ticket does not wait for {command.reason}")
    resume(progress, known.evaluator.edition, command.reason)
    return progress.change()


def resume(progress: Progress, edition: Edition, reason: str) -> None:
    """End the wait for ``reason``, if it is in force; with it goes the flag on what the request lacks."""
    if reason in progress.waiting:
        progress.happened(Happened.RESUMED, reason=reason)
        if for_completeness(edition, reason):
            progress.lower_flag(INCOMPLETE)


def end_on(progress: Progress, edition: Edition, what: str) -> None:
    """End the waits that end by themselves on ``what``: ``client_message``, ``identified``, ``supplied``."""
    for reason in ended_by(edition, what):
        resume(progress, edition, reason)


def resolve_now(progress: Progress, edition: Edition, *, again: bool = False) -> None:
    """End every wait, and say that the work is done; ``again``: to a client who said something of it.

    Then the client's time to object counts anew from this answer: nobody was silent.

    Raises:
        Conflict: it is said already, or the ticket is closed.
    """
    if progress.ticket.state is State.RESOLVED and not again:
        raise Conflict("the ticket is resolved already")
    for reason in sorted(progress.waiting):
        resume(progress, edition, reason)
    progress.happened(Happened.RESOLVED)


def _sent(known: Known) -> set[str]:
    """Return what was written to the client since the last wait ended."""
    sent: set[str] = set()
    for entry in known.log:
        if entry.what is Happened.RESUMED:
            sent.clear()
        elif entry.what in _LETTERS:
            sent.add(_LETTERS[entry.what])
            if "authorised" in entry.data:
                sent.add(TO_AUTHORISED)
    return sent
