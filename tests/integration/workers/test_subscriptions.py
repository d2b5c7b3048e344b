"""The company's events reach the targets that it subscribed: each, in order, signed, until a target is given up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import func, select
from standardwebhooks import Webhook
from tests.integration.workers.owing import SERVICE, owe_events, ticket
from tests.integration.workers.rig import PATIENCE, QUICK, SWIFT
from tests.support.hooks import http_sink
from tests.support.things import add_tenant

from helpdesk.broker.connection import Connection
from helpdesk.broker.server import EmbeddedServer
from helpdesk.contracts.notifiers import Notification
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.outward.notifying import disable, event_failed, event_taken, owe_next, owe_test
from helpdesk.desk.outward.subscriptions import Wish, rotate, subscribe
from helpdesk.kernel.errors import Conflict
from helpdesk.kernel.principal import system
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.feed import place
from helpdesk.store.outbox import OutboxRow, notifier_destination
from helpdesk.store.schema import outbox
from helpdesk.store.subscriptions import Subscription, Subscriptions, lagging, secrets_of
from helpdesk.store.tenants import Tenants
from helpdesk.workers.deliveries import Deliveries, DeliveryPolicy
from helpdesk.workers.fanout import Fanout
from helpdesk.workers.notifications import Notifications
from helpdesk.workers.relay import Relay
from helpdesk.workers.supervisor import Supervisor
from helpdesk_notifier_webhook.sender import WebhookSender

pytestmark = pytest.mark.anyio
WEBHOOK = notifier_destination("webhook")


@pytest.fixture
def tenant(sqlite: Database) -> UUID:
    return add_tenant(sqlite, "acme")


class NoEdition(Directory):
    """The tests' tenant has no regulation, so nobody can be written to."""

    def in_force(self, session: Session, at: int) -> Evaluator:
        raise Conflict("no edition is in force")


