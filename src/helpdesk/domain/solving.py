"""The end of the work: done in our eyes, the client's verdict on that, and closing by outcome. Pure.

Done is a preliminary closing. Then the client confirms, disagrees with reasons or stays silent; silence is a term of
the regulation and closes by itself (`firing`). The verdict may be a word the client sent, or one that staff heard.
"""

from collections.abc import Mapping

from helpdesk.contracts.log import Happened
from helpdesk.domain import commands
from helpdesk.domain.attention import verdict_awaited
from helpdesk.domain.correspondence import ASK_AGAIN, VERDICT, answer, told, write_to_client
from helpdesk.domain.known import Known, begin, demand
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Change, Letter, Progress
from helpdesk.domain.waiting import resolve_now
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.regulation.decisions import closed_by_silence, confirmed_outcome, in_scope, may_close, may_disagree
from helpdesk.regulation.model import Edition

OUT_OF_SCOPE = "out_of_scope"
CATEGORY = "category"
"""The fact that names the kind of question, where one is declined."""

_LATE = "the ticket is closed"
_LATE_HINT = "A further word of the client becomes a request of its own, linked to this one."


def resolve(command: commands.Resolve, known: Known) -> Change:
    """Say that the work is done; a text is sent as the last answer."""
    progress = begin(known)
    text = command.text.strip()
    if text:
        answer(progress, known, text)
    resolve_now(progress, known.evaluator.edition, again=bool(text) and verdict_awaited(known.log))
    for flag in (VERDICT, ASK_AGAIN):
        progress.lower_flag(flag)
    return progress.change()


def confirm(command: commands.Confirm, known: Known) -> Change:
    """Close on the client's word that the solution is one, with the outcome that the regulation names for that.

    A ticket that the client's own thanks opened again is done and confirmed in one.
    """
    _still_open(known)
    edition = known.evaluator.edition
    clause = edition.closing.clause if edition.closing is not None else None
    if not any(entry.what in {Happened.ANSWER_SENT, Happened.RESOLVED} for entry in known.log):
        raise Conflict("nothing was answered yet that could be confirmed", clause=clause)
    outcome = command.outcome or confirmed_outcome(edition)
    if outcome not in known.evaluator.outcomes:
        names = ", ".join(known.evaluator.outcomes)
        raise Invalid("with what outcome?", fields={"outcome": f"one of {names}"}, clause=clause)
    _not_by_silence(edition, outcome)
    demand(may_close(edition, outcome, ()), "outcome")
    progress = begin(known)
    message_id = _word(progress, known, command.text)
    if progress.ticket.state is not State.RESOLVED:
        resolve_now(progress, edition)
    progress.happened(Happened.CONFIRMED, **_named(message_id))
    close(progress, outcome)
    return progress.change()


def disagree(command: commands.Disagree, known: Known) -> Change:
    """Go on with the work, because the client disagrees: with the reasons given here, or in the client's last letter.

    The regulation may demand reasons; its term says until when, for a ticket whose term ran out is closed.
    """
    _still_open(known)
    progress = begin(known)
    heard = _last_word(known)
    said = command.text.strip() or heard
    demand(may_disagree(known.evaluator.edition, said), "text")
    message_id = _word(progress, known, command.text)
    progress.happened(Happened.DISAGREED, **_named(message_id))
    progress.lower_flag(VERDICT)
    return progress.change()


def reopen(command: commands.Reopen, known: Known) -> Change:
    """Go on with the work by our own decision."""
    _still_open(known)
    if not command.reason.strip():
        raise Invalid("nothing is opened again without a reason", fields={"reason": "must not be empty"})
    progress = begin(known)
    progress.happened(Happened.REOPENED, by="staff", reason=command.reason.strip())
    progress.lower_flag(VERDICT)
    return progress.change()


def close_for_good(command: commands.Close, known: Known) -> Change:
    """Close with an outcome that the regulation names, saying what it wants said with it."""
    outcomes = known.evaluator.outcomes
    if command.outcome not in outcomes:
        names = ", ".join(outcomes)
        raise Invalid(f"no outcome {command.outcome!r} in this regulation", fields={"outcome": f"one of {names}"})
    said = {name: text for name, text in command.facts.items() if text.strip()}
    edition = known.evaluator.edition
    _not_by_silence(edition, command.outcome)
    _not_what_is_served(edition, command.outcome, said)
    demand(may_close(edition, command.outcome, said), "facts")
    progress = begin(known)
    close(progress, command.outcome, said)
    return progress.change()


def close(progress: Progress, outcome: str, facts: Mapping[str, str] | None = None) -> None:
    """Close the ticket in ``progress`` with ``outcome`` and tell the client."""
    progress.happened(Happened.CLOSED, outcome=outcome, **({"facts": dict(facts)} if facts else {}))
    progress.set(closed_at=progress.now, outcome=outcome)
    for flag in (VERDICT, ASK_AGAIN):
        progress.lower_flag(flag)
    write_to_client(progress, Letter("closed", progress.ticket.contact, "closed-body"))


def _not_by_silence(edition: Edition, outcome: str) -> None:
    """Refuse to say by hand that the client was silent: that is the term's to say, when it has run out.

    Raises:
        Conflict: silence closes with this outcome, by itself.
    """
    term = closed_by_silence(edition, outcome)
    if term is not None:
        raise Conflict(f"{outcome} follows from the client's silence, when {term.name} runs out", clause=term.clause)


def _not_what_is_served(edition: Edition, outcome: str, facts: Mapping[str, str]) -> None:
    """Refuse to decline a kind of question that the regulation serves.

    Raises:
        Conflict: the category that is named with the outcome is one that is served.
        Invalid: the regulation knows no such category.
    """
    category = facts.get(CATEGORY)
    if outcome != OUT_OF_SCOPE or category is None:
        return
    known = [rule.category for rule in edition.scope]
    if category not in known:
        names = ", ".join(known)
        raise Invalid(f"no category {category!r} in this regulation", fields={f"facts.{CATEGORY}": f"one of {names}"})
    verdict = in_scope(edition, category, tuple(facts))
    if verdict.allowed:
        raise Conflict(f"the regulation serves {category}", clause=verdict.clause)


def _still_open(known: Known) -> None:
    """Refuse a verdict that comes too late.

    Raises:
        Conflict: the ticket is closed; says by which clause, and what becomes of a late word.
    """
    if known.ticket.state is State.CLOSED:
        closing = known.evaluator.edition.closing
        raise Conflict(_LATE, clause=closing.clause if closing is not None else None, hint=_LATE_HINT)


def _word(progress: Progress, known: Known, text: str) -> str:
    """Return the id of the message that holds the verdict: the one told here, else the client's last letter."""
    if text.strip():
        return str(told(progress, known, text.strip()))
    return _last_word(known)


def _last_word(known: Known) -> str:
    """Return the id of the client's last message since the work was last done; empty where there is none."""
    word = ""
    for entry in known.log:
        if entry.what is Happened.RESOLVED:
            word = ""
        elif entry.what is Happened.CLIENT_MESSAGE:
            word = str(entry.data["message_id"])
    return word


def _named(message_id: str) -> dict[str, str]:
    return {"message_id": message_id} if message_id else {}
