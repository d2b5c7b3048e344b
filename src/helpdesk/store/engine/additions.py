"""Inserts whose rows are held back (``buffer``): written together, whatever works added them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Dialect, LargeBinary, Table, insert

from helpdesk.store.engine.prepared import Prepared, Ready, Statement
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_leave
from helpdesk.store.tables.base import metadata

_encoder = msgspec.json.Encoder()


class Addition(Prepared):
    """An insert of rows as they are given; what it writes is seen by every later statement of its transaction.

    ``leave``: a row whose primary key is there already is left as it is.
    ``statement``: another insert into ``table``, whose values are partly the database's to find.
    """

    def __init__(
        self,
        table: Table,
        *,
        leave: bool = False,
        statement: Statement | Callable[[str], Statement] | None = None,
    ) -> None:

        def plain(dialect: str) -> Statement:
            return insert_or_leave(dialect, table) if leave else insert(table)

        super().__init__(statement if statement is not None else plain)
        self.table = table
        self.leave = leave
        self.plain = statement is None
        self._place: int | None = None
        self._wide: dict[tuple[tuple[str, ...], int], str] = {}
        self._as_json: dict[tuple[str, ...], str] = {}
        self._bytes = tuple(column.name for column in table.columns if isinstance(column.type, LargeBinary))

    @property
    def place(self) -> int:
        """Of its table among all, those that are referred to first."""
        if self._place is None:
            self._place = metadata.sorted_tables.index(self.table)
        return self._place

    def add(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add ``rows``, all with the same keys."""
        if not rows:
            return
        buffer = session.buffer
        if buffer is None:
            self.run_each(session, rows)
            return
        keys = tuple(rows[0])
        if self.plain and session.dialect == "postgresql":
            buffer.hold(self, self.table, keys, [self._encoded(row) for row in rows])
            return
        ready = self.ready(session, keys)
        buffer.hold(self, self.table, keys, [ready.bind(row) for row in rows])

    def _encoded(self, row: Mapping[str, Any]) -> bytes:
        """Return the row as a JSON object that PostgreSQL's json_populate_recordset reads."""
        given = [name for name in self._bytes if row.get(name) is not None]
        if given:
            row = {**row, **{name: f"\\x{row[name].hex()}" for name in given}}
        return _encoder.encode(row)

    def wide(self, ready: Ready, keys: tuple[str, ...], count: int) -> str:
        """Return SQLite's statement for ``count`` rows at once."""
        found = self._wide.get((keys, count))
        if found is None:
            begin = ready.sql.index("VALUES (") + len("VALUES ")
            end = ready.sql.index(")", begin) + 1
            one = ready.sql[begin:end]
            assert one.strip("()").replace("?", "").replace(",", "").strip() == "", "plain values only"
            found = f"{ready.sql[:begin]}{', '.join([one] * count)}{ready.sql[end:]}"
            self._wide[keys, count] = found
        return found

    def as_json(self, keys: tuple[str, ...], dialect: Dialect) -> str:
        """Return PostgreSQL's statement that takes any number of rows as one JSON array."""
        found = self._as_json.get(keys)
        if found is None:
            quote = dialect.identifier_preparer.quote
            name, columns = quote(self.table.name), ", ".join(map(quote, keys))
            found = f"INSERT INTO {name} ({columns}) SELECT {columns} FROM "  # noqa: S608 - names of ours
            found += f"json_populate_recordset(NULL::{name}, %s::json)"
            if self.leave:
                found += f" ON CONFLICT ({', '.join(quote(each.name) for each in self.table.primary_key)}) DO NOTHING"
            self._as_json[keys] = found
        return found
