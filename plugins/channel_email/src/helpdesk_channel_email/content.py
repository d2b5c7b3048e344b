"""Chooses a mail's text among its leaves and names its attachments for what their bytes are."""

import re
from collections.abc import Sequence

from helpdesk.contracts.messages import Attachment
from helpdesk_channel_email.charset import clean, decode
from helpdesk_channel_email.html import to_text
from helpdesk_channel_email.mime import Leaf

_TEXT_LIMIT = 500_000
_CUT = "\n[…]"
_NAME_LIMIT = 120
_UNFIT_FOR_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd<>:\"|?*]+")
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-elf"),
    (b"BM", "image/bmp"),
)
_MARKUP = (
    (re.compile(rb"<svg[\s>]", re.IGNORECASE), "image/svg+xml"),
    (re.compile(rb"<(?:!doctype html|html|script|body|iframe|form)[\s>]", re.IGNORECASE), "text/html"),
)


def body_and_attachments(leaves: Sequence[Leaf]) -> tuple[str, tuple[Attachment, ...]]:
    """Return the mail's plain text and its attachments.

    Of an ``alternative`` the plain text is taken, or the HTML where the plain text is blank. Text parts that stand
    beside each other are joined. Everything else, attached mails and archives too, is an attachment, never opened.
    """
    texts: list[str] = []
    attachments: list[Attachment] = []
    chosen: dict[int, int] = {}
    for leaf in leaves:
        if leaf.content_type not in ("text/plain", "text/html") or leaf.disposition == "attachment" or leaf.filename:
            attachments.append(_attachment(leaf, len(attachments) + 1))
            continue
        text = clean(decode(leaf.content[: _TEXT_LIMIT * 8], leaf.charset))
        text = clean(to_text(text)) if leaf.content_type == "text/html" else text.strip("\n")
        if leaf.within == "alternative" and leaf.group in chosen:
            if not texts[chosen[leaf.group]].strip():
                texts[chosen[leaf.group]] = text
            continue
        chosen[leaf.group] = len(texts)
        texts.append(text)
    text = "\n\n".join(text for text in texts if text.strip())
    return (text if len(text) <= _TEXT_LIMIT else text[:_TEXT_LIMIT] + _CUT), tuple(attachments)


def sniff(content: bytes) -> str:
    """Return the content type that the bytes themselves show."""
    for signature, content_type in _SIGNATURES:
        if content.startswith(signature):
            return content_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    head = content[:2048]
    for pattern, content_type in _MARKUP:
        if pattern.search(head):
            return content_type
    if b"\x00" in head:
        return "application/octet-stream"
    try:
        head[:1024].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head[:1024]) - 4:
            return "application/octet-stream"
    return "text/plain"


def _attachment(leaf: Leaf, number: int) -> Attachment:
    name = _UNFIT_FOR_NAMES.sub("", clean(leaf.filename)).replace("\\", "/").rpartition("/")[2]
    name = " ".join(name.split()).strip(". ")[-_NAME_LIMIT:]
    content_type = "message/rfc822" if leaf.content_type == "message/rfc822" else sniff(leaf.content)
    return Attachment(name or f"attachment-{number}", content_type, leaf.content)
