"""Which ticket a message belongs to: the table of `helpdesk.domain.threading`, line by line, and the attacks on it."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from helpdesk.contracts.messages import Inbound, Nature, Standing
from helpdesk.contracts.threads import TOKEN_LENGTH, message_id, split_plus, token_in_message_id, with_token
from helpdesk.domain.threading import (
    Candidate,
    Decision,
    Mentions,
    Threaded,
    decide_thread,
    make_token,
    mentions,
    ticket_of_token,
)

SECRET = b"0123456789abcdef0123456789abcdef"
TENANT = UUID("018f0000-0000-7000-8000-00000000000a")
OTHER_TENANT = UUID("018f0000-0000-7000-8000-00000000000b")
TICKET = UUID("018f0000-0000-7000-8000-000000000001")
OTHER = UUID("018f0000-0000-7000-8000-000000000002")
ANN = "ann@customer.example"
EVIL = "evil@attacker.example"
TOKEN = make_token(SECRET, TENANT, TICKET)
TICKETS = (Candidate(TICKET, 17, frozenset({ANN})), Candidate(OTHER, 18, frozenset({"bob@customer.example"})))


def inbound(
    sender: str,
    *,
    subject: str = "x",
    tokens: tuple[str, ...] = (),
    standing: Standing = Standing.CLAIMED,
    nature: Nature = Nature.REQUEST,
) -> Inbound:
    return Inbound(
        channel_kind="email",
        address="support@a.desk.example",
        source_key="k",
        sender=sender,
        received_at=None,
        subject=subject,
        tokens=tokens,
        standing=standing,
        nature=nature,
    )


def decide(message: Inbound, tenant: UUID = TENANT) -> Decision:
    found = mentions(message, SECRET, tenant)
    return decide_thread(
        message,
        found,
        {ticket.ticket_id: ticket for ticket in TICKETS if ticket.ticket_id in found.ticket_ids},
        {ticket.number: ticket for ticket in TICKETS if ticket.number in found.numbers},
    )


def test_a_valid_token_from_a_participant_joins() -> None:
    """The token and the known sender together open the ticket, authenticated or not."""
    decision = decide(inbound(ANN, tokens=(TOKEN,)))
    assert (decision.act, decision.ticket_id) == (Threaded.JOIN, TICKET)


@pytest.mark.parametrize("sender", [EVIL, "agent@a.desk.example", "no-reply@slack.example"])
@pytest.mark.parametrize("standing", list(Standing))
def test_a_stolen_token_is_held(sender: str, standing: Standing) -> None:
    """A stranger, an agent's spoofed address and a verification robot with a token stay outside (E03, E10)."""
    decision = decide(inbound(sender, tokens=(TOKEN,), standing=standing))
    assert (decision.act, decision.ticket_id) == (Threaded.HOLD, TICKET)


def test_a_number_joins_only_an_authenticated_participant() -> None:
    """Number + participant + proof joins; without proof it is held."""
    proved = decide(inbound(ANN, subject="Re: [#17] принтер", standing=Standing.AUTHENTICATED))
    claimed = decide(inbound(ANN, subject="Re: [#17] принтер"))
    assert (proved.act, proved.ticket_id) == (Threaded.JOIN, TICKET)
    assert (claimed.act, claimed.ticket_id) == (Threaded.HOLD, TICKET)


@pytest.mark.parametrize("standing", list(Standing))
def test_a_strangers_number_is_held(standing: Standing) -> None:
    """A guessed number never joins, whoever proves to be who they are (E01)."""
    decision = decide(inbound(EVIL, subject="Re: [#17] please change my phone", standing=standing))
    assert (decision.act, decision.ticket_id) == (Threaded.HOLD, TICKET)


@pytest.mark.parametrize("subject", ["принтер", "Re: [#999]", "#", "# seventeen", "#1234567890123", "номер 17"])
def test_a_message_that_names_no_ticket_is_new(subject: str) -> None:
    """No token, no number of an existing ticket: a request of its own."""
    assert decide(inbound(ANN, subject=subject)).act is Threaded.NEW


