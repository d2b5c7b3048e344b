"""From an outgoing message to a mail's bytes. What comes in is text: no header can be injected by it."""

import base64
import hashlib
import re
import unicodedata
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime

from helpdesk.contracts.messages import Outbound
from helpdesk.contracts.threads import message_id, with_token
from helpdesk.kernel.instants import Instant, to_datetime
from helpdesk_channel_email.address import normalise

_SUBJECT_LIMIT = 250
_MOST_REFERENCES = 20
_LONGEST_LINE = 990  # some programs lose a Message-ID that stands on a line of its own
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+"
)
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def compose(message: Outbound, sent_at: Instant, *, plus_addresses: bool) -> tuple[str, str, bytes]:
    """Return the envelope's sender and recipient, and the mail with CR LF lines.

    The Message-ID depends on the message's id and token alone, so that each retry is the same mail. An automatic one
    says so (RFC 3834), so that no robot answers it.

    Raises:
        ValueError: the sender or recipient is no address, or has letters beyond ASCII before the @.
    """
    sender, recipient = normalise(message.sender), normalise(message.recipient)
    if not (sender + recipient).isascii():
        raise ValueError("an address has letters beyond ASCII before the @")
    text = _text_part(message.text)
    mail = _with_files(message, text) if message.attachments else text
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = _subject(message.subject)
    mail["Date"] = format_datetime(to_datetime(sent_at))
    mail["Message-ID"] = message_id(message.id, message.token, sender)
    reply_to = with_token(sender, message.token) if plus_addresses and message.token else None
    if reply_to is not None:
        mail["Reply-To"] = reply_to
    answered = message.in_reply_to if _MESSAGE_ID.fullmatch(message.in_reply_to) else ""
    if answered:
        mail["In-Reply-To"] = answered
    references = _references(message.references, answered)
    if references:
        mail["References"] = references
    if message.automatic:
        mail["Auto-Submitted"] = "auto-replied" if answered else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    return (
        reply_to or sender,
        recipient,
        mail.as_bytes(policy=mail.policy.clone(linesep="\r\n", max_line_length=_LONGEST_LINE)),
    )


def _text_part(text: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", "plain")
    text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    charset = Charset("utf-8")
    charset.body_encoding = QP if sum(map(str.isascii, text)) * 3 > len(text) * 2 else BASE64
    part.set_payload(text + "\n", charset)
    return part


def _with_files(message: Outbound, text: MIMENonMultipart) -> MIMEMultipart:
    """Return the text with the files behind it. The boundary depends on the message's id alone, like all the rest."""
    digest = hashlib.sha256(message.id.encode()).hexdigest()
    mail = MIMEMultipart("mixed", boundary=f"={digest[:40]}=")
    mail.attach(text)
    for file in message.attachments:
        kind, _, subtype = file.content_type.partition("/")
        if (kind, subtype) == ("message", "rfc822"):  # in base64, as no part of this kind may be
            kind, subtype = "application", "octet-stream"
        part = MIMENonMultipart(kind, subtype)
        part.set_payload(base64.encodebytes(file.content).decode("ascii"))
        part["Content-Transfer-Encoding"] = "base64"
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", file.name))
        mail.attach(part)
    return mail


def _subject(subject: str) -> str:
    text = " ".join(_INVISIBLE.sub(" ", unicodedata.normalize("NFC", subject)).split())[:_SUBJECT_LIMIT]
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    return Header(text, charset, header_name="Subject").encode(linesep="\n", maxlinelen=76)


def _references(references: tuple[str, ...], answered: str) -> str:
    """Return the chain, oldest first: the first reference and the last nineteen, the answered mail at the end."""
    chain = [each for each in dict.fromkeys(reversed(references)) if _MESSAGE_ID.fullmatch(each) and each != answered]
    if answered:
        chain.append(answered)
    if len(chain) > _MOST_REFERENCES:
        chain = [chain[0], *chain[1 - _MOST_REFERENCES :]]
    return " ".join(chain)
