"""Hostile and odd mails, each with where it came from and what must become of it.

Written from advisories against helpdesks and from measurements of Python's mail parser; `ends` says how a mail ends:
``submit`` (a message), ``quarantine`` (kept for a person, no message) or ``refuse`` (an SMTP 5xx, nothing kept).
"""

import base64
import io
import zipfile
from collections.abc import Mapping
from typing import NamedTuple

OURS = "support@a.desk.example"
OURS_TOO = "support@b.desk.example"
AUTHSERV_ID = "mx.a.desk.example"

_FROM = "From: Ann <ann@customer.example>\r\n"
_REST = f"To: {OURS}\r\nDate: Mon, 02 Mar 2026 10:00:00 +0300\r\nMIME-Version: 1.0\r\n"


class Hostile(NamedTuple):
    """One mail, how it must end, and the advisory or measurement behind it."""

    raw: bytes
    ends: str
    source: str


def _mail(headers: str, body: str | bytes = "hi", *, sender: str = _FROM, rest: str = _REST) -> bytes:
    content = body if isinstance(body, bytes) else body.encode()
    return (sender + rest + headers).encode() + b"\r\n" + content


def _deep(levels: int) -> bytes:
    opening = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(levels))
    return (
        _FROM + _REST + "Message-ID: <e23@x>\r\nSubject: x\r\n" + opening
    ).encode() + b"Content-Type: text/plain\r\n\r\nhi"


def _zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        same_each_time = zipfile.ZipInfo("a")  # its date is fixed
        same_each_time.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(same_each_time, b"\0" * 50_000_000)
    return base64.encodebytes(packed.getvalue())


def _report() -> bytes:
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nfailed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.customer.example\r\n\r\nFinal-Recipient: rfc822; ann@customer.example\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    headers = (
        "Return-Path: <>\r\nMessage-ID: <e13@x>\r\nSubject: Undelivered Mail\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
    )
    return _mail(headers, body, sender="From: MAILER-DAEMON@customer.example\r\n")


ACTIVE_HTML = (
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-<svg onload=alert(1)><form action=//evil>"
    "<a href=javascript:alert(1)>x</a>"
    "<img src=http://track.example/p.gif><base href=//evil><script>alert(2)</script>"
)