@pytest.mark.parametrize(
    "subject", ["[#17]", "Re: Запрос #17", "Fwd: №17", "№ 17 принтер", "[#17] [#18]", "№\N{NO-BREAK SPACE}17"]
)
def test_numbers_are_read_in_the_forms_people_write(subject: str) -> None:
    """The first of our forms of a number names the ticket."""
    assert mentions(inbound(ANN, subject=subject), SECRET, TENANT).numbers[0] == 17


def test_the_senders_own_ticket_wins_among_several_tokens() -> None:
    """A foreign token beside the right one does no harm, in either order."""
    foreign = make_token(SECRET, TENANT, OTHER)
    for tokens in ((TOKEN, foreign), (foreign, TOKEN)):
        decision = decide(inbound(ANN, tokens=tokens))
        assert (decision.act, decision.ticket_id) == (Threaded.JOIN, TICKET)


def test_a_forged_token_never_threads() -> None:
    """A token whose MAC is wrong is as good as none (E02)."""
    forged = make_token(b"another secret", TENANT, TICKET)
    assert decide(inbound(ANN, tokens=(forged,), standing=Standing.AUTHENTICATED)).act is Threaded.NEW


def test_a_token_of_another_tenant_never_threads() -> None:
    """A tenant's token means nothing in another tenant's mailbox (E37)."""
    assert decide(inbound(ANN, tokens=(TOKEN,)), OTHER_TENANT).act is Threaded.NEW


@pytest.mark.parametrize("nature", [Nature.AUTOMATIC, Nature.BOUNCE])
def test_automatic_mail_is_noted_and_joins_nothing(nature: Nature) -> None:
    """An out-of-office reply or a bounce is linked by a token alone and by nothing else (E12, E13)."""
    with_it = decide(inbound("mailer-daemon@customer.example", tokens=(TOKEN,), nature=nature))
    without = decide(inbound(ANN, subject="[#17]", nature=nature, standing=Standing.AUTHENTICATED))
    assert (with_it.act, with_it.ticket_id) == (Threaded.NOTE, TICKET)
    assert (without.act, without.ticket_id) == (Threaded.NOTE, None)


def test_every_cell_of_the_table() -> None:
    """Token × participant × standing × number: a join needs a participant, and a token or a proof."""
    for token in (None, TOKEN):
        for number in (None, 17):
            for sender in (ANN, EVIL):
                for standing in Standing:
                    message = inbound(
                        sender,
                        subject=f"[#{number}]" if number else "x",
                        tokens=(token,) if token else (),
                        standing=standing,
                    )
                    named = token is not None or number is not None
                    joins = sender == ANN and (
                        token is not None or (number is not None and standing is Standing.AUTHENTICATED)
                    )
                    expected = Threaded.JOIN if joins else Threaded.HOLD if named else Threaded.NEW
                    assert decide(message).act is expected, message


@given(st.uuids(), st.uuids(), st.binary(min_size=16, max_size=64))
def test_a_token_names_its_ticket_in_any_case(tenant: UUID, ticket: UUID, secret: bytes) -> None:
    """Mail systems change the case of addresses; the token survives, and its length is fixed."""
    token = make_token(secret, tenant, ticket)
    assert len(token) == TOKEN_LENGTH
    assert ticket_of_token(secret, tenant, token) == ticket
    assert ticket_of_token(secret, tenant, token.upper()) == ticket


