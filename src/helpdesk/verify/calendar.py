"""What the civil calendar says, and time walked through it step by step."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from helpdesk.verify.specs import Hours, Spec
from helpdesk.verify.zones import DAY_S, SECOND, local, wall

_GRAINS = (15 * 60 * SECOND, 60 * SECOND)
DAY = DAY_S * SECOND
HORIZON = 800 * DAY
"""A walk that has not ended by then never will."""

Pauses = Sequence[tuple[int, int | None]]


class Unknown(ValueError):
    """The calendar says nothing about the date asked for."""


class Calendar:
    """A calendar to ask and to walk through."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._hours: dict[date, Hours] = {}
        dated = [rule.hours or () for rule in spec.rules.values()]
        seconds = {edge for hours in [*spec.weekly, *dated] for interval in hours for edge in interval}
        seconds |= {rule.shortened_s for rule in spec.rules.values()}
        self._grains = [grain for grain in _GRAINS if all(second * SECOND % grain == 0 for second in seconds)]

    def hours_on(self, day: date) -> Hours:
        """Return the open intervals of a date.

        Raises:
            Unknown: the date lies outside the known range.
        """
        if day not in self._hours:
            known = self.spec.known
            if known is not None and not known[0] <= day <= known[1]:
                raise Unknown(f"{day} lies outside {known[0]} to {known[1]}")
            hours = self.spec.weekly[day.weekday()]
            rule = self.spec.rules.get(day)
            if rule is not None:
                hours = hours if rule.hours is None else rule.hours
                if hours:
                    begins, ends = hours[-1]
                    cut = ((begins, ends - rule.shortened_s),) if ends - rule.shortened_s > begins else ()
                    hours = hours[:-1] + cut
            self._hours[day] = hours
        return self._hours[day]

    def kind_of(self, day: date) -> str:
        """Return working_day, weekend, working_weekend, holiday, moved_off, or the name the calendar gives the date."""
        rule = self.spec.rules.get(day)
        if rule is not None and rule.kind is not None:
            return rule.kind
        return "weekend" if day.weekday() >= 5 else "working_day"

    def is_working(self, day: date) -> bool:
        """Return whether a date has working hours."""
        return bool(self.hours_on(day))

    def date_of(self, at_us: int) -> date:
        """Return the local date of an instant."""
        return local(self.spec.zone, at_us)[0]

    def midnight_after(self, day: date) -> int:
        """Return 24:00 of a date."""
        return wall(self.spec.zone, day, DAY_S)

    def closing(self, day: date) -> int:
        """Return when a date closes.

        Raises:
            Unknown: it is closed all day.
        """
        hours = self.hours_on(day)
        if not hours:
            raise Unknown(f"{day} is closed all day")
        return wall(self.spec.zone, day, hours[-1][1])

    def is_open(self, at_us: int) -> bool:
        """S1."""
        day, second = local(self.spec.zone, at_us)
        return any(begins <= second < ends for begins, ends in self.hours_on(day))

    def next_open(self, at_us: int) -> int:
        """Return the first open instant from ``at_us`` on."""
        for begins, _ in self.steps(at_us, ()):
            if self.is_open(begins):
                return begins
        raise Unknown("never open")

    def steps(self, start_us: int, pauses: Pauses) -> Iterator[tuple[int, int]]:
        """Cut the time from ``start_us`` on into steps within which nothing changes.

        Hours and offsets sit on whole quarters or minutes nearly always, and then a step ends at the next whole quarter
        or minute; else, at the next second. A date without hours is one step. A step also ends where a pause begins or
        ends.
        """
        edges = sorted({edge for pause in pauses for edge in pause if edge is not None})
        at = start_us
        while at < start_us + HORIZON:
            day = self.date_of(at)
            whole = self._grain(at)
            then = (at // whole + 1) * whole
            if not self.hours_on(day):
                then = max(then, self.midnight_after(day))
            then = min([then] + [edge for edge in edges if at < edge < then])
            yield at, then
            at = then

    def counts(self, at_us: int, pauses: Pauses) -> bool:
        """S2, S5: whether the clock runs at an instant."""
        return not paused(at_us, pauses) and self.is_open(at_us)

    def working_between(self, a_us: int, b_us: int) -> int:
        """S4, in microseconds."""
        if b_us < a_us:
            return -self.working_between(b_us, a_us)
        total = 0
        for begins, ends in self.steps(a_us, ()):
            if begins >= b_us:
                break
            if self.is_open(begins):
                total += min(ends, b_us) - begins
        return total

    def _grain(self, at_us: int) -> int:
        offset = self.spec.zone.offset_s(at_us)
        for grain in self._grains:
            if offset * SECOND % grain == 0 and self.spec.zone.offset_s(at_us + grain) == offset:
                return grain
        return SECOND


class Clock(Calendar):
    """Round the clock: the calendar that is always open, for elapsed time."""

    def __init__(self) -> None:
        super().__init__(Spec(_Utc(), (((0, DAY_S),),) * 7, {}, None))

    def steps(self, start_us: int, pauses: Pauses) -> Iterator[tuple[int, int]]:
        """Cut the time from ``start_us`` on where a pause begins or ends."""
        edges = sorted({edge for pause in pauses for edge in pause if edge is not None and edge > start_us})
        yield from zip([start_us, *edges], [*edges, start_us + 400_000 * DAY], strict=True)


class _Utc:
    def offset_s(self, at_us: int) -> int:  # noqa: ARG002 - the same at every instant
        return 0


def paused(at_us: int, pauses: Pauses) -> bool:
    """Return whether an instant lies in a pause [from, to)."""
    return any(begins <= at_us and (ends is None or at_us < ends) for begins, ends in pauses)


def days_after(day: date) -> Iterator[date]:
    """Yield the dates after ``day``.

    Raises:
        Unknown: ten thousand of them were not enough.
    """
    for _ in range(10_000):
        day += timedelta(days=1)
        yield day
    raise Unknown(f"no end of the term up to {day}")
