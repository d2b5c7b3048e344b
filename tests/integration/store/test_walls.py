"""Tenant walls: what a session bound to one tenant can reach of another's, by plain SQL, on PostgreSQL.

The repositories' own conditions hold on both databases (the other modules here); these tests leave the conditions out.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Table, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from tests.support.postgres import APPLICATION, OWNER, PostgresServer
from tests.support.things import SERVICE, add_tenant, add_ticket, agent_of

from helpdesk.kernel.ids import new_id
from helpdesk.kernel.principal import Principal, Role
from helpdesk.store import schema
from helpdesk.store.addresses import Address, Addresses
from helpdesk.store.audit import Audit
from helpdesk.store.credentials import NOBODY, Credentials, hash_secret
from helpdesk.store.engine.database import Database, Session, open_database
from helpdesk.store.inbox import Inbox
from helpdesk.store.mail_counters import MailCounters
from helpdesk.store.tenants import Counters, Tenants

WALLED = [table for name, table in sorted(schema.metadata.tables.items()) if name not in {"time_source", "instance"}]


@pytest.fixture
def name(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    created = postgres.create(postgres_template)
    yield created
    postgres.drop(created)


@pytest.fixture
def database(postgres: PostgresServer, name: str) -> Iterator[Database]:
    opened = open_database(postgres.url(name))
    yield opened
    opened.close()


@pytest.fixture
def tenants(database: Database) -> tuple[UUID, UUID]:
    """Two tenants, each with a row in every table that a tenant has rows in."""
    ours, theirs = add_tenant(database, "ours"), add_tenant(database, "theirs")
    for tenant_id in (ours, theirs):
        database.write_now(agent_of(tenant_id), _fill)
        address = Address("email", f"{tenant_id}@example.org", "email", True)
        database.write_now(SERVICE, lambda s, t=tenant_id, a=address: Addresses(s).assign(t, a))  # type: ignore[misc]
    database.write_now(SERVICE, lambda s: Credentials(s).create(Role.AGENT, "both", [ours, theirs]))
    return ours, theirs


def _fill(session: Session) -> None:
    ticket_id, message_id, line, tenant = add_ticket(session, 1), new_id(), new_id(), session.tenant_id
    Counters(session).next("ticket")
    Inbox(session).claim("email", "1", b"h")
    Audit(session).record("test", "nothing")
    MailCounters(session).take("client@example.org", per_hour=3, per_day=20)
    own = Credentials(session).create(Role.ADMIN, "own", [tenant]).id
    key = {"tenant_id": tenant, "ticket_id": ticket_id}
    texts = dict.fromkeys(
        ("channel_kind", "address", "sender", "day", "outcome", "clause", "reason", "hint", "source_key"), ""
    )
    words = dict.fromkeys(
        (
            "direction",
            "kind",
            "channel",
            "sender",
            "recipient",
            "subject",
            "text",
            "new_text",
            "message_id",
            "author",
        ),
        "",
    )
    organisation, contact = new_id(), new_id()
    client = {"tenant_id": tenant, "organisation_id": organisation}
    box = {"tenant_id": tenant, "channel_kind": "chat", "address": "a", "person": "p"}
    rows: list[tuple[Table, dict[str, Any]]] = [
        (
            schema.organisations,
            {"tenant_id": tenant, "id": organisation, "name": "o", "name_key": "o", "created_at": 0},
        ),
        (schema.organisation_aliases, {**client, "kind": "domain", "alias": "o.example"}),
        (
            schema.agents,
            {"tenant_id": tenant, "id": contact, "name": "a", "name_key": "a", "display_name": "A", "lines": []}
            | {"state": "active", "created_at": 0},
        ),
        (schema.agent_keys, {"tenant_id": tenant, "credential_id": own, "agent_id": contact}),
        (schema.contacts, {**client, "id": contact, "name": "c", "name_key": "c", "created_at": 0}),
        (
            schema.contact_addresses,
            {"tenant_id": tenant, "contact_id": contact, "channel_kind": "email", "address": "a"},
        ),
        (schema.contracts, {**client, "id": new_id(), "kind": "licence", "first_day": "2026-01-01", "created_at": 0}),
        (schema.equipment, {**client, "id": ticket_id, "name": "e", "created_at": 0}),
        (schema.product_versions, {**client, "product": "p", "version": "1", "noted_at": 0}),
        (
            schema.calls,
            {"tenant_id": tenant, "call_id": "1", "dialled": "d", "caller": "c", "started_at": 0},
        ),
        (schema.ticket_tags, {**key, "tag": "t"}),
        (schema.ticket_flags, {**key, "flag": "f", "clause": "1", "raised_at": 0}),
        (
            schema.announcements,
            {"tenant_id": tenant, "id": new_id(), "published_at": 0, "actor": "x", "clause": "", "texts": {}}
            | {"hours": {}, "counts": False, "until": 0, "snapshot_hash": "s1"},
        ),
        (
            schema.canned_answers,
            {"tenant_id": tenant, "id": new_id(), "name": "n", "language": "ru", "title": "t", "text": "x"}
            | {"changed_at": 0},
        ),
        (
            schema.subscriptions,
            dict.fromkeys(("notifier", "target", "title"), "x")
            | {"tenant_id": tenant, "id": new_id(), "events": [], "position": 0, "created_at": 0},
        ),
        (schema.boxes, {**box, "last": 1}),
        (
            schema.box_letters,
            {**box, "position": 1, "letter_id": "l", "ticket_id": ticket_id, "at": 0, "payload": {}},
        ),
        (
            schema.complaints,
            dict.fromkeys(("about", "complainant", "contact", "text", "state", "clause", "told"), "x")
            | {"tenant_id": tenant, "id": new_id(), "number": 1, "received_at": 0},
        ),
        (
            schema.problems,
            dict.fromkeys(("title", "cause", "workaround", "state"), "x")
            | {"tenant_id": tenant, "id": ticket_id, "number": 1, "created_at": 0},
        ),
        (
            schema.repairs,
            dict.fromkeys(("fault", "told_on", "state", "clause"), "x")
            | {**key, "id": new_id(), "number": 1, "equipment_id": ticket_id, "created_at": 0},
        ),
        (schema.problem_tickets, {**key, "problem_id": ticket_id, "added_at": 0}),
        (schema.ticket_links, {**key, "other_id": ticket_id, "kind": "related", "actor": "x", "created_at": 0}),
        (schema.audit_heads, {"tenant_id": tenant, "seq": 0, "seal": b"s", "sealed_at": 0}),
        (schema.raw_messages, {"tenant_id": tenant, "hash": b"h", "content": b"c"}),
        (schema.events, {**key, "seq": 1, "at": 0, "what": "received", "actor": "x", "data": {}}),
        (schema.messages, {**key, **words, "id": message_id, "seq": 1, "received_at": 0}),
        (schema.unindexed, {"tenant_id": tenant, "message_id": message_id}),
        (
            schema.attachments,
            dict.fromkeys(("name", "content_type", "sha256", "state", "added_by"), "x")
            | {**key, "id": message_id, "size": 1, "added_at": 0},
        ),
        (schema.participants, {**key, "channel_kind": "email", "address": "a", "role": "client"}),
        (
            schema.clocks,
            {**key, "name": "c", "seq": 0, "kind": "limit", "state": "running", "clause": "", "warn_at": [], "note": ""}
            | {"then": "", "elapsed_us": 0, "paused_us": 0},
        ),
        (schema.timers, {**key, "clock": "c", "clock_seq": 0, "point": "due", "due_at": 1, "state": "pending"}),
        (schema.ledger, {**texts, **key, "id": line, "received_at": 0}),
        (schema.holds, {"tenant_id": tenant, "ledger_id": line, "cause": "", "message": {}, "created_at": 0}),
        (
            schema.outbox,
            {**key, "id": new_id(), "kind": "event", "subject": "s", "destination": "", "payload": {}}
            | {"state": "open", "next_attempt_at": 0, "created_at": 0},
        ),
    ]
    for table, values in rows:
        session.connection.execute(insert(table), values)


def count(session: Session, table: Table) -> int:
    return len(session.connection.execute(select(table)).all())


def test_bound_session_sees_its_own_rows_only(database: Database, tenants: tuple[UUID, UUID]) -> None:
    """Without any condition, every table shows a bound session its tenant's rows only; the service sees all."""
    ours, theirs = tenants
    for table in WALLED:
        column = table.c.id if table.name == "tenants" else table.c.tenant_id
        seen = database.read_now(agent_of(ours), lambda s, c=column: set(s.connection.execute(select(c)).scalars()))  # type: ignore[misc]
        assert seen == {ours}, table.name
        everything = database.read_now(SERVICE, lambda s, c=column: set(s.connection.execute(select(c)).scalars()))  # type: ignore[misc]
        assert everything >= {ours, theirs}, table.name


