"""Letters to who called and has no mail address: carried in their short form, within the caps, or told by an agent."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select
from tests.integration.desk.lives import Life
from tests.integration.desk.test_clarifying import needs

from helpdesk.contracts.channels import PermanentFailure
from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Inbound, Outbound
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.outward.deliveries import letter_failed, letter_left
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.desk.tickets.participants import add_participant
from helpdesk.domain.attention import LOST, WITHHELD, Need
from helpdesk.domain.clients import ContactAddress
from helpdesk.domain.commands import Assign, Close, Confirm, Reply, ReplyKind, TellNumber
from helpdesk.domain.opening import SPOKEN_ONLY, Way
from helpdesk.domain.participants import COPIED, Participant
from helpdesk.domain.ways import Carried, Ways
from helpdesk.kernel.instants import HOUR
from helpdesk.queries.companies.promise import Question, ask
from helpdesk.store.contacts import Contacts
from helpdesk.store.organisations import Organisations
from helpdesk.store.schema import outbox

Lives = Callable[[str], Life]
OURS, CALLER, MAIL = "+74950000012", "+79160000001", "caller@client.example"
LIMIT = 160


class Pigeons:
    """Reaches everybody in one country from one number of ours, with as much as a pigeon can carry."""

    def __init__(self, ours: str) -> None:
        self.ours = ours

    def reaches(self, recipient: str, address: str) -> bool:
        if address == "+74950000666":
            raise RuntimeError("the dovecote burns")
        return address == self.ours and recipient.startswith("+7")

    def fits(self, text: str) -> bool:
        return len(text) <= LIMIT

    async def send(self, message: Outbound) -> str:
        raise PermanentFailure("nobody sends in these tests")


@pytest.fixture
def life(lives: Lives) -> Life:
    """Intervale, whose text wants the number sent after a call; its callers are reached."""
    return carrying(lives("intervale"))


def carrying(life: Life) -> Life:
    before = life.five.resources
    pigeons = Carried("pigeon", "phone", Pigeons(OURS))
    resources = Resources(before.directory, before.secret, before.files, Ways(carriers=(pigeons,)))
    return replace(life, five=replace(life.five, resources=resources))


def call(life: Life, key: str = "c1", contact: str = "", sender: str = CALLER) -> None:
    fields = {"steps": "1", "additional": "-", "email": "-"}
    message = Inbound(
        "phone", OURS, key, sender, None, "Не входит", "Секрет клиента", sender_name="Лицо", fields=fields
    )
    taken = life.write(lambda session: receive(session, life.five.resources, Arrival(message, contact=contact)))
    life.number = taken.number


def owed(life: Life) -> list[dict[str, Any]]:
    """Return what is owed to the ticket's client, oldest first."""
    wanted = select(outbox.c.payload).where(outbox.c.ticket_id == life.ticket().id, outbox.c.kind == "delivery")
    return list(life.read(lambda s: s.connection.execute(wanted.order_by(outbox.c.id)).scalars().all()))


def flags(life: Life) -> set[str]:
    return {flag.flag for flag in life.flags()}


def test_the_number_is_carried_to_who_called(life: Life) -> None:
    """Intervale 5.2: from the number that was dialled to the one that called; no client's words, no token."""
    call(life)
    (letter,) = owed(life)
    assert (letter["channel_kind"], letter["sender"], letter["recipient"]) == ("pigeon", OURS, CALLER)
    assert letter["text"] == f"Интервэйл: обращение {life.number} зарегистрировано."
    assert (letter["subject"], letter["token"], letter["automatic"]) == ("", "", True)
    assert "Секрет" not in str(letter)
    assert SPOKEN_ONLY not in flags(life)
    assert life.ticket().contact == CALLER
    ticket_id = life.ticket().id
    life.write(lambda s: letter_left(s, life.five.resources, ticket_id, "acknowledgement", CALLER))
    assert life.happened()[-1] is Happened.ACKNOWLEDGED


def test_the_promise_says_what_registering_gives(life: Life) -> None:
    """Nobody is told that the number can be sent nowhere where it can, and the other way round."""

    def promised(requester: str) -> set[str]:
        question = Question(Way("phone", OURS), requester=requester)
        resources = life.five.resources
        found = life.read(lambda s: ask(s, question, None, resources.directory.in_force, resources.ways))
        return {each.flag for each in found.flags}

    assert SPOKEN_ONLY not in promised(CALLER)
    assert SPOKEN_ONLY in promised("+49301234567")
    call(life, sender="+49301234567")
    assert SPOKEN_ONLY in flags(life)
    assert (owed(life), life.ticket().contact) == ([], "")


@pytest.mark.parametrize("known", [False, True])
def test_who_has_a_mail_address_gets_mail(life: Life, known: bool) -> None:
    """Given in the call, or verified for the person whose number it is, where the company keeps its clients."""
    if known:
        life.write(lambda s: Organisations(s).add("Клиент"))
        addresses = (ContactAddress("phone", CALLER, verified=True), ContactAddress("email", MAIL, verified=True))
        life.write(lambda s: Contacts(s).add("Лицо", None, authorised=False, addresses=addresses))
    call(life, contact="" if known else MAIL)
    assert [(each["channel_kind"], each["recipient"]) for each in owed(life)] == [("email", MAIL)]


