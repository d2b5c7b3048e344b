"""An announcement changes the hours of what comes later, and moves nothing that was promised."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import select
from tests.integration.desk.companies import COMPANIES, POLICIES, Five, take_on_all

from helpdesk.contracts.messages import Inbound
from helpdesk.desk.changing.rejudging import rejudge_ticket
from helpdesk.desk.changing.versions import Kept
from helpdesk.desk.companies.announcing import Announce, announce
from helpdesk.desk.companies.editions import draft_of, publish, supplied_now
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.domain.rejudging import Rejudge
from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.kernel.instants import HOUR, MINUTE, Instant, from_datetime
from helpdesk.kernel.principal import Principal, Role
from helpdesk.queries.companies.announcements import get_announcement, list_announcements
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.audit import Audit
from helpdesk.store.editions import Editions
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import outbox
from helpdesk.store.tickets import Tickets
from helpdesk.store.timers import Clocks

T = TypeVar("T")

OPERATOR = Principal(Role.OPERATOR, "operator:test")
TEXT = {"ru": "В субботу работаем с 10 до 14."}
SATURDAY = "2026-11-28"


def moment(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text))


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "alone.db")
    opened = open_database(f"sqlite:///{tmp_path / 'alone.db'}")
    yield opened
    opened.close()


@pytest.fixture
def five(database: Database) -> Five:
    """The five companies, late on a Friday's evening."""
    five = take_on_all(database)
    five.move_to(moment("2026-11-27T19:58:00+03:00"))
    return five


def do(five: Five, work: Callable[[Session], T], company: str = "telemedhelp") -> T:
    principal = Principal(Role.ADMIN, "key:admin", five.tenants[company])
    return five.database.write_now(principal, work)


def told(five: Five, company: str = "telemedhelp", **given: Any) -> Kept:
    command = Announce(**{"texts": TEXT, **given})
    return do(five, partial(announce, resources=five.resources, command=command), company)


def mail(five: Five, key: str) -> int:
    """Have a client write; return the ticket's number."""
    message = Inbound("email", "support@telemed.help", key, "client@client.example", None, "x", "y")
    taken = five.database.write_now(
        five.channel("telemedhelp"), partial(receive, resources=five.resources, arrival=Arrival(message))
    )
    assert taken.number is not None
    return taken.number


def due(five: Five, number: int) -> Instant:
    def work(session: Session) -> Instant:
        clocks = Clocks(session).of(Tickets(session).by_number(number).id)
        (found,) = (clock.due for clock in clocks if clock.name == "reaction")
        assert found is not None
        return found

    return do(five, work)


def test_what_comes_later_is_judged_by_the_announced_hours(five: Five) -> None:
    """TelemedHelp 2.1, 7.2: a letter of 19:58 is due at 8:03; after the announcement, at 10:03; the first one stays."""
    before = mail(five, "m1")
    assert moment("2026-11-28T08:03:00+03:00") <= due(five, before) < moment("2026-11-28T08:04:00+03:00")
    promised = due(five, before)
    kept = told(five, hours={SATURDAY: ("10:00-14:00",)})
    after = mail(five, "m2")
    assert moment("2026-11-28T10:03:00+03:00") <= due(five, after) < moment("2026-11-28T10:04:00+03:00")
    assert due(five, before) == promised
    shown = do(five, partial(get_announcement, announcement_id=kept.id))
    ticket = do(five, lambda session: Tickets(session).by_number(after))
    assert (shown.texts, shown.hours, shown.clause, shown.counts, shown.snapshot) == (
        TEXT, {SATURDAY: ("10:00-14:00",)}, "7.2", True, ticket.snapshot_hash,
    )  # fmt: skip
    rejudged = Rejudge(before, "объявление", "")
    do(five, partial(rejudge_ticket, resources=five.resources, command=rejudged, expected_version=None))
    assert due(five, before) == promised + 2 * HOUR
    acts = do(five, lambda session: [act.act for act in Audit(session).latest(3)])
    assert acts == ["ticket.rejudge", "announcement.publish", "edition.publish"]


def test_a_break_counts_only_if_announced_before_it(five: Five) -> None:
    """TelemedHelp 7.2: an announced hour moves the deadline by an hour; one that has begun moves nothing."""
    late = told(five, break_since=moment("2026-11-27T19:00:00+03:00"), break_until=moment("2026-11-28T09:00:00+03:00"))
    assert not do(five, partial(get_announcement, announcement_id=late.id)).counts
    first = mail(five, "m1")
    told(five, break_since=moment("2026-11-28T08:00:00+03:00"), break_until=moment("2026-11-28T09:30:00+03:00"))
    second = mail(five, "m2")
    assert 90 * MINUTE <= due(five, second) - due(five, first) < 91 * MINUTE


