"""What a decision may look at, and how it holds a command against the regulation."""

from msgspec import Struct

from helpdesk.contracts.log import Entry
from helpdesk.domain.agents import Roster
from helpdesk.domain.ticket import Progress, Ticket
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging.decisions import Verdict
from helpdesk.regulation.judging.evaluator import Evaluator

_FIELDS = frozenset({"affected", "category", "criterion", "reason", "text", "work"})
"""What may be missing that is a field of a command's own."""


class Known(Struct, frozen=True):
    """What a decision may look at: the ticket, its log, its regulation, the actor and the present instant."""

    ticket: Ticket
    log: tuple[Entry, ...]
    evaluator: Evaluator
    actor: str
    now: Instant
    authorised: tuple[str, ...] = ()
    """The mail addresses of the organisation's authorised persons, where the command wants to write to them."""
    roster: Roster = Roster()
    """The company's agents, as far as the command, or what fires, is about them."""
    agent: str = ""
    """Who acts, as tickets are assigned to them; empty: no agent of the company's list."""


def begin(known: Known) -> Progress:
    """Return the beginning of a change to the ticket."""
    return Progress(known.ticket, known.now, known.actor, known.log)


def demand(verdict: Verdict, field: str) -> None:
    """Hold a command against what the regulation demands for it; ``field`` is where what is missing belongs.

    Raises:
        Conflict: whatever is said with it, the clause does not allow this.
        Invalid: it names what is missing, and the clause.
    """
    if verdict.allowed:
        return
    if not verdict.needs:
        raise Conflict(f"clause {verdict.clause} does not allow this", clause=verdict.clause)
    missing = ", ".join(_named(verdict, need) for need in verdict.needs)
    own = [need for need in verdict.needs if need in _FIELDS]
    others = [need for need in verdict.needs if need not in _FIELDS]
    among = verdict.among
    fields = {need: f"needs {' or '.join(among[need])}" if need in among else "is needed" for need in own}
    if others:
        fields[field] = f"needs {', '.join(_named(verdict, need) for need in others)}"
    raise Invalid(f"clause {verdict.clause} demands more: {missing}", fields=fields, clause=verdict.clause)


def _named(verdict: Verdict, need: str) -> str:
    """Return what is needed, with the values that would do where only some would."""
    values = verdict.among.get(need, ())
    return f"{need} {' or '.join(values)}" if values else need
