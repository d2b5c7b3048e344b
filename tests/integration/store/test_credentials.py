"""API keys: made once, kept as a hash, revoked for good."""

from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError
from tests.support.things import SERVICE, add_tenant, agent_of

from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.principal import Role
from helpdesk.store import schema
from helpdesk.store.credentials import NOBODY, Credential, Credentials, NewKey, hash_secret
from helpdesk.store.engine.database import Database

pytestmark = pytest.mark.anyio


async def create(database: Database, role: Role, *tenant_ids: UUID) -> NewKey:
    return await database.write(SERVICE, lambda s: Credentials(s).create(role, "ключ", tenant_ids))


async def find(database: Database, secret: str) -> Credential | None:
    return await database.read(NOBODY, lambda s: Credentials(s).find(hash_secret(secret.encode())))


async def test_key_is_found_by_its_secret_with_what_it_serves(database: Database) -> None:
    """Each kind of key comes back with its role and its tenants, by slug; a wrong secret finds nothing."""
    b, a = add_tenant(database, "b"), add_tenant(database, "a")
    keys = {
        Role.OPERATOR: await create(database, Role.OPERATOR),
        Role.ADMIN: await create(database, Role.ADMIN, a),
        Role.AGENT: await create(database, Role.AGENT, b, a),
    }
    for role, served in [(Role.OPERATOR, []), (Role.ADMIN, ["a"]), (Role.AGENT, ["a", "b"])]:
        found = await find(database, keys[role].secret)
        assert found is not None
        assert (found.id, found.role, found.name) == (keys[role].id, role, "ключ")
        assert [tenant.slug for tenant in found.tenants] == served
        assert await find(database, keys[role].secret + "x") is None


async def test_secret_is_long_random_and_kept_nowhere(database: Database) -> None:
    """256 random bits behind a prefix that names it; the database has its hash only, and no text shows it."""
    keys = [await create(database, Role.OPERATOR) for _ in range(3)]
    assert len({key.secret for key in keys}) == 3
    assert all(key.secret.startswith("hdk_") and len(key.secret) == 4 + 43 for key in keys)
    assert all(key.secret not in repr(key) for key in keys)
    rows = await database.read(SERVICE, lambda s: s.connection.execute(select(schema.credentials)).all())
    assert all(key.secret not in repr(row) and key.secret[4:] not in repr(row) for key in keys for row in rows)
    assert {row.secret_hash for row in rows} == {hash_secret(key.secret.encode()) for key in keys}


async def test_revoked_key_means_nothing(database: Database) -> None:
    """Revoked, it is not found; revoking it again keeps the first instant; it stays listed."""
    key = await create(database, Role.OPERATOR)
    await database.write(SERVICE, lambda s: Credentials(s).revoke(key.id))
    assert await find(database, key.secret) is None
    (first,) = await database.read(SERVICE, lambda s: Credentials(s).all())
    await database.write(SERVICE, lambda s: Credentials(s).revoke(key.id))
    assert await database.read(SERVICE, lambda s: Credentials(s).all()) == (first,)
    assert first.revoked_at is not None


async def test_admin_manages_the_own_tenants_keys_only(database: Database) -> None:
    """Foreign keys, shared keys, operators' keys and random ids look the same: not found."""
    ours, theirs = add_tenant(database, "ours"), add_tenant(database, "theirs")
    admin = agent_of(ours)
    own = await database.write(admin, lambda s: Credentials(s).create(Role.INTEGRATOR, "own", [ours]))
    foreign = [
        await create(database, Role.ADMIN, theirs),
        await create(database, Role.AGENT, ours, theirs),
        await create(database, Role.OPERATOR),
    ]
    assert [key.id for key in await database.read(admin, lambda s: Credentials(s).all())] == [own.id]
    for key_id in (*(key.id for key in foreign), new_id()):
        with pytest.raises(NotFound):
            await database.write(admin, lambda s, k=key_id: Credentials(s).revoke(k))  # type: ignore[misc]
    await database.write(admin, lambda s: Credentials(s).revoke(own.id))
    for wanted in ([theirs], [ours, theirs]):
        with pytest.raises(NotFound):
            await database.write(admin, lambda s, w=wanted: Credentials(s).create(Role.AGENT, "x", w))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("role", "tenants"),
    [
        (Role.OPERATOR, 1),
        (Role.ADMIN, 0),
        (Role.AGENT, 0),
        (Role.ADMIN, 2),
        (Role.INTEGRATOR, 2),
        (Role.SYSTEM, 0),
        (Role.SYSTEM, 1),
        (Role.CONTACT, 1),
    ],
)
async def test_roles_and_tenants_go_together(database: Database, role: Role, tenants: int) -> None:
    """An operator has no tenant, an agent one or more, others one; the service and contacts have no keys."""
    ids = [add_tenant(database, f"t{n}") for n in range(tenants)]
    with pytest.raises(Invalid):
        await create(database, role, *ids)


async def test_a_key_has_a_name(database: Database) -> None:
    """Log and audit say whose it is: blanks say nothing."""
    with pytest.raises(Invalid) as refused:
        await database.write(SERVICE, lambda session: Credentials(session).create(Role.OPERATOR, "  "))
    assert refused.value.fields == {"name": "is needed"}


async def test_no_tenants_session_makes_an_operator(database: Database) -> None:
    """Not even by plain SQL: the database refuses an operator's key with a tenant, and PostgreSQL one without."""
    ours = add_tenant(database, "ours")
    row = {"id": new_id(), "secret_hash": b"x", "role": "operator", "name": "", "created_at": 0}
    for tenant_id in (ours, None):
        if tenant_id is None and database.dialect == "sqlite":
            continue
        with pytest.raises(DBAPIError):
            await database.write(
                agent_of(ours),
                lambda s, t=tenant_id: s.connection.execute(insert(schema.credentials), {**row, "tenant_id": t}),  # type: ignore[misc]
            )
