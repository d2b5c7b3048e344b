"""Zone transitions: what the file and its rule say, as the standard library reads them."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from helpdesk import sla
from helpdesk.kernel.instants import SECOND, from_datetime
from helpdesk.sla.posix import parse_rule

ZONES = (
    "Europe/Moscow", "Asia/Bishkek", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
    "Africa/Cairo", "Europe/Dublin", "America/Nuuk", "Asia/Gaza", "Pacific/Apia", "America/St_Johns", "Asia/Kathmandu",
    "Antarctica/Troll", "America/Santiago", "UTC", "Asia/Tehran", "Africa/Monrovia",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _packaged_database() -> Iterator[None]:
    """The standard library reads the packaged database too, not the machine's."""
    zoneinfo.reset_tzpath([])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.parametrize("name", ZONES)
def test_offsets_are_those_of_the_zone_database(name: str) -> None:
    """From 1970 to 2100, every 97 hours and a second on either side of each change."""
    read = sla.read_transitions(name, date(1971, 2, 1), date(2099, 1, 1))
    zone = zoneinfo.ZoneInfo(name)
    probes = {at + shift for at, _ in read.changes for shift in (-SECOND, 0)}
    start, end = datetime(1971, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)
    probes |= set(range(from_datetime(start), from_datetime(end), 97 * 3600 * SECOND))
    changes = iter([*read.changes, (2**62, 0)])
    offset = read.initial_offset_s
    at, after = next(changes)
    wrong = []
    for probe in sorted(probes):
        while at <= probe:
            offset = after
            at, after = next(changes)
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=probe)
        if timedelta(seconds=offset) != moment.astimezone(zone).utcoffset():
            wrong.append(moment)
    assert wrong == []


def test_only_the_range_with_a_year_around_it_is_read() -> None:
    """Pinned data is small, and changes that change nothing are left out."""
    read = sla.read_transitions("Europe/Berlin", date(2026, 1, 1), date(2026, 12, 31))
    assert len(read.changes) == 6
    assert read.initial_offset_s == 3600
    assert read.tzdata == sla.TZDATA_VERSION
    assert sla.read_transitions("Europe/Moscow", date(2020, 1, 1), date(2099, 12, 31)).changes == ()


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "", "/etc/passwd", "../zones", "Europe/../Europe/Berlin", "Europe", "zone.tab"]
)
def test_an_unknown_zone_is_refused(name: str) -> None:
    """Names that are no zone, paths among them, raise UnknownZone."""
    with pytest.raises(sla.UnknownZone):
        sla.read_transitions(name, date(2026, 1, 1), date(2026, 12, 31))


def test_rules_count_days_in_three_ways() -> None:
    """``Mm.w.d``, ``Jn`` without the leap day and ``n`` with it; times may be negative or past 24:00."""
    leap = parse_rule("AAA3BBB,J60,100")
    assert (date(2028, 3, 1) - date(1970, 1, 1)).days * 86400 + 5 * 3600 == leap.changes(2028)[0][0]
    assert (date(2027, 3, 1) - date(1970, 1, 1)).days * 86400 + 5 * 3600 == leap.changes(2027)[0][0]
    assert (date(2028, 4, 10) - date(1970, 1, 1)).days * 86400 + 4 * 3600 == leap.changes(2028)[1][0]
    assert parse_rule("<+06>-6").changes(2026) == []
    with pytest.raises(sla.BadZone):
        parse_rule("nonsense?")
