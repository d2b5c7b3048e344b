"""Statements compiled once: they run straight on the driver, where SQLAlchemy's own execution would cost several times
what the database does. What goes in and comes out is the same on both databases.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import psycopg
from sqlalchemy import Dialect, Insert, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement, visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Delete, Select, Update

from helpdesk.store.engine.at_once import AtOnce
from helpdesk.store.engine.session import Raw, Session

Statement = Select[Any] | Insert | Update | Delete
Processor = Callable[[Any], Any] | None

FEW = 4
"""Fewer changes alike than this are made one by one."""
DRIVER_ERRORS = (sqlite3.Error, psycopg.Error)
_PLACE = re.compile(r"%\((\w+)\)s")


class Prepared:
    """A statement without values; make it a module's constant.

    ``statement`` is a SQLAlchemy Core statement, or a function from the database's kind (``sqlite``, ``postgresql``) to
    one. Its ``IN`` lists must have a fixed length. Errors are SQLAlchemy's, their texts without the values.

    ``steady``: a read of what hardly ever changes; it is asked once in a transaction, which may serve several works.
    ``harmless``: a change that a work may leave behind when it fails.
    """

    def __init__(
        self, statement: Statement | Callable[[str], Statement], *, steady: bool = False, harmless: bool = False
    ) -> None:
        self._source = statement
        self._steady = steady
        self._harmless = harmless
        self._ready: dict[tuple[str, tuple[str, ...]], Ready] = {}
        self._at_once: dict[tuple[str, ...], AtOnce] = {}

    def run(self, session: Session, values: Mapping[str, Any]) -> None:
        """Execute it for what it does."""
        self._all(session, values)

    def run_each(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it once for each of ``rows``, all with the same keys; nothing for none. It must return no rows."""
        if not rows:
            return
        ready = self.ready(session, tuple(rows[0]))
        self._before(session, ready)
        execute_each(session.raw, ready.sql, [ready.bind(values) for values in rows])

    def change_each(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Execute an update of one row for each of ``rows``, all with the same keys; say whether each found its row.

        No two may mean the same row.
        """
        if not rows:
            return True
        keys = tuple(rows[0])
        ready = self.ready(session, keys)
        self._before(session, ready)
        if session.dialect != "postgresql" or len(rows) < FEW:
            return execute_each(session.raw, ready.sql, [ready.bind(values) for values in rows]) == len(rows)
        at_once = self._at_once.get(keys)
        if at_once is None:
            source = self._source
            statement = source if isinstance(source, ClauseElement) else source(session.dialect)
            assert isinstance(statement, Update)
            at_once = self._at_once[keys] = AtOnce(statement, session.connection.dialect, keys)
        return execute_each(session.raw, at_once.sql, [at_once.bind(rows)]) == len(rows)

    def all(self, session: Session, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Execute it and return every row."""
        buffer = session.buffer
        if not self._steady or buffer is None:
            return self._all(session, values)
        key = (self, *values.values())
        found = buffer.memo.get(key)
        if found is None:
            found = buffer.memo[key] = self._all(session, values)
        return found

    def first(self, session: Session, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Execute it and return its first row; None if there is none."""
        rows = self.all(session, values)
        return rows[0] if rows else None

    def _all(self, session: Session, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        ready = self.ready(session, tuple(values))
        self._before(session, ready)
        rows = execute(session.raw, ready.sql, ready.bind(values))
        return ready.read(rows) if rows else rows

    def _before(self, session: Session, ready: "Ready") -> None:
        """Have those rows written that were held back and that this must see, or must not come before."""
        buffer = session.buffer
        if buffer is None or self._harmless:
            return
        if ready.changes:
            buffer.ground()
        else:
            buffer.see(ready.tables)

    def ready(self, session: Session, keys: tuple[str, ...]) -> "Ready":
        """Return it compiled for the session's database and values with these keys."""
        return self._ready.get((session.dialect, keys)) or self.compiled(session.connection.dialect, keys)

    def compiled(self, dialect: Dialect, keys: tuple[str, ...]) -> "Ready":
        """Return it compiled for a kind of database and values with these keys."""
        found = self._ready.get((dialect.name, keys))
        if found is None:
            source = self._source
            statement = source if isinstance(source, ClauseElement) else source(dialect.name)
            found = self._ready[dialect.name, keys] = Ready(statement, dialect, keys)
        return found


class Ready:
    """The SQL, and how values go in and rows come out."""

    def __init__(self, statement: Statement, dialect: Dialect, keys: tuple[str, ...]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(keys))
        assert isinstance(compiled, SQLCompiler)
        assert not compiled.post_compile_params, "an IN list of varying length cannot be prepared"
        self.changes = not isinstance(statement, Select)
        self.tables = frozenset(each for each in visitors.iterate(statement) if isinstance(each, Table))
        self.sql = compiled.string
        names = compiled.positiontup
        if names is None:  # psycopg takes names, and places faster
            names = _PLACE.findall(self.sql)
            self.sql = _PLACE.sub("%s", self.sql)
        self._names: list[str] = []
        self._bound: list[tuple[int, Callable[[Any], Any]]] = []
        self._constants: dict[str, Any] = {}
        for name in names:
            parameter = compiled.binds[name]
            process: Processor = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if parameter.key not in keys:
                assert not parameter.required, f"no value for {parameter.key}"
                constant = parameter.effective_value
                self._constants[parameter.key] = constant if process is None else process(constant)
                process = None
            if process is not None:
                self._bound.append((len(self._names), process))
            self._names.append(parameter.key)
        columns = statement.selected_columns if isinstance(statement, Select) else statement.exported_columns
        processors = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._processed = [(place, process) for place, process in enumerate(processors) if process is not None]

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the values in their places, as the driver takes them."""
        if self._constants:
            values = {**values, **self._constants}
        row = [values[name] for name in self._names]
        for place, process in self._bound:
            row[place] = process(row[place])
        return row

    def read(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Return the rows with the columns' Python values."""
        if not self._processed:
            return rows
        found = []
        for row in rows:
            values = list(row)
            for place, process in self._processed:
                values[place] = process(values[place])
            found.append(tuple(values))
        return found


def execute(raw: Raw, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Execute ``sql`` once and return its rows; errors are SQLAlchemy's."""
    try:
        cursor = raw.execute(sql, values)
        return cursor.fetchall() if cursor.description is not None else []
    except DRIVER_ERRORS as error:
        raise_as_sqlalchemy(error, sql, raw)


def execute_each(raw: Raw, sql: str, rows: Sequence[Sequence[Any]]) -> int:
    """Execute ``sql`` for each of ``rows``; return how many rows it changed. Errors are SQLAlchemy's."""
    try:
        if len(rows) == 1:
            return raw.execute(sql, rows[0]).rowcount
        if isinstance(raw, sqlite3.Connection):
            return raw.executemany(sql, rows).rowcount
        with raw.cursor() as cursor:
            cursor.executemany(sql, rows)
            return cursor.rowcount
    except DRIVER_ERRORS as error:
        raise_as_sqlalchemy(error, sql, raw)


def raise_as_sqlalchemy(error: Exception, sql: str, raw: Raw) -> NoReturn:
    """Raise ``error`` as SQLAlchemy would."""
    base = sqlite3.Error if isinstance(error, sqlite3.Error) else psycopg.Error
    lost = not isinstance(raw, sqlite3.Connection) and raw.closed
    raise DBAPIError.instance(sql, None, error, base, hide_parameters=True, connection_invalidated=lost) from error
