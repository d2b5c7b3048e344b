"""The peers that a user would pick instead, on the workload's calendar A: cost, and how often they agree."""

import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import islice
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import businesstimedelta
import numpy as np
import pandas as pd
import pytz
from benchmarks.measure import Result, Row, spent, turns
from benchmarks.workload import Workload
from opening_hours import OpeningHours, State

from helpdesk.sla.amount import Amount, Unit
from helpdesk.sla.calendar import Calendar

SECOND = 1_000_000
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_HOURS = [hour * 3600 for hour in (1, 2, 4, 8, 9, 16, 24, 40, 80)]

Question = tuple[Callable[[], float], int]
"""A call that answers in seconds, and the row asked about."""


def peer_rows(workload: Workload, calendar: Calendar, budget_s: float) -> list[Result]:
    """Let every peer answer for ``budget_s`` of CPU time, and compare with the core's single calls on the same rows."""
    group = "peers, single calls, calendar A"
    rows: list[Result] = []
    peers = {
        "pandas CustomBusinessHour, aware": (_pandas(workload), False),
        "businesstimedelta add": (_businesstimedelta_add(workload), False),
        "businesstimedelta between": (_businesstimedelta_between(workload), True),
        "opening-hours-py add": (_opening_hours_add(workload), False),
        "opening-hours-py between": (_opening_hours_between(workload), True),
    }
    for name, (questions, between) in peers.items():
        cost, asked, right = _answered(questions, workload.expected["A"][between], budget_s)
        ours = _ours(workload, calendar, between)
        note = f"{right} of {asked} right"
        rows.append(Row(group, "between" if between else "add", ours, cost, "ns", name, note=note))
    return rows + _busday_rows(workload, calendar)


