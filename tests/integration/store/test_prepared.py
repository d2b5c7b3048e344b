"""Prepared statements do what SQLAlchemy's own execution does, on both databases."""

from uuid import UUID

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from tests.support.things import SERVICE

from helpdesk.kernel.ids import new_id
from helpdesk.store import schema
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.statements import insert_or_leave

T = schema.addresses
ADD = Prepared(insert(T))
ADD_OR_LEAVE = Prepared(lambda dialect: insert_or_leave(dialect, T).returning(T.c.tenant_id))
OF_KIND = Prepared(
    select(T.c.tenant_id, T.c.address, T.c.official)
    .where(T.c.channel_kind == bindparam("kind"), T.c.channel == "почта")
    .order_by(T.c.address)
)
MAKE_OFFICIAL = Prepared(
    update(T).where(T.c.address == bindparam("at")).values(official=True).returning(T.c.official, T.c.tenant_id)
)
REMOVE = Prepared(delete(T).where(T.c.address == bindparam("at")))


def tenant(session: Session) -> UUID:
    row = {"id": new_id(), "slug": str(new_id()), "name": "", "created_at": 0}
    session.connection.execute(insert(schema.tenants), row)
    return row["id"]  # type: ignore[return-value]


def address(tenant_id: UUID, at: str, channel: str = "почта") -> dict[str, object]:
    return {"tenant_id": tenant_id, "channel_kind": "email", "address": at, "channel": channel, "official": False}


def test_rows_go_in_and_come_out_with_their_types(database: Database) -> None:
    """Values and constants reach their places; identifiers and flags come back as such; missing keys get defaults."""

    def work(session: Session) -> None:
        ours = tenant(session)
        ADD.run_each(session, [address(ours, "b"), address(ours, "a"), address(ours, "c", "чат")])
        ADD.run_each(session, [])
        without_flag = address(ours, "d")
        del without_flag["official"]
        ADD.run(session, without_flag)
        assert OF_KIND.all(session, {"kind": "email"}) == [(ours, "a", False), (ours, "b", False), (ours, "d", False)]
        assert OF_KIND.first(session, {"kind": "phone"}) is None
        assert MAKE_OFFICIAL.first(session, {"at": "a"}) == (True, ours)
        assert ADD_OR_LEAVE.first(session, address(ours, "a")) is None
        assert ADD_OR_LEAVE.first(session, address(ours, "e")) == (ours,)
        REMOVE.run(session, {"at": "b"})
        assert [row[1] for row in OF_KIND.all(session, {"kind": "email"})] == ["a", "d", "e"]

    database.write_now(SERVICE, work)


@pytest.mark.parametrize("many", [False, True])
def test_errors_are_sqlalchemys_without_values(database: Database, many: bool) -> None:
    """A violated constraint is an IntegrityError whose text shows nobody's data."""

    def work(session: Session) -> None:
        row = address(tenant(session), "secret@example.org")
        if many:
            ADD.run_each(session, [row, row])
        ADD.run(session, row)
        ADD.run(session, row)

    with pytest.raises(IntegrityError) as caught:
        database.write_now(SERVICE, work)
    if database.dialect == "sqlite":  # PostgreSQL's own message names the key
        assert "secret@example.org" not in str(caught.value)
    assert caught.value.params is None or caught.value.hide_parameters


def test_missing_value_is_noticed(database: Database) -> None:
    """A statement with a value left out is refused, not executed with NULL."""
    with pytest.raises(Exception, match="kind"):
        database.read_now(SERVICE, lambda s: OF_KIND.all(s, {}))


def test_many_changes_alike(database: Database) -> None:
    """Each row gets its own values and the constants, however many there are; one that is not found is told of."""
    rename = Prepared(
        update(T)
        .where(T.c.tenant_id == bindparam("tenant"), T.c.address == bindparam("at"))
        .values(channel=bindparam("new"), official=bindparam("flag", type_=T.c.official.type), channel_kind="phone")
    )

    def work(session: Session) -> None:
        ours = tenant(session)
        ADD.run_each(session, [address(ours, str(place)) for place in range(20)])
        for count in (1, 3, 20):
            changes = [
                {"tenant": ours, "at": str(place), "new": f"«{place}» {count}", "flag": place % 2 == 0}
                for place in range(count)
            ]
            assert rename.change_each(session, changes)
        assert not rename.change_each(session, [*changes[1:], {**changes[0], "at": "none"}])
        assert rename.change_each(session, [])
        found = session.connection.execute(select(T.c.address, T.c.channel, T.c.official, T.c.channel_kind))
        assert {tuple(row) for row in found} == {
            (str(place), f"«{place}» 20", place % 2 == 0, "phone") for place in range(20)
        }

    database.write_now(SERVICE, work)
