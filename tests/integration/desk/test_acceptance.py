"""When a request counts as accepted, and how else the client is reached and spoken to."""

from collections.abc import Callable

import pytest
from tests.integration.desk.lives import CLIENT, Life
from tests.integration.desk.test_categories import call
from tests.integration.desk.test_clarifying import needs
from tests.integration.desk.test_duties import letters

from helpdesk.contracts.messages import Inbound, Nature
from helpdesk.desk.outward.deliveries import letter_failed, letter_left
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.desk.tickets.links import split
from helpdesk.domain.acceptance import NOT_ACCEPTED
from helpdesk.domain.attention import LOST, Need, client_untold
from helpdesk.domain.commands import Reply, ReplyKind, TellNumber
from helpdesk.domain.linking import SplitPart
from helpdesk.domain.opening import OTHER_LANGUAGE, SPOKEN_ONLY
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import MINUTE
from helpdesk.kernel.principal import system
from helpdesk.store.tenants import Tenants

Lives = Callable[[str], Life]
ENGLISH = "The control cabinet does not start since this morning, the indicator is dark."


def acknowledged(life: Life) -> None:
    """Let the letter of registration leave."""
    ticket_id = life.ticket().id
    life.write(lambda session: letter_left(session, life.five.resources, ticket_id, "acknowledgement", CLIENT))


@pytest.mark.parametrize(
    ("company", "clause", "ways"), [("telemedhelp", "6.10", "chat"), ("pass24", "3.8", "chat_bot, phone")]
)
def test_accepted_once_the_letter_left_and_did_not_come_back(
    lives: Lives, company: str, clause: str, ways: str
) -> None:
    """From the relayed letter on, until it bounces within the hour; the head is told, and which channels are left."""
    life = lives(company)
    tenant = life.five.tenants[company]
    told = {"name": company, "alert_address": "head@company.example"}
    life.five.database.write_now(system("test"), lambda session: Tenants(session).change(tenant, **told))
    life.now("2026-03-16T10:00:00+03:00")
    life.mail()
    assert life.ticket().accepted_at is None
    acknowledged(life)
    assert life.ticket().accepted_at == life.log()[-1].at
    life.five.move_to(life.read(lambda session: session.now) + 20 * MINUTE)
    life.mail("Адресат неизвестен", "b1", nature=Nature.BOUNCE, tokens=(life.token(),), subject="550 unknown")
    assert life.ticket().accepted_at is None
    assert [(flag.flag, flag.clause, flag.reason) for flag in life.flags()] == [(NOT_ACCEPTED, clause, ways)]
    assert life.log()[-1].data["not_accepted"] is True
    assert needs(life) == Need.TELL_CLIENT
    (alert,) = letters(life, "bounce")
    assert alert["recipient"] == "head@company.example"
    for words in (clause, ways, "550 unknown"):
        assert words in alert["text"]
    with pytest.raises(Invalid, match="pigeon"):
        life.do(TellNumber(1, "pigeon"))
    life.do(TellNumber(1, ways.partition(",")[0]))
    assert life.ticket().accepted_at is not None
    assert life.flags() == ()
    assert needs(life) == Need.WORK


def test_a_letter_of_registration_that_cannot_be_sent_is_told_by_an_agent(lives: Lives) -> None:
    """Where acceptance does not rest on it, too: an answer goes where the letter could not, only a word shows more."""
    life = lives("siroca")
    life.mail()
    ticket_id = life.ticket().id
    life.write(lambda s: letter_failed(s, life.five.resources, ticket_id, "acknowledgement", CLIENT, "550"))
    assert ([flag.flag for flag in life.flags()], needs(life)) == ([LOST], Need.TELL_CLIENT)
    life.do(Reply(life.number, ReplyKind.NOTICE, "Работаем"))
    assert ([flag.flag for flag in life.flags()], needs(life)) == ([LOST], Need.TELL_CLIENT)
    life.do(TellNumber(life.number, "email"))
    assert (life.flags(), needs(life)) == ((), Need.WORK)


def test_the_client_s_own_word_shows_that_the_number_arrived(lives: Lives) -> None:
    """A letter that could never be sent leaves the request unaccepted; an answer to a letter of ours accepts it."""
    life = lives("telemedhelp")
    life.mail()
    ticket_id = life.ticket().id
    life.write(lambda s: letter_failed(s, life.five.resources, ticket_id, "acknowledgement", CLIENT, "550"))
    assert (life.ticket().accepted_at, [flag.flag for flag in life.flags()]) == (None, [NOT_ACCEPTED])
    life.reply("Вижу номер")
    assert (life.ticket().accepted_at is not None, life.flags()) == (True, ())


