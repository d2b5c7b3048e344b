"""Chooses a mail's text among its leaves and names its attachments for what their bytes are."""

from collections.abc import Sequence

from helpdesk.contracts.filetypes import clean_name, sniff
from helpdesk.contracts.messages import Attachment
from helpdesk_channel_email.charset import clean, decode
from helpdesk_channel_email.html import to_text
from helpdesk_channel_email.mime import Leaf

_TEXT_LIMIT = 500_000
_CUT = "\n[…]"


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


def _attachment(leaf: Leaf, number: int) -> Attachment:
    name = clean_name(clean(leaf.filename))
    content_type = "message/rfc822" if leaf.content_type == "message/rfc822" else sniff(leaf.content)
    return Attachment(name or f"attachment-{number}", content_type, leaf.content)
