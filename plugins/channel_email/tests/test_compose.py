"""Outgoing mail: what any text becomes, and what the sender makes of a server's answers."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.sink import smtp_sink

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.messages import Attachment, Nature, Outbound
from helpdesk.contracts.threads import split_plus, token_in_message_id
from helpdesk.testing.channels import run
from helpdesk_channel_email.channel import EmailChannel
from helpdesk_channel_email.compose import compose
from helpdesk_channel_email.config import sender_config
from helpdesk_channel_email.parse import Request, parse

NOW = 1_790_000_000_000_000
TOKEN = "ab" * 21


def outbound(**changes: object) -> Outbound:
    values: dict[str, object] = {
        "id": "018f0000-0000-7000-8000-000000000001",
        "channel_kind": "email",
        "sender": "support@a.example",
        "recipient": "ann@customer.example",
        "subject": "[#17] Обращение зарегистрировано",
        "text": "Здравствуйте!",
    }
    return Outbound(**(values | changes))  # type: ignore[arg-type]  # keys and types are the struct's own


def test_an_acknowledgement_threads_and_says_that_it_is_automatic() -> None:
    """In-Reply-To, References oldest first, the token in the Message-ID, RFC 3834's header."""
    message = outbound(token=TOKEN, automatic=True, in_reply_to="<2@c>", references=("<2@c>", "<1@c>"))
    sender, recipient, raw = compose(message, NOW, plus_addresses=False)
    mail = message_from_bytes(raw)
    assert (sender, recipient) == ("support@a.example", "ann@customer.example")
    assert token_in_message_id(mail["Message-ID"]) == TOKEN
    assert mail["In-Reply-To"] == "<2@c>"
    assert mail["References"].split() == ["<1@c>", "<2@c>"]
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Reply-To"] is None
    assert parse(Request(raw, "", False)).nature is Nature.AUTOMATIC


def test_a_persons_letter_does_not_say_that_it_is_automatic() -> None:
    """Only letters no person wrote carry RFC 3834's header."""
    _, _, raw = compose(outbound(), NOW, plus_addresses=False)
    assert message_from_bytes(raw)["Auto-Submitted"] is None


def test_plus_addresses_carry_the_token_where_they_are_allowed() -> None:
    """Replies and bounces come back to the plus address; a long mailbox goes without."""
    sender, _, raw = compose(outbound(token=TOKEN), NOW, plus_addresses=True)
    assert split_plus(sender) == ("support@a.example", TOKEN)
    assert message_from_bytes(raw)["Reply-To"] == sender
    assert message_from_bytes(raw)["From"] == "support@a.example"
    long_sender, _, _ = compose(outbound(token=TOKEN, sender="s" * 40 + "@a.example"), NOW, plus_addresses=True)
    assert long_sender == "s" * 40 + "@a.example"


def test_every_retry_is_the_same_mail() -> None:
    """Later attempts differ in their Date alone."""
    one, later = (compose(outbound(token=TOKEN), now, plus_addresses=False)[2] for now in (NOW, NOW + 10**9))
    assert re.sub(rb"Date: .*", b"", one) == re.sub(rb"Date: .*", b"", later)


@given(st.text(), st.text(), st.text(max_size=30), st.lists(st.text(max_size=30), max_size=30))
def test_no_text_makes_a_header(subject: str, text: str, in_reply_to: str, references: list[str]) -> None:
    """Whatever stands in it, a mail has exactly the headers meant, short lines, and its text comes back whole."""
    message = outbound(subject=subject, text=text, in_reply_to=in_reply_to, references=tuple(references))
    _, _, raw = compose(message, NOW, plus_addresses=False)
    head, _, _ = raw.partition(b"\r\n\r\n")
    names = re.findall(rb"(?m)^([^\s:]+):", head)
    assert len(names) == len(set(names))
    assert {b"From", b"To", b"Subject", b"Message-ID", b"Date"} <= set(names)
    assert b"Bcc" not in names
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    mail = message_from_bytes(raw)
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    kept = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    assert payload.decode("utf-8").replace("\r\n", "\n").rstrip("\n") == kept.rstrip("\n")
    assert "\n" not in str(make_header(decode_header(mail["Subject"])))


