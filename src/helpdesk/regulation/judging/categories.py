"""What a request is about, and what follows: its level, whether it may be declined, which line does such work.

Each answer names the clause that decides. Pure functions of an edition.
"""

from collections.abc import Collection

from helpdesk.regulation.judging.decisions import Verdict, in_scope, work_of
from helpdesk.regulation.vocabulary.model import Edition
from helpdesk.regulation.vocabulary.work import RequestOutcome, Scope

CATEGORY = "category"
"""What is missing where somebody must say what a request is about."""
WORK = "work"
"""What is missing where somebody must say for which kind of work a line is handed a request."""
REASON = "reason"


def category_of(edition: Edition, category: str) -> Scope | None:
    """Return the rule of a category, None where the regulation knows no such one."""
    return next((rule for rule in edition.scope if rule.category == category), None)


def level_of(edition: Edition, category: str) -> str:
    """Return the level that requests of this category have; empty where it says nothing of one."""
    rule = category_of(edition, category)
    return rule.level if rule is not None else ""


def may_decline(edition: Edition, outcome: RequestOutcome, category: str, facts: Collection[str] = ()) -> Verdict:
    """Decide whether a request of this category (empty: nobody said) may end with an outcome that declines it.

    Where the regulation lists nothing that it does not serve, there is no category to say.
    """
    if not outcome.declines:
        return Verdict(True, outcome.clause, "close")
    if not category:
        listed = any(not rule.served for rule in edition.scope)
        return Verdict(not listed, outcome.clause, "ask" if listed else "decline", (CATEGORY,) if listed else ())
    verdict = in_scope(edition, category, facts)
    return Verdict(not verdict.allowed, verdict.clause, "serve" if verdict.allowed else "decline")


def may_hand_over(edition: Edition, line: str, work: str, reason: str) -> Verdict:
    """Decide whether a line may be handed a request for this kind of work (empty: nobody said which).

    A line with a list of what it does is handed a request for something on that list, and with a reason.
    """
    rule = next((known for known in edition.lines if known.name == line), None)
    if rule is None:
        return Verdict(False, "", "refuse")
    if not rule.work:
        return Verdict(True, rule.clause, "hand_over")
    if work and work not in rule.work:
        return Verdict(False, rule.clause, "refuse", lines_for(edition, work))
    needs = tuple(name for name, said in ((WORK, work), (REASON, reason)) if not said.strip())
    return Verdict(not needs, rule.clause, "hand_over" if not needs else "ask", needs)


def may_work(edition: Edition, line: str, work: str) -> Verdict:
    """Decide whether the line that has a request does this kind of work; ``needs`` names the lines that do."""
    verdict = work_of(edition, line, work)
    return verdict if verdict.allowed else Verdict(False, verdict.clause, "hand_over", lines_for(edition, work))


def lines_for(edition: Edition, work: str) -> tuple[str, ...]:
    """Return the lines that name this kind of work."""
    return tuple(line.name for line in edition.lines if work in line.work)


def work_known(edition: Edition) -> tuple[str, ...]:
    """Return every kind of work that some line names; empty: the regulation tells them not apart."""
    return tuple(dict.fromkeys(kind for line in edition.lines for kind in line.work))


def first_line(edition: Edition, channel_kind: str) -> str:
    """Return the line on which a request begins: calls on the line that takes them, the rest on the first."""
    names = [line.name for line in edition.lines]
    if channel_kind == "phone":
        names = [line.name for line in edition.lines if line.takes_calls] + names
    return names[0] if names else ""
