"""Tags: words of the company's own by which its tickets are found. The regulation knows nothing of them. Pure."""

from collections.abc import Collection, Iterable

from helpdesk.contracts.log import Happened
from helpdesk.domain.known import Known, begin
from helpdesk.domain.ticket import Change
from helpdesk.kernel.errors import Conflict

MOST = 50
"""Tags of a ticket."""


def tag_key(tag: str) -> str:
    """Return the one form of a tag: case folded, single blanks."""
    return " ".join(tag.casefold().split())


def add(known: Known, wanted: Iterable[str], present: Collection[str]) -> Change:
    """Put tags on the ticket; those that it has already change nothing.

    Raises:
        Conflict: it would have too many.
    """
    new = [tag for tag in dict.fromkeys(map(tag_key, wanted)) if tag not in present]
    if len(present) + len(new) > MOST:
        raise Conflict(f"a ticket has at most {MOST} tags")
    progress = begin(known)
    if new:
        progress.happened(Happened.TAGGED, tags=new)
    return progress.change()


def remove(known: Known, tag: str, present: Collection[str]) -> Change:
    """Take a tag off the ticket.

    Raises:
        Conflict: it has no such tag.
    """
    if tag_key(tag) not in present:
        raise Conflict("the ticket has no such tag")
    progress = begin(known)
    progress.happened(Happened.UNTAGGED, tags=[tag_key(tag)])
    return progress.change()
