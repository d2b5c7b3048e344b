"""Which ticket a message belongs to. Nobody enters a ticket by guessing.

A token names a ticket and proves that we wrote it: the ticket's id and an HMAC-SHA256 over tenant and ticket, cut to
80 bits, under a secret of the instance. The token alone opens nothing: the sender must already take part in the ticket.

======================  ==================  =============================  ====================
what the message shows  sender takes part   sender's identity              decision
======================  ==================  =============================  ====================
valid token             yes                 any                            joins
valid token             no                  any                            held, linked
number in the subject   yes                 proved by the channel          joins
number in the subject   yes                 only claimed                   held, linked
number in the subject   no                  any                            held, linked
nothing, or a forgery   any                 any                            a new request
======================  ==================  =============================  ====================

In a private chat whose platform proves who writes, there is nobody to guess for, and people write in pieces. There:

======================  ==================  ====================
the message shows       sender takes part   decision
======================  ==================  ====================
valid token             yes                 joins
valid token             no                  held, linked
a message of a ticket   yes                 joins
number in its 1st line  yes                 joins
nothing of these        in one open ticket  joins that ticket
nothing of these        in none, or more    a new request
======================  ==================  ====================

Automatic mail, bounces and edits are noted on the ticket that they name, and join nothing.
"""

import base64
import hmac
import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from helpdesk.contracts.messages import Inbound, Nature, Standing
from helpdesk.contracts.threads import TOKEN_LENGTH

_CONTEXT = b"helpdesk ticket token 1\0"
_MAC_BYTES = 10
_PADDING = "=" * (-TOKEN_LENGTH % 8)
_NUMBER = re.compile(r"(?:#|№)[ \N{NO-BREAK SPACE}]?(\d{1,12})(?![\d])")
PRIVATE = "private"
"""The kind of a chat between one person and us."""
_MOST_TOKENS = 20
_MOST_NUMBERS = 3
_SUBJECT_READ = 1_000


def _mac(secret: bytes, tenant_id: UUID, ticket_id: UUID) -> bytes:
    return hmac.digest(secret, _CONTEXT + tenant_id.bytes + ticket_id.bytes, "sha256")[:_MAC_BYTES]


def make_token(secret: bytes, tenant_id: UUID, ticket_id: UUID) -> str:
    """Return the ticket's token: 42 characters of ``a–z2–7``, safe in addresses, headers and URLs, in any case."""
    raw = ticket_id.bytes + _mac(secret, tenant_id, ticket_id)
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()


def ticket_of_token(secret: bytes, tenant_id: UUID, token: str) -> UUID | None:
    """Return the ticket that ``token`` names within the tenant, or None where it is not a token of ours."""
    if len(token) != TOKEN_LENGTH or not token.isascii():
        return None
    try:
        raw = base64.b32decode(token.upper() + _PADDING)
    except ValueError:
        return None
    ticket_id = UUID(bytes=raw[:16])
    # Compared as text, so that the two spare bits of the last character cannot vary either.
    if not hmac.compare_digest(make_token(secret, tenant_id, ticket_id), token.lower()):
        return None
    return ticket_id


class Mentions(Struct, frozen=True):
    """The tickets a message speaks of: by valid tokens, and by numbers in its subject; each in the order found."""

    ticket_ids: tuple[UUID, ...]
    numbers: tuple[int, ...]
    by_reference: tuple[UUID, ...] = ()
    """In a private chat: the tickets that the messages referred to belong to."""
    only_open: UUID | None = None
    """In a private chat: the sender's open ticket, where there is exactly one."""

    @property
    def all_ids(self) -> tuple[UUID, ...]:
        """Every ticket that is to be looked up by its id."""
        found = (*self.ticket_ids, *self.by_reference, *([self.only_open] if self.only_open else ()))
        return tuple(dict.fromkeys(found))


