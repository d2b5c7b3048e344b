"""Tenants, counters, addresses, editions, audit and mail counters, on both databases."""

import asyncio
from uuid import UUID

import pytest
from tests.support.things import SERVICE, add_tenant, agent_of

from helpdesk.kernel.errors import Conflict, NotAllowed, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import DAY, HOUR, MINUTE
from helpdesk.kernel.principal import Principal
from helpdesk.store.addresses import Address, Addresses
from helpdesk.store.audit import Audit
from helpdesk.store.editions import Editions
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.instance import TimeSource
from helpdesk.store.mail_counters import MailCounters, forget_before
from helpdesk.store.tenants import Counters, Tenants

pytestmark = pytest.mark.anyio


class TestTenants:
    async def test_slug_is_unique(self, database: Database) -> None:
        """A second tenant of the same slug is a conflict, and the work may go on after it."""

        def work(session: Session) -> list[str]:
            Tenants(session).add("acme", "Acme")
            with pytest.raises(Conflict):
                Tenants(session).add("acme", "Another")
            Tenants(session).add("zeta", "Zeta")
            return [tenant.slug for tenant in Tenants(session).all()]

        assert await database.write(SERVICE, work) == ["acme", "zeta"]

    async def test_bound_session_finds_only_itself(self, database: Database) -> None:
        """A foreign tenant and one that does not exist look the same."""
        ours, theirs = add_tenant(database, "ours"), add_tenant(database, "theirs")
        agent = agent_of(ours)
        assert await database.read(agent, lambda s: Tenants(s).own().slug) == "ours"
        assert [t.id for t in await database.read(agent, lambda s: Tenants(s).all())] == [ours]
        errors = []
        for tenant_id in (theirs, new_id()):
            with pytest.raises(NotFound) as caught:
                await database.read(agent, lambda s, t=tenant_id: Tenants(s).by_id(t))  # type: ignore[misc]
            errors.append(caught.value.detail)
        for slug in ("theirs", "nobody"):
            with pytest.raises(NotFound) as caught:
                await database.read(agent, lambda s, x=slug: Tenants(s).by_slug(x))  # type: ignore[misc]
            errors.append(caught.value.detail)
        assert len(set(errors)) == 1

    async def test_name_and_alert_address_change(self, database: Database) -> None:
        """What may change of a tenant changes, of one's own only."""
        ours, theirs = add_tenant(database, "ours"), add_tenant(database, "theirs")
        await database.write(agent_of(ours), lambda s: Tenants(s).change(ours, name="We", alert_address="a@ours.org"))
        found = await database.read(agent_of(ours), lambda s: Tenants(s).own())
        assert (found.slug, found.name, found.alert_address) == ("ours", "We", "a@ours.org")
        with pytest.raises(NotFound):
            await database.write(agent_of(ours), lambda s: Tenants(s).change(theirs, name="x", alert_address=""))


class TestCounters:
    async def test_numbers_have_no_gaps_whatever_fails(self, database: Database) -> None:
        """Concurrent works, a third of which fail after counting: those that succeed have 1, 2, 3, … each once."""
        agent = agent_of(add_tenant(database, "acme"))

        async def one(n: int) -> int:
            def work(session: Session) -> int:
                number = Counters(session).next("ticket")
                if n % 3 == 0:
                    raise ValueError("undone")
                return number

            return await database.write(agent, work)

        numbers = await asyncio.gather(*(one(n) for n in range(90)), return_exceptions=True)
        given = sorted(n for n in numbers if isinstance(n, int))
        assert given == list(range(1, 61))

    async def test_each_tenant_and_name_counts_for_itself(self, database: Database) -> None:
        """Counters of other tenants and names are not touched; several values may be taken at once."""
        ours, theirs = add_tenant(database, "ours"), add_tenant(database, "theirs")
        taken = [
            await database.write(agent_of(t), lambda s, n=n, c=c: Counters(s).next(n, c))  # type: ignore[misc]
            for t, n, c in [(ours, "a", 1), (ours, "a", 5), (ours, "b", 3), (theirs, "a", 1), (ours, "a", 1)]
        ]
        assert taken == [1, 2, 1, 1, 7]


