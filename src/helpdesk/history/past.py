"""From what happened elsewhere, told in our words, to a ticket with its log, checked by our state chart. Pure."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.opening import Beginning, Way, admit_or_flag, first_entries
from helpdesk.domain.states import State, after, taken_up
from helpdesk.domain.ticket import Note
from helpdesk.history.mapping import EVENT_FIELDS
from helpdesk.history.raw import Happening, Raw, RejectedError
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant, to_iso
from helpdesk.regulation.judging.decisions import ends_work
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.waits import CLIENT_WAITS, ended_by
from helpdesk.regulation.vocabulary.problems import nearest

WAITING_CLIENT = CLIENT_WAITS
SUBJECT_LIMIT = 300

_MESSAGES = {
    Happened.ANSWER_SENT: ("out", "answer"),
    Happened.QUESTION_SENT: ("out", "question"),
    Happened.NOTICE_SENT: ("out", "notice"),
    Happened.CLIENT_MESSAGE: ("in", "follow_up"),
    Happened.DISAGREED: ("in", "follow_up"),
    Happened.NOTE_ADDED: ("note", "note"),
}
_VERDICTS = frozenset({Happened.DISAGREED, Happened.CONFIRMED, Happened.REOPENED, Happened.CLOSED})
_TRUE = frozenset({"1", "true", "yes", "да", "y", "д"})


class Past(Struct, frozen=True):
    """A ticket as it stands at the end of its log."""

    raw: Raw
    channel: str
    channel_kind: str
    address: str
    state: State
    level: str | None
    line: str
    assignee: str | None
    closed_at: Instant | None
    outcome: str | None
    expedited: bool
    log: tuple[Entry, ...]
    notes: tuple[tuple[Note, int, Instant], ...]
    """Messages, each with the entry that tells of it and its instant."""


def live_through(raw: Raw, source: str, evaluator: Evaluator, now: Instant) -> Past:
    """Return the ticket after everything that happened to it, under the regulation that was in force at its receipt.

    What follows from an event by itself here (a reply ends the wait for the client, an answer resolves where the
    regulation says so) follows here too; an event that says what is so already adds nothing.

    Raises:
        RejectedError: an event is impossible where it stands, or names what the regulation does not know.
    """
    return _Life(raw, source, evaluator, now).told()


class _Life:
    """One ticket's past while it is told."""

    def __init__(self, raw: Raw, source: str, evaluator: Evaluator, now: Instant) -> None:
        self._raw = raw
        self._source = source
        self._evaluator = evaluator
        self._now = now
        self._entries: list[Entry] = []
        self._notes: list[tuple[Note, int, Instant]] = []
        self._waiting: set[str] = set()
        self._state = State.NEW
        self._untouched = True
        self._line = evaluator.lines[0] if evaluator.lines else ""
        self._assignee: str | None = None
        self._outcome: str | None = None
        self._closed_at: Instant | None = None
        self._expedited = False
        self._begin()

    def told(self) -> Past:
        for number, happening in enumerate(self._raw.happenings, 1):
            place = f"event {number} ({happening.what.value} at {to_iso(happening.at)})"
            if happening.at < self._entries[1].at:
                raise RejectedError(f"{place}: it comes before the ticket was registered")
            if happening.at > self._now:
                raise RejectedError(f"{place}: it lies in the future")
            try:
                self._happen(happening, next((one.what for one in self._raw.happenings[number:]), None))
            except (Conflict, Invalid) as error:
                raise RejectedError(f"{place}: {error.detail}") from None
        return Past(
            self._raw, self._channel, self._kind, self._address, self._state, self._level, self._line, self._assignee,
            self._closed_at, self._outcome, self._expedited, tuple(self._entries), tuple(self._notes),
        )  # fmt: skip

    def _begin(self) -> None:
        raw, said, evaluator = self._raw, self._raw.said, self._evaluator
        if raw.received_at > self._now or raw.registered_at > self._now:
            raise RejectedError(f"it was received in the future: {to_iso(max(raw.received_at, raw.registered_at))}")
        if raw.registered_at < raw.received_at:
            raise RejectedError("it was registered before it was received")
        rule = next((rule for rule in evaluator.channels if rule.name == said["channel"]), None)
        if rule is None:
            names = nearest(said["channel"], (rule.name for rule in evaluator.channels))
            raise RejectedError(f"the regulation has no channel {said['channel']!r}: {names}")
        admission, flags = admit_or_flag(evaluator, Way(rule.name), raw.received_at)
        if not admission.accepted:
            raise RejectedError(f"the regulation does not accept it ({admission.clause}): {admission.reason}")
        try:
            self._level = evaluator.initial_level(said["level"] or None)
        except Invalid as error:
            raise RejectedError(error.detail) from None
        self._channel, self._kind = rule.name, rule.kind
        self._address = next(iter(rule.addresses), "")
        beginning = Beginning(
            channel=rule.name,
            sender=said["requester"],
            number=0,  # given when it is written
            actor=f"import:{self._source}",
            received_at=raw.received_at,
            registered_at=raw.registered_at,
            counts_from=admission.counts_from,
            level=self._level if said["level"] else None,
            criterion="imported" if said["level"] else "",
            flags=flags,
        )
        self._entries += first_entries(beginning)
        imported: dict[str, Any] = {"source": self._source, "id": raw.source_id}
        if raw.promised:
            known = [target.name for target in evaluator.edition.targets]
            for target in raw.promised:
                if target not in known:
                    raise RejectedError(f"the regulation has no target {target!r}: {nearest(target, known)}")
            imported["promised"] = raw.promised
        self._entries[0].data["imported"] = imported
        request = self._note("in", "request", said["text"], said["requester"], said["requester_name"])
        self._notes.append((request, 1, raw.received_at))
        for field, what in (("line", Happened.LINE_SET), ("agent", Happened.ASSIGNED)):
            if said[field] and (field != "line" or said[field] != self._line):
                at = max(raw.registered_at, self._entries[-1].at)
                self._happen(Happening(what, at, dict.fromkeys(EVENT_FIELDS, "") | {field: said[field]}))

    def _happen(self, one: Happening, follows: Happened | None = None) -> None:
        said, what = one.said, one.what
        reason = said["reason"] or WAITING_CLIENT
        match what:
            case Happened.PAUSED if reason in self._waiting:
                return
            case Happened.RESUMED if reason not in self._waiting:
                return
            case Happened.RESOLVED if self._state is State.RESOLVED:
                return
            case Happened.REOPENED if self._state in {State.NEW, State.OPEN, State.WAITING}:
                return
            case Happened.RESOLVED:
                self._resume_all(one)
            case Happened.CLOSED if ends_work(self._evaluator.edition, said["outcome"]):
                self._done(one)
        self._add(one, what, self._data(one, reason))
        if what is Happened.ANSWER_SENT and self._evaluator.answer_resolves and self._state is not State.RESOLVED:
            self._done(one)
        for ended in ended_by(self._evaluator.edition, what):
            if ended in self._waiting:
                self._add(one, Happened.RESUMED, {"reason": ended})
        # Where the other system tells the client's verdict itself, nothing is concluded from the message.
        reopens = what is Happened.CLIENT_MESSAGE and self._evaluator.reply_reopens and follows not in _VERDICTS
        if reopens and self._state is State.RESOLVED:
            self._add(one, Happened.REOPENED, {"by": "client"})

    def _done(self, one: Happening) -> None:
        """Say that the work is done, if nobody has said so."""
        if self._state in {State.NEW, State.OPEN, State.WAITING}:
            self._resume_all(one)
            self._add(one, Happened.RESOLVED, {})

    def _resume_all(self, one: Happening) -> None:
        """End every wait, as what is done does: else the clocks would stand still for it for ever."""
        for each in sorted(self._waiting):
            self._add(one, Happened.RESUMED, {"reason": each})

    def _add(self, one: Happening, what: Happened, data: dict[str, Any]) -> None:
        waiting = set(self._waiting)
        if what is Happened.PAUSED:
            waiting.add(data["reason"])
        elif what is Happened.RESUMED:
            waiting.discard(data["reason"])
        elif what in {Happened.RESOLVED, Happened.CLOSED}:
            waiting.clear()
        self._state = after(self._state, what, waiting=bool(waiting), untouched=self._untouched)
        self._untouched = self._untouched and not taken_up(what)
        self._waiting = waiting
        actor = f"{self._source}:{one.said['actor']}" if one.said["actor"] else f"import:{self._source}"
        self._entries.append(Entry(len(self._entries) + 1, one.at, what, actor[:200], data))

    def _data(self, one: Happening, reason: str) -> dict[str, Any]:
        """Return an entry's data, and set what follows from it for the ticket's row.

        Raises:
            Invalid: the regulation does not know what it names.
        """
        said, evaluator = one.said, self._evaluator
        match one.what:
            case Happened.LEVEL_SET:
                before, self._level = self._level, evaluator.initial_level(said["level"])
                return {"level": self._level, "criterion": "imported", "before": before}
            case Happened.LINE_SET:
                before_line, self._line = self._line, _known("line", said["line"], evaluator.lines)
                return {"line": self._line, "reason": "imported", "before": before_line}
            case Happened.ASSIGNED:
                self._assignee = _needed("agent", said["agent"])
                return {"agent": self._assignee}
            case Happened.UNASSIGNED:
                before_agent, self._assignee = self._assignee or "", None
                return {"agent": before_agent, "reason": "imported"}
            case Happened.PAUSED | Happened.RESUMED:
                return {"reason": _known("reason", reason, (*evaluator.pause_reasons, WAITING_CLIENT))}
            case Happened.CLOSED:
                self._outcome = _known("outcome", said["outcome"], evaluator.outcomes)
                self._closed_at = one.at
                return {"outcome": self._outcome}
            case Happened.EXPEDITED:
                self._expedited = True
                return {"cause": _needed("cause", said["cause"]), "facts": []}
            case Happened.REOPENED:
                return {"by": "import"}
            case what if what in _MESSAGES:
                return self._message(one)
            case _:
                return {}

    def _message(self, one: Happening) -> dict[str, Any]:
        direction, kind = _MESSAGES[one.what]
        said, data = one.said, dict[str, Any]()
        if said["text"]:
            sender = self._raw.said["requester"] if direction == "in" else said["actor"]
            note = self._note(direction, kind, said["text"], sender, said["actor"])
            self._notes.append((note, len(self._entries) + 1, one.at))
            data["message_id"] = str(note.id)
        if one.what is Happened.CLIENT_MESSAGE:
            data["channel"] = self._channel
        if one.what is Happened.NOTICE_SENT:
            data["names_engineer"] = said["names_engineer"].strip().lower() in _TRUE
        return data

    def _note(self, direction: str, kind: str, text: str, sender: str, author: str) -> Note:
        said = self._raw.said
        there = self._address if direction == "in" else said["contact"] or said["requester"]
        recipient = "" if direction == "note" else there
        subject = said["subject"][:SUBJECT_LIMIT]
        return Note(new_id(), direction, kind, sender, recipient, subject, text, new_text=text, author=author or sender)


def _needed(field: str, value: str) -> str:
    if not value:
        raise Invalid(f"it names no {field}")
    return value


def _known(field: str, value: str, names: Sequence[str]) -> str:
    if value not in names:
        raise Invalid(f"the regulation has no {field} {value!r}: {nearest(value, names)}")
    return value
