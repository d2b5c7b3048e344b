"""What is read of a mail: its parts as the standard library sees them, its headers, its kind, its limits."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.corpus.emails import AUTHSERV_ID, hostile_mails

from helpdesk.contracts.messages import Nature, Standing
from helpdesk.contracts.threads import message_id
from helpdesk_channel_email.authres import dmarc_passed
from helpdesk_channel_email.caps import HEADER_LIMIT, Oversize, fingerprint, read_fields
from helpdesk_channel_email.mime import leaves
from helpdesk_channel_email.parse import Parsed, Request, parse

TOKEN = "ab" * 21


def read(raw: bytes | str, *, authserv_id: str = "", null_path: bool = False) -> Parsed:
    data = raw if isinstance(raw, bytes) else raw.replace("\n", "\r\n").encode()
    return parse(Request(data, authserv_id, null_path))


def mail(headers: str, body: str = "hi") -> str:
    return f"From: Ann <ann@customer.example>\n{headers}\n{body}\n"


PARTS = st.recursive(
    st.tuples(
        st.sampled_from(["plain", "html", "bytes"]),
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
        st.booleans(),
    ),
    lambda children: st.tuples(st.just("multipart"), st.lists(children, min_size=1, max_size=3), st.booleans()),
    max_leaves=8,
)


def build(part: tuple[str, object, bool]) -> EmailMessage:
    kind, content, flag = part
    message = EmailMessage(policy=SMTP)
    if kind == "multipart":
        assert isinstance(content, list)
        message.make_mixed() if flag else message.make_alternative()
        for child in content:
            message.attach(build(child))
    elif kind == "bytes":
        message.set_content(str(content).encode(), maintype="application", subtype="octet-stream", filename="a.bin")
    else:
        message.set_content(str(content), subtype=kind, cte="base64" if flag else "quoted-printable")
    return message


@given(PARTS)
@settings(max_examples=200, deadline=None)
def test_a_well_formed_mail_has_the_leaves_that_the_standard_library_finds(part: tuple[str, object, bool]) -> None:
    """Another implementation agrees on every leaf: its type, its name, its decoded bytes."""
    message = build(part)
    raw = message.as_bytes()
    expected = [
        (leaf.get_content_type(), leaf.get_filename() or "", leaf.get_payload(decode=True))
        for leaf in message.walk()
        if not leaf.is_multipart()
    ]
    fields, body = read_fields(raw, 0, len(raw))
    found = [(leaf.content_type, leaf.filename, leaf.content) for leaf in leaves(raw, fields, body)]
    assert [each[:2] for each in found] == [each[:2] for each in expected]
    for ours, theirs in zip(found, expected, strict=True):
        assert isinstance(theirs[2], bytes)
        assert ours[2].rstrip(b"\r\n") == theirs[2].rstrip(b"\r\n")


def test_headers_are_decoded_into_clean_lines() -> None:
    """Encoded words, raw bytes in any charset, folding, injected line breaks and bidirectional marks."""
    assert read(mail("Subject: =?koi8-r?B?8NLJ18XU?= =?koi8-r?B?IM3J0g==?=\n")).subject == "Привет мир"
    assert read(mail("Subject: a\n folded\n\tline\n")).subject == "a folded line"
    assert read("From: a@b.example\r\nSubject: Не работает\r\n\r\n".encode("cp1251")).subject == "Не работает"
    assert read(mail("Subject: =?utf-8?q?a=0D=0ABcc:_v=40x.example?=\n")).subject == "a Bcc: v@x.example"
    assert read(mail("Subject: =?utf-8?q?a=E2=80=AEb=00c?=\n")).subject == "a b\N{REPLACEMENT CHARACTER}c"
    assert read(mail("Subject: Ответ =?utf-8?q?=D0=B4=D0=B0?= C:\\users\n")).subject == "Ответ да C:\\users"
    assert read(mail("Subject: " + "x" * 5_000 + "\n")).subject == "x" * 500
    assert read("From: =?utf-8?b?0JDQvdC90LA=?= <ann@x.example>\n\nhi").sender_name == "Анна"


def test_the_text_is_the_plain_part_or_else_the_html_one() -> None:
    """Of an alternative the plain part is taken; a blank one gives way to HTML; parts beside each other are joined."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "ann@customer.example"
    message.set_content("просто текст")
    message.add_alternative("<p>разметка</p>", subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="image", subtype="png", filename="../../счёт\u202egpj.pdf")
    parsed = read(message.as_bytes())
    assert parsed.text == "просто текст"
    assert [(a.name, a.content_type, a.content) for a in parsed.attachments] == [
        ("счётgpj.pdf", "application/pdf", b"%PDF-1.7")
    ]
    blank = EmailMessage(policy=SMTP)
    blank["From"] = "ann@customer.example"
    blank.set_content(" \n")
    blank.add_alternative("<p>разметка</p>", subtype="html")
    assert read(blank.as_bytes()).text == "разметка"