def test_session_of_nobody_sees_nothing(database: Database, tenants: tuple[UUID, UUID]) -> None:
    """No tenant, no scope: no row anywhere, on a fresh connection and on one that served a tenant before."""
    for _ in range(2):
        for table in WALLED:
            assert database.read_now(NOBODY, lambda s, t=table: count(s, t)) == 0, table.name  # type: ignore[misc]
        for _ in range(8):  # every reader's connection has now had the settings once
            database.read_now(agent_of(tenants[0]), lambda s: Tenants(s).own())


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AGENT, Role.INTEGRATOR, Role.CONTACT])
def test_unbound_role_of_a_tenant_sees_nothing(database: Database, tenants: tuple[UUID, UUID], role: Role) -> None:
    """A tenant's role without a tenant is nobody."""
    unbound = Principal(role, "key:lost")
    assert database.read_now(unbound, lambda s: count(s, schema.tickets)) == 0


def test_bound_session_changes_and_removes_no_row_of_another(database: Database, tenants: tuple[UUID, UUID]) -> None:
    """UPDATE and DELETE without a condition touch the tenant's own rows; grants forbid them where history is kept."""
    ours, theirs = tenants
    for table in WALLED:
        column = table.c.id if table.name == "tenants" else table.c.tenant_id
        whole = (select(table).where(column == theirs),)
        before = database.read_now(SERVICE, lambda s, w=whole: s.connection.execute(w[0]).all())  # type: ignore[misc]
        last = list(table.c)[-1]
        for statement in (delete(table), update(table).values({last.name: last})):
            with suppress(ProgrammingError, IntegrityError):  # not granted; still referred to
                database.write_now(agent_of(ours), lambda s, q=statement: s.connection.execute(q))  # type: ignore[misc]
        after = database.read_now(SERVICE, lambda s, w=whole: s.connection.execute(w[0]).all())  # type: ignore[misc]
        assert before == after, table.name