@pytest.mark.parametrize(
    "address", ["ann", "ann@x.example\r\nBcc: evil@x.example", "a b@x.example", "", "анна@x.example"]
)
def test_an_impossible_address_is_a_permanent_failure(address: str) -> None:
    """Nothing is sent to what is no address, and no address injects a command."""

    async def main() -> None:
        async with smtp_sink() as (port, taken):
            sender = EmailChannel().sender({"HELPDESK_EMAIL_SMTP_URL": f"smtp://127.0.0.1:{port}"})
            assert sender is not None
            with pytest.raises(PermanentFailure):
                await sender.send(outbound(recipient=address))
            assert not taken

    run(main())


def test_a_server_that_does_not_want_us_is_no_fault_of_the_mail() -> None:
    """A greeting of 554 concerns the connection: the mail is tried again."""

    async def main() -> None:
        async with smtp_sink("greets_badly") as (port, _):
            sender = EmailChannel().sender({"HELPDESK_EMAIL_SMTP_URL": f"smtp://127.0.0.1:{port}"})
            assert sender is not None
            with pytest.raises(TemporaryFailure):
                await sender.send(outbound())

    run(main())


def test_a_text_of_dots_arrives_whole() -> None:
    """Lines of dots survive the way through SMTP."""
    text = ".\n..\n.a\n\n." + "\nдлинная строка " * 100

    async def main() -> bytes:
        async with smtp_sink() as (port, taken):
            sender = EmailChannel().sender({"HELPDESK_EMAIL_SMTP_URL": f"smtp://127.0.0.1:{port}"})
            assert sender is not None
            assert "queued as 1" in await sender.send(outbound(text=text))
            return taken[0]

    payload = message_from_bytes(run(main())).get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n").strip("\n") == text.strip("\n")


@pytest.mark.parametrize(
    "url", ["http://x", "smtp://", "smtp://user:hunter2@x:99999", "mail.example", "smtp://x?starttls=maybe"]
)
def test_a_wrong_url_is_refused_without_telling_the_password(url: str) -> None:
    """The message names the setting and never its value."""
    with pytest.raises(ValueError, match="HELPDESK_EMAIL_SMTP_URL") as refusal:
        sender_config({"HELPDESK_EMAIL_SMTP_URL": url})
    assert "hunter2" not in str(refusal.value)


def test_without_a_server_nothing_is_sent() -> None:
    """No address of a server, no sender; everything has its default."""
    assert EmailChannel().sender({}) is None
    config = sender_config({"HELPDESK_EMAIL_SMTP_URL": "smtps://u%40x:p%3A@mail.example"})
    assert config is not None
    assert (config.port, config.user, config.password, config.tls) == (465, "u@x", "p:", True)


def test_files_go_behind_the_text_and_each_retry_is_the_same_mail() -> None:
    """Any bytes and names arrive as they were; the text stays first."""
    files = (
        Attachment("счёт «1».pdf", "application/pdf", bytes(range(256)) * 9, 2304, "x"),
        Attachment("a.eml", "message/rfc822", b"From: a@b.example\r\n\r\nx", 22, "y"),
    )
    message = outbound(attachments=files)
    _, _, raw = compose(message, NOW, plus_addresses=False)
    assert raw == compose(message, NOW, plus_addresses=False)[2]
    mail = message_from_bytes(raw, policy=policy.default)
    text, *parts = mail.iter_parts()
    assert text.get_content().strip() == message.text
    assert [(part.get_filename(), part.get_payload(decode=True)) for part in parts] == [
        (file.name, file.content) for file in files
    ]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
