"""Reads one mail into what the service needs to know of it. Runs in the parser child, never in the service itself."""

import re
from email.errors import MessageError
from email.header import decode_header

from msgspec import Struct

from helpdesk.contracts.messages import Attachment, Nature, Standing
from helpdesk.contracts.threads import token_in_message_id
from helpdesk_channel_email.address import mailboxes, single_mailbox
from helpdesk_channel_email.authres import dmarc_passed
from helpdesk_channel_email.caps import RECIPIENT_LIMIT, Field, read_fields
from helpdesk_channel_email.charset import clean, decode
from helpdesk_channel_email.content import body_and_attachments
from helpdesk_channel_email.mime import Leaf, describe, leaves
from helpdesk_channel_email.nature import nature_of, report_fields
from helpdesk_channel_email.reply import without_history

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_MOST_REFERENCES = 50
_LINE_LIMIT = 500
_ENCODED_WORDS = re.compile(r"(?:=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=[ \t]*)+", re.ASCII)
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")


class Request(Struct, frozen=True):
    """One mail to read, with what the envelope and the settings say."""

    raw: bytes
    authserv_id: str
    """Whose Authentication-Results count; empty where this connection's are not to be believed."""
    null_path: bool
    """The envelope's sender was empty."""


class Parsed(Struct, frozen=True):
    """What a mail says. ``suspended`` is a reason to let a person look at it first, or ``""``."""

    suspended: str
    subject: str = ""
    text: str = ""
    new_text: str = ""
    sender: str = ""
    sender_name: str = ""
    message_id: str = ""
    references: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    nature: Nature = Nature.REQUEST
    standing: Standing = Standing.CLAIMED
    fields: dict[str, str] = {}
    attachments: tuple[Attachment, ...] = ()


def parse(request: Request) -> Parsed:
    """Read a mail.

    Raises:
        helpdesk_channel_email.caps.Oversize: it passes a limit.
    """
    fields, body = read_fields(request.raw, 0, len(request.raw))
    headers: dict[str, str] = {}
    for field in fields:
        headers.setdefault(field.name, _unfolded(field.value))
    senders = [field for field in fields if field.name == "from"]
    if len(senders) != 1:
        return Parsed("there is no From" if not senders else "there is more than one From")
    try:
        sender = single_mailbox(_unfolded(senders[0].value))
    except ValueError as error:
        return Parsed(f"From cannot be read: {error}")
    if _unreadable_recipients(fields):
        return Parsed("To cannot be read")
    kind = describe(fields)
    found = list(leaves(request.raw, fields, body))
    nature, reason = nature_of(
        headers,
        report_type=kind.report_type,
        content_type=kind.content_type,
        null_path=request.null_path,
        sender=sender.address,
    )
    said = _said(headers, sender.address, reason)
    references = _references(headers)
    if nature is Nature.BOUNCE:
        said |= _report(found)
        references = (*_returned(found), *references)
    text, attachments = body_and_attachments(found)
    own_id = (_MESSAGE_ID.findall(headers.get("message-id", "")) or [""])[0]
    if nature is Nature.REQUEST and token_in_message_id(own_id) is not None:
        nature, said["automatic"] = Nature.AUTOMATIC, "our own Message-ID"
    proved = dmarc_passed(
        [_unfolded(field.value) for field in fields if field.name == "authentication-results"],
        request.authserv_id,
        sender.address,
    )
    return Parsed(
        suspended="",
        subject=one_line(headers.get("subject", "")),
        text=text,
        new_text=without_history(text),
        sender=sender.address,
        sender_name=one_line(sender.name),
        message_id=own_id,
        references=references,
        tokens=tuple(dict.fromkeys(token for each in references if (token := token_in_message_id(each)))),
        nature=nature,
        standing=Standing.AUTHENTICATED if proved else Standing.CLAIMED,
        fields=said,
        attachments=attachments,
    )


def one_line(value: str) -> str:
    """Return a header's words decoded (RFC 2047) as one clean line of at most 500 characters."""
    text = _ENCODED_WORDS.sub(_decode_words, value)
    return " ".join(_INVISIBLE.sub(" ", clean(text)).split())[:_LINE_LIMIT]


def _decode_words(run: re.Match[str]) -> str:
    words = run[0].rstrip()
    try:
        pieces = decode_header(words)
    except (MessageError, ValueError, LookupError):
        return run[0]
    text = "".join(decode(piece, charset) if isinstance(piece, bytes) else piece for piece, charset in pieces)
    return text + run[0][len(words) :]


def _unfolded(value: bytes) -> str:
    """Return a raw header as text on one line; bytes beyond ASCII are guessed."""
    return decode(value, "utf-8").replace("\r", "").replace("\n", "")


def _unreadable_recipients(fields: list[Field]) -> bool:
    """Say whether a To of monstrous length holds not one readable address."""
    return any(
        field.name == "to" and field.cut and not mailboxes(_unfolded(field.value), RECIPIENT_LIMIT) for field in fields
    )


def _said(headers: dict[str, str], sender: str, reason: str) -> dict[str, str]:
    """Return what the mail states beside its text: Cc as proposals, a Reply-To that differs, why it is automatic."""
    copied = [box.address for box in mailboxes(headers.get("cc", ""), RECIPIENT_LIMIT) if box.address != sender]
    replies = [box.address for box in mailboxes(headers.get("reply-to", ""), 1) if box.address != sender]
    said = {"cc": ", ".join(dict.fromkeys(copied)), "reply_to": ", ".join(replies), "automatic": reason}
    return {name: value for name, value in said.items() if value}


def _references(headers: dict[str, str]) -> tuple[str, ...]:
    """Return In-Reply-To and References, newest first, each once, at most 50."""
    answered = _MESSAGE_ID.findall(headers.get("in-reply-to", ""))
    earlier = _MESSAGE_ID.findall(headers.get("references", ""))
    return tuple(dict.fromkeys([*answered, *reversed(earlier)]))[:_MOST_REFERENCES]


def _report(found: list[Leaf]) -> dict[str, str]:
    for leaf in found:
        if leaf.content_type == "message/delivery-status":
            return report_fields(clean(decode(leaf.content, "utf-8")))
    return {}


def _returned(found: list[Leaf]) -> tuple[str, ...]:
    """Return the Message-ID of the letter that came back."""
    for leaf in found:
        if leaf.content_type in ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
            fields, _ = read_fields(leaf.content, 0, len(leaf.content))
            for field in fields:
                if field.name == "message-id":
                    return tuple(_MESSAGE_ID.findall(_unfolded(field.value))[:1])
    return ()
