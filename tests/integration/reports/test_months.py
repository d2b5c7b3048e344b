"""The spans that reports count by are those of the company's calendar and clock."""

from zoneinfo import ZoneInfo

import pytest

from helpdesk.kernel.instants import HOUR, to_datetime
from helpdesk.queries.days import midnight
from helpdesk.queries.reports.periods import Span, buckets
from helpdesk.sla.averages import Period


@pytest.mark.parametrize(
    ("zone", "month", "more"),
    [("Europe/Berlin", "2026-03", -1), ("Europe/Berlin", "2026-10", 1), ("Asia/Bishkek", "2026-03", 0)],
)
def test_months_begin_and_end_by_the_companys_clock(zone: str, month: str, more: int) -> None:
    """Where summer time begins or ends within a month, its days are all there, and months meet."""
    span = Span.of_months(month, month, 1_800_000_000_000_000, zone)
    begin, end = buckets(span, Period.MONTH, zone).edges
    assert to_datetime(begin).astimezone(ZoneInfo(zone)).strftime("%d %H:%M") == "01 00:00"
    assert end == midnight(span.following, zone)
    assert (end - begin) // HOUR == 24 * (span.following - span.first).days + more
