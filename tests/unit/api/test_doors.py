"""A request is held against its route's door: strict types, nothing unknown, every place named."""

from typing import Annotated

import pytest
from msgspec import Meta

from helpdesk.api.doors import decode_body, decode_query
from helpdesk.api.problems import Malformed
from helpdesk.api.requests.base import Paging, Request
from helpdesk.api.requests.lists import TicketFilter


class Inner(Request, frozen=True):
    city: Annotated[str, Meta(max_length=5)]


class Body(Request, frozen=True):
    name: Annotated[str, Meta(min_length=1, pattern=r"\S")]
    count: int = 0
    inner: Inner | None = None
    many: tuple[int, ...] = ()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"{}", "name"),
        (b"", "name"),
        (b'{"name": 1}', "name"),
        (b'{"name": " "}', "name"),
        (b'{"name": "x", "count": "1"}', "count"),
        (b'{"name": "x", "count": 1.5}', "count"),
        (b'{"name": "x", "count": true}', "count"),
        (b'{"name": "x", "is_admin": true}', "is_admin"),
        (b'{"name": "x", "inner": {"city": "Bishkek"}}', "inner.city"),
        (b'{"name": "x", "inner": {"city": "B", "zip": 1}}', "inner.zip"),
        (b'{"name": "x", "inner": {}}', "inner.city"),
        (b'{"name": "x", "many": [1, "2"]}', "many[1]"),
        (b"[]", "(body)"),
        (b"null", "(body)"),
    ],
)
def test_a_wrong_body_names_the_field(body: bytes, path: str) -> None:
    """The error's path leads to the field; nothing is converted silently."""
    with pytest.raises(Malformed) as raised:
        decode_body(body, Body)
    assert [path] == list(raised.value.fields)


@pytest.mark.parametrize("body", [b'{"name": "\\ud800"}', b'{"name": "\\udc00x"}'])
def test_half_a_character_is_refused(body: bytes) -> None:
    """A lone surrogate is no text."""
    with pytest.raises(Malformed):
        decode_body(body, Body)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        (b"sort=channel__imap_password", "query.sort"),
        (b"filter%5Bassignee.password_hash%5D%5Blike%5D=a%25", "query.filter[assignee.password_hash][like]"),
        (b"limit=0", "query.limit"),
        (b"limit=1e3", "query.limit"),
        (b"limit=99999999999999999999", "query.limit"),
        (b"limit=10&limit=20", "query.limit"),
        (b"state=done", "query.state"),
        (b"assignee=a%00b", "query.assignee"),
        (b"cursor=", "query.cursor"),
    ],
)
def test_a_wrong_query_names_the_parameter(query: bytes, path: str) -> None:
    """Parameters come from an allow list, once each, and have the types that are documented."""
    with pytest.raises(Malformed) as raised:
        decode_query(query, TicketFilter)
    assert [path] == list(raised.value.fields)


@pytest.mark.parametrize("query", [b"assignee=%ff", b"%ff=1", b"limit", b"=", b"&&"])
def test_an_unreadable_query_is_400(query: bytes) -> None:
    """Bytes that are no UTF-8, and pairs that are none, are refused as a whole."""
    with pytest.raises(Malformed):
        decode_query(query, TicketFilter)


def test_a_right_query_is_read() -> None:
    """Numbers are read from their text, plus and percent are decoded."""
    assert TicketFilter(limit=7, assignee="Анна К") == decode_query(
        b"limit=7&assignee=%D0%90%D0%BD%D0%BD%D0%B0+%D0%9A", TicketFilter
    )
    assert Paging() == decode_query(b"", Paging)
