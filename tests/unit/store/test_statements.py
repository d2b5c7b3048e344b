"""Statements that both databases know."""

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store import schema
from helpdesk.store.engine.statements import insert_or_leave, insert_or_set


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_conflict_is_that_of_the_primary_key(dialect: str) -> None:
    """Only the primary key's conflict is answered; any other unique still raises."""
    kind: Dialect = {"sqlite": sqlite, "postgresql": postgresql}[dialect].dialect()
    left = str(insert_or_leave(dialect, schema.inbox).compile(dialect=kind)).replace('"', "")
    changed = insert_or_set(dialect, schema.tenant_counters, {"value": schema.tenant_counters.c.value + 1})
    assert "ON CONFLICT (tenant_id, source, key) DO NOTHING" in left
    assert "ON CONFLICT (tenant_id, name) DO UPDATE SET" in str(changed.compile(dialect=kind))
