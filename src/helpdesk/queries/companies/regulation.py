"""What a company's regulation says, as integrators need it: the very rules that judge what comes in at an instant."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.opening import Beginning, first_entries
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant, to_datetime
from helpdesk.queries.evaluators import FindInForce
from helpdesk.queries.views.base import Moment, View
from helpdesk.regulation.judging.admission import Admission
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.explanation import Explanation
from helpdesk.regulation.vocabulary import doors, work
from helpdesk.sla.errors import BeyondCalendar
from helpdesk.store.engine.session import Session

_ASKED = "asked"


class RegulationView(View, frozen=True):
    """An edition as it judges: with the operator's parameters in place and the chosen readings applied."""

    company: str
    company_ru: str
    edition: str
    title: str
    snapshot: str
    """The snapshot's hash."""
    zone: str
    language: str
    channels: tuple[doors.Channel, ...]
    refusals: tuple[doors.Refusal, ...]
    admission: doors.Admission
    fields: tuple[doors.FieldRule, ...]
    attachments: doors.Attachments | None
    levels: dict[str, work.Level]
    rating: work.Rating | None
    lines: tuple[work.Line, ...]
    targets: tuple[work.Target, ...]
    terms: tuple[work.Term, ...]
    pauses: tuple[work.PauseReason, ...]
    queue: work.QueueOrder
    scope: tuple[work.Scope, ...]
    reasons: tuple[work.Reason, ...]
    outcomes: tuple[work.RequestOutcome, ...]
    closing: work.Closing | None
    complaint: doors.Complaint | None
    answer_links: doors.AnswerLinks | None
    announcements: doors.Announcements | None
    numbering: doors.Numbering | None
    duties: tuple[doors.Duty, ...]
    readings: dict[str, Any]
    """The chosen meanings of ambiguous clauses."""


class Explained(View, frozen=True):
    """Deadlines of a request that might have been, each with its derivation."""

    at: Moment
    """When they are looked at: at the last event."""
    accepted: bool
    channel: str
    clause: str
    """The clause that decides whether it is let in."""
    items: tuple[Explanation, ...]
    """Empty where it is not let in, or nothing is promised."""


def show_regulation(session: Session, at: Instant | None, evaluator_at: FindInForce) -> RegulationView:
    """Return the edition in force at ``at``, by default now.

    Raises:
        Conflict: none is in force then.
    """
    evaluator = evaluator_at(session, session.now if at is None else at)
    edition, body = evaluator.edition, evaluator.snapshot.body()
    sections = {
        name: getattr(edition, name)
        for name in RegulationView.__struct_fields__
        if name not in {"edition", "readings"} and hasattr(edition, name)
    }
    return RegulationView(
        company=body.name,
        company_ru=body.name_ru,
        edition=edition.edition.id,
        title=edition.edition.title,
        snapshot=evaluator.snapshot.hash,
        zone=evaluator.zone,
        language=evaluator.language,
        readings=dict(evaluator.readings),
        **sections,
    )


class Told(Struct, frozen=True):
    """Something that would have happened to the request."""

    what: Happened
    at: Instant
    data: dict[str, Any] = {}
    """The entry's data, as the log has it: level, line, reason, channel, names_engineer."""


def explain_case(
    evaluator: Evaluator, channel: str, received_at: Instant, level: str | None, events: Sequence[Told]
) -> Explained:
    """Return how the deadlines come about of a request that was received then, and to which ``events`` happened.

    ``channel`` is the regulation's own name. A request counts as registered at once.

    Raises:
        Invalid: the regulation knows no such level, line or reason; the events are out of order; or the known calendar
            does not reach an instant.
    """
    try:
        admission = evaluator.admit_by_name(channel, received_at)
        if not admission.accepted:
            return Explained(to_datetime(received_at), False, admission.channel, admission.clause, ())
        log = _log(evaluator, admission, received_at, level, events)
        now = log[-1].at
        items = tuple(evaluator.explain(log, clock.name, clock.seq, now) for clock in evaluator.clocks(log, now))
    except BeyondCalendar as error:
        raise Invalid("The calendar is not known that far.", fields={"received_at": str(error)}) from error
    return Explained(to_datetime(now), True, admission.channel, admission.clause, items)


def _log(
    evaluator: Evaluator, admission: Admission, received_at: Instant, level: str | None, events: Sequence[Told]
) -> tuple[Entry, ...]:
    known = evaluator.initial_level(level)
    beginning = Beginning(
        channel=admission.channel,
        sender="",
        number=0,
        actor=_ASKED,
        received_at=received_at,
        registered_at=received_at,
        counts_from=admission.counts_from,
        level=None if level is None else known,
    )
    log = list(first_entries(beginning))
    for number, told in enumerate(events):
        if told.at < log[-1].at:
            raise Invalid("The events are out of order.", fields={f"events.{number}.at": "is before what it follows"})
        data = _checked(evaluator, told, number)
        if told.what is Happened.LEVEL_SET:
            data, known = {**data, "before": known}, data["level"]
        log.append(Entry(len(log) + 1, told.at, told.what, _ASKED, data))
    return tuple(log)


def _checked(evaluator: Evaluator, told: Told, number: int) -> dict[str, Any]:
    """Return the event's data if the regulation knows what it names.

    Raises:
        Invalid: it does not, or the name is missing.
    """
    names = {
        Happened.LEVEL_SET: ("level", tuple(level.id for level in evaluator.levels())),
        Happened.LINE_SET: ("line", evaluator.lines),
        Happened.PAUSED: ("reason", evaluator.pause_reasons),
        Happened.RESUMED: ("reason", evaluator.pause_reasons),
    }
    key, known = names.get(told.what, ("", ()))
    if key and told.data.get(key) not in known:
        among = f"one of {', '.join(known)}" if known else "this regulation knows none"
        raise Invalid(f"The event needs a {key} of the regulation's.", fields={f"events.{number}.{key}": among})
    return told.data
