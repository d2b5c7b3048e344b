"""Messages as channels hand them in and as they leave."""

from enum import StrEnum

from msgspec import Struct

from helpdesk.kernel.instants import Instant


class Attachment(Struct, frozen=True):
    """A file that came with a message; ``content_type`` is what its bytes say, not its name."""

    name: str
    content_type: str
    content: bytes
    size: int = 0
    """Bytes; set by the service, with the hash, once the content is in the files' store and taken out here.

    A channel that leaves a file where it is, for its size or because it cannot be had, sets it and gives no content.
    """
    sha256: str = ""
    """In hex; empty where the content is not kept."""


class Standing(StrEnum):
    """How far the sender's identity can be believed."""

    AUTHENTICATED = "authenticated"
    """The channel proved it (a DMARC pass by the configured server, a signed-in session, a bot's user id)."""
    CLAIMED = "claimed"
    """Only the message says so."""


class Nature(StrEnum):
    """What kind of thing came in."""

    REQUEST = "request"
    """A person's message: a new request or a follow-up."""
    AUTOMATIC = "automatic"
    """Automatic mail (RFC 3834): noted, never answered."""
    BOUNCE = "bounce"
    """A delivery report (RFC 3464)."""
    EDIT = "edit"
    """The sender changed what they wrote before: noted beside it, answered by nobody, moves no clock."""


class Inbound(Struct, frozen=True):
    """One message as a channel received it, before anything is decided about it."""

    channel_kind: str
    """The transport: ``email``, ``phone``, ``telegram``, ``web``."""
    address: str
    """Our address it came to, normalised (mail in lower case, numbers in E.164)."""
    source_key: str
    """Unique per received thing and stable over redelivery: the inbox key."""
    sender: str
    """The other side's address, normalised."""
    received_at: Instant | None
    """When it arrived, where the channel knows better than our database's clock; else None."""
    subject: str = ""
    text: str = ""
    """Plain text, quotes kept."""
    new_text: str = ""
    """The text without the quoted history."""
    sender_name: str = ""
    standing: Standing = Standing.CLAIMED
    nature: Nature = Nature.REQUEST
    reply_to: str = ""
    """Where a refusal goes, if not to the sender: the group's chat. Nothing about a ticket ever goes there."""
    chat_kind: str = ""
    """``private`` or ``group`` for messengers."""
    message_id: str = ""
    """The Message-ID header or its like, unique among those of ``address``."""
    references: tuple[str, ...] = ()
    """The message ids that it answers or belongs to (In-Reply-To and References), newest first."""
    tokens: tuple[str, ...] = ()
    """Threading tokens found where we had put them (reply address, References)."""
    level: str | None = None
    category: str = ""
    """What it is about, where the sender chose one of the regulation's categories."""
    fields: dict[str, str] = {}
    """What the sender stated: version, platform, organisation, …"""
    attachments: tuple[Attachment, ...] = ()
    raw: bytes = b""
    """The original, kept as evidence."""
    contact: str = ""
    """A mail address that the sender gives for our letters: their word only, but for ``copied``."""
    copied: bool = False
    """Whether that address is proved to be theirs, and gets a copy of what people write to them elsewhere."""
    waits: bool = False
    """Whether the sender still waits and can say more: what the regulation demands of a request is demanded at once."""


class Outbound(Struct, frozen=True):
    """One message to send; ``id`` is stable over retries and becomes the Message-ID."""

    id: str
    channel_kind: str
    sender: str
    """Our address it leaves from."""
    recipient: str
    subject: str
    text: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    token: str = ""
    """The ticket's threading token, to be put where a reply brings it back."""
    automatic: bool = False
    """True for letters no person wrote: they say so in their header (RFC 3834)."""
    purpose: str = ""
    """What the letter is for: ``acknowledgement``, ``answer``, ``warning``, …"""
    attachments: tuple[Attachment, ...] = ()
    """Files that it takes along; a sender is given them with their content."""


class Box(Struct, frozen=True):
    """Where the letters of one person wait who comes for them: by our address and theirs, both canonical."""

    channel_kind: str
    address: str
    person: str


class Letter(Struct, frozen=True):
    """A letter in a box."""

    position: int
    """From 1 without gaps, in the order in which they came."""
    id: str
    """Stable: of ``Outbound``."""
    at: Instant
    """When it came."""
    number: int | None
    """The ticket's, where it is about one."""
    purpose: str
    subject: str
    text: str
    automatic: bool = False
    in_reply_to: str = ""
    """The ``message_id`` of the person's message that it answers."""
    attachments: tuple[Attachment, ...] = ()
    """Without their content."""


class Outcome(StrEnum):
    """What became of everything received (the ledger): exactly one of these."""

    TICKET = "ticket"
    FOLLOW_UP = "follow_up"
    CONSULTED = "consulted"
    HELD = "held"
    NOTED = "noted"
    REFUSED = "refused"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"


class Receipt(Struct, frozen=True):
    """What became of a message; committed before it is returned."""

    ledger_id: str
    outcome: Outcome
    tenant: str = ""
    """The tenant's slug."""
    number: int | None = None
    """The ticket's number, where there is one."""
    clause: str = ""
    detail: str = ""
    hint: str = ""
    first: Outcome | None = None
    """For a duplicate: what became of it the first time; the other fields are the first time's."""