def hostile_mails(*, large: bool = True) -> Mapping[str, Hostile]:
    """Return the mails by name; without ``large``, those of at most a megabyte."""
    mails = {
        "E01_subject_number_foreign_sender": Hostile(
            _mail(
                "Message-ID: <e01@x>\r\nSubject: Re: [#17] please change my phone\r\n",
                sender="From: evil@attacker.example\r\n",
            ),
            "submit",
            "FreeScout GHSA-j49f-9g94-3wh4",
        ),
        "E02_in_reply_to_guessed": Hostile(
            _mail("Message-ID: <e02@x>\r\nIn-Reply-To: <ticket-17-1@a.desk.example>\r\nSubject: Re\r\n"),
            "submit",
            "FreeScout CVE-2026-47123",
        ),
        "E03_agent_spoof": Hostile(
            _mail(
                "Message-ID: <e03@x>\r\nSubject: Re\r\n"
                f"Authentication-Results: {AUTHSERV_ID}; dmarc=fail header.from=a.desk.example\r\n",
                "Pay here",
                sender="From: agent@a.desk.example\r\n",
            ),
            "submit",
            "GHSA-6r38-6mcf-2ww3",
        ),
        "E04_forged_auth_results": Hostile(
            _mail(
                f"Authentication-Results: {AUTHSERV_ID}; dmarc=fail header.from=ceo.example\r\n"
                f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from=ceo.example\r\n"
                "Message-ID: <e04@x>\r\nSubject: x\r\n",
                sender="From: boss@ceo.example\r\n",
            ),
            "submit",
            "RFC 8601, section 5",
        ),
        "E05_cc_takeover": Hostile(
            _mail("Message-ID: <e05@x>\r\nCc: attacker@evil.example\r\nSubject: Re: [#17]\r\n", "adding my colleague"),
            "submit",
            "Zendesk, ticket trick by Cc, 2024",
        ),
        "E06_two_from_headers": Hostile(
            _mail("Message-ID: <e06@x>\r\nFrom: evil@x.example\r\nSubject: x\r\n"), "quarantine", "RFC 5322, 3.6"
        ),
        "E07_from_list": Hostile(
            _mail(
                "Message-ID: <e07@x>\r\nSender: evil@x.example\r\nSubject: x\r\n",
                sender="From: admin@a.desk.example, evil@x.example\r\n",
            ),
            "quarantine",
            "spoofing by a list of authors",
        ),
        "E08_display_name_is_address": Hostile(
            _mail("Message-ID: <e08@x>\r\nSubject: x\r\n", sender='From: "boss@a.desk.example" <evil@x.example>\r\n'),
            "submit",
            "CVE-2023-27043, family",
        ),
        "E09_two_addresses_in_one": Hostile(
            _mail("Message-ID: <e09@x>\r\nSubject: x\r\n", sender="From: alice@a.desk.example)bob@evil.example\r\n"),
            "quarantine",
            "CVE-2023-27043",
        ),
        "E11_reply_to_differs": Hostile(
            _mail(
                "Message-ID: <e11@x>\r\nReply-To: victim@third.example\r\nSubject: bomb\r\n",
                "click http://spam.example",
            ),
            "submit",
            "relay spam through Zendesk, 2025",
        ),
        "E12_auto_submitted": Hostile(
            _mail(
                "Message-ID: <e12@x>\r\nAuto-Submitted: auto-replied\r\nSubject: Out of office: Re: [#17]\r\n", "away"
            ),
            "submit",
            "RFC 3834",
        ),
        "E13_delivery_report": Hostile(_report(), "submit", "RFC 3464"),
        "E14_own_mail_back": Hostile(
            _mail("Message-ID: <e14@x>\r\nSubject: [#1] we got it\r\n", "text", sender=f"From: {OURS}\r\n"),
            "submit",
            "Zammad #731",
        ),
        "E15_headerless_robot": Hostile(
            _mail(
                "Message-ID: <e15-1@robot>\r\nSubject: Automated Response: Re: Automated Response\r\n",
                "we cannot handle your message",
                sender="From: noreply@shop.example\r\n",
            ),
            "submit",
            "FreeScout #3670",
        ),
        "E16_used_message_id_first": Hostile(
            _mail("Message-ID: <dup@x>\r\nSubject: A\r\n", "first"), "submit", "iTop mail-to-ticket #253"
        ),
        "E16_used_message_id_other_body": Hostile(
            _mail("Message-ID: <dup@x>\r\nSubject: B\r\n", "second, different body"),
            "submit",
            "iTop mail-to-ticket #253",
        ),
        "E17_no_message_id": Hostile(_mail("Subject: no id\r\n", "hello"), "submit", "iTop #253"),
        "E20_subject_20k_encoded_words": Hostile(
            _mail("Subject: " + " ".join(["=?utf-8?q?a?="] * 20_000) + "\r\nMessage-ID: <e20@x>\r\n"),
            "submit",
            "CPython #136063: 5-7 s and 2.8 GB unbounded",
        ),
        "E21_to_20k": Hostile(
            _mail(
                "Message-ID: <e21@x>\r\nSubject: x\r\n",
                rest="To: " + ",".join(f"a{n}@b.example" for n in range(20_000)) + "\r\n",
            ),
            "submit",
            "CPython #136063: 4.5 s unbounded",
        ),
        "E22_content_type_params_5k": Hostile(
            _mail(
                "Message-ID: <e22@x>\r\nSubject: x\r\n"
                "Content-Type: text/plain; " + "; ".join(f"a*{n}=x" for n in range(5_000)) + "\r\n"
            ),
            "submit",
            "CPython #136063: 2.1 s unbounded",
        ),
        "E23_depth_3000": Hostile(_deep(3_000), "quarantine", "CWE-674: RecursionError unbounded"),
        "E25_to_junk": Hostile(
            _mail("Message-ID: <e25@x>\r\nSubject: x\r\n", rest="To: " + '"a,<' * 5_000 + "\r\n"),
            "quarantine",
            "IndexError in the standard library",
        ),
        "E26_unknown_charset": Hostile(
            _mail(
                "Message-ID: <e26@x>\r\nContent-Type: text/plain; charset=x-evil\r\nSubject: x\r\n", b"\xff\xfehello"
            ),
            "submit",
            "LookupError unbounded",
        ),
        "E27_nul_and_surrogates": Hostile(
            (_FROM + _REST).encode() + b"Message-ID: <e27@x>\r\nSubject: a\x00b \xff\xed\xa0\x80\r\n\r\nx\x00y",
            "submit",
            "PostgreSQL refuses 0x00",
        ),
        "E29_zip_bomb": Hostile(
            _mail(
                "Message-ID: <e29@x>\r\nSubject: z\r\nContent-Type: application/zip\r\n"
                "Content-Disposition: attachment; filename=a.zip\r\nContent-Transfer-Encoding: base64\r\n",
                _zip_bomb(),
            ),
            "submit",
            "archives are never unpacked",
        ),
        "E30_html_active": Hostile(
            _mail(
                "Message-ID: <e30@x>\r\nContent-Type: text/html; charset=utf-7\r\nSubject: <script>1</script>\r\n",
                ACTIVE_HTML,
            ),
            "submit",
            "osTicket XSS series",
        ),
        "E31_svg_as_png": Hostile(
            _mail(
                "Message-ID: <e31@x>\r\nContent-Type: image/png\r\nSubject: x\r\n"
                'Content-Disposition: attachment; filename="../../a.png.html"\r\n',
                "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            ),
            "submit",
            "FreeScout GHSA-27vp-fpg8-j8wv",
        ),
        "E32_filename_rtl_nul": Hostile(
            _mail(
                "Message-ID: <e32@x>\r\nContent-Type: application/octet-stream\r\nSubject: x\r\n"
                "Content-Disposition: attachment; filename*=utf-8''exe%00.%E2%80%AEgpj.exe\r\n",
                "MZ",
            ),
            "submit",
            "CWE-451",
        ),
        "E33_subject_encoded_crlf": Hostile(
            _mail("Message-ID: <e33@x>\r\nSubject: =?utf-8?q?a=0D=0ABcc:_victim=40x.example?=\r\n"),
            "submit",
            "osTicket recipient injection, 2021",
        ),
        "E34_nested_div_100kB": Hostile(
            _mail("Message-ID: <e34@x>\r\nContent-Type: text/html\r\nSubject: x\r\n", "<div>" * 20_000),
            "submit",
            "quadratic sanitiser: 1.8 s unbounded",
        ),
        "E35_smtp_smuggling": Hostile(
            _mail("Message-ID: <e35@x>\r\nSubject: x\r\n", b"line\n.\nMAIL FROM:<a@x>\r\n.\nDATA\r\n"),
            "submit",
            "CVE-2023-51764",
        ),
        "E36_date_future": Hostile(
            _mail(
                "Message-ID: <e36@x>\r\nSubject: x\r\n", rest=f"To: {OURS}\r\nDate: Fri, 31 Dec 9999 23:59:59 +0000\r\n"
            ),
            "submit",
            "deadlines by a forged Date",
        ),
        "E40_no_from": Hostile(_mail("Subject: x\r\n", sender=""), "quarantine", "RFC 5322, 3.6"),
        "E41_empty": Hostile(b"", "quarantine", "nothing between DATA and the dot"),
        "E42_600_headers": Hostile(
            _mail("".join(f"X-{n}: y\r\n" for n in range(600))), "quarantine", "more than 500 headers"
        ),
        "E43_headers_without_end": Hostile(_FROM.encode() + b"X-A: y\r\n" * 20_000, "quarantine", "no body at all"),
        "E44_boundary_of_a_dash": Hostile(
            _mail('Subject: x\r\nContent-Type: multipart/mixed; boundary="-"\r\n', "---\r\n" * 30_000),
            "quarantine",
            "a delimiter on every line",
        ),
        "E45_encoded_words_unclosed": Hostile(
            _mail("".join(f"X-{n}: y\r\n" for n in range(3)) + "Subject: " + "=?" * 4_000 + "\r\n"),
            "submit",
            "quadratic regular expression",
        ),
        "E46_attached_mails": Hostile(
            _mail("Subject: x\r\nContent-Type: message/rfc822\r\n", "Content-Type: message/rfc822\r\n\r\n" * 3_000),
            "submit",
            "attached mails are not opened",
        ),
    }
    if large:
        parts = b"--x\r\nContent-Type: text/plain\r\n\r\na\r\n" * 100_000 + b"--x--\r\n"
        mails["E24_parts_100k"] = Hostile(
            _mail("Message-ID: <e24@x>\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=x\r\n", parts),
            "quarantine",
            "CWE-770: 48 s unbounded",
        )
        mails["E28_30MB"] = Hostile(
            _mail("Message-ID: <e28@x>\r\nSubject: big\r\n", b"a" * 30_000_000), "refuse", "OTRS PostMasterMaxEmailSize"
        )
        mails["E47_6MB_of_line_ends"] = Hostile(
            _mail("Subject: x\r\n", b"\r\n" * 3_000_000), "submit", "a hundred bytes a line, if kept as lines"
        )
    return mails
