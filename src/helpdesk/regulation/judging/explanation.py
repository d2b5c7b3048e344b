"""Why a deadline is what it is: clause, start, what was counted, pauses, readings; in words and as data."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from helpdesk.contracts.clocks import ClockKind, ClockState
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.compiling.rules import Rule
from helpdesk.regulation.judging.clockwork import Derived
from helpdesk.regulation.vocabulary.amounts import in_english, in_russian
from helpdesk.regulation.vocabulary.model import Edition, Patch, Reading
from helpdesk.sla.amount import Unit
from helpdesk.sla.calendar import Calendar


class ReadingUsed(Struct, frozen=True):
    """A reading that bears on the deadline."""

    name: str
    value: Any
    clause: str
    why: str
    alternatives: tuple[str, ...]


class Explanation(Struct, frozen=True):
    """A deadline's derivation. Instants are ISO 8601 in the regulation's zone; ``counted`` sums to ``counted_us``."""

    snapshot: str
    tenant_edition: str
    name: str
    seq: int
    kind: ClockKind
    state: ClockState
    clause: str
    amount_ru: str
    amount_en: str
    amount_us: int | None
    """For an amount of time: what ``counted`` must add up to."""
    calendar: str
    """The calendar's name in the edition; empty for elapsed time."""
    calendar_id: str
    zone: str
    tzdata: str
    start: str | None
    start_event: str
    counted_from: str | None
    level_change: str | None
    pauses: tuple[tuple[str, str | None], ...]
    counted: tuple[tuple[str, str], ...]
    counted_us: int
    days: tuple[str, ...]
    goal: str | None
    goal_amount_ru: str
    goal_amount_en: str
    goal_capped: bool
    due: str | None
    readings: tuple[ReadingUsed, ...]
    note: str
    text_ru: str
    text_en: str


_NOTES_RU = {
    ClockKind.NONE: "регламент не обещает здесь срока",
    ClockKind.UNKNOWN: "регламент ссылается на срок, которого в нём нет",
}
_MANY = 4


