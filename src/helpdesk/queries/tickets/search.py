"""Finding tickets by words, and showing where the words stand."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import select

from helpdesk.domain.states import State
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.days import day_of_text, midnight
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.organisations import names_on_tickets
from helpdesk.queries.paging import decode, encode
from helpdesk.queries.views.search import Found, FoundPage, Mark
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import messages, tickets
from helpdesk.store.search import Hit, Only, Search
from helpdesk.store.search_terms import Term, terms_of
from helpdesk.store.words import stem, words_of

_Rank = Annotated[int, Meta(ge=0, le=2)]
_Number = Annotated[int, Meta(ge=0, le=1 << 53)]
_EXCERPT = 160
"""Characters."""
_BEFORE = 50
_WORD = re.compile(r"[^\W_]+")


class Wish(Struct, frozen=True):
    """What is searched for; what is empty restricts nothing."""

    asked: str
    state: State | None = None
    organisation: str = ""
    first_day: str = ""
    """Of receipt, in the company's zone, included."""
    last_day: str = ""


def search_tickets(
    session: Session, find: FindEvaluator, *, wish: Wish, limit: int, cursor: str | None = None
) -> FoundPage:
    """Return a page of the tenant's tickets that meet the wish, the best first, each with its latest message that fits.

    Raises:
        Invalid: no word is asked for, or a day is none.
        BadCursor: the cursor is not one of this list.
    """
    terms = terms_of(wish.asked)
    if all(term.without for term in terms):
        raise Invalid("nothing to search for", fields={"query.q": "holds no word to find"})
    after = None if cursor is None else decode("search", cursor, tuple[_Rank, _Number])
    only, store = _only(session, find, wish), Search(session)
    if after is None:
        hits = store.find(terms, limit=limit + 1, only=only)
    else:
        hits = store.find(terms, limit=limit + 1, after=after, only=only)
    page = hits[:limit]
    return FoundPage(_shown(session, page, terms), encode("search", *page[-1].place) if len(hits) > limit else None)


def _only(session: Session, find: FindEvaluator, wish: Wish) -> Only:
    first = last = None
    if wish.first_day or wish.last_day:
        in_force = Editions(session).snapshot_in_force(session.now)
        zone = "UTC" if in_force is None else find(session, in_force).zone
        first = midnight(day_of_text("query.first_day", wish.first_day), zone) if wish.first_day else None
        if wish.last_day:
            last = midnight(day_of_text("query.last_day", wish.last_day) + timedelta(days=1), zone)
    names = names_on_tickets(session, wish.organisation) if wish.organisation else None
    return Only(None if wish.state is None else wish.state.value, names, first, last)


def _shown(session: Session, hits: Sequence[Hit], terms: Sequence[Term]) -> tuple[Found, ...]:
    tenant = session.tenant_id
    wanted = select(tickets).where(tickets.c.tenant_id == tenant, tickets.c.id.in_([hit.ticket_id for hit in hits]))
    by_id = {row.id: row for row in session.connection.execute(wanted)}
    text = select(messages.c.id, messages.c.text).where(
        messages.c.tenant_id == tenant, messages.c.id.in_([hit.message_id for hit in hits])
    )
    texts: dict[UUID, str] = {row.id: row.text for row in session.connection.execute(text)}
    found = []
    for hit in hits:
        row = by_id[hit.ticket_id]
        part = excerpt(texts.get(hit.message_id, ""), terms)
        found.append(
            Found(
                number=row.number,
                subject=row.subject,
                subject_marks=marks(row.subject, terms),
                state=State(row.state),
                organisation=row.organisation,
                requester=row.requester,
                requester_name=row.requester_name,
                received_at=to_datetime(row.received_at),
                message=hit.message_id,
                excerpt=part,
                excerpt_marks=marks(part, terms),
            )
        )
    return tuple(found)


def excerpt(text: str, terms: Sequence[Term]) -> str:
    """Return a part of ``text`` about the first word that is asked for, on one line; else its beginning."""
    first = next(iter(marks(text, terms)), (0, 0))
    begin = max(0, first[0] - _BEFORE)
    part = " ".join(text[begin : begin + _EXCERPT].split())
    return f"{'…' if begin else ''}{part}{'…' if begin + _EXCERPT < len(text) else ''}"


def marks(text: str, terms: Sequence[Term]) -> tuple[Mark, ...]:
    """Return where the words of ``text`` stand that are asked for, each alone."""
    wanted = [term for term in terms if not term.without]
    stems = {stem(word) for term in wanted for word in term.words}
    begun = tuple(term.words[-1] for term in wanted if term.begun)
    return tuple(
        match.span()
        for match in _WORD.finditer(text)
        if any(stem(word) in stems or word.startswith(begun) for word in words_of(match[0]))
    )
