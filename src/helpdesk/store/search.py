"""The index of messages' words, asked by tenant. ``indexing`` brings the words in, soon after their messages.

Each message is one document: its ticket's head (number, subject, who asked and where) and its own text. The tenant is a
word of every document, so that the lists of other tenants' documents are never walked. Words are cut and stemmed here
(``store.words``), the same for both databases, and what comes first depends on no statistics of theirs: both give the
same answers in the same order.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Insert, LargeBinary, Text, TextClause, bindparam, cast, column, insert, table, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.search_terms import Term, match, tsquery
from helpdesk.store.types import Id
from helpdesk.store.words import stems_of

MOST_WORDS = 8_000
"""Words of a head, and of a message's own text, that are indexed; PostgreSQL counts places up to 16,383."""
_LONGEST_TEXT = 100_000
"""Characters of a message that are looked at."""
_APART = 10
"""Places between head and body, so that no words stand beside each other across them."""

_ON_SQLITE = table(
    "search_index",
    *(column(name, Text) for name in ("tenant", "head", "body")),
    *(column(name, LargeBinary) for name in ("ticket_id", "message_id")),
)
_ON_POSTGRESQL = table(
    "search_index", *(column(name, Id) for name in ("tenant_id", "ticket_id", "message_id")), column("words", TSVECTOR)
)


def _add(dialect: str) -> Insert:
    if dialect == "sqlite":
        return insert(_ON_SQLITE)
    return insert(_ON_POSTGRESQL).values(words=cast(bindparam("places", type_=Text), TSVECTOR))


_ADD = Prepared(_add)

# 0: it has the number that was asked for, 1: its head has every word, 2: head and message together.
_FIND_SQLITE = """
WITH found AS MATERIALIZED (
    SELECT rowid AS id, ticket_id, message_id FROM search_index WHERE search_index MATCH :words
), headed AS MATERIALIZED (
    SELECT rowid AS id FROM search_index WHERE search_index MATCH :head
), best AS (
    SELECT ticket_id, max(message_id) AS message_id,
           min(CASE WHEN id IN (SELECT id FROM headed) THEN 1 ELSE 2 END) AS class
    FROM found GROUP BY ticket_id
)
"""
_FIND_POSTGRESQL = """
WITH found AS MATERIALIZED (
    SELECT ticket_id, message_id, words @@ CAST(:head AS tsquery) AS headed
    FROM search_seen WHERE words @@ CAST(:words AS tsquery)
), best AS (
    SELECT ticket_id, CAST(max(CAST(message_id AS text)) AS uuid) AS message_id,
           min(CASE WHEN headed THEN 1 ELSE 2 END) AS class
    FROM found GROUP BY ticket_id
)
"""
_PAGE = """
SELECT * FROM (
    SELECT b.ticket_id, b.message_id, t.number, CASE WHEN t.number = :asked_number THEN 0 ELSE b.class END AS class
    FROM best b JOIN tickets t ON t.tenant_id = :tenant AND t.id = b.ticket_id
    WHERE {filters}
) AS hits
WHERE class > :after_class OR (class = :after_class AND number < :before_number)
ORDER BY class, number DESC LIMIT :most
"""
_FIRST = (-1, 0)


class Only(Struct, frozen=True):
    """Which of the tickets found are wanted; None: all."""

    state: str | None = None
    organisations: Sequence[str] | None = None
    """By any of these names."""
    received_from: Instant | None = None
    received_before: Instant | None = None


class Hit(Struct, frozen=True):
    """A ticket that was found, by its latest message that fits."""

    ticket_id: UUID
    message_id: UUID
    number: int
    rank: int
    """0: it has the number that was asked for; 1: subject, person or address say it; 2: a message does."""

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among all: rank, then the newer first. It changes only with the ticket itself."""
        return self.rank, self.number


class Document(Struct, frozen=True):
    """A message as it is indexed."""

    ticket_id: UUID
    message_id: UUID
    head: str
    """What its ticket says of itself: number, subject, who asked and where."""
    body: str


class Search:
    """The tenant's index."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, documents: Sequence[Document]) -> None:
        """Index messages that are not indexed yet."""
        stemmed = [
            (each, stems_of(each.head)[:MOST_WORDS], stems_of(each.body[:_LONGEST_TEXT])[:MOST_WORDS])
            for each in documents
        ]
        rows: list[dict[str, Any]]
        if self._session.dialect == "sqlite":
            tenant = f"t{self._session.tenant_id.hex}"
            rows = [
                {
                    "tenant": tenant,
                    "head": " ".join(head),
                    "body": " ".join(body),
                    "ticket_id": each.ticket_id.bytes,
                    "message_id": each.message_id.bytes,
                }
                for each, head, body in stemmed
            ]
        else:
            tenant_id = self._session.tenant_id
            rows = [
                {
                    "tenant_id": tenant_id,
                    "ticket_id": each.ticket_id,
                    "message_id": each.message_id,
                    "places": f"'_{tenant_id.hex}' {_places(head, 1, 'A')} {_places(body, len(head) + _APART, 'B')}",
                }
                for each, head, body in stemmed
            ]
        _ADD.run_each(self._session, rows)

    def find(
        self, terms: Sequence[Term], *, limit: int, after: tuple[int, int] = _FIRST, only: Only | None = None
    ) -> list[Hit]:
        """Return the tickets that meet every term, the best first; none for terms that only exclude.

        ``after`` is the place of the last hit seen: what is written meanwhile moves nothing from page to page.
        """
        if all(term.without for term in terms):
            return []
        wanted = only or Only()
        tenant = self._session.tenant_id
        sqlite = self._session.dialect == "sqlite"
        number = terms[0].words[0] if len(terms) == 1 and len(terms[0].words) == 1 else ""
        values: dict[str, Any] = {
            "tenant": tenant.bytes if sqlite else tenant,
            "asked_number": int(number) if number.isdecimal() and len(number) < 16 else 0,
            "after_class": after[0],
            "before_number": after[1],
            "most": limit,
        }
        filters = ["1 = 1"]
        for name, condition in _FILTERS.items():
            if (value := getattr(wanted, name)) is not None:
                filters.append(condition)
                values[name] = value
        page = _PAGE.format(filters=" AND ".join(filters))
        if sqlite:
            whose = f"t{tenant.hex}"
            values |= {"words": match(terms, whose, "head body"), "head": match(terms, whose, "head")}
            found = self._session.connection.execute(_asking(_FIND_SQLITE + page, values), values)
            return [Hit(UUID(bytes=row[0]), UUID(bytes=row[1]), row[2], row[3]) for row in found]
        values |= {"words": tsquery(terms, f"_{tenant.hex}"), "head": tsquery(terms, f"_{tenant.hex}", "A")}
        return [Hit(*row) for row in self._session.connection.execute(_asking(_FIND_POSTGRESQL + page, values), values)]


_FILTERS = {
    "state": "t.state = :state",
    "organisations": "t.organisation IN :organisations",
    "received_from": "t.received_at >= :received_from",
    "received_before": "t.received_at < :received_before",
}


def _asking(statement: str, values: Mapping[str, Any]) -> TextClause:
    asked = text(statement)
    return asked.bindparams(bindparam("organisations", expanding=True)) if "organisations" in values else asked


def _places(words: Sequence[str], first: int, weight: str) -> str:
    """Return words as PostgreSQL reads them, each with its place. Words are letters and digits: none needs escaping."""
    return " ".join(f"'{word}':{place}{weight}" for word, place in zip(words, count(first), strict=False))
