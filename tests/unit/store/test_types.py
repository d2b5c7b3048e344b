"""Column types and the rank encoding."""

import struct
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from sqlalchemy import Column, MetaData, Table, create_engine, insert, select

from helpdesk.kernel.ids import new_id
from helpdesk.store.types import Bytes, Flag, Id, Instant, Json, decode_json, decode_rank, encode_json, encode_rank

INTEGERS = st.integers(-(2**63), 2**63 - 1)
TUPLES = st.lists(INTEGERS, max_size=4).map(tuple)


@given(TUPLES, TUPLES)
def test_ranks_compare_as_their_tuples(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    """Byte order is tuple order, shorter ones included; decoding gives the tuple back."""
    assert (encode_rank(a) < encode_rank(b)) == (a < b)
    assert decode_rank(encode_rank(a)) == a


@pytest.mark.parametrize("part", [2**63, -(2**63) - 1])
def test_rank_of_a_larger_number_is_refused(part: int) -> None:
    """Parts have 64 bits; nothing is cut off silently."""
    with pytest.raises(struct.error):
        encode_rank((part,))


class Thing(Struct):
    """Something that JSON columns take as it is."""

    name: str
    id: UUID


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ({"a": [1, None, True, "№ 5"]}, {"a": [1, None, True, "№ 5"]}),
        ([], []),
        (Thing("x", UUID(int=7)), {"name": "x", "id": str(UUID(int=7))}),
        ({"big": 2**62}, {"big": 2**62}),
    ],
)
def test_json_comes_back_as_plain_values(given_value: Any, expected: Any) -> None:
    """Structs and identifiers go in, dicts and texts come out."""
    assert decode_json(encode_json(given_value)) == expected


def test_every_type_survives_a_strict_table() -> None:
    """What goes into an SQLite STRICT table comes out equal and of the same type; NULL stays None."""
    columns: dict[str, Any] = {"id": Id, "at": Instant, "flag": Flag, "raw": Bytes, "data": Json}
    table = Table("t", MetaData(), *(Column(n, t) for n, t in columns.items()), sqlite_strict=True)
    rows: list[dict[str, Any]] = [
        {"id": new_id(), "at": -(2**62), "flag": True, "raw": b"\x00\xff", "data": {"a": [None]}},
        {"id": UUID(int=0), "at": 2**62, "flag": False, "raw": b"", "data": []},
        dict.fromkeys(columns),
    ]
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table), rows)
        assert [dict(row._mapping) for row in connection.execute(select(table))] == rows
        kinds = connection.exec_driver_sql("SELECT typeof(id), typeof(at), typeof(flag), typeof(data) FROM t").first()
    assert kinds is not None
    assert tuple(kinds) == ("blob", "integer", "integer", "text")
    engine.dispose()
