"""The workload: 200,000 questions to six calendars over 2023-2027, with every expected answer.

The calendars: A Monday to Friday 09-18 in Moscow with holidays, B round the clock, C daily 08-20, G as A with a lunch
break, D as G with moved Saturdays and short days, E nights in Berlin across clock changes, F New York. The answers come
from intervals built day by day with ``zoneinfo``, which is independent of the core and of the C limit programs.

Files, in the form the limit programs read (little-endian 64-bit): ``workload.bin`` (count, starts, amounts, ends in
seconds), ``cal_K.bin`` (count, opening and closing pairs), ``exp_K.bin`` (deadlines, elapsed).
"""

import json
import random
import struct
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

ROWS = 200_000
FIRST, LAST = date(2023, 1, 1), date(2027, 12, 31)
_MINUTES = [15, 30, 60, 120, 240, 480, 540, 960, 1440, 2400, 4800]
_MOVED = ["2024-04-27", "2024-11-02", "2024-12-28", "2025-11-01", "2023-04-29", "2026-03-07", "2027-02-20"]
_OFFICE = [("09:00", "18:00")]
_LUNCH = [("09:00", "13:00"), ("14:00", "18:00")]

Day = list[tuple[str, str]]


@dataclass
class Plain:
    """One calendar of the workload: zone, Monday to Sunday, closed dates, dates with hours of their own."""

    zone: str
    week: list[Day]
    holidays: list[date] = field(default_factory=list)
    special: dict[date, Day] = field(default_factory=dict)

    @cached_property
    def _closed(self) -> frozenset[date]:
        return frozenset(self.holidays)

    def day(self, day: date) -> Day:
        if day in self.special:
            return self.special[day]
        return [] if day in self._closed else self.week[day.weekday()]

    def intervals(self) -> list[tuple[int, int]]:
        """UTC seconds, touching intervals united."""
        zone, united = ZoneInfo(self.zone), list[tuple[int, int]]()
        day = FIRST
        while day <= LAST:
            for opens, closes in self.day(day):
                begins, ends = (_instant(day, text, zone) for text in (opens, closes))
                if united and united[-1][1] >= begins:
                    united[-1] = (united[-1][0], max(united[-1][1], ends))
                else:
                    united.append((begins, ends))
            day += timedelta(days=1)
        return united


def _instant(day: date, text: str, zone: ZoneInfo) -> int:
    minutes = minutes_of(text)
    day += timedelta(days=minutes // 1440)
    local = datetime(day.year, day.month, day.day, minutes % 1440 // 60, minutes % 60, tzinfo=zone)
    return int(local.timestamp())


def minutes_of(text: str) -> int:
    """Read HH:MM as minutes of the day."""
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def calendars() -> dict[str, Plain]:
    """Return the six calendars by letter."""
    years = range(FIRST.year, LAST.year + 1)
    russian = sorted(holidays.country_holidays("RU", years=years, observed=True))
    american = sorted(holidays.country_holidays("US", years=years, observed=True))
    eves = {day - timedelta(days=1) for day in russian}
    short = {day: [_LUNCH[0], ("14:00", "17:00")] for day in sorted(eves - set(russian)) if day.weekday() < 5}
    moved = {day: _LUNCH for day in map(date.fromisoformat, _MOVED) if day not in russian}
    return {
        "A": Plain("Europe/Moscow", [_OFFICE] * 5 + [[], []], russian),
        "B": Plain("UTC", [[("00:00", "24:00")]] * 7),
        "C": Plain("Europe/Moscow", [[("08:00", "20:00")]] * 7),
        "D": Plain("Europe/Moscow", [_LUNCH] * 5 + [[], []], russian, {**moved, **short}),
        "G": Plain("Europe/Moscow", [_LUNCH] * 5 + [[], []], russian),
        "E": Plain("Europe/Berlin", [[("00:00", "06:00"), ("22:00", "24:00")]] * 7),
        "F": Plain("America/New_York", [[("09:00", "17:00")]] * 5 + [[], []], american),
    }


@dataclass
class Workload:
    """Columns of whole seconds; every start lies on a whole minute, since several peers know no seconds."""

    starts: list[int]
    amounts: list[int]
    ends: list[int]
    calendars: dict[str, Plain]

    @cached_property
    def expected(self) -> dict[str, tuple[list[int], list[int]]]:
        """By letter: the deadline of every row, and the working time between its start and its end."""
        return {letter: self._answers(plain.intervals()) for letter, plain in self.calendars.items()}

    def _answers(self, intervals: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
        opens, before = [begins for begins, _ in intervals], [0]
        for begins, ends in intervals:
            before.append(before[-1] + ends - begins)

        def worked(at: int) -> int:
            last = bisect_right(opens, at) - 1
            return 0 if last < 0 else before[last] + min(at, intervals[last][1]) - opens[last]

        deadlines, elapsed = [], []
        for start, amount, end in zip(self.starts, self.amounts, self.ends, strict=True):
            target = worked(start) + amount
            last = bisect_left(before, target) - 1
            deadlines.append(opens[last] + target - before[last] if last >= 0 else start)
            elapsed.append(worked(end) - worked(start))
        return deadlines, elapsed

    def write(self, folder: Path) -> None:
        """Write the files that the limit programs read."""
        columns = [array("q", column).tobytes() for column in (self.starts, self.amounts, self.ends)]
        (folder / "workload.bin").write_bytes(struct.pack("<q", len(self.starts)) + b"".join(columns))
        for letter, plain in self.calendars.items():
            edges = [edge for interval in plain.intervals() for edge in interval]
            packed = struct.pack("<q", len(edges) // 2) + array("q", edges).tobytes()
            (folder / f"cal_{letter}.bin").write_bytes(packed)
            answers = [array("q", column).tobytes() for column in self.expected[letter]]
            (folder / f"exp_{letter}.bin").write_bytes(b"".join(answers))
        (folder / "calendars.json").write_text(json.dumps(sorted(self.calendars)))


def make_workload(rows: int = ROWS) -> Workload:
    """Return the workload, the same every time."""
    chance = random.Random(20260101)
    low = int(datetime(2023, 1, 1, tzinfo=UTC).timestamp()) + 86400
    high = int(datetime(2027, 6, 1, tzinfo=UTC).timestamp())
    starts = [chance.randrange(low, high) // 60 * 60 for _ in range(rows)]
    amounts = [chance.choice(_MINUTES) * 60 for _ in range(rows)]
    ends = [start + chance.randrange(60, 30 * 86400) // 60 * 60 for start in starts]
    return Workload(starts, amounts, ends, calendars())
