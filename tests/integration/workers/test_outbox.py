"""The outbox's claims and settlements, on both databases, one law a test. No broker here."""

import threading
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import ClauseElement, select, update
from tests.integration.workers.owing import SERVICE, owe_events, owe_letters, ticket
from tests.support.things import add_tenant

from helpdesk.broker.streams import Incarnation
from helpdesk.kernel.errors import Conflict, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import DAY, MINUTE, SECOND
from helpdesk.kernel.principal import system
from helpdesk.store import feed, relaying, schema
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.outbox import Outbox, OutboxRow
from helpdesk.store.relaying import Settled

LEASE = 10 * SECOND
STREAM = Incarnation(1_000, 0)


def claim(database: Database, limit: int = 100, lease: int = LEASE) -> list[OutboxRow]:
    def work(session: Session) -> list[OutboxRow]:
        feed.place(session)
        return relaying.claim_events(session, limit, lease)

    return database.write_now(SERVICE, work)


def claim_letters(database: Database, limit: int = 100, window: int = 100, lease: int = LEASE) -> list[OutboxRow]:
    return database.write_now(SERVICE, lambda s: relaying.claim_deliveries(s, limit, window, lease))


def on_the_bus(database: Database, rows: list[OutboxRow]) -> None:
    settled = [Settled(row, STREAM.place(n)) for n, row in enumerate(rows, 1)]
    database.write_now(SERVICE, lambda s: relaying.wake_ups_stored(s, settled, MINUTE))


def store(database: Database, rows: list[OutboxRow], first: int = 1) -> None:
    settled = [Settled(row, STREAM.place(n)) for n, row in enumerate(rows, first)]
    database.write_now(SERVICE, lambda s: relaying.events_stored(s, settled))


def send(database: Database, tenant: UUID, row_id: UUID) -> OutboxRow | None:
    return database.write_now(system("test", tenant), lambda s: Outbox(s).claim_to_send(row_id, LEASE))


def get(database: Database, tenant: UUID, row_id: UUID) -> OutboxRow:
    return database.read_now(system("test", tenant), lambda s: Outbox(s).get(row_id))


def let_claims_run_out(database: Database) -> None:
    database.write_now(
        SERVICE,
        lambda s: s.connection.execute(
            update(schema.outbox).where(schema.outbox.c.claimed_until.is_not(None)).values(claimed_until=s.now - 1)
        ),
    )


def set_back(session: Session, seq: int) -> None:
    """Make the ticket's entry ``seq`` look as if written ``seq`` days ago."""
    statement = update(schema.outbox).where(schema.outbox.c.seq == seq)
    session.connection.execute(statement.values(next_attempt_at=session.now - seq * DAY))


