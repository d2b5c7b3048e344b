"""From a mail's bytes to the service: each recipient's copy is handed in, or quarantined, or not acknowledged."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from enum import Enum

from msgspec import Struct

from helpdesk.contracts.channels import Gateway
from helpdesk.contracts.messages import Inbound, Nature
from helpdesk.contracts.threads import split_plus
from helpdesk.kernel.errors import Invalid, KeyReused, NotFound, Refused
from helpdesk_channel_email.address import normalise
from helpdesk_channel_email.caps import fingerprint
from helpdesk_channel_email.parse import Parsed, Request
from helpdesk_channel_email.pool import ParserPool, ParserUnavailable, PoisonMail

_log = logging.getLogger(__name__)

_LARGE = 256 * 1024
"""Mails over this many bytes are hashed in a thread, so that the loop goes on."""


class Recipient(Struct, frozen=True):
    """One of our mailboxes that a mail is for, with the token of its plus address."""

    address: str
    token: str | None


class Verdict(Enum):
    """What became of one recipient's copy."""

    KEPT = "kept"
    """It is in the database: say 250."""
    GONE = "gone"
    """Nobody has this address any more: say 550."""
    LATER = "later"
    """Nothing is in the database: say 451, the sender keeps it and comes again."""


class Envelope(Struct, frozen=True):
    """A mail as SMTP delivered it."""

    raw: bytes
    mail_from: str
    recipients: Sequence[Recipient]
    authserv_id: str
    """Whose Authentication-Results count for this peer; empty for none."""


async def find_recipient(gateway: Gateway, address: str) -> Recipient | None:
    """Return the mailbox of ours that ``address`` leads to: as it is, or without its plus part."""
    try:
        whole = normalise(address)
    except ValueError:
        return None
    base, token = split_plus(whole)
    if await gateway.knows("email", whole):
        return Recipient(whole, token)
    if base != whole and await gateway.knows("email", base):
        return Recipient(base, token)
    return None


async def accept(envelope: Envelope, gateway: Gateway, parsers: ParserPool) -> list[Verdict]:
    """Hand a mail in once for each recipient and return what became of each copy, in their order. Never raises.

    A copy's key depends on the recipient and on the mail, not on the way it came: whoever delivers it again after a
    451 or a lost 250 delivers the same message.
    """
    large = len(envelope.raw) > _LARGE
    digest = await asyncio.to_thread(fingerprint, envelope.raw) if large else fingerprint(envelope.raw)
    parsed: Parsed | None = None
    try:
        parsed = await parsers.parse(Request(envelope.raw, envelope.authserv_id, not envelope.mail_from))
        cause = parsed.suspended
    except PoisonMail as poison:
        cause = str(poison)
    except ParserUnavailable as error:
        _log.warning("a mail was put off: %s", error)
        return [Verdict.LATER] * len(envelope.recipients)
    verdicts: dict[str, Verdict] = {}
    for recipient in envelope.recipients:
        if recipient.address not in verdicts:
            key = _source_key(recipient.address, digest)
            copy = None if cause or parsed is None else _inbound(parsed, envelope, recipient, key)
            verdicts[recipient.address] = await _hand_in(copy, cause, recipient.address, key, envelope.raw, gateway)
    return [verdicts[recipient.address] for recipient in envelope.recipients]


async def _hand_in(copy: Inbound | None, cause: str, address: str, key: str, raw: bytes, gateway: Gateway) -> Verdict:
    """Submit a copy, or quarantine it where it cannot be read or the service says that it is not valid."""
    try:
        if copy is not None:
            try:
                await gateway.submit(copy)
            except (Invalid, Refused) as error:  # another try would end the same
                copy, cause = None, f"not taken in: {error.code}"
        if copy is None:
            await gateway.quarantine("email", address, key, raw, cause)
    except NotFound:
        return Verdict.GONE
    except KeyReused:  # the key is made of the mail itself: this mail is kept, as another version of us read it
        return Verdict.KEPT
    except Exception as error:
        _log.warning("a mail was not taken in and is asked for again: %s", type(error).__name__)
        return Verdict.LATER
    return Verdict.KEPT


def _source_key(address: str, digest: str) -> str:
    return "email:" + hashlib.sha256(f"{address}\0{digest}".encode()).hexdigest()


def _inbound(parsed: Parsed, envelope: Envelope, recipient: Recipient, key: str) -> Inbound:
    tokens = [box.token for box in envelope.recipients if box.address == recipient.address and box.token]
    nature, said = parsed.nature, parsed.fields
    if nature is Nature.REQUEST and parsed.sender == recipient.address:
        nature, said = Nature.AUTOMATIC, {**said, "automatic": "our own address"}
    return Inbound(
        channel_kind="email",
        address=recipient.address,
        source_key=key,
        sender=parsed.sender,
        received_at=None,
        subject=parsed.subject,
        text=parsed.text,
        new_text=parsed.new_text,
        sender_name=parsed.sender_name,
        standing=parsed.standing,
        nature=nature,
        message_id=parsed.message_id,
        references=parsed.references,
        tokens=tuple(dict.fromkeys([*tokens, *parsed.tokens])),
        fields=said,
        attachments=parsed.attachments,
        raw=envelope.raw,
    )