class Teller(Struct, frozen=True):
    """Tells one snapshot's derivations."""

    snapshot_hash: str
    edition: Edition
    values: Mapping[str, Any]
    calendars: Mapping[str, Calendar]

    def explain(self, derived: Derived) -> Explanation:
        """Return the derivation of one clock."""
        rule, view, run = derived.rule, derived.view, derived.run
        counted = derived.deadline.counted if derived.deadline else ()
        local = self._local
        calendar = self.calendars.get(rule.calendar)
        in_time = rule.text is not None and not rule.text.in_days
        readings = self.readings_of(rule, changed=derived.change is not None)
        return Explanation(
            snapshot=self.snapshot_hash,
            tenant_edition=self.edition.edition.id,
            name=view.name,
            seq=view.seq,
            kind=view.kind,
            state=view.state,
            clause=view.clause,
            amount_ru=in_russian(rule.text) if rule.text else "",
            amount_en=in_english(rule.text) if rule.text else "",
            amount_us=rule.text.value if rule.text and in_time else None,
            calendar=rule.calendar,
            calendar_id=calendar.id if calendar else "",
            zone=calendar.zone if calendar else self.edition.edition.zone,
            tzdata=calendar.tzdata if calendar else self.calendars[_ANY].tzdata,
            start=local(view.started_at),
            start_event=run.start.what.value if run else "",
            counted_from=local(derived.counted_from),
            level_change=local(derived.change.at) if derived.change else None,
            pauses=tuple((_sure(local(since)), local(until)) for since, until in (run.pauses if run else ())),
            counted=tuple((_sure(local(a)), _sure(local(b))) for a, b in counted),
            counted_us=derived.deadline.counted_us if derived.deadline else 0,
            days=tuple(day.isoformat() for day in derived.deadline.steps) if derived.deadline else (),
            goal=local(view.goal),
            goal_amount_ru=in_russian(rule.goal_text) if rule.goal_text else "",
            goal_amount_en=in_english(rule.goal_text) if rule.goal_text else "",
            goal_capped=derived.goal_capped,
            due=local(view.due),
            readings=readings,
            note=view.note,
            text_ru=self._russian(derived),
            text_en=self._english(derived),
        )

    def readings_of(self, rule: Rule, *, changed: bool) -> tuple[ReadingUsed, ...]:
        """Return the readings under whose other values the rule would be counted otherwise."""
        return tuple(
            ReadingUsed(name, self.values.get(name), reading.clause, reading.why, tuple(reading.alternatives))
            for name, reading in self.edition.readings.items()
            if any(_bears(self.edition, patch, rule, changed=changed) for patch in _patches(reading))
        )

    def _local(self, at: Instant | None) -> str | None:
        if at is None:
            return None
        return _format_iso(at, self.calendars[_ANY])

    def _when(self, at: Instant) -> str:
        return _local_datetime(at, self.calendars[_ANY]).strftime("%d.%m.%Y %H:%M:%S").removesuffix(":00")

    def _russian(self, derived: Derived) -> str:
        rule, view = derived.rule, derived.view
        head = f"{rule.name_ru} ({_clause_ru(rule.clause)})"
        if rule.text is None:
            return f"{head}: {_NOTES_RU.get(view.kind, view.note)}."
        title = self.edition.calendars[rule.calendar].title_ru if rule.calendar else ""
        where = self._where(rule, f" по календарю «{title}»" if title else " по рабочему календарю компании")
        average = ", в среднем" if view.kind is ClockKind.AVERAGE else ""
        text = f"{head}: {in_russian(rule.text)}{average}{where}. "
        if derived.counted_from is None or derived.deadline is None:
            return text + f"Срока нет: {view.note}."
        text += f"Отсчёт с {self._when(derived.counted_from)} {place_ru(self.edition.edition.zone)}. "
        if derived.change is not None:
            text += f"Уровень изменён {self._when(derived.change.at)}. "
        text += self._counted(derived, "Учтено: ", "Дни: ", "; всего интервалов: ")
        if view.goal is not None and rule.goal_text is not None:
            capped = " (не позже предела)" if derived.goal_capped else ""
            text += f"Цель ({in_russian(rule.goal_text)}): {self._when(view.goal)}{capped}. "
        if view.due is None:
            return text + "Часы стоят: пауза не снята, срока пока нет."
        return text + f"Срок: {self._when(view.due)}."

    def _english(self, derived: Derived) -> str:
        rule, view = derived.rule, derived.view
        head = f"{rule.name_en} (clause {rule.clause})"
        if rule.text is None or derived.counted_from is None or derived.deadline is None:
            return f"{head}: {view.note}."
        title = self.edition.calendars[rule.calendar].title_en if rule.calendar else ""
        where = self._where(rule, f" in the calendar '{title}'" if title else " in the company's working calendar")
        average = " on average" if view.kind is ClockKind.AVERAGE else ""
        since = f"{self._when(derived.counted_from)} {place_en(self.edition.edition.zone)}"
        text = f"{head}: {in_english(rule.text)}{average}{where}. Counted from {since}. "
        if derived.change is not None:
            text += f"The level was changed at {self._when(derived.change.at)}. "
        text += self._counted(derived, "Counted: ", "Days: ", "; intervals in all: ")
        if view.goal is not None and rule.goal_text is not None:
            capped = " (no later than the limit)" if derived.goal_capped else ""
            text += f"Goal ({in_english(rule.goal_text)}): {self._when(view.goal)}{capped}. "
        if view.due is None:
            return text + "The clock stands still: a pause has not ended, there is no due time yet."
        return text + f"Due: {self._when(view.due)}."

    def _counted(self, derived: Derived, intervals: str, days: str, total: str) -> str:
        assert derived.deadline is not None
        if derived.deadline.steps:
            dates = ", ".join(f"{day:%d.%m}" for day in derived.deadline.steps)
            return f"{days}{dates}. "
        spans = derived.deadline.counted
        shown = ", ".join(f"{self._when(a)} – {self._when(b)}" for a, b in spans[:_MANY])
        more = f"{total}{len(spans)}" if len(spans) > _MANY else ""
        return f"{intervals}{shown}{more}. " if spans else ""

    def _where(self, rule: Rule, calendar: str) -> str:
        """Return ``calendar``, with its zone where instants are told in another; empty for elapsed time."""
        if not rule.calendar:
            return ""
        zone = self.calendars[rule.calendar].zone
        return calendar if zone == self.edition.edition.zone else f"{calendar} ({zone})"


