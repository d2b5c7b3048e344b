"""A withdrawn announcement changes nothing from then on; what has passed of it stays; no promised deadline moves."""

from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select
from tests.integration.desk.companies import POLICIES, Five
from tests.integration.editions.test_announcing import (
    OPERATOR,
    SATURDAY,
    database,
    do,
    due,
    five,
    mail,
    moment,
    told,
)

from helpdesk.desk.changing.rejudging import rejudge_ticket
from helpdesk.desk.companies.announcing import withdraw
from helpdesk.desk.companies.editions import draft_of, publish, supplied_now
from helpdesk.domain.rejudging import Rejudge
from helpdesk.kernel.errors import Conflict, NotFound
from helpdesk.kernel.instants import HOUR, MINUTE, Instant
from helpdesk.queries.companies.announcements import get_announcement
from helpdesk.regulation.judging.announced import with_dated_hours
from helpdesk.regulation.judging.snapshot import Body, Snapshot
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.audit import Audit
from helpdesk.store.editions import Editions
from helpdesk.store.schema import outbox

__all__ = ["database", "five"]


def take_back(five: Five, announcement: UUID, company: str = "telemedhelp") -> None:
    do(five, partial(withdraw, announcement_id=announcement, why="отменено"), company)


def in_force(five: Five) -> str:
    found = do(five, lambda session: Editions(session).snapshot_in_force(session.now))
    assert found is not None
    return found


def body_in_force(five: Five) -> Body:
    found = in_force(five)
    return Snapshot.from_json(do(five, lambda session: Editions(session).snapshot_body(found))).body()


def hours_on(five: Five, day: str, calendar: str) -> list[str]:
    """Return a calendar's hours on a date, in the snapshot in force now."""
    return list(body_in_force(five).edition.calendars[calendar].extra_dates.get(day, ("as ever",)))


def calendar_of(five: Five) -> str:
    """Return the name of a calendar that takes announced hours."""
    body = body_in_force(five)
    return next(name for name, rule in body.edition.calendars.items() if name in body.calendars and rule.hours)


def test_withdrawn_before_its_span_it_leaves_nothing_behind(five: Five) -> None:
    """The very snapshot of before is in force again; a ticket received meanwhile keeps its deadline until it is judged
    anew; audited and told once, however often it is asked."""
    untouched = in_force(five)
    kept = told(five, hours={SATURDAY: ("10:00-14:00",)})
    meanwhile = mail(five, "m1")
    promised = due(five, meanwhile)
    assert promised >= moment("2026-11-28T10:00:00+03:00")
    for _ in range(2):
        take_back(five, kept.id)
    assert in_force(five) == untouched
    assert due(five, meanwhile) == promised
    assert due(five, mail(five, "m2")) < moment("2026-11-28T08:04:00+03:00")
    rejudged = Rejudge(meanwhile, "объявление отменено", "")
    do(five, partial(rejudge_ticket, resources=five.resources, command=rejudged, expected_version=None))
    assert due(five, meanwhile) == promised - 2 * HOUR
    shown = do(five, partial(get_announcement, announcement_id=kept.id))
    assert (shown.withdrawn_why, shown.withdrawn_at is not None, shown.counts) == ("отменено", True, True)
    acts = do(five, lambda session: [act.act for act in Audit(session).latest(20)])
    assert acts.count("announcement.withdraw") == 1
    own = outbox.c.tenant_id == five.tenants["telemedhelp"]
    events = do(five, lambda s: list(s.connection.execute(select(outbox.c.payload).where(own)).scalars()))
    (event,) = (each for each in events if each.get("type") == "announcement.withdrawn")
    assert (event["subject"], event["data"]["why"], event["data"]["snapshot"]) == (str(kept.id), "отменено", untouched)


