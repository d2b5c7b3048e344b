"""Search over tickets: by words of subjects and messages, by number, by who asked."""

import re
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from msgspec import Meta
from sqlalchemy import select

from helpdesk.domain.states import State
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.cursors import decode, encode
from helpdesk.queries.search_views import Found, FoundPage
from helpdesk.store.schema import messages, tickets
from helpdesk.store.search import MOST_HITS, Hit, Search, Term, terms_of
from helpdesk.store.session import Session
from helpdesk.store.words import stem, words_of

_Place = Annotated[int, Meta(ge=0, le=MOST_HITS)]
_EXCERPT = 160
"""Characters."""
_BEFORE = 50
_WORD = re.compile(r"[^\W_]+")


def search_tickets(session: Session, *, asked: str, limit: int, cursor: str | None = None) -> FoundPage:
    """Return a page of the tenant's tickets that meet ``asked``, the best first, each with its best message.

    Raises:
        Invalid: no word is asked for.
        BadCursor: the cursor is not one of this list.
    """
    terms = terms_of(asked)
    if all(term.without for term in terms):
        raise Invalid("nothing to search for", fields={"query.q": "holds no word to find"})
    skip = 0 if cursor is None else decode("search", cursor, tuple[_Place])[0]
    limit = min(limit, MOST_HITS - skip)
    hits = Search(session).find(terms, limit=limit + 1, skip=skip) if limit > 0 else []
    shown = _shown(session, hits[:limit], terms)
    more = len(hits) > limit and skip + limit < MOST_HITS
    return FoundPage(shown, encode("search", skip + limit) if more else None)


def _shown(session: Session, hits: Sequence[Hit], terms: Sequence[Term]) -> tuple[Found, ...]:
    tenant = session.tenant_id
    wanted = select(tickets).where(tickets.c.tenant_id == tenant, tickets.c.id.in_([hit.ticket_id for hit in hits]))
    by_id = {row.id: row for row in session.connection.execute(wanted)}
    text = select(messages.c.id, messages.c.text).where(
        messages.c.tenant_id == tenant, messages.c.id.in_([hit.message_id for hit in hits])
    )
    texts: dict[UUID, str] = {row.id: row.text for row in session.connection.execute(text)}
    stems = {stem(word) for term in terms if not term.without for word in term.words}
    found = []
    for hit in hits:
        row = by_id[hit.ticket_id]
        found.append(
            Found(
                number=row.number,
                subject=row.subject,
                state=State(row.state),
                requester=row.requester,
                requester_name=row.requester_name,
                received_at=to_datetime(row.received_at),
                message=hit.message_id,
                excerpt=excerpt(texts.get(hit.message_id, ""), stems),
            )
        )
    return tuple(found)


def excerpt(text: str, stems: set[str]) -> str:
    """Return a part of ``text`` about the first word whose stem is among ``stems``, on one line; else its beginning."""
    found = (match for match in _WORD.finditer(text) if any(stem(word) in stems for word in words_of(match[0])))
    first = next(found, None)
    begin = max(0, first.start() - _BEFORE) if first else 0
    part = " ".join(text[begin : begin + _EXCERPT].split())
    return f"{'…' if begin else ''}{part}{'…' if begin + _EXCERPT < len(text) else ''}"