def test_tokens_come_from_our_message_ids_only() -> None:
    """In-Reply-To and References in our form carry tokens, newest first; nothing in the text does."""
    ours = message_id("1", TOKEN, "support@a.example")
    older = message_id("0", "cd" * 21, "support@a.example")
    parsed = read(mail(f"In-Reply-To: {ours}\nReferences: <x@y> {older} {ours}\n", f"{older}"))
    assert parsed.references == (ours, older, "<x@y>")
    assert parsed.tokens == (TOKEN, "cd" * 21)
    assert read(mail("References: <ticket-17-1@a.example>\n")).tokens == ()


def test_our_own_letter_that_comes_back_is_automatic() -> None:
    """A mail whose own Message-ID is one of ours was written by us (a forwarding loop)."""
    parsed = read(mail(f"Message-ID: {message_id('1', TOKEN, 'support@a.example')}\n"))
    assert (parsed.nature, parsed.fields["automatic"]) == (Nature.AUTOMATIC, "our own Message-ID")


@pytest.mark.parametrize(
    ("headers", "nature"),
    [
        ("Auto-Submitted: auto-replied\n", Nature.AUTOMATIC),
        ("Auto-Submitted: auto-generated; owner-email=a@b\n", Nature.AUTOMATIC),
        ("Auto-Submitted: no\n", Nature.REQUEST),
        ("Auto-Submitted: No (a person wrote this)\n", Nature.REQUEST),
        ("Precedence: bulk\n", Nature.AUTOMATIC),
        ("Precedence: first-class\n", Nature.REQUEST),
        ("List-Id: <news.x.example>\n", Nature.AUTOMATIC),
        ("List-Unsubscribe: <mailto:x>\n", Nature.AUTOMATIC),
        ("Return-Path: <>\n", Nature.AUTOMATIC),
        ("Return-Path: <ann@customer.example>\n", Nature.REQUEST),
        ("X-Autoreply: yes\n", Nature.AUTOMATIC),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply\n", Nature.AUTOMATIC),
        ("X-Auto-Response-Suppress: DR, RN\n", Nature.REQUEST),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n", Nature.AUTOMATIC),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n", Nature.BOUNCE),
        ("Subject: Automatic reply: I am away\n", Nature.REQUEST),
    ],
)
def test_automatic_mail_says_so(headers: str, nature: Nature) -> None:
    """RFC 3834 and the headers of robots in the wild; a subject alone proves nothing."""
    assert read(mail(headers)).nature is nature


def test_an_empty_return_path_is_automatic_or_a_bounce() -> None:
    """MAIL FROM:<> is a robot; from a mailer daemon it is a bounce."""
    assert read(mail(""), null_path=True).nature is Nature.AUTOMATIC
    assert read("From: MAILER-DAEMON@x.example\n\nfailed", null_path=True).nature is Nature.BOUNCE
    assert read("From: MAILER-DAEMON@x.example\n\nfailed").nature is Nature.REQUEST


def test_a_bounce_names_the_letter_that_came_back() -> None:
    """Action, status and recipient are read, and the token of the returned letter is found."""
    ours = message_id("1", TOKEN, "support@a.example")
    body = (
        "--b\nContent-Type: text/plain\n\nfailed\n--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx\n\nOriginal-Recipient: rfc822; Ann@customer.example\n"
        "Final-Recipient: rfc822; other@customer.example\nAction: Failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 no such user\n\n--b\nContent-Type: message/rfc822\n\n"
        f"Message-ID: {ours}\nSubject: x\n\nx\n--b--\n"
    )
    parsed = read(mail("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n", body))
    assert parsed.nature is Nature.BOUNCE
    assert parsed.tokens == (TOKEN,)
    assert parsed.references == (ours,)
    assert {name: parsed.fields[name] for name in ("bounce_action", "bounce_status", "bounce_recipient")} == {
        "bounce_action": "failed",
        "bounce_status": "5.1.1",
        "bounce_recipient": "ann@customer.example",
    }