class TestEvents:
    """From commit to the stream."""

    def test_claimed_in_the_ticket_s_order(self, database: Database, tenant: UUID) -> None:
        """Of one ticket the events are claimed by ``seq``, and each by one claim only."""
        one, two = ticket(database, tenant, 1), ticket(database, tenant, 2)
        owe_events(database, tenant, one, range(1, 4))
        owe_events(database, tenant, two, range(1, 3))
        rows = claim(database)
        assert [row.seq for row in rows if row.ticket_id == one] == [1, 2, 3]
        assert [row.seq for row in rows if row.ticket_id == two] == [1, 2]
        assert [row.position for row in rows] == [1, 2, 3, 4, 5]
        assert claim(database) == []

    def test_later_ones_wait_for_a_claimed_one(self, database: Database, tenant: UUID) -> None:
        """While an event is being published elsewhere, later ones of its ticket are not claimed; others are."""
        one, two = ticket(database, tenant, 1), ticket(database, tenant, 2)
        owe_events(database, tenant, one, range(1, 2))
        first = claim(database)
        owe_events(database, tenant, one, range(2, 3))
        owe_events(database, tenant, two, range(1, 2))
        assert [row.ticket_id for row in claim(database)] == [two]
        store(database, first)
        assert [row.seq for row in claim(database)] == [2]

    def test_a_claim_that_ran_out_is_claimed_again(self, database: Database, tenant: UUID) -> None:
        """The late holder of a lost claim records nothing."""
        owe_events(database, tenant, ticket(database, tenant, 1), range(1, 2))
        (late,) = claim(database)
        let_claims_run_out(database)
        (again,) = claim(database)
        assert again.generation == late.generation + 1
        store(database, [late])
        assert get(database, tenant, late.id).state == "open"
        store(database, [again])
        assert get(database, tenant, late.id).state == "done"

    def test_tenants_take_turns(self, database: Database, tenant: UUID) -> None:
        """A flood of one tenant leaves room for the other in the very next claim."""
        other = add_tenant(database, "other")
        owe_events(database, tenant, ticket(database, tenant, 1), range(1, 101))
        owe_events(database, other, ticket(database, other, 1), range(1, 4))
        rows = claim(database, limit=10)
        assert sum(row.tenant_id == other for row in rows) == 3

    def test_what_a_wiped_stream_lost_is_owed_again(self, database: Database, tenant: UUID) -> None:
        """Events named by another life of the stream, or behind its end, are found and owed again."""
        owe_events(database, tenant, ticket(database, tenant, 1), range(1, 11))
        store(database, claim(database))

        def lost(stream: Incarnation) -> int:
            found, _ = database.read_now(
                SERVICE, lambda s: relaying.find_lost_events(s, tenant, 10, stream.place(0), stream.last_place)
            )
            database.write_now(SERVICE, lambda s: relaying.reopen_events(s, found))
            return len(found)

        assert lost(Incarnation(STREAM.born, 10)) == 0
        assert lost(Incarnation(STREAM.born, 7)) == 3
        assert [row.seq for row in claim(database)] == [8, 9, 10]
        assert lost(Incarnation(2_000, 500)) == 7
        assert [row.seq for row in claim(database)] == [1, 2, 3, 4, 5, 6, 7]


