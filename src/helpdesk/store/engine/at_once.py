"""PostgreSQL's way to make many changes alike: their values as one JSON array, joined to the table."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Update

_PLACE = re.compile(r"%\((\w+)\)s")
_VALUES = "_changes"
_encoder = msgspec.json.Encoder()


class AtOnce:
    """An update of one row, made one of many rows: each by values with the same ``keys``, no row twice."""

    def __init__(self, statement: Update, dialect: Dialect, keys: tuple[str, ...]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(keys))
        assert isinstance(compiled, SQLCompiler)
        head, condition = compiled.string.split(" WHERE ", 1)
        types = {bind.key: bind.type for bind in compiled.binds.values() if bind.key in keys}
        quote, kind = dialect.identifier_preparer.quote_identifier, dialect.type_compiler_instance.process
        columns = ", ".join(f"{quote(key)} {kind(of.dialect_impl(dialect))}" for key, of in types.items())
        joined = f"{head} FROM json_to_recordset(%({_VALUES})s::json) AS given ({columns}) WHERE {condition}"
        self._bytes = [key for key, of in types.items() if isinstance(of, LargeBinary)]
        self._constants: list[Any] = []
        """What stands in the statement itself, in its places."""
        self._rows_at = 0

        def place(found: re.Match[str]) -> str:
            name = found[1]
            if name == _VALUES:
                self._rows_at = len(self._constants)
                return "%s"
            bind = compiled.binds[name]
            if bind.key in types:
                return f"given.{quote(bind.key)}"
            process = bind.type.dialect_impl(dialect).bind_processor(dialect)
            self._constants.append(bind.effective_value if process is None else process(bind.effective_value))
            return "%s"

        self.sql = _PLACE.sub(place, joined)

    def bind(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return the values in their places, as psycopg takes them."""
        if self._bytes:
            rows = [{**row, **{key: _hex(row[key]) for key in self._bytes}} for row in rows]
        at = self._rows_at
        return [*self._constants[:at], _encoder.encode(rows).decode(), *self._constants[at:]]


def _hex(value: bytes | None) -> str | None:
    return None if value is None else f"\\x{value.hex()}"