@pytest.mark.parametrize(
    ("results", "passed"),
    [
        ([f"{AUTHSERV_ID}; dmarc=pass header.from=customer.example"], True),
        ([f"{AUTHSERV_ID.upper()} 1; spf=fail; DMARC=Pass (p=none) header.from=Customer.example"], True),
        ([f"{AUTHSERV_ID}; dmarc=pass header.from=evil.example"], False),
        ([f"{AUTHSERV_ID}; dmarc=pass"], False),
        ([f"{AUTHSERV_ID}; dmarc=fail header.from=customer.example"], False),
        ([f"{AUTHSERV_ID}; spf=pass; dkim=pass header.d=customer.example"], False),
        (["mx.evil.example; dmarc=pass header.from=customer.example"], False),
        ([f"{AUTHSERV_ID}.evil.example; dmarc=pass header.from=customer.example"], False),
        ([f"mx.evil.example; x=({AUTHSERV_ID}; dmarc=pass header.from=customer.example)"], False),
        (
            [
                f"{AUTHSERV_ID}; dmarc=fail header.from=customer.example",
                f"{AUTHSERV_ID}; dmarc=pass header.from=customer.example",
            ],
            False,
        ),
        (["mx.other.example; dmarc=fail", f"{AUTHSERV_ID}; dmarc=pass header.from=customer.example"], True),
        ([""], False),
        ([], False),
    ],
)
def test_only_the_configured_servers_topmost_verdict_counts(results: list[str], passed: bool) -> None:
    """RFC 8601: the topmost header of our own server, about the very domain in From."""
    assert dmarc_passed(results, AUTHSERV_ID, "ann@customer.example") is passed
    assert not dmarc_passed(results, "", "ann@customer.example")
    headers = "".join(f"Authentication-Results: {value}\n" for value in results)
    assert read(mail(headers), authserv_id=AUTHSERV_ID).standing is (
        Standing.AUTHENTICATED if passed else Standing.CLAIMED
    )
    assert read(mail(headers)).standing is Standing.CLAIMED


def test_what_hostile_mails_become() -> None:
    """Details of the corpus: sender, name, proposals, kind, standing, attachment types, nothing active left."""
    mails = {name: each.raw for name, each in hostile_mails(large=False).items()}

    def of(name: str) -> Parsed:
        return read(mails[name], authserv_id=AUTHSERV_ID)

    assert of("E04_forged_auth_results").standing is Standing.CLAIMED
    assert of("E05_cc_takeover").fields["cc"] == "attacker@evil.example"
    assert of("E08_display_name_is_address").sender == "evil@x.example"
    assert of("E11_reply_to_differs").sender == "ann@customer.example"
    assert of("E12_auto_submitted").nature is Nature.AUTOMATIC
    assert of("E13_delivery_report").nature is Nature.BOUNCE
    assert of("E27_nul_and_surrogates").text == "x\N{REPLACEMENT CHARACTER}y"
    assert [a.content_type for a in of("E29_zip_bomb").attachments] == ["application/zip"]
    assert len(of("E29_zip_bomb").attachments[0].content) < 100_000
    assert not any(word in of("E30_html_active").text for word in ("alert(2)", "javascript", "track.example", "evil"))
    assert [(a.name, a.content_type) for a in of("E31_svg_as_png").attachments] == [("a.png.html", "image/svg+xml")]
    assert of("E32_filename_rtl_nul").attachments[0].name == "exe.gpj.exe"
    assert of("E33_subject_encoded_crlf").subject == "a Bcc: victim@x.example"
    assert "MAIL FROM" in of("E35_smtp_smuggling").text


def test_long_headers_are_cut_and_blocks_are_bounded() -> None:
    """A header of 8 KB is whole, a longer one is cut; 500 headers and 64 KB in all pass, more do not."""

    def fields(block: bytes) -> int:
        return sum(len(field.value) for field in read_fields(block, 0, len(block))[0])

    assert fields(b"A: " + b"x" * HEADER_LIMIT + b"\n\n") == HEADER_LIMIT
    assert fields(b"A: " + b"x" * (HEADER_LIMIT * 10) + b"\n\n") == HEADER_LIMIT
    assert fields(b"A: y\n" * 500 + b"\n") == 500
    assert fields((b"A: " + b"x" * 8_000 + b"\n") * 8 + b"\n") == 64_000
    for block in (b"A: y\n" * 501, (b"A: " + b"x" * 8_000 + b"\n") * 9, b"x" * 1_100_000):
        with pytest.raises(Oversize):
            fields(block)


def test_a_mails_identity_does_not_depend_on_its_way() -> None:
    """Trace headers and folding differ from copy to copy; body, subject, Message-ID and Date make the mail."""
    one = b"Received: from a\r\nMessage-ID: <1@x>\r\nSubject: a\r\n b\r\nDate: d\r\n\r\nbody\r\n"
    other_way = b"Received: b\r\nX-Spam: no\r\nMessage-ID: <1@x>\r\nSubject: a b\r\nDate: d\r\n\r\nbody\r\n"
    assert fingerprint(one) == fingerprint(other_way)
    for changed in (
        one.replace(b"body", b"bodY"),
        one.replace(b"<1@x>", b"<2@x>"),
        one.replace(b"Date: d", b"Date: e"),
    ):
        assert fingerprint(changed) != fingerprint(one)


@given(st.binary(max_size=2_000))
def test_any_bytes_are_read_or_oversize(data: bytes) -> None:
    """No bytes raise anything but Oversize, with or without a From."""
    for raw in (
        data,
        b"From: a@b.example\r\n" + data,
        b"From: a@b.example\nContent-Type: multipart/x; boundary=a\n\n--a" + data,
    ):
        fingerprint(raw)
        try:
            parsed = read(raw)
        except Oversize:
            continue
        assert "\x00" not in parsed.text
        assert parsed.suspended or parsed.sender