class TestFeed:
    """The gap-free order of a tenant's events."""

    def test_positions_have_no_gaps(self, database: Database, tenant: UUID) -> None:
        """Placed by several at once while writers commit: 1, 2, 3, … in each tenant, each ticket in order."""
        other = add_tenant(database, "other")
        tickets = {t: [ticket(database, t, n) for n in (1, 2)] for t in (tenant, other)}

        def write(t: UUID, ticket_id: UUID) -> None:
            for seq in range(1, 11):
                owe_events(database, t, ticket_id, range(seq, seq + 1))

        def place() -> None:
            for _ in range(20):
                database.write_now(SERVICE, lambda s: feed.place(s, 3))

        threads = [threading.Thread(target=write, args=(t, i)) for t, ids in tickets.items() for i in ids]
        threads += [threading.Thread(target=place) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while database.write_now(SERVICE, feed.place):
            pass
        for t, ids in tickets.items():
            items = database.read_now(system("test", t), lambda s: feed.read_feed(s, 0, 100))
            assert [item.position for item in items] == list(range(1, 21))
            for ticket_id in ids:
                seqs = [item.payload["seq"] for item in items if item.payload["subject"] == str(ticket_id)]
                assert seqs == list(range(1, 11))

    def test_read_by_pages(self, database: Database, tenant: UUID) -> None:
        """``after`` the last position seen misses nothing and repeats nothing; another tenant sees nothing."""
        ids = owe_events(database, tenant, ticket(database, tenant, 1), range(1, 8))
        claim(database)
        seen: list[UUID] = []
        after = 0
        while page := database.read_now(system("test", tenant), partial(feed.read_feed, after=after, limit=3)):
            seen += [item.id for item in page]
            after = page[-1].position
        assert seen == ids
        other = add_tenant(database, "other")
        assert database.read_now(system("test", other), lambda s: feed.read_feed(s, 0, 3)) == []

    def test_a_clock_set_back_parts_no_ticket(self, database: Database, tenant: UUID) -> None:
        """Of a ticket ``seq`` decides, even where later entries carry earlier instants and the batch cuts between."""
        ticket_id = ticket(database, tenant, 1)
        for seq in range(1, 6):
            owe_events(database, tenant, ticket_id, range(seq, seq + 1))
            database.write_now(SERVICE, partial(set_back, seq=seq))
        database.write_now(SERVICE, lambda s: feed.place(s, 2))
        items = database.read_now(system("test", tenant), lambda s: feed.read_feed(s, 0, 10))
        assert [item.payload["seq"] for item in items] == [1, 2, 3, 4, 5]


class TestDeliveries:
    """From commit to the recorded effect."""

    def test_first_in_line_only(self, database: Database, tenant: UUID) -> None:
        """Of one ticket and recipient one letter is out; other recipients, channels and tickets do not wait."""
        one, two = ticket(database, tenant, 1), ticket(database, tenant, 2)
        first, second = owe_letters(database, tenant, one, range(1, 3))
        (phone,) = owe_letters(database, tenant, one, range(3, 4), channel="sms")
        (other,) = owe_letters(database, tenant, two, range(1, 2))
        (staff,) = owe_letters(database, tenant, one, range(3, 4), recipient="staff@example.org")
        alone, too = owe_letters(database, tenant, None, range(0, 2))
        rows = claim_letters(database)
        assert {row.id for row in rows} == {first, phone, other, staff, alone, too}
        on_the_bus(database, rows)
        assert send(database, tenant, second) is None
        row = send(database, tenant, first)
        assert row is not None
        assert claim_letters(database) == []
        assert database.write_now(system("test", tenant), lambda s: Outbox(s).record_done(row, "250 ok"))
        assert [row.id for row in claim_letters(database)] == [second]

    def test_one_sender_at_a_time(self, database: Database, tenant: UUID) -> None:
        """Of twenty that want to send a row one may; the attempt is counted before it sends."""
        (row_id,) = owe_letters(database, tenant, None, range(1))
        got: list[OutboxRow | None] = []
        threads = [threading.Thread(target=lambda: got.append(send(database, tenant, row_id))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (row,) = (each for each in got if each)
        assert (row.state, row.attempts) == ("sending", 1)

    def test_an_effect_is_recorded_once(self, database: Database, tenant: UUID) -> None:
        """Even the late holder of a lost claim may say that it left: once, and then nothing else counts."""
        (row_id,) = owe_letters(database, tenant, None, range(1))
        late = send(database, tenant, row_id)
        assert late is not None
        let_claims_run_out(database)
        assert database.write_now(SERVICE, relaying.reap) == 1
        now = send(database, tenant, row_id)
        assert now is not None

        def record(session: Session) -> tuple[bool, bool, bool, bool]:
            outbox = Outbox(session)
            return (
                outbox.record_failure(late, "late", None),
                outbox.record_done(late, "250 late"),
                outbox.record_done(now, "250 now"),
                outbox.record_failure(now, "now", None),
            )

        assert database.write_now(system("test", tenant), record) == (False, True, False, False)
        assert get(database, tenant, row_id).remote_id == "250 late"

    def test_a_failed_try_waits(self, database: Database, tenant: UUID) -> None:
        """A temporary failure is not tried before its time, and holds back its line only."""
        one = ticket(database, tenant, 1)
        first, second = owe_letters(database, tenant, one, range(1, 3))
        row = send(database, tenant, first)
        assert row is not None
        database.write_now(system("test", tenant), lambda s: Outbox(s).record_failure(row, "451 later", s.now + MINUTE))
        assert claim_letters(database) == []
        assert send(database, tenant, first) is None
        assert send(database, tenant, second) is None
        assert get(database, tenant, first).error == "451 later"

    def test_the_dead_are_kept_and_can_be_retried(self, database: Database, tenant: UUID) -> None:
        """A row given up keeps its cause, frees its line, and starts anew when told to."""
        one = ticket(database, tenant, 1)
        first, second = owe_letters(database, tenant, one, range(1, 3))
        row = send(database, tenant, first)
        assert row is not None
        bound = system("test", tenant)
        database.write_now(bound, lambda s: Outbox(s).record_failure(row, "550 no such\0user", None))
        (dead,) = database.read_now(bound, lambda s: Outbox(s).dead())
        assert (dead.id, dead.error) == (first, "550 no suchuser")
        assert database.read_now(bound, lambda s: Outbox(s).counts()) == (1, 1)
        assert [row.id for row in claim_letters(database)] == [second]
        database.write_now(bound, lambda s: Outbox(s).retry(first))
        assert get(database, tenant, first).attempts == 0
        with pytest.raises(Conflict):
            database.write_now(bound, lambda s: Outbox(s).retry(first))
        with pytest.raises(NotFound):
            database.write_now(bound, lambda s: Outbox(s).retry(new_id()))

    def test_lost_wake_ups_are_owed_again(self, database: Database, tenant: UUID) -> None:
        """What was published too long ago, or into a stream that is no more, is open again."""
        ids = owe_letters(database, tenant, None, range(4))
        rows = claim_letters(database)
        on_the_bus(database, rows)
        same = Incarnation(STREAM.born, 3)
        reopen = relaying.reopen_lost_wake_ups
        assert database.write_now(SERVICE, lambda s: reopen(s, same.place(0), same.last_place)) == 1
        wiped = Incarnation(5_000, 0)
        assert database.write_now(SERVICE, lambda s: reopen(s, wiped.place(0), wiped.last_place)) == 3
        rows = claim_letters(database)
        assert {row.id for row in rows} == set(ids)
        on_the_bus(database, rows)
        assert database.write_now(SERVICE, relaying.reap) == 0
        let_claims_run_out(database)
        assert database.write_now(SERVICE, relaying.reap) == 4

    def test_a_flood_waits_in_the_database(self, database: Database, tenant: UUID) -> None:
        """At most ``window`` of a destination are out at once, and the tenants share it."""
        other = add_tenant(database, "other")
        owe_letters(database, tenant, None, range(50))
        owe_letters(database, other, None, range(3))
        owe_letters(database, tenant, None, range(5), channel="sms")
        rows = claim_letters(database, window=8)
        mail = [row for row in rows if row.destination == "email"]
        assert len(mail) == 8
        assert sum(row.tenant_id == other for row in mail) == 3
        assert len(rows) == 13
        assert claim_letters(database, window=8) == []

    def test_another_tenant_s_row_is_not_there(self, database: Database, tenant: UUID) -> None:
        """A claim within another tenant finds nothing."""
        (row_id,) = owe_letters(database, tenant, None, range(1))
        other = add_tenant(database, "other")
        assert send(database, other, row_id) is None
        with pytest.raises(NotFound):
            get(database, other, row_id)


def test_the_indexes_of_what_is_owed_serve(sqlite: Database) -> None:
    """A long history of settled rows is not read to find the few that are owed."""

    def plans(session: Session) -> list[str]:
        statements = [
            *(each._source for each in (relaying._CLAIM_EVENTS, relaying._CLAIM_DELIVERIES)),
            *(each._source for each in (relaying._REAP, feed._OLDEST)),
            select(schema.outbox.c.id).where(relaying._DELIVERY),
        ]
        found = []
        for statement in statements:
            assert isinstance(statement, ClauseElement)
            sql = str(statement.compile(session.connection.engine))
            rows = session.connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, (1,) * sql.count("?"))
            found += [row.detail for row in rows]
        return found

    for plan in sqlite.read_now(SERVICE, plans):
        assert not plan.startswith("SCAN outbox"), plan
