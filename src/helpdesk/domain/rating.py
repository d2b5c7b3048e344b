"""What level a request begins with, or gets with its category: what was said, held against the regulation. Pure.

Registering, the promise and an agent who says what a request is about all come through here.
"""

from msgspec import Struct

from helpdesk.domain.known import Known
from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.judging.categories import category_of, level_of
from helpdesk.regulation.judging.decisions import Verdict, duty_clause, may_expedite, may_set_level
from helpdesk.regulation.judging.evaluator import Evaluator

REPEATED_CONTACT = "repeated_contact_linked"
"""The duty by which asking again about the same issue is linked and raises nothing."""


class Repeated(Struct, frozen=True):
    """The ticket about which the client asks once more."""

    number: int
    level: str | None


class Said(Struct, frozen=True):
    """What somebody said of a request."""

    level: str | None = None
    category: str = ""
    """By the regulation's categories; empty: nobody said."""
    criterion: str = ""
    """Why this level."""
    facts: tuple[str, ...] = ()
    """What is recorded as true."""
    affected: int | None = None
    """How many users are affected."""
    repeats: Repeated | None = None
    """What it is about again; None: nothing that is known."""


class Rated(Struct, frozen=True):
    """The level that follows from what was said."""

    level: str | None
    """None: neither anybody nor a category names one."""
    criterion: str
    verdict: Verdict
    """Whether the level may be set so, and what is missing where it may not."""
    by_category: bool = False
    """Nobody named the level: it follows from the category."""


def rate(evaluator: Evaluator, said: Said) -> Rated:
    """Return the level that a request gets: the one that was named, else the one that its category gives.

    Raises:
        Invalid: the level or the category is none of the regulation's, the category gives another level, or a repeated
            contact would be more urgent than the first one where asking again raises nothing.
    """
    given = given_by(evaluator, said.category)
    if said.level is not None:
        evaluator.initial_level(said.level)
    if said.level is not None and given and given != said.level:
        rule = category_of(evaluator.edition, said.category)
        raise Invalid(
            f"{said.category} is of the level {given}",
            fields={"level": f"{said.category} gives {given}: leave it out, or change it afterwards by its criterion"},
            clause=rule.clause if rule is not None else None,
        )
    level = said.level or given or None
    clause = duty_clause(evaluator.edition, REPEATED_CONTACT)
    if clause and said.repeats is not None and said.repeats.level is not None:
        return _as_before(evaluator, level, said.repeats, clause)
    if level is None:
        return Rated(None, said.criterion, Verdict(True, "", "register"))
    criterion = said.criterion.strip() or (name_of(evaluator, said.category) if given else "")
    verdict = may_set_level(evaluator.edition, level, said.facts, criterion, said.affected, said.category)
    return Rated(level, criterion, verdict, by_category=said.level is None)


def _as_before(evaluator: Evaluator, level: str | None, repeated: Repeated, clause: str) -> Rated:
    """Return the level that the ticket has about which the client asks once more: asking again raises nothing."""
    assert repeated.level is not None
    ranks = {rule.id: rule.rank for rule in evaluator.levels()}
    if level is not None and ranks[level] < ranks[repeated.level]:
        raise Invalid(
            "a repeated contact raises nothing",
            fields={"level": f"ticket {repeated.number} has {repeated.level}: leave it out, or raise that ticket's"},
            clause=clause,
        )
    return Rated(repeated.level, f"#{repeated.number}", Verdict(True, clause, "set"))


def back_in_turn(known: Known, level: str | None, category: str) -> dict[str, bool]:
    """Return what ends a ticket's being out of turn where the regulation has that for other levels or categories only.

    Empty: it stays where it is in the queue.
    """
    if not known.ticket.expedited:
        return {}
    lacks = may_expedite(known.evaluator.edition, level, (), category).needs
    return {"expedited": False} if {"level", "category"} & {*lacks} else {}


def given_by(evaluator: Evaluator, category: str) -> str:
    """Return the level that a category gives; empty where it gives none, or none is named.

    Raises:
        Invalid: the regulation knows no such category.
    """
    if category and category_of(evaluator.edition, category) is None:
        names = ", ".join(rule.category for rule in evaluator.edition.scope) or "the regulation names none"
        raise Invalid(f"no category {category!r} in this regulation", fields={"category": f"one of {names}"})
    return level_of(evaluator.edition, category) if category else ""


def name_of(evaluator: Evaluator, category: str) -> str:
    """Return what the category is called in the regulation's language."""
    rule = category_of(evaluator.edition, category)
    if rule is None:
        return category
    return rule.name_ru if evaluator.language == "ru" else rule.name_en
