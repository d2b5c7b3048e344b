"""From what somebody writes who is signed in to the message it is. Pure."""

import re

from helpdesk.contracts.messages import Box, Inbound, Letter, Standing
from helpdesk.kernel.instants import to_datetime
from helpdesk_channel_web.bodies import BadBody, Body
from helpdesk_channel_web.config import Site
from helpdesk_channel_web.forms import line
from helpdesk_channel_web.usertoken import Member

ACCOUNT, CHAT = "web", "chat"
"""The kinds: a personal account begins requests that are told apart, a chat goes on with the one that is open."""
_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_NUMBER = re.compile(r"[1-9][0-9]{0,11}")
_OWN = frozenset({"id", "ticket", "subject", "text", "category"})


def inbound(body: Body, kind: str, site: Site, member: Member, token: str) -> Inbound:
    """Return the message; ``token`` is the threading token of the ticket that it names, if it names one.

    Raises:
        BadBody: it says nothing, or lacks an id.
    """
    fields = body.fields
    own_id, text, subject = fields.get("id", ""), fields.get("text", "").strip(), line(fields.get("subject", ""))
    if not _ID.fullmatch(own_id):
        message = "must have 1 to 100 letters, digits and . _ : -"
        raise BadBody(422, "fields", "The message needs an id of its own.", {"id": message})
    if not (text or subject or body.files):
        raise BadBody(422, "fields", "The message says nothing.", {"text": "must not be empty"})
    if kind == ACCOUNT and not (subject or token):
        raise BadBody(422, "fields", "A new request needs a subject.", {"subject": "must not be empty"})
    return Inbound(
        channel_kind=kind,
        address=site.host,
        source_key=f"{kind}:{member.address}:{own_id}",
        sender=member.address,
        received_at=None,
        subject=subject,
        text=text,
        new_text=text,
        sender_name=member.name,
        standing=Standing.AUTHENTICATED,
        chat_kind="private" if kind == CHAT else "",
        message_id=f"{member.address}/{own_id}",
        tokens=(token,) if token else (),
        category=fields.get("category", "").strip(),
        fields={name: value.strip() for name, value in fields.items() if name not in _OWN and value.strip()},
        attachments=body.files,
        raw=body.raw,
        contact=member.mail,
        copied=site.copies,
        waits=True,
    )


def ticket_named(body: Body) -> int | None:
    """Return the number of the ticket that a message goes on with; None where it names none, 0 where it names nothing.

    Numbers begin with 1, so that nobody has 0.
    """
    named = body.fields.get("ticket", "").strip()
    if not named:
        return None
    return int(named) if _NUMBER.fullmatch(named) else 0


def box_of(kind: str, site: Site, member: Member) -> Box:
    """Return where the member's letters wait."""
    return Box(kind, site.host, member.address)


def shown(letter: Letter, member: Member) -> dict[str, object]:
    """Return a letter as the member's page gets it."""
    own = f"{member.address}/"
    answers = letter.in_reply_to.removeprefix(own) if letter.in_reply_to.startswith(own) else None
    return {
        "id": letter.id,
        "position": letter.position,
        "at": to_datetime(letter.at).isoformat(),
        "ticket": letter.number,
        "purpose": letter.purpose,
        "automatic": letter.automatic,
        "subject": letter.subject,
        "text": letter.text,
        "answers": answers,
        "files": [
            {"place": place, "name": each.name, "content_type": each.content_type, "bytes": each.size}
            for place, each in enumerate(letter.attachments)
        ],
    }
