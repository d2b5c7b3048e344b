"""Column types that mean the same on SQLite (STRICT tables) and on PostgreSQL.

=========  ===================================================  =============  ============
type       Python value                                         SQLite         PostgreSQL
=========  ===================================================  =============  ============
Id         ``uuid.UUID``                                        BLOB (16)      UUID
Instant    ``int``, microseconds since 1970-01-01T00:00Z        INTEGER        BIGINT
Count      ``int``                                              INTEGER        BIGINT
Flag       ``bool``                                             INTEGER (0/1)  BOOLEAN
Text       ``str``                                              TEXT           TEXT
Bytes      ``bytes``                                            BLOB           BYTEA
Json       in: what msgspec encodes; out: dicts, lists, …       TEXT           JSONB
=========  ===================================================  =============  ============

JSONB keeps neither the order of keys nor spaces: what must keep its bytes (a snapshot's body) is ``Bytes``.
"""

# ruff: noqa: ARG002 - the processors' signatures are SQLAlchemy's

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Boolean, Dialect, Integer, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


def encode_json(value: Any) -> str:
    """Return ``value`` as JSON text; structs, UUIDs and datetimes as msgspec writes them.

    Raises:
        TypeError: msgspec has no JSON for a value of this type.
    """
    return _encoder.encode(value).decode()


def decode_json(text: str | bytes) -> Any:
    """Return the value of JSON ``text`` as dicts, lists and scalars.

    Raises:
        msgspec.DecodeError: it is not JSON.
    """
    return _decoder.decode(text)


def _uuid_to_bytes(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _uuid_from_bytes(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(bytes=value)


class _SqliteId(LargeBinary):
    """A UUID as its 16 bytes: half the size of text, and faster both ways."""

    __visit_name__ = "large_binary"
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        return _uuid_to_bytes

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return _uuid_from_bytes


class _SqliteFlag(Integer):
    """A truth value as 0 or 1."""

    __visit_name__ = "integer"
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        return lambda value: None if value is None else int(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return lambda value: None if value is None else bool(value)


class _SqliteJson(Text):
    """JSON as text."""

    __visit_name__ = "text"
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        return lambda value: None if value is None else _encoder.encode(value).decode()

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return lambda value: None if value is None else _decoder.decode(value)


Id: TypeEngine[UUID] = Uuid().with_variant(_SqliteId(), "sqlite")
Instant: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
Count: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
Flag: TypeEngine[bool] = Boolean().with_variant(_SqliteFlag(), "sqlite")
Bytes: TypeEngine[bytes] = LargeBinary()
# None is the database's NULL on both, never JSON's null.
Json: TypeEngine[Any] = JSONB(none_as_null=True).with_variant(_SqliteJson(), "sqlite")


def encode_names(names: Iterable[str]) -> str:
    """Return names as one text in which each can be looked for between commas; no name may hold a comma."""
    found = sorted(names)
    return f",{','.join(found)}," if found else ""


def decode_names(text: str) -> tuple[str, ...]:
    """Return the names that `encode_names` wrote."""
    return tuple(text.split(",")[1:-1])


def encode_rank(parts: Sequence[int]) -> bytes:
    """Return bytes that compare as the tuple ``parts`` of signed 64-bit integers does, on both databases.

    Raises:
        struct.error: a part does not fit into 64 bits.
    """
    return struct.pack(f">{len(parts)}Q", *(part + (1 << 63) for part in parts))


def decode_rank(rank: bytes) -> tuple[int, ...]:
    """Return the tuple that ``encode_rank`` was given."""
    return tuple(part - (1 << 63) for part in struct.unpack(f">{len(rank) // 8}Q", rank))