def _answered(questions: Iterator[Question], expected: list[int], budget_s: float) -> tuple[float, int, int]:
    """Cost of one answer, how many were given, how many were right."""
    costs, right, began = [], 0, process_time()
    while process_time() - began < budget_s:
        batch = list(islice(questions, 20))
        if not batch:
            break
        answers: list[float] = []

        def ask(batch: list[Question] = batch, answers: list[float] = answers) -> None:
            answers.extend(call() for call, _ in batch)

        costs.append(spent(ask, len(batch)))
        right += sum(round(answer) == expected[row] for answer, (_, row) in zip(answers, batch, strict=True))
    return sorted(costs)[len(costs) // 2], len(costs) * 20, right


def _ours(workload: Workload, calendar: Calendar, between: bool) -> float:
    other = workload.ends if between else workload.amounts
    rows = [(start * SECOND, value * SECOND) for start, value in zip(workload.starts[:20_000], other, strict=False)]
    call = calendar.between_us if between else calendar.add_us
    return turns({"ours": lambda: spent(lambda: [call(a, b) for a, b in rows], len(rows))}, 3)["ours"]


def _sum(moment: Any, step: Any) -> float:
    return float((moment + step).timestamp())


def _difference(rules: Any, a: datetime, b: datetime) -> float:
    return float(rules.difference(a, b).timedelta.total_seconds())


def _pandas(workload: Workload) -> Iterator[Question]:
    """Whole hours only, and at closing it names the next opening: fewer right answers than calls."""
    warnings.simplefilter("ignore")
    holidays = [str(day) for day in workload.calendars["A"].holidays]
    offsets = {
        seconds: pd.offsets.CustomBusinessHour(
            n=seconds // 3600, weekmask="Mon Tue Wed Thu Fri", holidays=holidays, start="09:00", end="18:00"
        )
        for seconds in _HOURS
    }
    for row, (start, amount) in enumerate(zip(workload.starts, workload.amounts, strict=True)):
        if amount in offsets:
            moment = pd.Timestamp(start, unit="s", tz="UTC").tz_convert("Europe/Moscow")
            offset = offsets[amount]
            yield partial(_sum, moment, offset), row


def _business_rules(workload: Workload) -> businesstimedelta.Rules:
    zone = pytz.timezone("Europe/Moscow")
    days = businesstimedelta.WorkDayRule(start_time=time(9), end_time=time(18), working_days=list(range(5)), tz=zone)
    return businesstimedelta.Rules(
        [days, businesstimedelta.HolidayRule(set(workload.calendars["A"].holidays), tz=zone)]
    )


def _businesstimedelta_add(workload: Workload) -> Iterator[Question]:
    rules = _business_rules(workload)
    for row, (start, amount) in enumerate(zip(workload.starts, workload.amounts, strict=True)):
        moment = datetime.fromtimestamp(start, UTC)
        step = businesstimedelta.BusinessTimeDelta(rules, seconds=amount)
        yield partial(_sum, moment, step), row


def _businesstimedelta_between(workload: Workload) -> Iterator[Question]:
    rules = _business_rules(workload)
    for row, (start, end) in enumerate(zip(workload.starts, workload.ends, strict=True)):
        a, b = (datetime.fromtimestamp(at, UTC) for at in (start, end))
        yield partial(_difference, rules, a, b), row


def _opening_hours(workload: Workload) -> OpeningHours:
    off = [f"{day.year} {_MONTHS[day.month - 1]} {day.day:02d} off" for day in workload.calendars["A"].holidays]
    return OpeningHours("; ".join(["Mo-Fr 09:00-18:00", *off]), timezone=ZoneInfo("Europe/Moscow"))


def _opening_hours_add(workload: Workload) -> Iterator[Question]:
    """It has no business-time arithmetic: its intervals are summed here."""
    hours, zone = _opening_hours(workload), ZoneInfo("Europe/Moscow")

    def add(moment: datetime, left: timedelta) -> float:
        for begins, ends, state, _ in hours.intervals(moment):
            if state == State.OPEN:
                length = ends.astimezone(UTC) - begins.astimezone(UTC)
                if left <= length:
                    return float((begins.astimezone(UTC) + left).timestamp())
                left -= length
        raise ValueError("never")

    for row, (start, amount) in enumerate(zip(workload.starts, workload.amounts, strict=True)):
        moment, left = datetime.fromtimestamp(start, zone), timedelta(seconds=amount)
        yield partial(add, moment, left), row


def _opening_hours_between(workload: Workload) -> Iterator[Question]:
    hours, zone = _opening_hours(workload), ZoneInfo("Europe/Moscow")

    def between(a: datetime, b: datetime) -> float:
        total = timedelta()
        for begins, ends, state, _ in hours.intervals(a, b):
            if state == State.OPEN:
                total += ends.astimezone(UTC) - begins.astimezone(UTC)
        return total.total_seconds()

    for row, (start, end) in enumerate(zip(workload.starts, workload.ends, strict=True)):
        a, b = (datetime.fromtimestamp(at, zone) for at in (start, end))
        yield partial(between, a, b), row


def _busday_rows(workload: Workload, calendar: Calendar) -> list[Result]:
    """NumPy counts whole days in columns; the core's term in working days is one call each."""
    closed = np.busdaycalendar(holidays=np.array(workload.calendars["A"].holidays, dtype="datetime64[D]"))
    count = 20_000
    days = np.array(workload.starts[:count]).astype("datetime64[s]").astype("datetime64[D]")
    terms = np.array([amount // 32_400 + 1 for amount in workload.amounts[:count]])
    asked = [
        (start * SECOND, Amount(Unit.WORKING_DAYS, int(term)))
        for start, term in zip(workload.starts[:count], terms, strict=True)
    ]
    took = turns(
        {
            "numpy": lambda: spent(lambda: np.busday_offset(days, terms, roll="backward", busdaycal=closed), count),
            "ours": lambda: spent(lambda: [calendar.due_us(start, amount) for start, amount in asked], count),
        },
        3,
    )
    against = "NumPy busday_offset, in columns, dates only"
    return [Row("terms in days, calendar A", "due_us, working days", took["ours"], took["numpy"], "ns", against)]
