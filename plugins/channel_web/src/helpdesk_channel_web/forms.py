"""From a form's fields to the message they are. Pure. Nothing a visitor types is proved; no form joins a ticket."""

import re
from collections.abc import Mapping

from helpdesk.contracts.messages import Inbound, Standing
from helpdesk_channel_web.bodies import BadBody, Body

TOKEN_FIELD = "token"  # noqa: S105 - a field's name
TRAP_FIELD = "website"
"""A field that people do not see and robots fill in."""
_MAIL = re.compile(r"[^@\s\x00-\x1f<>()\[\],;:\\\"]{1,64}@[^@\s\x00-\x1f<>()\[\],;:\\\"]{1,253}")
_LINE = re.compile(r"\s+")
_OWN = frozenset({"subject", "text", "name", "email", "category", TOKEN_FIELD, TRAP_FIELD})
_PLACES = {"requester_name": "name", "contact": "email"}


def trapped(body: Body) -> bool:
    """Say whether the field is filled in that nobody sees."""
    return bool(body.fields.get(TRAP_FIELD, "").strip())


def inbound(body: Body, site: str, number: str) -> Inbound:
    """Return the message of a form that was sent from ``site``; ``number`` is its token's.

    Raises:
        BadBody: it says nothing, or its mail address is none.
    """
    fields = body.fields
    subject, text = line(fields.get("subject", "")), fields.get("text", "").strip()
    mail = fields.get("email", "").strip()
    if not (subject or text):
        raise BadBody(422, "fields", "The form says nothing.", {"text": "must not be empty"})
    if mail and not _MAIL.fullmatch(mail):
        raise BadBody(422, "fields", "The mail address cannot be read.", {"email": "is no mail address"})
    return Inbound(
        channel_kind="web",
        address=site,
        source_key=key(site, number),
        sender=mail.lower() or f"visitor:{number}",
        received_at=None,
        subject=subject,
        text=text,
        new_text=text,
        sender_name=line(fields.get("name", ""))[:300],
        standing=Standing.CLAIMED,
        chat_kind="private",
        message_id=number,
        category=fields.get("category", "").strip(),
        fields=_others(fields),
        attachments=body.files,
        raw=body.raw,
        contact=mail,
        waits=True,
    )


def key(site: str, number: str) -> str:
    """Return the key by which a form is known: the same token is the same form, whatever is sent with it."""
    return f"web:{site}:{number}"


def field_of(path: str) -> str:
    """Return the form's name of what the service calls ``path``."""
    return _PLACES.get(path, path.removeprefix("fields."))


def _others(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in fields.items() if name not in _OWN and value.strip()}


def line(text: str) -> str:
    """Return a text as one line."""
    return _LINE.sub(" ", text).strip()
