"""The audit shows tampering: any edit, deletion, insertion or exchange by SQL is found, and nothing else is told."""

import random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from tests.support.fixtures import DatabaseUrls
from tests.support.things import SERVICE, add_tenant, agent_of

from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import HOUR
from helpdesk.queries.records.audit_chain import Checked, audit_head, check_audit
from helpdesk.store.audit import Audit
from helpdesk.store.audit_chain import seal_waiting, waits
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import audit, audit_heads

DATA: tuple[dict[str, Any], ...] = (
    {},
    {"было": 1, "cause": "Ёлка «№1»", "list": [1, "2", None, True]},
    {"nested": {"a": {"b": 1.5}}, "b": -3},
)


def act(database: Database, tenant: UUID, count: int) -> None:
    for number in range(count):

        def work(session: Session, n: int = number) -> None:
            Audit(session).record(f"test.{n}", f"thing:{n}", DATA[n % 3])

        database.write_now(agent_of(tenant), work)


def seal_all(database: Database) -> None:
    while database.read_now(SERVICE, waits) and database.write_now(SERVICE, seal_waiting):
        pass


def check(database: Database, tenant: UUID, *heads: Any) -> Checked:
    return database.read_now(agent_of(tenant), lambda s: check_audit(s, heads))


@pytest.fixture
def tampering(database: Database, database_urls: DatabaseUrls) -> Any:
    """Run statements as whoever owns the database."""
    owner = create_engine(database_urls.owner)

    def run(*statements: Any) -> None:
        with owner.begin() as connection:
            if database.dialect == "postgresql":  # the walls hold the owner too, but not who says to be the service
                connection.execute(text("SELECT set_config('app.scope', 'service', true)"))
            for statement in statements:
                connection.execute(statement)

    yield run
    owner.dispose()


def test_what_nobody_touched_holds(database: Database) -> None:
    """Whatever is in the lines, sealed in whatever portions, of several companies at once; the latest wait unsealed."""
    tenants = [add_tenant(database, name) for name in "ab"]
    for count in (3, 1, 7):
        for tenant in tenants:
            act(database, tenant, count)
        seal_all(database)
    act(database, tenants[0], 2)
    first, second = (check(database, tenant) for tenant in tenants)
    assert (first.sealed, first.waiting, first.faults) == (11, 2, ())
    assert (second.sealed, second.waiting, second.faults) == (11, 0, ())


def test_random_tampering_is_all_found(database: Database, tampering: Any) -> None:
    """One hundred random edits of one line or two, each undone again: every one is found, and after it nothing is."""
    tenant, other = add_tenant(database, "a"), add_tenant(database, "b")
    act(database, tenant, 12)
    act(database, other, 3)
    seal_all(database)
    luck = random.Random(3)
    whole = select(audit).where(audit.c.tenant_id == tenant).order_by(audit.c.seq)
    lines = database.read_now(SERVICE, lambda s: s.connection.execute(whole).all())
    for _ in range(100):
        line, second = (dict(each._mapping) for each in luck.sample(lines, 2))
        kind = luck.choice(("edit", "delete", "insert", "exchange", "move", "tail", "forge"))
        this = (audit.c.tenant_id == tenant, audit.c.id == line["id"])
        that = (audit.c.tenant_id == tenant, audit.c.id == second["id"])
        match kind:
            case "edit":
                edits = {"at": line["at"] + 1, "actor": "key:x", "by": "x", "act": "x", "object": "x", "data": {"x": 1}}
                edits |= {"seal": bytes(32), "mark": bytes(32), "seq": 500, "tenant_id": new_id()}
                column = luck.choice([*edits])
                tampering(update(audit).where(*this).values({column: edits[column]}))
            case "delete":
                tampering(delete(audit).where(*this))
            case "insert":
                tampering(insert(audit).values({**line, "id": new_id(), "seq": None, "seal": None}))
            case "forge":
                tampering(insert(audit).values({**line, "id": new_id(), "seq": 13, "actor": "key:x"}))
            case "exchange":
                for which, seq in ((this, 900), (that, line["seq"]), (this, second["seq"])):
                    tampering(update(audit).where(*which).values(seq=seq))
            case "move":
                tampering(update(audit).where(*this).values(seq=None, seal=None))
            case _:
                tampering(delete(audit).where(audit.c.tenant_id == tenant, audit.c.seq > 12 - luck.randint(1, 11)))
        seal_all(database)
        assert check(database, tenant).faults or check(database, other).faults, kind
        heads = [{"tenant_id": t, "seq": n, "seal": s} for t, n, s in ((tenant, 12, lines[-1].seal),)]
        tampering(
            delete(audit).where(audit.c.tenant_id == tenant),
            delete(audit).where(audit.c.id.in_([each.id for each in lines])),
            *(insert(audit).values(dict(each._mapping)) for each in lines),
            *(update(audit_heads).where(audit_heads.c.tenant_id == head["tenant_id"]).values(head) for head in heads),
        )
        assert not check(database, tenant).faults, kind
        assert not check(database, other).faults, kind


def test_a_head_shows_what_the_chain_alone_cannot(database: Database, tampering: Any) -> None:
    """Whoever takes away the end and its head with it leaves a sound chain; a head kept elsewhere tells."""
    tenant = add_tenant(database, "a")
    act(database, tenant, 5)
    seal_all(database)
    before = database.read_now(agent_of(tenant), audit_head)
    act(database, tenant, 4)
    seal_all(database)
    after = database.read_now(agent_of(tenant), audit_head)
    assert not check(database, tenant, before, after).faults
    assert (before.seq, after.seq) == (5, 9)
    tampering(
        delete(audit).where(audit.c.tenant_id == tenant, audit.c.seq > 5),
        update(audit_heads).where(audit_heads.c.tenant_id == tenant).values(seq=5, seal=bytes.fromhex(before.seal)),
    )
    assert not check(database, tenant, before).faults
    assert check(database, tenant, before, after).faults


def test_a_line_that_stays_unsealed_is_told(database: Database, tampering: Any) -> None:
    """After ten minutes, not before."""
    tenant = add_tenant(database, "a")
    act(database, tenant, 1)
    assert not check(database, tenant).faults
    tampering(update(audit).where(audit.c.tenant_id == tenant).values(at=audit.c.at - HOUR))
    assert check(database, tenant).faults


def test_the_services_own_role_cannot_rewrite_lines(database: Database) -> None:
    """On PostgreSQL the service itself may number and seal a line, and nothing more."""
    if database.dialect == "sqlite":
        return
    tenant = add_tenant(database, "a")
    act(database, tenant, 1)
    for statement in (update(audit).values(actor="x"), delete(audit)):
        with pytest.raises(DBAPIError):
            database.write_now(agent_of(tenant), lambda s, st=statement: s.connection.execute(st).close())  # type: ignore[misc]
