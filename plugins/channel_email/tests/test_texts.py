"""Charsets, HTML and quoted history: what a person reads of a mail."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.contracts.filetypes import sniff
from helpdesk_channel_email.charset import clean, decode
from helpdesk_channel_email.html import to_text
from helpdesk_channel_email.reply import without_history

RUSSIAN = (
    "Добрый день! Не работает принтер, помогите, пожалуйста.",
    "ПОМОГИТЕ СРОЧНО",
    "Привет",
    "да",
    "Ошибка при входе: timeout 30 sec, версия 2.1.5",
)


@pytest.mark.parametrize("text", RUSSIAN)
@pytest.mark.parametrize("charset", ["utf-8", "cp1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("declared", [None, "us-ascii", "x-unknown", "utf-8"])
def test_russian_is_recognised_without_a_true_declaration(text: str, charset: str, declared: str | None) -> None:
    """Undeclared, misdeclared or unknown: the four charsets of Russian mail are told apart."""
    assert decode(text.encode(charset), declared) == text


def test_a_true_declaration_is_followed() -> None:
    """Other charsets are read when declared."""
    assert decode("naïve café".encode("latin-1"), "iso-8859-1") == "naïve café"
    assert decode("日本".encode("shift_jis"), "shift_jis") == "日本"


@pytest.mark.parametrize(
    "declared", ["utf-7", "base64", "zip", "rot13", "idna", "unicode_escape", "hz", "iso-2022-jp", "\x00"]
)
def test_dangerous_charsets_are_not_followed(declared: str) -> None:
    """Bytes that are ASCII stay what they are, whatever charset claims them."""
    assert decode(b"+ADw-script+AD4- \\x41 ~{", declared) == "+ADw-script+AD4- \\x41 ~{"


@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=20)))
def test_any_bytes_are_some_clean_text(data: bytes, declared: str | None) -> None:
    """Never an exception; after cleaning nothing that PostgreSQL or UTF-8 refuses; cleaning is idempotent."""
    text = clean(decode(data, declared))
    assert "\x00" not in text
    text.encode("utf-8")
    assert clean(text) == text


def test_html_becomes_readable_text() -> None:
    """Blocks, lists, links, quotes and entities read well; scripts, styles and images leave nothing."""
    source = (
        "<html><head><title>t</title><style>p{}</style></head><body><p>Здравствуйте,&nbsp;<b>коллеги</b>!</p>"
        "<div>строка<br>другая</div><ul><li>раз<li>два</ul><script>alert(1)</script><img src=x onerror=alert(1)>"
        '<a href="https://x.example/?a=1&amp;b=2">здесь</a> <a href="javascript:alert(1)">там</a>'
        "<blockquote>старое<br>письмо</blockquote><table><tr><td>1</td><td>2 &lt; 3</td></tr></table></body></html>"
    )
    text = to_text(source)
    assert text.startswith("Здравствуйте, коллеги!\n")
    assert "строка\nдругая" in text
    assert "- раз\n" in text
    assert "здесь <https://x.example/?a=1&b=2>" in text
    assert "> старое\n> письмо" in text
    assert "1 2 < 3" in " ".join(text.split())
    for gone in ("alert", "javascript", "p{}", "onerror", "title"):
        assert gone not in text


@pytest.mark.parametrize(
    "source",
    ["<div>" * 20_000 + "x", "<" * 100_000, "<a" * 50_000, "<!--" * 30_000, "&" * 100_000, "<b>x</b>" * 50_000],
)
def test_hostile_html_is_read_in_linear_time(source: str) -> None:
    """Deep, unclosed or endless markup takes well under the child's budget."""
    began = time.process_time()
    to_text(source)
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Да, спасибо.\n\n> вы писали\n> раньше", "Да, спасибо."),
        ("Yes.\n\nOn Mon, 2 Mar 2026 at 10:00, Support <s@a.example> wrote:\n> old\n> older", "Yes."),
        ("Yes.\n\nOn Mon, 2 Mar 2026 at 10:00, Support\n<support@a.example> wrote:\n\n> old", "Yes."),
        ("Ок\n\n2 марта 2026 г., 10:00, Support <s@a.example> написал(а):\n> старое", "Ок"),
        ("Ок\n\nпн, 2 мар. 2026 г. в 10:00, Support <s@a.example>:\n> старое", "Ок"),
        ("Ок\n\nПонедельник, 2 марта 2026, 10:00 +03:00 от Support <s@a.example>:\n>старое", "Ок"),
        ('Ок\n\n02.03.2026, 10:00, "Support" <s@a.example>:\n> старое', "Ок"),
        ("Ок\n\n02.03.2026 10:00, Поддержка пишет:\n> старое", "Ок"),
        ("Ок\n\n-----Original Message-----\nFrom: x\n\nстарое", "Ок"),
        ("Ок\n\n-------- Исходное сообщение --------\nТема: x\n\nстарое", "Ок"),
        ("Ок\n\nFrom: Support\nSent: Monday\nTo: Ann\nSubject: x\n\nold", "Ок"),
        ("Ок\n________________________________\nОт: Support\nОтправлено: 2 марта\nКому: Анна\nТема: x\n\nстарое", "Ок"),
        ("Ок\n\n*From:* Support\n*Sent:* Monday\n*To:* Ann\n\nold", "Ок"),
        ("> первый вопрос\nответ 1\n> второй вопрос\nответ 2", "ответ 1\nответ 2"),
    ],
)
def test_history_is_taken_off(text: str, new: str) -> None:
    """The introductions of the common mail programs, in Russian and English, and plain quoting."""
    assert without_history(text) == new


