"""The end of the work: done in our eyes, the client's verdict on that, and closing by outcome. Pure.

Done is a preliminary closing. Then the client confirms, disagrees with reasons or stays silent; silence is a term of
the regulation and closes by itself (`firing`). The verdict may be a word the client sent, or one that staff heard.
"""

from collections.abc import Mapping
from typing import Any

from helpdesk.contracts.log import Happened
from helpdesk.domain import commands
from helpdesk.domain.attention import verdict_awaited
from helpdesk.domain.classifying import categorise
from helpdesk.domain.correspondence import ASK_AGAIN, VERDICT, answer, told, write_to_client
from helpdesk.domain.known import Known, begin, demand
from helpdesk.domain.rating import given_by
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Change, Letter, Progress
from helpdesk.domain.waiting import resolve_now
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.regulation.judging.categories import CATEGORY, may_decline
from helpdesk.regulation.judging.decisions import (
    closed_by_silence,
    confirmed_outcome,
    ends_work,
    may_close,
    may_disagree,
)
from helpdesk.regulation.vocabulary.model import Edition
from helpdesk.regulation.vocabulary.work import RequestOutcome

REFER_TO = ("refer_to", "vendor")
"""The facts that say whom a client is referred to."""

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
    rule = _outcome(edition, outcome)
    if rule.declines:
        raise Conflict(f"{outcome} declines the request: there is nothing to confirm", clause=rule.clause)
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
    """Close with an outcome that the regulation names, saying what it wants said with it.

    Unless that declines the request, the work is done with it, if it was not before.
    """
    outcomes = known.evaluator.outcomes
    if command.outcome not in outcomes:
        names = ", ".join(outcomes)
        raise Invalid(f"no outcome {command.outcome!r} in this regulation", fields={"outcome": f"one of {names}"})
    said = {name: text for name, text in command.facts.items() if text.strip()}
    edition = known.evaluator.edition
    _not_by_silence(edition, command.outcome)
    rule = _outcome(edition, command.outcome)
    category = said.get(CATEGORY) or rule.category or known.ticket.category
    clause = _declined_by(known, rule, category, said)
    demand(may_close(edition, command.outcome, said), "facts")
    progress = begin(known)
    if rule.declines or rule.category:
        categorise(progress, known, category)
    if ends_work(edition, command.outcome) and progress.ticket.state is not State.RESOLVED:
        resolve_now(progress, edition)
    close(progress, command.outcome, said, clause)
    return progress.change()


def close(progress: Progress, outcome: str, facts: Mapping[str, str] | None = None, clause: str = "") -> None:
    """Close the ticket in ``progress`` with ``outcome`` and tell the client; what is declined, by its ``clause``."""
    said: dict[str, Any] = {"facts": dict(facts)} if facts else {}
    if clause:
        said["clause"] = clause
    progress.happened(Happened.CLOSED, outcome=outcome, **said)
    progress.set(closed_at=progress.now, outcome=outcome)
    for flag in (VERDICT, ASK_AGAIN):
        progress.lower_flag(flag)
    contact = progress.ticket.contact
    if not clause:
        write_to_client(progress, Letter("closed", contact, "closed-body"))
        return
    referred = next((facts[name] for name in REFER_TO if facts and facts.get(name)), "")
    write_to_client(progress, Letter("closed", contact, "closed-declined", "", {"clause": clause, "vendor": referred}))


def _not_by_silence(edition: Edition, outcome: str) -> None:
    """Refuse to say by hand that the client was silent: that is the term's to say, when it has run out.

    Raises:
        Conflict: silence closes with this outcome, by itself.
    """
    term = closed_by_silence(edition, outcome)
    if term is not None:
        raise Conflict(f"{outcome} follows from the client's silence, when {term.name} runs out", clause=term.clause)


def _outcome(edition: Edition, code: str) -> RequestOutcome:
    return next(rule for rule in edition.outcomes if rule.code == code)


def _declined_by(known: Known, rule: RequestOutcome, category: str, facts: Mapping[str, str]) -> str:
    """Return the clause by which the request is declined; empty where the outcome declines nothing.

    Raises:
        Conflict: the category is one that is served.
        Invalid: nobody said what the request is about, or the regulation knows no such category.
    """
    try:
        given_by(known.evaluator, category)
    except Invalid as unknown:
        raise Invalid(unknown.detail, fields={f"facts.{CATEGORY}": unknown.fields[CATEGORY]}) from None
    if not rule.declines:
        return ""
    verdict = may_decline(known.evaluator.edition, rule, category, tuple(facts))
    if verdict.act == "serve":
        raise Conflict(f"the regulation serves {category}", clause=verdict.clause)
    demand(verdict, f"facts.{CATEGORY}")
    return verdict.clause


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
            word = str(entry.data.get("message_id", ""))  # what came from elsewhere without its text has none
    return word


def _named(message_id: str) -> dict[str, str]:
    return {"message_id": message_id} if message_id else {}
