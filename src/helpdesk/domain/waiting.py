"""Reasons to wait: how they begin and end. Pure.

Which clocks stand still meanwhile, each target of the regulation says.
"""

from helpdesk.contracts.log import Happened
from helpdesk.domain import commands
from helpdesk.domain.known import Known, begin, demand
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Change, Progress
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.regulation.decisions import may_pause

WAITING_CLIENT = "waiting_client"

_LETTERS = {Happened.QUESTION_SENT: "question", Happened.NOTICE_SENT: "notice"}


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
    progress.happened(Happened.PAUSED, reason=command.reason, note=command.note)
    return progress.change()


def release(command: commands.Release, known: Known) -> Change:
    """End the wait for a reason."""
    progress = begin(known)
    if command.reason not in progress.waiting:
        raise Conflict(f"the ticket does not wait for {command.reason}")
    resume(progress, command.reason)
    return progress.change()


def resume(progress: Progress, reason: str) -> None:
    """End the wait for ``reason``, if it is in force."""
    if reason in progress.waiting:
        progress.happened(Happened.RESUMED, reason=reason)


def resolve_now(progress: Progress) -> None:
    """End every wait, and say that the work is done.

    Raises:
        Conflict: it is said already, or the ticket is closed.
    """
    if progress.ticket.state is State.RESOLVED:
        raise Conflict("the ticket is resolved already")
    for reason in sorted(progress.waiting):
        resume(progress, reason)
    progress.happened(Happened.RESOLVED)


def _sent(known: Known) -> set[str]:
    """Return what was written to the client since the last wait ended."""
    sent: set[str] = set()
    for entry in known.log:
        if entry.what is Happened.RESUMED:
            sent.clear()
        elif entry.what in _LETTERS:
            sent.add(_LETTERS[entry.what])
    return sent