@pytest.mark.parametrize(
    "text",
    [
        "Сервер пишет:\nошибка 500\nи молчит",
        "From: какая-то строка лога\nничего больше",
        "В 10:00 всё работало, в 10:05:\nуже нет",
        "---------- Forwarded message ---------\nFrom: a@b.example\nDate: x\nSubject: y\n\nвот это письмо",
        "-------- Пересылаемое сообщение --------\n02.03.2026, 10:00, Анна <a@b.example>:\n\nвот",
        "> только цитата",
        "2026-03-02 10:00:01 ERROR a@b.example: x\n2026-03-02 10:00:02 ERROR",
        "",
    ],
)
def test_what_is_no_history_stays(text: str) -> None:
    """Logs, forwarded mails and a mail that is nothing but a quotation stay whole."""
    assert without_history(text) == text


@pytest.mark.parametrize(
    "line", ["> x\n", "On 1 wrote:\n", "a@b.example 10:00:\n", "From: x\nTo: y\n", "_" * 290 + "\n", "- " * 140 + "\n"]
)
def test_history_is_found_in_linear_time(line: str) -> None:
    """Half a million characters of any of the introductions take well under the child's budget."""
    text = "x\n" + line * (500_000 // len(line))
    began = time.process_time()
    without_history(text)
    assert time.process_time() - began < 1.5


@given(st.text(alphabet="> \nОнwrotе:от@.0-_a", max_size=400))
def test_stripping_never_invents(text: str) -> None:
    """Every line of the result is a line of the mail, and a mail with words in it does not come out empty."""
    new = without_history(text)
    assert bool(new.strip()) is bool(text.strip())
    lines = {line.strip() for line in text.split("\n")}
    assert all(line.strip() in lines for line in new.split("\n"))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<svg xmlns='x' onload='alert(1)'/>", "image/svg+xml"),
        (b"<?xml version='1.0'?>\n<SVG\n>", "image/svg+xml"),
        (b"  <!DOCTYPE html><p>", "text/html"),
        (b"GIF89a<script>alert(1)</script>", "image/gif"),
        (b"plain text", "text/plain"),
        ("журнал".encode(), "text/plain"),
        (("я" * 600).encode(), "text/plain"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"\xe6\xf3\xf0\xed\xe0\xeb cp1251", "application/octet-stream"),
        (b"MZ\x90\x00", "application/vnd.microsoft.portable-executable"),
        (b"", "text/plain"),
    ],
)
def test_attachments_are_what_their_bytes_are(content: bytes, content_type: str) -> None:
    """The type comes from the content; names and declarations do not matter."""
    assert sniff(content) == content_type
