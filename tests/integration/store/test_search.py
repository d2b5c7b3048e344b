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
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.indexing import index_waiting
from helpdesk.store.search import Hit, Only, Search
from helpdesk.store.search_terms import Term, terms_of
from helpdesk.store.tickets import Cached, Tickets
from helpdesk.store.types import encode_rank
from helpdesk.store.words import stem, words_of


def keep(session: Session, number: int, subject: str, *texts: str, **fields: str) -> None:
    """Keep a ticket with messages, and index them."""
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
    Tickets(session).insert(ticket, Cached(encode_rank((number,)), None, "", ""))
    Tickets(session).add_messages(ticket, notes, [1] * len(notes))
    index_waiting(session)


@pytest.fixture
def filled(database: Database) -> Database:
    """Two companies; the second has the same words in its one ticket."""
    ours, theirs = add_tenant(database, "a"), add_tenant(database, "b")

    def fill(session: Session) -> None:
        keep(session, 1, "Не печатает принтер", "Принтеры в кабинете 12 не печатают.", "Починили, спасибо!")
        keep(session, 2, "Зелёная ёлка", "На экране мигает", requester_name="Пётр Иванов", organisation="ООО Ромашка")
        keep(session, 3, "Ошибка E-404", "error while printing", requester="+79161234567", contact="boss@firm.example")
        keep(session, 4, "Счёт и акт", "Принтер упомянут однажды среди других слов: счёт, акт, договор, приложение.")
        keep(session, 5, "Онлайн-касса", "1С:Предприятие 8.3.24 показывает 10.5 вместо 11, и ещё раз")
        keep(session, 6, "Доступ", "Документация и звонок по тел. 8 495 324-24-42, доб. 100")
        keep(session, 100, "Без слов", "")

    database.write_now(agent_of(ours), fill)
    database.write_now(agent_of(theirs), lambda s: keep(s, 1, "Не печатает принтер", "принтер принтер"))
    filled_for[database] = ours
    return database


filled_for: dict[Database, object] = {}


def hits_of(database: Database, asked: str, **how: Any) -> list[Hit]:
    def work(session: Session) -> list[Hit]:
        return Search(session).find(terms_of(asked), **{"limit": 20, **how})

    return database.read_now(agent_of(filled_for[database]), work)  # type: ignore[arg-type]


def found(database: Database, asked: str, **how: Any) -> list[int]:
    """Return the numbers of the tickets found."""
    return [hit.number for hit in hits_of(database, asked, **how)]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("принтерами", [1, 4]),  # any form; the subject comes before the text
        ("ПЕЧАТАЮТ", [1]),
        ("елка", [2]),  # ё is е, both ways
        ("зелёной", [2]),
        ('"кабинете 12"', [1]),
        ('"12 кабинете"', []),
        ("принт*", [1, 4]),
        ("принтер -печатать", [4]),
        ("print*", [3]),
        ("errors", [3]),
        ("3", [3, 5]),  # first the ticket of that number
        ("#2", [2]),
        ("Иванов", [2]),
        ("ромашки петра", [2]),
        ("8 (916) 123-45-67", [3]),
        ("+79161234567", [3]),
        ("boss@firm.example", [3]),
        ("client@client.example -елка -счёт -касса -документация", [100, 1]),
        ("принтер спасибо", [1]),  # head and text of different messages
        ("нетникакого", []),
        ("онлайн-касса", [5]),  # a hyphen parts words that stand beside each other
        ("онлайн-кассы", [5]),
        ("касса онлайн", [5]),
        ('"касса онлайн"', []),
        ("10.5", [5]),
        ("1С:Предприятием", [5]),
        ("8.3.24", [5]),
        ("ёл*", [2]),
        ("документации", [6]),
        ("документаци*", [6]),
        ("докум*", [6]),
        ("документациям*", [6]),
        ("boss", [3]),
        ("boss@fir", [3]),  # an address is found by its beginning
        ("firm.example", [3]),
        ("916 123", [3]),  # a number by its beginning, its area, or what comes after it
        ("123-45-67", [3]),
        ("1234567", [3]),
        ("8 (495) 324-24-42", [6]),  # in a text, however it is written
        ("+74953242442", [6]),
        ("3242442", [6]),
        ("100", [100, 6]),  # first the ticket of that number
        ("1C", [5]),  # Latin C, and a Latin a in the next
        ("кaссы", [5]),
        ("и", [4, 6, 5]),  # no word is left out for being short
    ],
)
def test_what_is_found(filled: Database, asked: str, numbers: list[int]) -> None:
    """The same on both databases."""
    assert found(filled, asked) == numbers


