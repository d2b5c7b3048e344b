"""Search in Russian: any form of a word, phrases, beginnings, exclusions, and never a word of another company."""

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from tests.support.fixtures import DatabaseUrls
from tests.support.things import add_tenant, agent_of

from helpdesk.domain.states import State
from helpdesk.domain.ticket import Note, Ticket
from helpdesk.kernel.ids import new_id
from helpdesk.store.database import Database
from helpdesk.store.search import Search, terms_of
from helpdesk.store.session import Session
from helpdesk.store.tickets import Tickets
from helpdesk.store.types import encode_rank


def keep(session: Session, number: int, subject: str, *texts: str, **fields: str) -> None:
    """Keep a ticket with messages."""
    ticket = Ticket(
        id=new_id(),
        number=number,
        subject=subject,
        channel="почта",
        channel_kind="email",
        address="help@a.example",
        state=State.NEW,
        level=None,
        line="",
        assignee=None,
        requester=fields.get("requester", "client@client.example"),
        requester_name=fields.get("requester_name", ""),
        contact=fields.get("contact", ""),
        organisation=fields.get("organisation", ""),
        received_at=session.now,
        registered_at=session.now,
        closed_at=None,
        outcome=None,
        expedited=False,
        follows=None,
        language="ru",
        snapshot_hash="s1",
        version=1,
        last_seq=1,
    )
    notes = [Note(new_id(), "in", "request", ticket.requester, "", subject, text) for text in texts]
    Tickets(session).insert(ticket, encode_rank((number,)), None)
    Tickets(session).add_messages(ticket, notes, [1] * len(notes))


@pytest.fixture
def filled(database: Database) -> Database:
    """Two companies; the second has the same words in its one ticket."""
    ours, theirs = add_tenant(database, "a"), add_tenant(database, "b")

    def fill(session: Session) -> None:
        keep(session, 1, "Не печатает принтер", "Принтеры в кабинете 12 не печатают.", "Починили, спасибо!")
        keep(session, 2, "Зелёная ёлка", "На экране мигает", requester_name="Пётр Иванов", organisation="ООО Ромашка")
        keep(session, 3, "Ошибка E-404", "error while printing", requester="+79161234567", contact="boss@firm.example")
        keep(session, 4, "Счёт", "Принтер упомянут однажды среди других слов: счёт, акт, договор, приложение.")

    database.write_now(agent_of(ours), fill)
    database.write_now(agent_of(theirs), lambda s: keep(s, 1, "Не печатает принтер", "принтер принтер"))
    filled_for[database] = ours
    return database


filled_for: dict[Database, object] = {}


def found(database: Database, asked: str, *, limit: int = 10, skip: int = 0) -> list[int]:
    """Return the numbers of the tickets found."""

    def work(session: Session) -> list[int]:
        hits = Search(session).find(terms_of(asked), limit=limit, skip=skip)
        return [Tickets(session).by_id(hit.ticket_id).number for hit in hits]

    return database.read_now(agent_of(filled_for[database]), work)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("принтерами", [1, 4]),  # any form; the subject weighs more
        ("ПЕЧАТАЮТ", [1]),
        ("елка", [2]),  # ё is е, both ways
        ("зелёной", [2]),
        ('"кабинете 12"', [1]),
        ('"12 кабинете"', []),
        ("принт*", [1, 4]),
        ("принтер -печатать", [4]),
        ("print*", [3]),
        ("errors", [3]),
        ("3", [3]),
        ("#2", [2]),
        ("Иванов", [2]),
        ("ромашки петра", [2]),
        ("8 (916) 123-45-67", [3]),
        ("+79161234567", [3]),
        ("boss@firm.example", [3]),
        ("client@client.example -елка -счёт", [1]),
        ("принтер спасибо", [1]),  # head and text of different messages
        ("нетникакого", []),
    ],
)
def test_what_is_found(filled: Database, asked: str, numbers: list[int]) -> None:
    """The same on both databases."""
    assert found(filled, asked) == numbers


def test_pages_join_without_gaps(filled: Database) -> None:
    """A ticket comes once, by its best message."""
    assert [found(filled, "принтер", limit=1, skip=skip) for skip in range(3)] == [[1], [4], []]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.text(alphabet=st.sampled_from("а1\"*-+()&|!:<>'\\{}^~ё,.@ NEAR AND OR NOT_%"), max_size=40))
def test_nothing_asked_is_syntax(filled: Database, asked: str) -> None:
    """Whatever is typed is words or nothing, never an error of the database's query language."""
    terms = terms_of(asked)
    if not all(term.without for term in terms):
        found(filled, asked)


def test_the_index_serves_behind_the_tenant_wall(database: Database, database_urls: DatabaseUrls) -> None:
    """Row-level security would keep PostgreSQL from using GIN; through the view it is used, and shows our rows only."""
    ours, theirs = add_tenant(database, "a"), add_tenant(database, "b")
    if database.dialect == "sqlite":
        return
    database.write_now(agent_of(theirs), lambda s: keep(s, 1, "Чужое", "слово7"))

    def fill(session: Session) -> None:
        for number in range(1, 400):
            keep(session, number, f"Тема {number}", f"слово{number} принтер")

    database.write_now(agent_of(ours), fill, within_seconds=30)

    owner = create_engine(database_urls.owner, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("VACUUM ANALYZE search_index"))  # as autovacuum does: what was written last is indexed
    owner.dispose()

    def ask(session: Session, explain: str) -> list[Any]:
        session.connection.execute(text("SET LOCAL enable_seqscan = off"))  # a table as small as this one is just read
        asked = f"{explain} SELECT message_id FROM search_seen WHERE words @@ to_tsquery('russian', 'слово7')"
        return list(session.connection.execute(text(asked)).scalars())

    assert "ix_search_index_words" in "".join(database.read_now(agent_of(ours), lambda s: ask(s, "EXPLAIN")))
    assert len(database.read_now(agent_of(ours), lambda s: ask(s, ""))) == 1
    with pytest.raises(DBAPIError):  # nobody reads past the view
        database.read_now(agent_of(ours), lambda s: s.connection.execute(text("SELECT * FROM search_index")).all())


def test_indexing_is_a_small_part_of_writing(filled: Database) -> None:
    """A message of a hundred words costs little beside its own rows; a loose bound, against a blunder."""
    body = " ".join(f"слово{n % 60} принтер кабинет" for n in range(34))
    began = time.perf_counter()

    def fill(session: Session) -> None:
        for number in range(100, 200):
            keep(session, number, "Тема", body)

    filled.write_now(agent_of(filled_for[filled]), fill, within_seconds=30)  # type: ignore[arg-type]
    assert time.perf_counter() - began < 10