@given(st.integers(0, TOKEN_LENGTH - 1), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_changing_any_character_breaks_the_token(position: int, letter: str) -> None:
    """Every one of the 42 characters counts, the spare bits of the last one included."""
    changed = TOKEN[:position] + letter + TOKEN[position + 1 :]
    assert (ticket_of_token(SECRET, TENANT, changed) == TICKET) is (changed == TOKEN)


@given(st.text(max_size=60))
def test_junk_is_no_token(text: str) -> None:
    """Any text is answered, never an exception."""
    assert ticket_of_token(SECRET, TENANT, text) is None


@given(st.lists(st.text(max_size=50), max_size=50), st.text())
def test_what_is_looked_up_is_bounded(tokens: list[str], subject: str) -> None:
    """Hostile messages cause a bounded number of look-ups."""
    found = mentions(inbound(EVIL, subject=subject, tokens=tuple(tokens)), SECRET, TENANT)
    assert isinstance(found, Mentions)
    assert len(found.ticket_ids) <= 20
    assert len(found.numbers) <= 3


def test_a_message_id_carries_the_token_there_and_back() -> None:
    """Our Message-ID is a function of the message's id, and gives the token back."""
    outbound = str(uuid4())
    ours = message_id(outbound, TOKEN, "support@a.desk.example")
    assert ours == message_id(outbound, TOKEN, "support@a.desk.example")
    assert ours == f"<{outbound}.{TOKEN}@a.desk.example>"
    assert token_in_message_id(ours) == TOKEN
    assert token_in_message_id("<ticket-17-1@a.desk.example>") is None
    with pytest.raises(ValueError, match="Message-ID"):
        message_id("a\r\nBcc: x", TOKEN, "support@a.desk.example")


def test_a_plus_address_carries_the_token_there_and_back() -> None:
    """The reply address gives base and token back in any case; a long mailbox has no such address."""
    address = with_token("support@a.desk.example", TOKEN)
    assert address == f"support+t.{TOKEN}@a.desk.example"
    assert split_plus(address) == ("support@a.desk.example", TOKEN)
    assert split_plus(address.upper()) == ("SUPPORT@A.DESK.EXAMPLE", TOKEN)
    assert split_plus("support+sales@a.desk.example") == ("support@a.desk.example", None)
    assert split_plus("support@a.desk.example") == ("support@a.desk.example", None)
    assert split_plus("+x@a.desk.example") == ("+x@a.desk.example", None)
    assert with_token("s" * 30 + "@a.desk.example", TOKEN) is None


CHAT = "private"
BOB = "bob@customer.example"


def in_chat(
    sender: str,
    *,
    text: str = "x",
    tokens: tuple[str, ...] = (),
    by_reference: tuple[UUID, ...] = (),
    only_open: UUID | None = None,
    standing: Standing = Standing.AUTHENTICATED,
    nature: Nature = Nature.REQUEST,
) -> Decision:
    """Decide about a message in a private chat."""
    given = Inbound("telegram", "@bot", "k", sender, None, text=text, tokens=tokens, standing=standing, nature=nature)
    message = replace(given, chat_kind=CHAT)
    found = replace(mentions(message, SECRET, TENANT), by_reference=by_reference, only_open=only_open)
    by_id = {ticket.ticket_id: ticket for ticket in TICKETS if ticket.ticket_id in found.all_ids}
    return decide_thread(message, found, by_id, {t.number: t for t in TICKETS if t.number in found.numbers})


@pytest.mark.parametrize(
    ("decided", "act", "ticket"),
    [
        (in_chat(ANN, tokens=(TOKEN,), only_open=OTHER), Threaded.JOIN, TICKET),
        (in_chat(BOB, tokens=(TOKEN,), only_open=OTHER), Threaded.HOLD, TICKET),
        (in_chat(ANN, by_reference=(TICKET,)), Threaded.JOIN, TICKET),
        (in_chat(BOB, by_reference=(TICKET,)), Threaded.NEW, None),
        (in_chat(ANN, text="По №17:\nготово?"), Threaded.JOIN, TICKET),
        (in_chat(ANN, text="Кабинет №18 не печатает"), Threaded.NEW, None),
        (in_chat(ANN, text="Не печатает\n№17"), Threaded.NEW, None),
        (in_chat(ANN, only_open=TICKET), Threaded.JOIN, TICKET),
        (in_chat(ANN, only_open=OTHER), Threaded.NEW, None),
        (in_chat(ANN), Threaded.NEW, None),
        (in_chat(ANN, nature=Nature.EDIT, by_reference=(TICKET,)), Threaded.NOTE, TICKET),
        (in_chat(BOB, nature=Nature.EDIT, by_reference=(TICKET,)), Threaded.NOTE, None),
        (in_chat(ANN, nature=Nature.EDIT, only_open=TICKET), Threaded.NOTE, None),
        (in_chat(ANN, text="По №17", standing=Standing.CLAIMED), Threaded.NEW, None),
    ],
)
def test_the_table_of_private_chats(decided: Decision, act: Threaded, ticket: UUID | None) -> None:
    """Each row of the second table, and who takes no part opens nothing by it."""
    assert (decided.act, decided.ticket_id) == (act, ticket)