_PLACES_RU = {"Europe/Moscow": "по Москве", "Asia/Bishkek": "по Бишкеку"}


def place_ru(zone: str) -> str:
    """Say in Russian by whose clock an instant is told, e.g. ``по Москве``."""
    return _PLACES_RU.get(zone, f"по часовому поясу {zone}")


def place_en(zone: str) -> str:
    """Say the same in English, e.g. ``Moscow time``."""
    return f"{zone.rpartition('/')[2].replace('_', ' ')} time"


_ANY = "always"


def _patches(reading: Reading) -> Sequence[Patch]:
    return [*reading.given, *(patch for patches in reading.alternatives.values() for patch in patches)]


def _bears(edition: Edition, patch: Patch, rule: Rule, *, changed: bool) -> bool:
    section, *rest = patch.at.split(".")
    if section in {"targets", "terms"}:
        own_section, own_name = rule.path.split(".", 1)
        if section != own_section or rest[0] not in {"*", own_name}:
            return False
        return all(part in (*rule.levels, *rule.channels, *rule.lines) for part in rest[1:])
    if section == "calendars":
        if not rule.calendar or rest[0] not in {"*", rule.calendar}:
            return False
        return edition.calendars[rule.calendar].days is not None or not _BY_STATE.issuperset(patch.set)
    if section == "counting":
        return any(_counts(key, rule, changed=changed) for key in patch.set)
    return False


_BY_STATE = frozenset({"short_days", "working_weekends", "special_nonworking", "variant", "days"})
"""Keys of a calendar that do nothing where it follows no production calendar."""


def _clause_ru(clause: str) -> str:
    """Name a clause in Russian: by its number, or by its section's name where the text numbers nothing."""
    return f"п. {clause}" if clause[:1].isdigit() else f"раздел «{clause}»"


def _counts(key: str, rule: Rule, *, changed: bool) -> bool:
    """Say whether a convention of counting bears on the rule's unit."""
    units = {text.unit for text in (rule.text, rule.goal_text) if text is not None}
    if key == "priority_change":
        return changed
    if key == "clock_start":
        return any(condition.what.value in {"registered", "received"} for condition in rule.fold.starts) or (
            rule.fold.counts_from_request
        )
    if key == "closing_edge":
        return Unit.WORKING in units
    if key in {"day_term", "day_term_after_hours"}:
        return Unit.WORKING_DAYS in units
    if key == "calendar_days_skip":
        return Unit.CALENDAR_DAYS_WITHOUT_WEEKENDS in units
    return bool(units & {Unit.CALENDAR_DAYS_WITHOUT_WEEKENDS, Unit.CALENDAR_DAYS})


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _local_datetime(at: Instant, calendar: Calendar) -> datetime:
    return _EPOCH + timedelta(microseconds=at, seconds=calendar.offset_s(at))


def _format_iso(at: Instant, calendar: Calendar) -> str:
    offset = calendar.offset_s(at)
    sign = "-" if offset < 0 else "+"
    hours, rest = divmod(abs(offset), 3600)
    seconds = f":{rest % 60:02d}" if rest % 60 else ""
    local = _local_datetime(at, calendar).replace(tzinfo=None).isoformat()
    return f"{local}{sign}{hours:02d}:{rest // 60:02d}{seconds}"


def local_iso(at: Instant, calendar: Calendar) -> str:
    """Return ``at`` as ISO 8601 with the offset of the calendar's zone, e.g. ``2026-03-04T10:10:00+03:00``."""
    return _format_iso(at, calendar)


def _sure(text: str | None) -> str:
    assert text is not None
    return text