class Office:
    """One tenant's subscriptions, and the service's outward side around them."""

    def __init__(self, database: Database, server: EmbeddedServer, tenant: UUID) -> None:
        self.database, self.server, self.tenant = database, server, tenant
        self.resources = Resources(NoEdition(), b"0" * 32)
        self.policy: DeliveryPolicy = QUICK

    def write(self, work: Callable[..., Any], *given: Any, tenant: UUID | None = None) -> Any:
        return self.database.write_now(system("test", tenant or self.tenant), lambda session: work(session, *given))

    def subscribe(self, target: str, *events: str) -> UUID:
        made: UUID = self.write(lambda session: subscribe(session, Wish("webhook", target, events)).id)
        return made

    def subscription(self, subscription_id: UUID) -> Subscription:
        found = self.write(lambda session: Subscriptions(session).by_id(subscription_id))
        assert isinstance(found, Subscription)
        return found

    def owed(self, *states: str) -> int:
        def work(session: Session) -> int:
            rows = select(func.count()).select_from(outbox).where(outbox.c.destination == WEBHOOK)
            return session.connection.execute(rows.where(outbox.c.state.in_(states))).scalar_one()

        found = self.write(work)
        assert isinstance(found, int)
        return found

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        connection = Connection(self.server)
        relay = Relay(self.database, connection, SWIFT)
        ending = partial(_end, resources=self.resources)
        sender = WebhookSender(allow_loopback=True, timeout_seconds=1)
        deliveries = Deliveries(
            self.database, connection, WEBHOOK, Notifications(self.database, sender, ending),
            on_delivered=lambda session, row, _: event_taken(session, row),
            on_failed=partial(_failed, resources=self.resources),
            on_settled=relay.wake, policy=self.policy,
        )  # fmt: skip
        supervisor = Supervisor([relay, deliveries, Fanout(self.database, owe_next, on_owed=relay.wake)])
        await connection.start()
        await supervisor.start()
        try:
            yield
        finally:
            await supervisor.stop()
            await connection.stop()

    async def until(self, true: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await asyncio.to_thread(true):  # noqa: ASYNC110 - it is the database that is waited for
                await asyncio.sleep(0.05)


def _end(session: Session, subscription: UUID, why: str, *, resources: Resources) -> None:
    disable(session, resources, subscription, why)


def _failed(session: Session, row: OutboxRow, cause: str, *, resources: Resources) -> None:
    event_failed(session, resources, row, cause)


@pytest.fixture
def office(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> Office:
    return Office(sqlite, server, tenant)


def bodies(taken: list[bytes]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(each.partition(b"\r\n\r\n")[2]) for each in taken]


async def test_what_is_wanted_arrives_and_nothing_else(office: Office) -> None:
    """Of two tickets, in each one's order; not what was before, not another type, not another company's."""
    first, second = [await asyncio.to_thread(ticket, office.database, office.tenant, number) for number in (1, 2)]
    await asyncio.to_thread(owe_events, office.database, office.tenant, first, range(1, 3))
    await asyncio.to_thread(office.database.write_now, SERVICE, place)
    other = await asyncio.to_thread(add_tenant, office.database, "other")
    theirs = await asyncio.to_thread(ticket, office.database, other, 1)
    async with http_sink() as (url, taken), http_sink() as (elsewhere, nothing), office.running():
        wanting = office.subscribe(url, "ticket.registered")
        office.subscribe(elsewhere, "ticket.closed")
        for ticket_id in (first, second):
            owe_events(office.database, office.tenant, ticket_id, range(3, 9))
        owe_events(office.database, other, theirs, range(1, 5))
        await office.until(lambda: len(taken) >= 12 and office.owed("done") == 12)
        got = bodies(taken)
        assert nothing == []
    for ticket_id in (first, second):
        assert [each["data"]["seq"] for each in got if each["data"]["subject"] == str(ticket_id)] == [3, 4, 5, 6, 7, 8]
    assert {each["type"] for each in got} == {"ticket.registered"}
    assert len({each["data"]["id"] for each in got}) == 12
    head = dict(line.split(": ", 1) for line in taken[0].partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:])
    (secret,) = office.write(lambda session: secrets_of(session, Subscriptions(session).by_id(wanting)))
    Webhook(secret).verify(taken[0].partition(b"\r\n\r\n")[2], {name.lower(): value for name, value in head.items()})
    assert office.subscription(wanting).reached_at is not None


async def test_each_event_is_owed_once_however_many_follow_the_feed(office: Office, sqlite: Database) -> None:
    """Ten followers at once, and none of them alone: position and rows are one transaction."""
    found = await asyncio.to_thread(ticket, sqlite, office.tenant, 1)
    subscribed = office.subscribe("https://hooks.example.com/")
    owe_events(sqlite, office.tenant, found, range(1, 31))
    sqlite.write_now(SERVICE, place)
    principal = system("fanout", office.tenant)
    await asyncio.gather(
        *(sqlite.write(principal, lambda session: owe_next(session, subscribed, 7)) for _ in range(10))
    )
    assert office.owed("open") == 30
    assert sqlite.read_now(SERVICE, lambda session: lagging(session, 10)) == []


async def test_what_was_not_taken_comes_again_under_the_same_id(office: Office) -> None:
    """The connection breaks after the body: at least once, and both carry the event's id."""
    found = await asyncio.to_thread(ticket, office.database, office.tenant, 1)
    async with http_sink("drops") as (url, taken), office.running():
        office.subscribe(url)
        owe_events(office.database, office.tenant, found, range(1, 2))
        await office.until(lambda: len(taken) >= 2)
        assert len({each["data"]["id"] for each in bodies(taken[:2])}) == 1


async def test_a_target_that_wants_nothing_any_more_ends_its_subscription(office: Office) -> None:
    """410: disabled at once, what is owed to it is given up, nothing more is owed."""
    found = await asyncio.to_thread(ticket, office.database, office.tenant, 1)
    async with http_sink("410") as (url, taken), office.running():
        ended = office.subscribe(url)
        owe_events(office.database, office.tenant, found, range(1, 4))
        await office.until(lambda: office.owed("dead") == 3)
        assert office.subscription(ended).disabled_why.startswith("410")
        owe_events(office.database, office.tenant, found, range(4, 6))
        await asyncio.sleep(0.5)
        assert office.owed("open", "published", "sending", "done") == 0
    assert len(taken) == 1


async def test_a_target_that_fails_for_long_is_disabled(office: Office) -> None:
    """The first event that is given up, none having been taken since it was owed, disables the subscription."""
    office.policy = replace(QUICK, max_attempts=3)
    found = await asyncio.to_thread(ticket, office.database, office.tenant, 1)
    async with http_sink("500") as (url, taken), office.running():
        failing = office.subscribe(url)
        owe_events(office.database, office.tenant, found, range(1, 2))
        await office.until(lambda: office.subscription(failing).disabled_at is not None)
        assert "500" in office.subscription(failing).disabled_why
        assert len(taken) == 3


async def test_one_poisonous_event_disables_nothing(office: Office) -> None:
    """A target that took others since is well: that event alone is given up."""
    subscribed = office.subscribe("https://hooks.example.com/")

    def work(session: Session) -> None:
        row_id = owe_test(session, Subscriptions(session).by_id(subscribed))
        row = next(OutboxRow(*each) for each in session.connection.execute(_rows(row_id)))
        event_taken(session, row)
        event_failed(session, office.resources, row, "400")

    office.write(work)
    assert office.subscription(subscribed).disabled_at is None


async def test_two_secrets_count_for_a_day(office: Office) -> None:
    """After a rotation each event is signed with both, a day later with the new one alone."""
    subscribed = office.subscribe("https://hooks.example.com/")
    seen: list[Notification] = []

    class Keeping:
        async def send(self, notification: Notification) -> str:
            seen.append(notification)
            return "ok"

    sender = Notifications(office.database, Keeping(), lambda *_: None)
    before = office.write(lambda session: secrets_of(session, Subscriptions(session).by_id(subscribed)))
    office.write(rotate, subscribed)

    def message(session: Session) -> Any:
        row_id = owe_test(session, Subscriptions(session).by_id(subscribed))
        return next(OutboxRow(*each) for each in session.connection.execute(_rows(row_id))).outbound()

    await sender.send(await asyncio.to_thread(office.write, message))
    (both,) = seen
    assert (len(both.secrets), both.secrets[1]) == (2, before[0])
    assert "whsec_" not in repr(both)
    found = office.subscription(subscribed)
    assert found.generations((found.rotated_at or 0) + 86_400_000_000) == (2,)


async def test_what_happened_in_the_shadow_is_passed_over(office: Office) -> None:
    """Nothing of it is owed, the position moves on."""
    found = await asyncio.to_thread(ticket, office.database, office.tenant, 1)
    subscribed = office.subscribe("https://hooks.example.com/")

    def shadow(session: Session) -> None:
        Tenants(session).set_shadow(office.tenant, session.now)

    office.database.write_now(system("test"), shadow)
    owe_events(office.database, office.tenant, found, range(1, 4))
    office.database.write_now(SERVICE, place)
    assert not office.write(owe_next, subscribed, 10)
    assert office.owed("open", "suppressed") == 0
    assert office.database.read_now(SERVICE, lambda session: lagging(session, 10)) == []


def _rows(row_id: UUID) -> Any:
    return select(*(outbox.c[name] for name in OutboxRow.__struct_fields__)).where(outbox.c.id == row_id)
