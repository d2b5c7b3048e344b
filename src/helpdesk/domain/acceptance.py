"""When a request counts as accepted: where the text says so, once its letter of registration left and stayed away.

SMTP proves no more than that a letter was handed over. A bounce soon after takes the acceptance back, the head is told,
and the client is to be reached another way; a word of the client with our number shows that it arrived. Pure.
"""

from collections.abc import Iterable

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.attention import LOST, WITHHELD
from helpdesk.domain.known import Known
from helpdesk.domain.opening import SPOKEN_ONLY
from helpdesk.domain.rights import Flag
from helpdesk.domain.ticket import Letter, Progress
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging.decisions import Verdict, acceptance
from helpdesk.regulation.judging.evaluator import Evaluator

NOT_ACCEPTED = "not_accepted"
"""The flag on a request whose letter of registration came back; its reason: by which channels to reach the client."""
BOUNCE = "bounce"
"""The letter to the head of support about a letter of ours that came back."""


def accepted_at_once(evaluator: Evaluator, channel: str, at: Instant) -> Instant | None:
    """Return when a request by ``channel`` that is registered ``at`` is accepted; None: it waits for its letter."""
    verdict = acceptance(evaluator.edition, letter_relayed=False, bounced=False, channel=channel)
    return at if verdict.allowed else None


def letter_left(progress: Progress, known: Known) -> None:
    """Enter that the letter of registration was handed over."""
    accept(progress, known.now)


def accept(progress: Progress, at: Instant) -> None:
    """Let the request count as accepted from ``at``, unless it is already: the client knows of it."""
    if progress.ticket.accepted_at is None:
        progress.set(accepted_at=at)
    for flag in (NOT_ACCEPTED, SPOKEN_ONLY, WITHHELD, LOST):
        progress.lower_flag(flag)


def left_at(log: Iterable[Entry]) -> Instant | None:
    """Return when the ticket's own letter of registration left; a question that was split off has one of its own."""
    own = [each.at for each in log if each.what is Happened.ACKNOWLEDGED and "carried_from" not in each.data]
    return own[-1] if own else None


def letter_came_back(progress: Progress, verdict: Verdict, alert_address: str, cause: str) -> None:
    """Take the acceptance back; ``verdict`` names the clause and the channels that are left."""
    progress.set(accepted_at=None)
    progress.raise_flag(Flag(NOT_ACCEPTED, verdict.clause, ", ".join(verdict.needs)))
    if alert_address:
        arguments = {"reason": cause, "clause": verdict.clause, "ways": ", ".join(verdict.needs)}
        progress.send(Letter(BOUNCE, alert_address, "", "", arguments))
