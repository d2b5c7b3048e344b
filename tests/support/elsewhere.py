"""Tickets that another system had: what its export says of each, and how a reader of the docs has it stand here."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from msgspec import Struct
from tests.support.chart import RESOLVED, WAITING, leads_to
from tests.support.expected import Shadow
from tests.support.readings import CLIENT, Company

from helpdesk.history.mapping import EventsRule, FileRule, Mapping, TicketRule
from helpdesk.kernel.instants import DAY, HOUR, MINUTE, Instant, to_iso

MAPPING = Mapping(
    source="otrs",
    file=FileRule(format="jsonl"),
    ticket=TicketRule(
        id="id", received_at="at", subject="subject", text="text", requester="who", contact="to", level="level",
        organisation="of",
    ),
    events=EventsRule(
        path="history", what="what", at="at", actor="by", text="text", level="level", line="line", agent="agent",
        reason="reason", outcome="outcome", names_engineer="named",
    ),
    defaults={"channel": "email"},
)  # fmt: skip
KINDS = (
    "answer_sent", "answer_sent", "question_sent", "question_sent", "notice_sent", "client_message", "client_message",
    "note_added", "level_set", "line_set", "assigned", "unassigned", "paused", "paused", "resumed", "resolved",
    "reopened", "disagreed", "closed",
)  # fmt: skip
VERDICTS = {"disagreed", "reopened", "closed"}
SAYS_WHAT_IS_SO = {"paused", "resumed", "resolved", "reopened"}
EVENTS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from((0, MINUTE, 3 * HOUR, DAY)), st.integers(0, 9)), max_size=9
)
AGES = st.sampled_from((HOUR, 9 * HOUR, 2 * DAY, 5 * DAY, 20 * DAY))


class Told(Struct):
    """One record of an export, and the ticket that comes of it."""

    record: dict[str, Any]
    shadow: Shadow
    possible: bool
    """Everything in it may have happened where it stands; else the record is rejected."""


def tell(shadow: Shadow, key: str, now: Instant, organisation: str, events: Sequence[tuple[str, int, int]]) -> Told:
    """Return what an export says of the ticket that came in as ``shadow`` did, which is lived through.

    ``key`` is its id there; nothing lies later than ``now``; ``events``: each a kind, the time since the one before,
    and a number by which to choose what belongs to it. With 0 it may be one that cannot happen where it stands.
    """
    at, past, possible = shadow.received, list[dict[str, str]](), True
    record: dict[str, Any] = {
        "id": key, "at": to_iso(at), "subject": "Из прошлого", "text": "Совсем", "who": shadow.requester,
        "to": shadow.requester, "level": "" if shadow.level == shadow.rules.default_level else shadow.level,
        "of": organisation, "history": past,
    }  # fmt: skip
    for place, (drawn, gap, which) in enumerate(events):
        at = min(at + gap, now)
        fits = drawn in SAYS_WHAT_IS_SO or leads_to(shadow.state, drawn) is not None
        kind = drawn if fits or which == 0 else "note_added"
        said = _said(kind, shadow.rules, which)
        past.append({"what": kind, "at": to_iso(at), "by": "Анна", **said})
        follows = events[place + 1][0] if place + 1 < len(events) else ""
        possible = possible and _happen(shadow, kind, said, at, follows)
    shadow.since = now
    return Told(record, shadow, possible)


def write(file: Path, told: Sequence[Told]) -> None:
    """Write the export."""
    file.write_text("".join(json.dumps(each.record, ensure_ascii=False) + "\n" for each in told), "utf-8")


def _said(kind: str, rules: Company, which: int) -> dict[str, str]:
    def one(names: Sequence[str]) -> str:
        return names[which % len(names)]

    match kind:
        case "answer_sent" | "question_sent" | "client_message" | "note_added" | "disagreed":
            return {"text": "Слово"}
        case "notice_sent":
            return {"text": "Слово", "named": one(("да", ""))}
        case "level_set" if rules.levels:
            return {"level": one(rules.levels)}
        case "line_set":
            return {"line": one(rules.lines)}
        case "assigned":
            return {"agent": one(("Анна", "Борис"))}
        case "paused" | "resumed":
            return {"reason": one(("", *rules.pauses))}
        case "closed":
            return {"outcome": one([*rules.outcomes])}
    return {}


def _happen(shadow: Shadow, kind: str, said: dict[str, str], at: Instant, follows: str) -> bool:
    """Live through an event with what follows from it here; say whether it can be."""
    reason = said.get("reason") or CLIENT
    match kind:
        case "paused" if reason in shadow.waits:
            return True
        case "resumed" if reason not in shadow.waits:
            return True
        case "resolved" if shadow.state == RESOLVED:
            return True
        case "reopened" if shadow.state not in {RESOLVED, "closed"}:
            return True
        case "level_set" if not shadow.rules.levels:
            return False
    if leads_to(shadow.state, kind) is None:
        return False
    match kind:
        case "answer_sent" | "question_sent" | "notice_sent":
            _write_to_client(shadow, kind, at, names_engineer=bool(said.get("named")))
        case "client_message":
            awaits = shadow.state == RESOLVED
            shadow.client_writes()
            if awaits and shadow.rules.word_reopens and follows in VERDICTS:
                shadow.state = RESOLVED  # the other system tells the verdict itself
        case "level_set":
            shadow.level = said["level"]
        case "line_set":
            shadow.line = said["line"]
            shadow.handed_over |= shadow.line == "development"
        case "assigned":
            shadow.take_up()
            shadow.assignee = said["agent"]
        case "unassigned":
            shadow.assignee = ""
        case "paused":
            shadow.waits[reason] = None
            shadow.state = WAITING
        case "resumed":
            shadow.stop_waiting(reason)
        case "resolved":
            shadow.resolve(at)
        case "disagreed" | "reopened":
            shadow.go_on()
        case "closed":
            shadow.close(said["outcome"])
    return True


def _write_to_client(shadow: Shadow, kind: str, at: Instant, *, names_engineer: bool) -> None:
    if kind == "notice_sent":
        shadow.informs(names_engineer=names_engineer)
        shadow.sent.add("notice")
    elif kind == "question_sent":
        shadow.ask(at)
    else:
        shadow.answer(at)
