"""Who takes part in a ticket from outside: they may write into it, and get copies of our letters if asked for. Pure."""

from collections.abc import Collection

from msgspec import Struct

from helpdesk.contracts.log import Happened
from helpdesk.contracts.transports import EMAIL
from helpdesk.domain.known import Known, begin
from helpdesk.domain.ticket import Change
from helpdesk.kernel.errors import Conflict, Invalid

CLIENT = "client"
"""The role of whoever asked."""
GUEST = "guest"
"""The role of whoever an agent added."""
COPIED = "copied"
"""The role of whoever an agent added, or the client's own mail, that gets copies of what we write to the client."""
MOST = 50
"""Participants of a ticket: a letter is never a mailing."""


class Participant(Struct, frozen=True):
    """An address on the client's side of a ticket, canonical."""

    channel_kind: str
    address: str
    role: str


def add(known: Known, wanted: Participant, present: Collection[Participant]) -> Change:
    """Let somebody else write into the ticket. ``present`` take part already; adding one again changes nothing.

    Raises:
        Conflict: the ticket is closed; whoever asked needs no second role; or too many take part.
        Invalid: there is no address, or it is none that copies could go to.
    """
    if not wanted.address:
        raise Invalid("nobody is named", fields={"address": "must not be empty"})
    if wanted.role == COPIED and wanted.channel_kind != EMAIL:
        raise Invalid("copies go by e-mail", fields={"copied": f"needs channel_kind {EMAIL}"})
    there = {(each.channel_kind, each.address): each for each in present}
    same = there.get((wanted.channel_kind, wanted.address))
    if same is not None and same.role == CLIENT:
        raise Conflict("whoever asked takes part already")
    if same is None and len(there) >= MOST:
        raise Conflict(f"a ticket has at most {MOST} participants")
    progress = begin(known)
    if same is None or same.role != wanted.role:
        progress.happened(
            Happened.PARTICIPANT_ADDED,
            channel_kind=wanted.channel_kind,
            address=wanted.address,
            copied=wanted.role == COPIED,
        )
    return progress.change()


def check_together(source: Collection[Participant], target: Collection[Participant]) -> None:
    """Demand that all who take part in a ticket may take part in the one that it is merged into.

    Nobody is left out silently: who wrote into the one could write into neither.

    Raises:
        Conflict: they are too many.
    """
    together = {(each.channel_kind, each.address) for each in (*source, *target)}
    if len(together) > MOST:
        raise Conflict(
            f"a ticket has at most {MOST} participants, and the two have {len(together)} together",
            hint="Remove participants of either ticket whom nobody writes to any more, or link the two.",
        )


def remove(known: Known, channel_kind: str, address: str, present: Collection[Participant]) -> Change:
    """Have somebody take part no longer.

    Raises:
        Conflict: they do not; or it is whoever asked.
    """
    same = next((each for each in present if (each.channel_kind, each.address) == (channel_kind, address)), None)
    if same is None:
        raise Conflict("nobody of this address takes part")
    if same.role == CLIENT:
        raise Conflict("whoever asked takes part to the end")
    progress = begin(known)
    progress.happened(Happened.PARTICIPANT_REMOVED, channel_kind=channel_kind, address=address)
    return progress.change()