def test_who_is_known_to_have_the_number_is_not_reached_another_way(lives: Lives) -> None:
    """After the client wrote, or was told the number, what comes back is another letter: nothing is taken back."""
    for company, channel in (("telemedhelp", ""), ("pass24", "phone")):
        life = lives(company)
        life.now("2026-03-16T10:00:00+03:00")
        life.mail(key=company)
        acknowledged(life)
        if channel:
            life.do(TellNumber(life.number, channel))
        else:
            life.reply("Вижу номер", key="m5")
        life.mail("Ящик переполнен", f"b{company}", nature=Nature.BOUNCE, tokens=(life.token(),))
        ticket_id = life.ticket().id
        life.write(
            lambda s, life=life, ticket_id=ticket_id: letter_failed(
                s, life.five.resources, ticket_id, "acknowledgement", CLIENT, "550"
            )
        )
        assert (life.ticket().accepted_at is not None, life.flags()) == (True, ()), company
        assert not client_untold(life.log())


def test_a_question_that_was_split_off_has_a_letter_of_its_own(lives: Lives) -> None:
    """Its bounce is counted from when its own letter left, not from the whole request's."""
    life = lives("telemedhelp")
    life.now("2026-03-16T10:00:00+03:00")
    life.mail()
    acknowledged(life)
    life.now("2026-03-16T14:00:00+03:00")
    parts = (SplitPart("Второй вопрос", "Почему?"),)
    done = life.write(lambda s: split(s, life.five.resources, life.number, parts, None))
    life.number = done.others[0].number
    acknowledged(life)
    assert life.ticket().accepted_at is not None
    life.mail("Адресат неизвестен", "b1", nature=Nature.BOUNCE, tokens=(life.token(),))
    assert [flag.flag for flag in life.flags()] == [NOT_ACCEPTED]


def test_only_letters_wait_for_a_letter(lives: Lives) -> None:
    """6.10 and 3.8 speak of requests by mail: a call or a chat is accepted when registered, and so is all elsewhere."""
    life = lives("pass24")
    life.now("2026-03-16T10:00:00+03:00")
    call(life)
    assert life.ticket().accepted_at == life.ticket().registered_at
    elsewhere = lives("siroca")
    elsewhere.mail()
    assert elsewhere.ticket().accepted_at == elsewhere.ticket().registered_at


def test_a_number_that_was_only_spoken_is_marked(lives: Lives) -> None:
    """Intervale 5.2: the number is sent after a call; with nowhere to send it the ticket says so until it is told."""
    life = lives("intervale")
    fields = {"steps": "1", "additional": "-", "email": "-"}
    message = Inbound(
        "phone", "+74950000012", "c1", "+79160000009", None, "Не входит", "Не входит", sender_name="Лицо", fields=fields
    )
    taken = life.write(lambda session: receive(session, life.five.resources, Arrival(message)))
    life.number = taken.number
    assert ("number_only_spoken", "5.2") in [(flag.flag, flag.clause) for flag in life.flags()]
    life.do(TellNumber(life.number, "phone"))
    assert SPOKEN_ONLY not in [flag.flag for flag in life.flags()]


def test_another_language_is_registered_and_answered_in_russian(lives: Lives) -> None:
    """SpecPromDesign, general: never refused; asked once to write in Russian; a Russian text with a log is Russian."""
    life = lives("specpromdesign")
    life.now("2026-03-16T10:00:00+03:00")
    life.mail(ENGLISH, subject="Cabinet")
    assert ("other_language", "Общие положения") in [(flag.flag, flag.clause) for flag in life.flags()]
    (letter,) = letters(life, "language")
    assert "на русском языке" in letter["text"]
    assert ENGLISH not in letter["text"]
    life.reply("Is anybody there? Nothing happens at all.")
    assert len(letters(life, "language")) == 1
    russian = lives("specpromdesign")
    russian.now("2026-03-17T10:00:00+03:00")
    russian.mail("Шкаф не включается. В журнале: connection refused, timeout exceeded", key="m5")
    assert OTHER_LANGUAGE not in [flag.flag for flag in russian.flags()]
    russian.reply(ENGLISH, key="m6")
    assert OTHER_LANGUAGE in [flag.flag for flag in russian.flags()]
    assert len(letters(russian, "language")) == 2  # the one above, and this one
    elsewhere = lives("telemedhelp")
    elsewhere.mail(ENGLISH)
    assert OTHER_LANGUAGE not in [flag.flag for flag in elsewhere.flags()]
    assert letters(elsewhere, "language") == letters(russian, "language")


def test_clients_are_sent_to_the_documentation(lives: Lives) -> None:
    """TelemedHelp 1.4: intake names where to look first, and waits for nothing; other texts name no such place."""
    life = lives("telemedhelp")
    taken = life.mail()
    assert taken.read_first == ("https://doc.telemed.help/", "https://patient.telemed.help/")
    assert lives("pass24").mail().read_first == ()


def test_a_channel_that_only_consults_says_so(lives: Lives) -> None:
    """TelemedHelp 6.1: who asks by chat hears that it solves nothing on the spot; a letter by mail does not say so."""
    life = lives("telemedhelp")
    message = Inbound("chat", "", "chat-1", "user-7", None, "Вопрос", "Как сменить тариф?")
    arrival = Arrival(message, CLIENT)
    life.write(lambda session: receive(session, life.five.resources, arrival))
    life.mail()
    chat, mail = letters(life, "acknowledgement")
    assert "решить проблему в момент обращения чат не обещает" in chat["text"]
    assert "чат не обещает" not in mail["text"]