class TestAddresses:
    MAIL = Address("email", "help@acme.org", "почта", True)

    async def test_address_leads_to_its_tenant(self, database: Database) -> None:
        """Assigned, the address is found; of another kind or released, it is not."""
        acme = add_tenant(database, "acme")
        await database.write(SERVICE, lambda s: Addresses(s).assign(acme, self.MAIL))
        changed = Address("email", "help@acme.org", "", False)
        await database.write(SERVICE, lambda s: Addresses(s).assign(acme, changed))
        assert await database.read(SERVICE, lambda s: Addresses(s).tenant_of("email", "help@acme.org")) == acme
        assert await database.read(SERVICE, lambda s: Addresses(s).tenant_of("phone", "help@acme.org")) is None
        assert await database.read(agent_of(acme), lambda s: Addresses(s).of(acme)) == (changed,)
        await database.write(SERVICE, lambda s: Addresses(s).release(acme, "email", "help@acme.org"))
        assert await database.read(SERVICE, lambda s: Addresses(s).tenant_of("email", "help@acme.org")) is None

    async def test_address_belongs_to_one_tenant(self, database: Database) -> None:
        """However many try at once, one gets it; the others are told."""
        tenants = [add_tenant(database, f"t{n}") for n in range(6)]

        async def assign(tenant_id: UUID) -> str:
            try:
                await database.write(SERVICE, lambda s: Addresses(s).assign(tenant_id, self.MAIL))
            except Conflict:
                return "conflict"
            return "assigned"

        outcomes = await asyncio.gather(*(assign(t) for t in tenants))
        assert sorted(outcomes) == ["assigned"] + ["conflict"] * 5

    async def test_bound_session_learns_nothing_of_others(self, database: Database) -> None:
        """It finds itself only, and assigns nothing."""
        ours, theirs = add_tenant(database, "ours"), add_tenant(database, "theirs")
        await database.write(SERVICE, lambda s: Addresses(s).assign(theirs, self.MAIL))
        agent = agent_of(ours)
        assert await database.read(agent, lambda s: Addresses(s).tenant_of("email", "help@acme.org")) is None
        assert await database.read(agent, lambda s: Addresses(s).of(theirs)) == ()
        with pytest.raises(NotAllowed):
            await database.write(agent, lambda s: Addresses(s).assign(ours, self.MAIL))


async def publish(database: Database, principal: Principal, edition: str, snapshot: str, since: int) -> None:
    await database.write(principal, lambda s: Editions(s).publish(edition, snapshot, snapshot.encode(), since))


class TestEditions:
    async def test_the_latest_edition_in_force_counts(self, database: Database) -> None:
        """At an instant: the latest edition in force by then, of its snapshots the one published last."""
        agent = agent_of(await database.write(SERVICE, lambda s: Tenants(s).add("acme", "Acme").id))
        for edition, snapshot, since in [
            ("2025", "a", 100),
            ("2026", "b", 200),
            ("2025", "c", 100),
            ("2027", "d", 300),
        ]:
            await publish(database, agent, edition, snapshot, since)
        in_force = [
            await database.read(agent, lambda s, at=at: Editions(s).snapshot_in_force(at))  # type: ignore[misc]
            for at in (99, 100, 199, 200, 299, 10**15)
        ]
        assert in_force == [None, "c", "c", "b", "b", "d"]
        await publish(database, agent, "2025", "a", 100)
        assert await database.read(agent, lambda s: Editions(s).snapshot_in_force(150)) == "a"
        assert [e.snapshot_hash for e in await database.read(agent, lambda s: Editions(s).all())] == [
            "c",
            "a",
            "b",
            "d",
        ]

    async def test_of_two_in_one_instant_the_later_counts(self, database: Database) -> None:
        """Whatever the hashes are: the clock may give two publications the same present."""
        for slug, order in (("one", ("a", "b")), ("two", ("b", "a"))):
            agent = agent_of(await database.write(SERVICE, lambda s, slug=slug: Tenants(s).add(slug, slug).id))  # type: ignore[misc]

            def both(session: Session, order: tuple[str, ...] = order) -> None:
                for snapshot in order:
                    Editions(session).publish("2025", snapshot, snapshot.encode(), 100)

            await database.write(agent, both)
            found = await database.read(agent, lambda s: Editions(s).snapshot_in_force(100))
            assert found == order[-1]

    async def test_snapshot_keeps_its_bytes_for_its_tenant(self, database: Database) -> None:
        """The bytes come back as given; other bytes under the hash are refused; other tenants have no such snapshot."""
        ours, theirs = add_tenant(database, "ours"), add_tenant(database, "theirs")
        body = '{"b": 1,  "a": "№ 2"}'.encode()
        await database.write(agent_of(ours), lambda s: Editions(s).publish("e", "h", body, 0))
        assert await database.read(agent_of(ours), lambda s: Editions(s).snapshot_body("h")) == body
        with pytest.raises(Conflict):
            await database.write(agent_of(ours), lambda s: Editions(s).publish("e", "h", b"{}", 0))
        with pytest.raises(NotFound):
            await database.read(agent_of(theirs), lambda s: Editions(s).snapshot_body("h"))