def test_bound_session_inserts_nothing_for_another(database: Database, tenants: tuple[UUID, UUID]) -> None:
    """A row of another tenant is refused by the wall, and so is moving a row of one's own to it."""
    ours, theirs = tenants
    counter = {"tenant_id": theirs, "name": "x", "value": 1}
    with pytest.raises(ProgrammingError, match="row-level security"):
        database.write_now(agent_of(ours), lambda s: s.connection.execute(insert(schema.tenant_counters), counter))
    with pytest.raises(ProgrammingError, match="row-level security"):
        database.write_now(
            agent_of(ours), lambda s: s.connection.execute(update(schema.tenant_counters).values(tenant_id=theirs))
        )


def test_foreign_keys_reach_no_other_tenants_rows(database: Database, tenants: tuple[UUID, UUID]) -> None:
    """Referential checks pass under the wall, so the tenant is part of them: another's ticket cannot be referred to."""
    ours, theirs = tenants
    foreign = database.read_now(agent_of(theirs), lambda s: s.connection.execute(select(schema.tickets.c.id)).scalar())
    row = {"tenant_id": ours, "ticket_id": foreign, "channel_kind": "e", "address": "a", "role": "client"}
    with pytest.raises(IntegrityError, match="fk_participants_tickets"):
        database.write_now(agent_of(ours), lambda s: s.connection.execute(insert(schema.participants), row))


def test_uniques_tell_nothing_of_other_tenants(database: Database, tenants: tuple[UUID, UUID]) -> None:
    """What is unique is so within a tenant: equal numbers, keys and addresses of two tenants stand side by side."""
    for table in WALLED:
        if table.name in {"tenants", "credentials"}:
            continue
        assert database.read_now(SERVICE, lambda s, t=table: count(s, t)) >= 2, table.name  # type: ignore[misc]