def test_a_text_alone_changes_no_hours(five: Five) -> None:
    """No new version; subscribers are told the text. A break counts for nothing where the regulation says nothing."""
    told(five)
    pause = {
        "break_since": moment("2026-11-30T10:00:00+03:00"),
        "break_until": moment("2026-11-30T12:00:00+03:00"),
    }
    told(five, "pass24", **pause)
    for company in ("telemedhelp", "pass24"):
        assert len(do(five, lambda session: Editions(session).all(), company)) == 1
        own = outbox.c.tenant_id == five.tenants[company]
        owed = do(five, lambda s, w=own: list(s.connection.execute(select(outbox.c.payload).where(w)).scalars()))  # type: ignore[misc]
        (event,) = (each for each in owed if each["type"] == "announcement.published")
        assert (event["data"]["texts"], event["data"]["counts"]) == (TEXT, False)


def test_a_version_published_later_takes_over_what_is_announced(five: Five) -> None:
    """Both what is in force at once and what was published for later; what is past by then is left behind."""
    package = load_package(POLICIES / "telemedhelp")

    def draft(since: Instant | None) -> None:
        supplied = five.database.read_now(OPERATOR, partial(supplied_now, slug="telemedhelp"))
        made = draft_of(package, {}, supplied=supplied, since=since)
        five.database.write_now(OPERATOR, partial(publish, draft=made))

    pause = (moment("2026-11-28T08:00:00+03:00"), moment("2026-11-28T09:30:00+03:00"))
    draft(moment("2026-11-28T00:00:00+03:00"))
    told(five, break_since=pause[0], break_until=pause[1])
    draft(None)
    number = mail(five, "m1")
    assert due(five, number) >= pause[1]
    five.move_to(moment("2026-11-28T07:00:00+03:00"))
    assert due(five, mail(five, "m2")) >= pause[1]
    hashes = {each.snapshot_hash for each in do(five, lambda session: Editions(session).all())}
    draft(moment("2026-12-01T00:00:00+03:00"))
    last = do(five, lambda session: Editions(session).all())[-1]
    body = do(five, lambda session: Editions(session).snapshot_body(last.snapshot_hash))
    assert b"2026-11-28" not in body
    assert last.snapshot_hash in hashes  # the very first, whose hours nothing changed


def test_what_cannot_be_announced_is_told(five: Five) -> None:
    """No text in the regulation's language, a past date, half a break, a break backwards; nothing is kept then."""
    start = moment("2026-11-28T08:00:00+03:00")
    for given in (
        {"texts": {"en": "x"}},
        {"texts": {"ru": " "}},
        {"hours": {"2026-11-26": ()}},
        {"hours": {SATURDAY: ("14:00-10:00",)}},
        {"break_since": start},
        {"break_since": start, "break_until": start - HOUR},
    ):
        with pytest.raises(Invalid):
            told(five, **given)
    assert do(five, partial(list_announcements, limit=5, cursor=None)).items == ()
    kept = told(five)
    with pytest.raises(NotFound):
        do(five, partial(get_announcement, announcement_id=kept.id), "siroca")


@pytest.mark.parametrize("company", COMPANIES)
def test_every_company_may_announce_hours(five: Five, company: str) -> None:
    """By the clause of its announcements, or of the reading that takes them; an administrator is enough."""
    kept = told(five, company, hours={SATURDAY: ()})
    shown = do(five, partial(get_announcement, announcement_id=kept.id), company)
    assert (shown.counts, bool(shown.clause)) == (True, True)
    current = do(five, lambda session: Editions(session).snapshot_in_force(session.now), company)
    assert shown.snapshot == current


def test_a_publication_announces_itself_where_the_text_says_so(five: Five) -> None:
    """Siroca 1.8: publishing an edition is told to everybody; the same again is not. TelemedHelp's says nothing."""
    for company, clauses in (("siroca", ["1.8"]), ("telemedhelp", [])):
        package = load_package(POLICIES / company)
        supplied = five.database.read_now(OPERATOR, partial(supplied_now, slug=company))
        since = moment("2027-01-01T00:00:00+06:00")
        for _ in range(2):
            made = draft_of(package, {}, supplied=supplied, since=since)
            five.database.write_now(OPERATOR, partial(publish, draft=made))
        found = do(five, partial(list_announcements, limit=5, cursor=None), company).items
        assert [each.clause for each in found] == clauses
        assert all("01.01.2027 00:00" in text for each in found for text in each.texts.values())
