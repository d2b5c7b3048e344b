"""How held rows get into each kind of database: few statements, whatever their number."""

import sqlite3
from collections.abc import Mapping
from itertools import chain
from typing import Any

import psycopg
from sqlalchemy import Connection, Dialect, Engine, event

from helpdesk.store.engine.additions import Addition
from helpdesk.store.engine.buffer import Place, Rows, Values
from helpdesk.store.engine.prepared import DRIVER_ERRORS, execute, execute_each, raise_as_sqlalchemy

CHUNKS = (64, 16, 4)
"""Rows of one statement on SQLite; what is left over goes one by one."""
BUFFER = "helpdesk.buffer"
"""Where a SQLAlchemy connection's ``info`` has the buffer of its present transaction."""


class SqliteWriter:
    """Writes through SQLite's driver.

    Many rows a statement: the driver gives up Python's lock for each, and its thread waits to have it back.
    """

    def __init__(self, raw: sqlite3.Connection, dialect: Dialect) -> None:
        self._raw = raw
        self._dialect = dialect

    def command(self, sql: str) -> None:
        """Run a command that returns nothing."""
        execute(self._raw, sql, ())

    def write(self, rows: Rows, kept: Mapping[Place, Values]) -> None:
        """Write all rows and the kept values."""
        for place, values in kept.items():
            execute(self._raw, *_bound(place, values, self._dialect))
        for (addition, keys), held in in_order(rows):
            ready = addition.compiled(self._dialect, keys)
            at = 0
            for size in CHUNKS if addition.plain else ():
                while len(held) - at >= size:
                    sql = addition.wide(ready, keys, size)
                    execute(self._raw, sql, list(chain.from_iterable(held[at : at + size])))
                    at += size
            if at < len(held):
                execute_each(self._raw, ready.sql, held[at:])


class PostgresqlWriter:
    """Writes through psycopg: a statement a table, its rows as one JSON array, all of them in one round trip."""

    def __init__(self, raw: psycopg.Connection[Any], dialect: Dialect) -> None:
        self.raw = raw
        self._dialect = dialect

    def command(self, sql: str) -> None:
        """Run a command that returns nothing."""
        execute(self.raw, sql, ())

    def write(self, rows: Rows, kept: Mapping[Place, Values]) -> None:
        """Write all rows and the kept values."""
        sql = ""
        try:
            with self.raw.pipeline(), self.raw.cursor() as cursor:
                for place, values in kept.items():
                    sql, bound = _bound(place, values, self._dialect)
                    cursor.execute(sql, bound)
                for (addition, keys), held in in_order(rows):
                    if addition.plain:
                        sql = addition.as_json(keys, self._dialect)
                        cursor.execute(sql, (f"[{b','.join(held).decode()}]",))
                        continue
                    sql = addition.compiled(self._dialect, keys).sql
                    for row in held:
                        cursor.execute(sql, row)
        except DRIVER_ERRORS as error:
            raise_as_sqlalchemy(error, sql, self.raw)


def watch(engine: Engine) -> None:
    """Have held rows written before any statement that SQLAlchemy runs itself: nothing is known of what it sees."""

    @event.listens_for(engine, "before_cursor_execute")
    def settle(connection: Connection, *_: object) -> None:
        buffer = connection.info.get(BUFFER)
        if buffer is not None:
            buffer.memo.clear()
            buffer.ground()


def in_order(rows: Rows) -> list[tuple[tuple[Addition, tuple[str, ...]], list[Any]]]:
    """Return the rows by statement, those of tables that others refer to first."""
    return sorted(rows.items(), key=lambda each: each[0][0].place)


def _bound(place: Place, values: Values, dialect: Dialect) -> tuple[str, list[Any]]:
    """Return the statement that writes a kept value, with the values in their places."""
    statement, tenant, name = place
    given = {"tenant": tenant, "called": name, **values}
    ready = statement.compiled(dialect, tuple(given))
    return ready.sql, ready.bind(given)
