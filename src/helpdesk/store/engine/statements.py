"""Statements that both databases know under one name in SQL and SQLAlchemy under two."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = sqlite.Insert | postgresql.Insert


def insert_into(dialect: str, table: Table) -> Insert:
    """Return an insert that can say ON CONFLICT. Decide by RETURNING what happened, never by the row count."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def none_of(rows: Select[Any]) -> ColumnElement[bool]:
    """Return the condition that there is none of ``rows``, looked for anew for each row that it is asked of.

    Not ``NOT EXISTS``: of a queue's table PostgreSQL often believes that nothing waits in it, and would then hold each
    row against all others.
    """
    return rows.limit(1).scalar_subquery().is_(None)


def insert_or_leave(dialect: str, table: Table) -> Insert:
    """Return an insert that leaves a row alone whose primary key is there; RETURNING gives a row only if it was not."""
    return insert_into(dialect, table).on_conflict_do_nothing(index_elements=list(table.primary_key.columns))


def insert_or_set(dialect: str, table: Table, changes: Mapping[str, Any]) -> Insert:
    """Return an insert that sets ``changes`` where the primary key is there already."""
    statement = insert_into(dialect, table)
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=dict(changes))