def test_pages_join_without_gaps(filled: Database) -> None:
    """A ticket comes once; what is written between two pages neither moves one to another page nor hides one."""
    everything, after, seen = found(filled, "client"), (-1, 0), list[int]()
    while page := hits_of(filled, "client", limit=2, after=after):
        seen += [hit.number for hit in page]
        after = page[-1].place
        number = 200 + len(seen)
        filled.write_now(agent_of(filled_for[filled]), lambda s, n=number: keep(s, n, "client", "client"))  # type: ignore[misc,arg-type]
    assert seen == everything
    assert len(set(seen)) == len(seen) > 2


def test_only_what_is_wanted(filled: Database) -> None:
    """State, organisation and days of receipt restrict what is found, and not its order."""
    (one,) = hits_of(filled, "ромашка")
    moment = filled.read_now(agent_of(filled_for[filled]), lambda s: Tickets(s).by_number(2).received_at)  # type: ignore[arg-type]
    for only, numbers in (
        (Only(organisations=("ООО", "ООО Ромашка")), [2]), (Only(organisations=["ООО"]), []), (Only(state="new"), [2]),
        (Only(state="closed"), []), (Only(received_from=moment), [2]), (Only(received_before=moment), []),
        (Only(received_from=moment, received_before=moment + 1), [2]),
    ):  # fmt: skip
        assert found(filled, "ромашка", only=only) == numbers, only
    assert one.rank == 1


WORDS = ("принтер", "принтеры", "печать", "печатать", "ёлка", "елки", "кабинет", "12", "client", "error", "errors")
"""Of what corpora are made: forms of few words, so that they meet."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_both_databases_answer_as_a_plain_reading_does(database: Database, data: st.DataObject) -> None:
    """For any corpus and any question: which tickets are found and in which order follows from the words alone.

    The same law for SQLite and PostgreSQL, so that both give the same answers.
    """
    words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5)
    corpus = data.draw(st.lists(st.tuples(words, st.lists(words, min_size=1, max_size=2)), min_size=1, max_size=4))
    tenant = add_tenant(database, f"c{new_id().hex}")
    filled_for[database] = tenant

    def fill(session: Session) -> None:
        for number, (subject, texts) in enumerate(corpus, 1):
            keep(session, number, " ".join(subject), *(" ".join(text) for text in texts), requester="anon")

    database.write_now(agent_of(tenant), fill)
    for _ in range(4):
        parts = data.draw(st.lists(st.tuples(st.sampled_from(["", "-", '"', "*"]), words), min_size=1, max_size=3))
        asked = " ".join(_written(kind, some) for kind, some in parts)
        terms = terms_of(asked)
        if not all(term.without for term in terms):
            assert found(database, asked) == _read_plainly(corpus, terms), asked


def _written(kind: str, words: list[str]) -> str:
    match kind:
        case '"':
            return f'"{" ".join(words)}"'
        case "-":
            return f"-{words[0]}"
        case "*":
            return f"{words[0][:3]}*"
        case _:
            return words[0]


def _read_plainly(corpus: list[Any], terms: tuple[Term, ...]) -> list[int]:
    """Go through every message word by word."""
    ranked = []
    for number, (subject, texts) in enumerate(corpus, 1):
        head = [*map(stem, words_of(f"{number} {' '.join(subject)} anon"))]
        bodies = [[*map(stem, words_of(f"{' '.join(subject)} {' '.join(text)}"))] for text in texts]
        fits = [
            1 if all(term.without or _in(term, head) for term in terms) else 2
            for body in bodies
            if all((_in(term, head) or _in(term, body)) != term.without for term in terms)
        ]
        if fits:
            asked = terms[0].words[0] if len(terms) == 1 and len(terms[0].words) == 1 else ""
            ranked.append((0 if asked == str(number) else min(fits), -number))
    return [-number for _, number in sorted(ranked)]


def _in(term: Term, lexemes: list[str]) -> bool:
    *before, last = term.words
    wanted = [*map(stem, before)]
    for place in range(len(lexemes) - len(wanted)):
        end = lexemes[place + len(wanted)]
        if lexemes[place : place + len(wanted)] == wanted and (
            end == stem(last) or (term.begun and end.startswith(last))
        ):
            return True
    return False


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
        asked = f"{explain} SELECT message_id FROM search_seen WHERE words @@ CAST('''слово7''' AS tsquery)"
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
        for number in range(300, 400):
            keep(session, number, "Тема", body)

    filled.write_now(agent_of(filled_for[filled]), fill, within_seconds=30)  # type: ignore[arg-type]
    assert time.perf_counter() - began < 10