class TestAudit:
    async def test_lines_come_newest_first_in_pages(self, database: Database) -> None:
        """Every line once, with who, when, what; each tenant its own, the service its own."""
        ours, theirs = add_tenant(database, "ours"), add_tenant(database, "theirs")
        for principal in (agent_of(ours), agent_of(theirs), SERVICE):
            for n in range(5):
                await database.write(principal, lambda s, n=n: Audit(s).record("test.act", f"thing:{n}", {"n": n}))  # type: ignore[misc]
        first = await database.read(agent_of(ours), lambda s: Audit(s).latest(3))
        rest = await database.read(agent_of(ours), lambda s: Audit(s).latest(3, before=first[-1].id))
        assert sorted(act.data["n"] for act in first + rest) == [0, 1, 2, 3, 4]
        assert {act.actor for act in first} == {"key:test"}
        assert len(await database.read(SERVICE, lambda s: Audit(s).latest(100))) == 5


class TestMailCounters:
    async def test_caps_slide(self, database: Database) -> None:
        """Three in any hour and twenty in any 24 hours, whenever they begin; what was refused does not count."""
        agent = agent_of(add_tenant(database, "acme"))

        async def take(minutes: int) -> bool:
            await database.write(SERVICE, lambda s: TimeSource(s).move_to_offset(minutes * MINUTE))
            return await database.write(agent, lambda s: MailCounters(s).take("c@x.org", per_hour=3, per_day=20))

        assert [await take(m) for m in (0, 30, 50, 55, 61, 62, 91)] == [True, True, True, False, True, False, True]
        taken = [await take(200 + 25 * n) for n in range(18)]
        assert taken == [True] * 15 + [False] * 3
        assert [await take(24 * 60 + m) for m in (2, 3, 32)] == [True, False, True]

    async def test_addresses_and_tenants_count_apart(self, database: Database) -> None:
        """One address' mails do not use up another's, nor another tenant's."""
        ours, theirs = agent_of(add_tenant(database, "ours")), agent_of(add_tenant(database, "theirs"))
        takes = [(ours, "a"), (ours, "a"), (ours, "b"), (theirs, "a")]
        taken = [
            await database.write(p, lambda s, a=a: MailCounters(s).take(a, per_hour=1, per_day=20))  # type: ignore[misc]
            for p, a in takes
        ]
        assert taken == [True, False, True, True]

    async def test_concurrent_mails_do_not_pass_the_cap(self, database: Database) -> None:
        """Of fifty at once, three leave."""
        agent = agent_of(add_tenant(database, "acme"))
        taken = await asyncio.gather(
            *(database.write(agent, lambda s: MailCounters(s).take("a", per_hour=3, per_day=20)) for _ in range(50))
        )
        assert sum(taken) == 3

    async def test_old_counts_are_forgotten(self, database: Database) -> None:
        """Rows without mail since a day go; others stay."""
        agent = agent_of(add_tenant(database, "acme"))
        await database.write(agent, lambda s: MailCounters(s).take("a", per_hour=1, per_day=1))
        await database.write(SERVICE, lambda s: forget_before(s, s.now - HOUR, 10))
        assert not await database.write(agent, lambda s: MailCounters(s).take("a", per_hour=1, per_day=1))
        await database.write(SERVICE, lambda s: forget_before(s, s.now + DAY, 10))
        assert await database.write(agent, lambda s: MailCounters(s).take("a", per_hour=1, per_day=1))
