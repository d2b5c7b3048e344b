"""Statements compiled once: on SQLite they run straight on the driver, where SQLAlchemy's own execution would cost
several times what the database does. What goes in and comes out is the same on both databases.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from sqlalchemy import Dialect, Insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Delete, Select, Update

from helpdesk.store.session import Session

Statement = Select[Any] | Insert | Update | Delete
Processor = Callable[[Any], Any] | None


class Prepared:
    """A statement without values; make it a module's constant.

    ``statement`` is a SQLAlchemy Core statement, or a function from the database's kind (``sqlite``, ``postgresql``) to
    one. Its ``IN`` lists must have a fixed length. Errors are SQLAlchemy's, their texts without the values.
    """

    def __init__(self, statement: Statement | Callable[[str], Statement]) -> None:
        self._source = statement
        self._statements: dict[str, Statement] = {}
        self._ready: dict[tuple[str, ...], _Ready] = {}

    def run(self, session: Session, values: Mapping[str, Any]) -> None:
        """Execute it for what it does."""
        self.all(session, values)

    def run_each(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it once for each of ``rows``, all with the same keys; nothing for none. It must return no rows."""
        if not rows:
            return
        raw = session.raw_sqlite
        if raw is None:
            session.connection.execute(self._statement(session.dialect), rows)
            return
        ready = self._for(session, rows[0])
        try:
            raw.executemany(ready.sql, [ready.bind(values) for values in rows])
        except sqlite3.Error as error:
            _raise(error, ready.sql)

    def all(self, session: Session, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Execute it and return every row."""
        raw = session.raw_sqlite
        if raw is None:
            result = session.connection.execute(self._statement(session.dialect), values)
            return [tuple(row) for row in result] if result.returns_rows else []
        ready = self._for(session, values)
        try:
            rows: list[tuple[Any, ...]] = raw.execute(ready.sql, ready.bind(values)).fetchall()
        except sqlite3.Error as error:
            _raise(error, ready.sql)
        return ready.read(rows) if rows else rows

    def first(self, session: Session, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Execute it and return its first row; None if there is none."""
        rows = self.all(session, values)
        return rows[0] if rows else None

    def _statement(self, dialect: str) -> Statement:
        found = self._statements.get(dialect)
        if found is None:
            made = self._source if isinstance(self._source, ClauseElement) else self._source(dialect)
            found = self._statements.setdefault(dialect, made)
        return found

    def _for(self, session: Session, values: Mapping[str, Any]) -> "_Ready":
        keys = tuple(values)
        ready = self._ready.get(keys)
        if ready is None:
            ready = _Ready(self._statement("sqlite"), session.connection.dialect, keys)
            self._ready[keys] = ready
        return ready


class _Ready:
    """The SQL, and how values go in and rows come out."""

    def __init__(self, statement: Statement, dialect: Dialect, keys: tuple[str, ...]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(keys))
        assert isinstance(compiled, SQLCompiler)
        assert not compiled.post_compile_params, "an IN list of varying length cannot be prepared"
        self.sql = compiled.string
        self._values: list[tuple[str, Processor]] = []
        self._constants: dict[str, Any] = {}
        for name in compiled.positiontup or ():
            parameter = compiled.binds[name]
            process: Processor = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if parameter.key not in keys:
                assert not parameter.required, f"no value for {parameter.key}"
                constant = parameter.effective_value
                self._constants[parameter.key] = constant if process is None else process(constant)
                process = None
            self._values.append((parameter.key, process))
        columns = statement.selected_columns if isinstance(statement, Select) else statement.exported_columns
        processors = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._processed = [(place, process) for place, process in enumerate(processors) if process is not None]

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the values in their places, as SQLite takes them."""
        if self._constants:
            values = {**values, **self._constants}
        return [values[key] if process is None else process(values[key]) for key, process in self._values]

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


def _raise(error: sqlite3.Error, sql: str) -> NoReturn:
    """Raise ``error`` as SQLAlchemy would."""
    raise DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True) from error