def test_answers_are_carried_short_and_kept_whole(life: Life) -> None:
    """Cut at a word where they do not fit, with the number at which to hear the rest; the ticket has all of it."""
    call(life)
    life.do(Reply(life.number, ReplyKind.NOTICE, "Смотрим.\n\nСкоро ответим."))
    assert owed(life)[-1]["text"].endswith(": Смотрим. Скоро ответим.")
    words = "Перезагрузите приложение. " * 20
    life.do(Reply(life.number, ReplyKind.QUESTION, words))
    carried = owed(life)[-1]["text"]
    assert len(carried) <= LIMIT
    assert f". Перезагрузите... Полностью: {OURS}. Ждём " in carried
    assert carried.endswith(f"Ответить: {OURS}.")
    life.do(Assign(life.number, "Анна", inform_client=True))
    assert owed(life)[-1]["text"].endswith("занимается Анна.")
    assert [each["channel_kind"] for each in owed(life)] == ["pigeon"] * 4


def test_only_what_is_declined_is_told_when_it_is_closed(life: Life) -> None:
    """Who confirmed it, or was told by when silence closes it, knows; who is declined hears why."""
    call(life)
    life.do(Reply(life.number, ReplyKind.ANSWER, "Исправлено", resolves=True))
    life.do(Confirm(life.number, outcome="confirmed"))
    assert [each["purpose"] for each in owed(life)] == ["acknowledgement", "answer"]
    assert life.happened()[-1] is Happened.CLOSED
    later(life)
    call(life, "c2")
    later(life)
    life.do(Close(life.number, "out_of_scope", {"category": "other"}))
    assert owed(life)[-1]["text"].startswith(f"Интервэйл: обращение {life.number} закрыто: вопрос не о ")


def later(life: Life) -> None:
    """Let an hour pass, over which the caps count."""
    life.five.move_to(life.read(lambda s: s.now) + HOUR + 1)


@pytest.mark.parametrize(("verified", "letters"), [(False, [1, 0, 0, 0]), (True, [1, 1, 1, 0])])
def test_nobody_s_telephone_is_flooded(life: Life, verified: bool, letters: list[int]) -> None:
    """P12: calls that give one number: it gets one an hour, a contact's verified one three; agents tell the others."""
    if verified:
        addresses = (ContactAddress("phone", CALLER, verified=True),)
        life.write(lambda s: Contacts(s).add("Лицо", None, authorised=False, addresses=addresses))
    for place, count in enumerate(letters):
        call(life, f"c{place}")
        assert len(owed(life)) == count
        assert (needs(life) == Need.TELL_CLIENT) is (count == 0)
        assert (WITHHELD in flags(life)) is (count == 0)
    later(life)
    call(life, "later")
    assert len(owed(life)) == 1


def test_what_could_not_be_carried_is_told_by_an_agent(life: Life) -> None:
    """The flags of a number that was only spoken and of a letter that was lost, and the queue's reason; until told."""
    call(life)
    ticket_id = life.ticket().id
    life.write(lambda s: letter_failed(s, life.five.resources, ticket_id, "acknowledgement", CALLER, "no such number"))
    assert {LOST, SPOKEN_ONLY} <= flags(life)
    assert needs(life) == Need.TELL_CLIENT
    life.do(TellNumber(life.number, "phone"))
    assert not {LOST, SPOKEN_ONLY} & flags(life)
    assert needs(life) != Need.TELL_CLIENT


def test_copies_go_by_mail_and_whole(life: Life) -> None:
    """Who is copied reads what the client could only be told in short, and can answer into the ticket."""
    call(life)
    guest = Participant("email", MAIL, COPIED)
    life.write(lambda s: add_participant(s, life.five.resources, life.number, guest, None))
    words = "Перезагрузите приложение. " * 20
    life.do(Reply(life.number, ReplyKind.NOTICE, words))
    carried, copy = owed(life)[-2:]
    assert (copy["channel_kind"], copy["recipient"]) == ("email", MAIL)
    assert words.strip() in copy["text"]
    assert copy["token"]
    assert copy["id"] != carried["id"]


def test_without_the_carrier_what_was_owed_by_it_has_no_way(life: Life) -> None:
    """A telephone number is no mail address: where the carrier is gone, nothing is mailed to it."""
    call(life)
    bare = replace(life, five=replace(life.five, resources=Resources(life.five.resources.directory, b"0" * 32)))
    bare.do(Reply(life.number, ReplyKind.NOTICE, "Смотрим"))
    assert [each["channel_kind"] for each in owed(life)] == ["pigeon"]


def test_a_carrier_that_fails_reaches_nobody() -> None:
    """A plugin's mistake costs its own letters only: the call is registered all the same."""
    ways = Ways(carriers=(Carried("pigeon", "phone", Pigeons(OURS)),))
    assert ways.contact("phone", CALLER, "+74950000666", "") == ""
    assert ways.contact("phone", CALLER, OURS, "") == CALLER
    assert ways.contact("phone", CALLER, OURS, MAIL) == MAIL
    assert ways.contact("chat", "user-7", OURS, "") == ""
    assert ways.contact("email", MAIL, "support@a.example", "") == MAIL