def test_truncate_and_ddl_are_not_granted(database: Database, tenants: tuple[UUID, UUID]) -> None:
    """TRUNCATE passes under every wall, and who may alter a table may take the wall down: both are refused."""
    for statement in (
        "TRUNCATE tenant_counters",
        "ALTER TABLE tickets DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE tickets NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant_wall ON tickets",
        "SET ROLE helpdesk_owner",
        "SET row_security = off; SELECT * FROM tickets",
        "CREATE TABLE mine (x int)",
    ):
        with pytest.raises(DBAPIError):
            database.write_now(agent_of(tenants[0]), lambda s, q=statement: s.connection.execute(text(q)))  # type: ignore[misc]


def test_the_owner_is_held_too(postgres: PostgresServer, name: str, database: Database) -> None:
    """FORCE: the tables' owner without a tenant sees nothing."""
    add_tenant(database, "acme")
    with postgres.connect(name, OWNER) as connection:
        assert connection.execute("SELECT count(*) FROM tenants").fetchone() == (0,)


def test_no_view_looks_past_the_walls(postgres: PostgresServer, name: str) -> None:
    """No function runs as its owner, and one view only, search's, whose own condition is the wall."""
    with postgres.connect(name, OWNER) as connection:
        views = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        definers = connection.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        ).fetchall()
        condition = connection.execute("SELECT pg_get_viewdef('search_seen'::regclass)").fetchall()[0][0]
    assert (views, definers) == ([("search_seen",)], [])
    assert "tenant_id = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid)" in str(condition)


def test_settings_end_with_their_transaction(database: Database, tenants: tuple[UUID, UUID]) -> None:
    """Nothing of the tenant stays on a connection, whether the work succeeded or failed."""
    ours, _ = tenants

    def fail(session: Session) -> None:
        Tenants(session).own()
        raise ValueError("undone")

    def left_over(session: Session) -> set[object]:
        raw = session.connection.connection.dbapi_connection
        assert isinstance(raw, psycopg.Connection)
        raw.rollback()  # what the connection has outside any transaction
        names = ("app.tenant", "app.scope", "app.key_hash")
        found = {raw.execute("SELECT current_setting(%s, true)", (name,)).fetchone()[0] for name in names}
        raw.rollback()
        return found

    for _ in range(8):
        database.write_now(agent_of(ours), lambda s: Tenants(s).own())
        database.write_now(SERVICE, lambda s: Tenants(s).all())
        with pytest.raises(ValueError, match="undone"):
            database.write_now(agent_of(ours), fail)
    for _ in range(8):
        assert database.write_now(NOBODY, left_over) <= {None, ""}


def test_the_services_role_is_weak(postgres: PostgresServer, name: str) -> None:
    """The tests themselves run as the role the service would: no superuser, no BYPASSRLS, owner of nothing."""
    with postgres.connect(name, APPLICATION) as connection:
        role = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        owned = connection.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user").fetchone()
    assert (role, owned) == ((False, False, False, False), (0,))


def test_presented_key_shows_itself_and_its_tenants(database: Database, tenants: tuple[UUID, UUID]) -> None:
    """Under the hash of a secret nobody sees that key and the tenants it serves, and no other key or tenant."""
    ours, theirs = tenants
    one = database.write_now(SERVICE, lambda s: Credentials(s).create(Role.ADMIN, "one", [ours]))
    both = database.write_now(SERVICE, lambda s: Credentials(s).create(Role.AGENT, "both", [ours, theirs]))

    def look(session: Session, secret: str) -> tuple[set[UUID], set[UUID]]:
        Credentials(session).find(hash_secret(secret.encode()))
        keys = session.connection.execute(select(schema.credentials.c.id)).scalars()
        return set(keys), set(session.connection.execute(select(schema.tenants.c.id)).scalars())

    assert database.read_now(NOBODY, lambda s: look(s, one.secret)) == ({one.id}, {ours})
    assert database.read_now(NOBODY, lambda s: look(s, both.secret)) == ({both.id}, {ours, theirs})
    assert database.read_now(NOBODY, lambda s: look(s, "wrong")) == (set(), set())
