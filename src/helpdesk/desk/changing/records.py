"""A ticket with all that is kept of it: read and written for several tickets at once, in a few statements."""

from collections.abc import Sequence

from msgspec import Struct

from helpdesk.contracts.clocks import Clocked
from helpdesk.contracts.log import Entry
from helpdesk.domain.ticket import Ticket
from helpdesk.domain.timers import Armed
from helpdesk.kernel.errors import HelpdeskError
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Cached, Tickets
from helpdesk.store.timers import Clocks, Timers


class RacedError(HelpdeskError):
    """Another writer changed the ticket between reading and writing; decide again."""

    code = "raced"


class Record(Struct, frozen=True):
    """A ticket with its log, clocks and timers, as one transaction found or leaves them."""

    ticket: Ticket
    log: tuple[Entry, ...]
    clocked: tuple[Clocked, ...]
    armed: Armed
    cached: Cached | None = None
    """What the row is to keep of the log; None: the row stays as it was found."""


def write_records(session: Session, changes: Sequence[tuple[Record, Record]]) -> None:
    """Make the rows of tickets, clocks and timers those of the second of each pair; the first is as they were found.

    What is only ever added (entries, messages, what is owed) is not written here.

    Raises:
        RacedError: a row is not as it was found.
    """
    rows = [(old.ticket, new.ticket, new.cached) for old, new in changes if new.cached is not None]
    if not Tickets(session).update(rows):
        raise RacedError
    Clocks(session).replace((old.ticket.id, old.clocked, new.clocked) for old, new in changes)
    if not Timers(session).replace((old.ticket.id, old.armed.timers, new.armed) for old, new in changes):
        raise RacedError