def mentions(message: Inbound, secret: bytes, tenant_id: UUID) -> Mentions:
    """Return what to look up before deciding: at most 20 tokens are tried and 3 numbers read."""
    found = (ticket_of_token(secret, tenant_id, token) for token in message.tokens[:_MOST_TOKENS])
    ticket_ids = tuple(dict.fromkeys(ticket_id for ticket_id in found if ticket_id is not None))
    line = message.subject or (message.text.strip().partition("\n")[0] if in_private(message) else "")
    numbers = dict.fromkeys(int(digits) for digits in _NUMBER.findall(line[:_SUBJECT_READ]))
    return Mentions(ticket_ids, tuple(numbers)[:_MOST_NUMBERS])


def in_private(message: Inbound) -> bool:
    """Say whether it was written in a private chat by somebody whom the platform proves."""
    return message.chat_kind == PRIVATE and message.standing is Standing.AUTHENTICATED


class Candidate(Struct, frozen=True):
    """A ticket that a message mentions, with the addresses that take part in it (normalised, clients' side only)."""

    ticket_id: UUID
    number: int
    participants: Collection[str]


class Threaded(StrEnum):
    """What to do with a message."""

    JOIN = "join"
    """It belongs to the ticket."""
    HOLD = "hold"
    """It may belong to the ticket: an agent decides; the ticket's people see nothing of it."""
    NOTE = "note"
    """Automatic: kept, answered by nobody, moves no clock; linked to the ticket where one is named."""
    NEW = "new"
    """It is a request of its own."""


class Decision(Struct, frozen=True):
    """Where a message goes; ``cause`` says why in words for the ledger."""

    act: Threaded
    ticket_id: UUID | None
    cause: str


def decide_thread(
    message: Inbound, found: Mentions, by_id: Mapping[UUID, Candidate], by_number: Mapping[int, Candidate]
) -> Decision:
    """Decide where ``message`` goes, by the table above.

    ``by_id`` and ``by_number`` hold those of the mentioned tickets that exist within the tenant. Among several tokens
    the first ticket in which the sender takes part wins, else the first ticket named.
    """
    named = [by_id[ticket_id] for ticket_id in found.ticket_ids if ticket_id in by_id]
    referred = [by_id[ticket_id] for ticket_id in found.by_reference if ticket_id in by_id]
    referred = [ticket for ticket in referred if message.sender in ticket.participants]
    if message.nature is Nature.EDIT:
        return Decision(Threaded.NOTE, referred[0].ticket_id if referred else None, str(message.nature))
    if message.nature is not Nature.REQUEST:
        return Decision(Threaded.NOTE, named[0].ticket_id if named else None, str(message.nature))
    for ticket in named:
        if message.sender in ticket.participants:
            return Decision(Threaded.JOIN, ticket.ticket_id, "token of a participant")
    if named:
        return Decision(Threaded.HOLD, named[0].ticket_id, "token from a sender who takes no part")
    if referred:
        return Decision(Threaded.JOIN, referred[0].ticket_id, "belongs to a message of the ticket")
    numbered = [by_number[number] for number in found.numbers if number in by_number]
    own = [ticket for ticket in numbered if message.sender in ticket.participants]
    if own and message.standing is Standing.AUTHENTICATED:
        return Decision(Threaded.JOIN, own[0].ticket_id, "number from an authenticated participant")
    if in_private(message):
        only = by_id.get(found.only_open) if found.only_open is not None else None
        if only is not None and message.sender in only.participants:
            return Decision(Threaded.JOIN, only.ticket_id, "the only open ticket of the chat")
        return Decision(Threaded.NEW, None, "names no ticket")
    if own:
        return Decision(Threaded.HOLD, own[0].ticket_id, "number from a participant who is not authenticated")
    if numbered:
        return Decision(Threaded.HOLD, numbered[0].ticket_id, "number from a sender who takes no part")
    return Decision(Threaded.NEW, None, "names no ticket")
