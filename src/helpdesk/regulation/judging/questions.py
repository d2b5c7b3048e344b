"""Questions to a regulation by name, with plain arguments and a plain answer: what scenarios ask and tools show."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import from_datetime
from helpdesk.regulation.judging import categories, decisions, waits
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.vocabulary.problems import nearest

Arguments = Mapping[str, Any]
Question = Callable[[Evaluator, Arguments], Any]


def ask(evaluator: Evaluator, question: str, arguments: Arguments) -> Any:
    """Return the answer as plain data (dicts, lists, texts, numbers).

    Raises:
        Invalid: there is no such question, or an argument is missing.
    """
    if question not in QUESTIONS:
        raise Invalid(f"there is no question {question!r}: {nearest(question, QUESTIONS)}")
    try:
        answer = QUESTIONS[question](evaluator, arguments)
    except (LookupError, StopIteration, TypeError, ValueError) as error:
        raise Invalid(f"the question {question!r} cannot be asked so: {error!r}") from error
    return msgspec.json.decode(msgspec.json.encode(answer))


def _fields(evaluator: Evaluator, given: Arguments) -> Any:
    found = decisions.check_fields(evaluator.edition, given["channel"], given.get("given", {}))
    clauses = sorted({rule.clause for rule in (*found.hard, *found.soft)})
    named = {rule.name: list(rule.one_of) for rule in (*found.hard, *found.soft) if rule.one_of}
    missing = {"hard": [rule.name for rule in found.hard], "soft": [rule.name for rule in found.soft]}
    return {**missing, "clauses": clauses, "one_of": named}


def _order(evaluator: Evaluator, given: Arguments) -> Any:
    """Say which of several requests goes first: their places, best first."""
    keys = []
    for place, request in enumerate(given["requests"]):
        due = request.get("due")
        key = evaluator.order_key(
            level=request.get("level"),
            expedited=request.get("expedited", False),
            received_at=_instant(request["received"]),
            due=_instant(due) if due else None,
        )
        keys.append((key, place))
    return {"order": [place for _, place in sorted(keys)], "clause": evaluator.edition.queue.clause}


def _duty(evaluator: Evaluator, given: Arguments) -> Any:
    found = next((duty for duty in evaluator.edition.duties if duty.name == given["name"]), None)
    return {"held": found is not None, "clause": found.clause if found else "", "value": found.value if found else ""}


def _open(evaluator: Evaluator, given: Arguments) -> Any:
    return {"open": evaluator.calendars[given["calendar"]].is_open_us(_instant(given["at"]))}


def _hours(evaluator: Evaluator, given: Arguments) -> Any:
    calendar = evaluator.calendars[given["calendar"]]
    day = date.fromisoformat(given["date"])
    spans = [
        f"{a // 3600:02d}:{a % 3600 // 60:02d}-{b // 3600:02d}:{b % 3600 // 60:02d}" for a, b in calendar.hours_on(day)
    ]
    return {"kind": calendar.kind_of(day).value, "hours": spans}


def _admit(evaluator: Evaluator, given: Arguments) -> Any:
    return evaluator.admit(
        channel_kind=given["kind"],
        address=given.get("address", ""),
        chat_kind=given.get("chat_kind", ""),
        at=_instant(given["at"]),
    )


def _review(evaluator: Evaluator, given: Arguments) -> Any:
    found = decisions.review(evaluator.edition, date.fromisoformat(given["today"]))
    return {"none": True} if found is None else found


def _mean(evaluator: Evaluator, given: Arguments) -> Any:
    """Say what a mean is taken over."""
    target = next(rule for rule in evaluator.edition.targets if rule.name == given["target"] and rule.average)
    return {key: getattr(target, key) for key in ("average", "population", "period", "counts_automatic", "clause")}


def _section(name: str) -> Question:
    """Answer with a whole table of the edition, or ``none`` where the text has no such rule."""

    def answer(evaluator: Evaluator, _: Arguments) -> Any:
        found = getattr(evaluator.edition, name)
        # Struct by struct, so that defaults show as well.
        return {"none": True} if found is None else {key: getattr(found, key) for key in found.__struct_fields__}

    return answer


def _category(evaluator: Evaluator, given: Arguments) -> Any:
    """Say what follows from what a request is about: its level, and what must be recorded for that."""
    rule = next(known for known in evaluator.edition.scope if known.category == given["category"])
    return {"level": rule.level, "needs": list(rule.needs), "served": rule.served, "clause": rule.clause}


def _decline(evaluator: Evaluator, given: Arguments) -> Any:
    """Say whether a request of a category may end with an outcome; which category the outcome itself names."""
    outcome = next(known for known in evaluator.edition.outcomes if known.code == given["outcome"])
    category = given.get("category", "") or outcome.category
    verdict = categories.may_decline(evaluator.edition, outcome, category, given.get("facts", ()))
    return {**msgspec.structs.asdict(verdict), "category": outcome.category}


def _entitled(evaluator: Evaluator, given: Arguments) -> Any:
    return decisions.entitled(evaluator.edition, given.get("basis"), suspended=given.get("suspended", False))


def _waits(evaluator: Evaluator, given: Arguments) -> Any:
    """Say for what a request waits from its registration on."""
    edition, missing = evaluator.edition, list(given.get("missing", ()))
    if "stated" in given:
        missing = [*waits.lacking(edition, given["channel"], given["stated"]), *missing]
    begun = waits.begin_with(edition, unidentified=given.get("unidentified", False), missing=missing)
    return {"reasons": [each.reason for each in begun], "waits": begun}


QUESTIONS: Mapping[str, Question] = {
    "acceptance": lambda e, a: decisions.acceptance(
        e.edition,
        letter_relayed=a["letter_relayed"],
        bounced=a.get("bounced", False),
        channel=a.get("channel", ""),
    ),
    "admit": _admit,
    "announcements": _section("announcements"),
    "attachment": lambda e, a: decisions.check_attachment(e.edition, a["type"]),
    "bounce": _section("acceptance"),
    "calls_line": lambda e, _: {"line": decisions.line_for_calls(e.edition)},
    "category": _category,
    "close": lambda e, a: decisions.may_close(e.edition, a["outcome"], a.get("facts", ())),
    "closing": _section("closing"),
    "complaint": _section("complaint"),
    "disagree": lambda e, a: decisions.may_disagree(e.edition, a["text"]),
    "decline": _decline,
    "duty": _duty,
    "edition": _section("edition"),
    "entitled": _entitled,
    "expedite": lambda e, a: decisions.may_expedite(
        e.edition, a.get("level"), a.get("facts", ()), a.get("category", "")
    ),
    "fields": _fields,
    "hand_over": lambda e, a: categories.may_hand_over(e.edition, a["line"], a.get("work", ""), a.get("reason", "")),
    "hours": _hours,
    "initial_level": lambda e, a: {"level": e.initial_level(a.get("requested"))},
    "goals": lambda e, _: {"names": dict(e.goal_names())},
    "levels": lambda e, _: {"levels": [level.id for level in e.levels()], "ranks": [x.rank for x in e.levels()]},
    "mean": _mean,
    "lines": lambda e, _: {"lines": list(e.lines)},
    "link": lambda e, a: decisions.link_allowed(e.edition, a["url"]),
    "number": lambda e, a: {"text": decisions.number_text(e.edition, a["number"])},
    "open": _open,
    "order": _order,
    "pause": lambda e, a: decisions.may_pause(e.edition, a["reason"], a.get("level"), a.get("sent", ())),
    "reason": lambda e, a: decisions.reason_to_postpone(e.edition, a["code"]),
    "review": _review,
    "scope": lambda e, a: decisions.in_scope(e.edition, a["category"], a.get("facts", ())),
    "set_level": lambda e, a: decisions.may_set_level(
        e.edition, a["level"], a.get("facts", ()), a.get("criterion", ""), a.get("affected"), a.get("category", "")
    ),
    "version": lambda e, a: decisions.version_served(e.edition, a["product"], a["version"]),
    "waits": _waits,
    "work": lambda e, a: categories.may_work(e.edition, a["line"], a["work"]),
}
"""Every question by its name."""


def _instant(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text))