def test_a_break_that_has_begun_ends_when_it_is_withdrawn(five: Five) -> None:
    """TelemedHelp 7.2: what comes at 8:31 of a break from 8 to 12 that is withdrawn at 8:30 is due five minutes later;
    the half hour that passed is in the new version too."""
    since, until = moment("2026-11-28T08:00:00+03:00"), moment("2026-11-28T12:00:00+03:00")
    kept = told(five, break_since=since, break_until=until)
    night = mail(five, "m1")
    five.move_to(moment("2026-11-28T08:29:30+03:00"))
    take_back(five, kept.id)
    five.move_to(moment("2026-11-28T08:31:00+03:00"))
    assert due(five, mail(five, "m2")) < moment("2026-11-28T08:37:00+03:00")
    assert due(five, night) >= until  # as it was promised
    rejudged = Rejudge(night, "перерыв отменён", "")
    do(five, partial(rejudge_ticket, resources=five.resources, command=rejudged, expected_version=None))
    assert moment("2026-11-28T08:30:00+03:00") <= due(five, night) < moment("2026-11-28T08:36:00+03:00")


def test_a_date_goes_on_as_it_was(five: Five) -> None:
    """Of announced dates those before stay, of today what has passed, and the rest is as ever."""
    name = calendar_of(five)
    days = {f"2026-11-{day}": ("10:00-14:00",) for day in (28, 29, 30)}
    kept = told(five, hours=days)
    five.move_to(moment("2026-11-29T12:15:20+03:00"))
    take_back(five, kept.id)
    yesterday, today, tomorrow = (hours_on(five, day, name) for day in days)
    assert (yesterday, tomorrow) == (["10:00-14:00"], ["as ever"])
    assert today[0].startswith("10:00-")
    assert today != ["10:00-14:00"]


def test_of_two_about_one_date_the_later_counts_and_may_be_withdrawn(five: Five) -> None:
    """A correction takes the place of what it corrects; withdrawn, it leaves that in force; withdrawn too, nothing."""
    untouched, name = in_force(five), calendar_of(five)
    first = told(five, hours={SATURDAY: ("10:00-14:00",)})
    second = told(five, hours={SATURDAY: ("11:00-15:00",)})
    assert hours_on(five, SATURDAY, name) == ["11:00-15:00"]
    take_back(five, second.id)
    assert hours_on(five, SATURDAY, name) == ["10:00-14:00"]
    take_back(five, first.id)
    assert in_force(five) == untouched


def test_what_is_published_later_does_not_bring_it_back(five: Five) -> None:
    """Neither an edition that was published for later, nor a new version, nor what was supplied for this one."""
    package = load_package(POLICIES / "telemedhelp")

    def draft(since: Instant | None) -> None:
        supplied = five.database.read_now(OPERATOR, partial(supplied_now, slug="telemedhelp"))
        made = draft_of(package, {}, supplied=supplied, since=since)
        five.database.write_now(OPERATOR, partial(publish, draft=made))

    untouched = in_force(five)
    draft(moment("2026-11-28T00:00:00+03:00"))
    kept = told(five, hours={SATURDAY: ("10:00-14:00",)})
    draft(None)
    take_back(five, kept.id)
    draft(None)
    assert in_force(five) == untouched
    five.move_to(moment("2026-11-28T00:10:00+03:00"))
    assert in_force(five) == untouched


def test_what_is_over_is_not_withdrawn(five: Five) -> None:
    """Past is past: 409. A text alone may be withdrawn at any time; another company's is not there."""
    over, text = told(five, hours={SATURDAY: ("10:00-14:00",)}), told(five)
    five.move_to(moment("2026-11-29T00:00:00+03:00"))
    with pytest.raises(Conflict):
        take_back(five, over.id)
    before = in_force(five)
    take_back(five, text.id)
    assert in_force(five) == before
    with pytest.raises(NotFound):
        take_back(five, text.id, "siroca")


def test_hours_withdrawn_in_advance_are_no_change(five: Five) -> None:
    """The snapshot is the same, byte for byte."""
    wanted = in_force(five)
    found = Snapshot.from_json(do(five, lambda s: Editions(s).snapshot_body(wanted)))
    early = moment("2026-11-27T20:00:00+03:00")
    assert with_dated_hours(found, {SATURDAY: ("10:00-14:00",)}, early).hash == found.hash
    assert early % MINUTE == 0
