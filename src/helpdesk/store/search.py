"""The index of messages' words: written with each message, in its transaction; asked by tenant.

Each message is one document: its ticket's head (number, subject, who asked and where) and its own text. The tenant is a
word of every document, so that the lists of other tenants' documents are never walked.
"""

import re
from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from helpdesk.domain.ticket import Note, Ticket
from helpdesk.store.session import Session
from helpdesk.store.words import stem, stems_of, words_of

MOST_HITS = 1_000
"""Tickets that a search finds at most, the best ones."""
_LONGEST_TEXT = 100_000
"""Characters of a message that are indexed."""

_ADD_SQLITE = "INSERT INTO search_index (tenant, head, body, ticket_id, message_id) VALUES (?, ?, ?, ?, ?)"
_ADD_POSTGRESQL = text(
    """
    INSERT INTO search_index (tenant_id, ticket_id, message_id, words)
    VALUES (:tenant_id, :ticket_id, :message_id,
            array_to_tsvector(ARRAY[:tenant]) || setweight(to_tsvector('russian', :head), 'A')
            || setweight(to_tsvector('russian', :body), 'B'))
    """
)
_FIND_SQLITE = """
WITH found AS MATERIALIZED (
    SELECT ticket_id, message_id, bm25(search_index, 0, 4.0, 1.0) AS score FROM search_index WHERE search_index MATCH ?
), best AS (
    SELECT ticket_id, message_id, score,
           row_number() OVER (PARTITION BY ticket_id ORDER BY score, message_id DESC) AS place FROM found
)
SELECT ticket_id, message_id FROM best WHERE place = 1 ORDER BY score, ticket_id DESC LIMIT ? OFFSET ?
"""
_FIND_POSTGRESQL = """
WITH asked AS (SELECT {query} AS words),
found AS (
    SELECT ticket_id, message_id, ts_rank_cd('{{0, 0, 0.3, 1}}', s.words, asked.words) AS score
    FROM search_seen s, asked
    WHERE s.words @@ (CAST(:tenant AS tsquery) && asked.words) AND numnode(asked.words) > 0
), best AS (
    SELECT ticket_id, message_id, score,
           row_number() OVER (PARTITION BY ticket_id ORDER BY score DESC, message_id DESC) AS place FROM found
)
SELECT ticket_id, message_id FROM best WHERE place = 1 ORDER BY score DESC, ticket_id DESC LIMIT :most OFFSET :skip
"""
_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_PHONE = re.compile(r"[+0-9 ()\-.]+")
_MOST_TERMS = 16
_SHORTEST_PHONE = 7


class Term(Struct, frozen=True):
    """One condition: words beside each other, the last of them perhaps only begun."""

    words: tuple[str, ...]
    begun: bool = False
    without: bool = False


class Hit(Struct, frozen=True):
    """A ticket that was found, by its best message."""

    ticket_id: UUID
    message_id: UUID


def terms_of(asked: str) -> tuple[Term, ...]:
    """Return what is asked for: words, ``"words beside each other"``, ``begun*``, ``-without``; none is an error.

    What looks like a telephone number is one word of digits; an address is its parts beside each other.
    """
    if _PHONE.fullmatch(asked.strip()):
        digits = "".join(filter(str.isdigit, asked))
        if len(digits) >= _SHORTEST_PHONE:
            return (Term((f"7{digits[1:]}" if len(digits) == 11 and digits[0] == "8" else digits,)),)
    terms = []
    for minus, phrase, word in _TERM.findall(asked):
        words = tuple(words_of(phrase or word))
        if words:
            terms.append(Term(words, word.endswith("*"), bool(minus)))
    return tuple(terms[:_MOST_TERMS])


class Search:
    """The tenant's index."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tenant = f"t{session.tenant_id.hex}"

    def add(self, ticket: Ticket, notes: Sequence[Note]) -> None:
        """Index new messages of a ticket."""
        if not notes:
            return
        who = (ticket.requester_name, ticket.organisation, ticket.requester, ticket.contact)
        head = " ".join((str(ticket.number), ticket.subject, *who))
        own = [(note.id, " ".join((note.subject, note.text[:_LONGEST_TEXT]))) for note in notes]
        if self._session.dialect == "sqlite":
            stems = stems_of(head)
            rows = [(self._tenant, stems, stems_of(body), ticket.id.bytes, message.bytes) for message, body in own]
            raw = self._session.raw_sqlite
            if raw is None:
                self._session.connection.exec_driver_sql(_ADD_SQLITE, rows)
            else:
                raw.executemany(_ADD_SQLITE, rows)
            return
        clean = " ".join(words_of(head))
        common = {"tenant_id": self._session.tenant_id, "tenant": self._tenant, "ticket_id": ticket.id, "head": clean}
        values = [{**common, "message_id": message, "body": " ".join(words_of(body))} for message, body in own]
        self._session.connection.execute(_ADD_POSTGRESQL, values)

    def find(self, terms: Sequence[Term], *, limit: int, skip: int) -> list[Hit]:
        """Return the tickets that meet every term, the best first; none for terms that only exclude."""
        if all(term.without for term in terms):
            return []
        if self._session.dialect == "sqlite":
            found = self._session.connection.exec_driver_sql(_FIND_SQLITE, (self._match(terms), limit, skip))
            return [Hit(UUID(bytes=ticket), UUID(bytes=message)) for ticket, message in found]
        query, values = _tsquery(terms)
        values |= {"tenant": f"'{self._tenant}'", "most": limit, "skip": skip}
        rows = self._session.connection.execute(text(_FIND_POSTGRESQL.format(query=query)), values)
        return [Hit(row.ticket_id, row.message_id) for row in rows]

    def _match(self, terms: Sequence[Term]) -> str:
        """Return FTS5's expression: every word is quoted, so nothing in it is syntax."""
        wanted = " AND ".join(_phrase(term) for term in terms if not term.without)
        unwanted = " OR ".join(_phrase(term) for term in terms if term.without)
        words = f"{{head body}} : ({wanted})" + (f" NOT {{head body}} : ({unwanted})" if unwanted else "")
        return f'tenant : "{self._tenant}" AND ({words})'


def _phrase(term: Term) -> str:
    stems = " ".join(map(stem, term.words))
    return f'"{stems}"' + (" *" if term.begun else "")


def _tsquery(terms: Sequence[Term]) -> tuple[str, dict[str, object]]:
    """Return PostgreSQL's query, made of functions and bound words only, and the words."""
    parts, values = [], dict[str, object]()
    for place, term in enumerate(terms):
        name = f"term_{place}"
        if term.begun:
            values[name] = " <-> ".join(f"'{word}'" for word in term.words) + ":*"
            part = f"to_tsquery('russian', :{name})"
        else:
            values[name] = " ".join(term.words)
            part = f"phraseto_tsquery('russian', :{name})"
        parts.append(f"!! {part}" if term.without else part)
    return " && ".join(parts), values
