"""Tickets' lives at the five companies, told by the handlers themselves on a database of their own."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from tests.integration.desk.companies import Five
from tests.support.due import due_before

from helpdesk.contracts.clocks import ClockView
from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.messages import Inbound, Outcome
from helpdesk.desk.changing.change import change_ticket
from helpdesk.desk.changing.firing import fire_timers
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.domain.commands import Taken, TicketChanged, TicketCommand
from helpdesk.domain.rights import Flag
from helpdesk.domain.threading import make_token
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.instants import SECOND, Instant, from_datetime
from helpdesk.store.engine.session import Session
from helpdesk.store.flags import Flags
from helpdesk.store.tickets import Tickets
from helpdesk.store.timers import Clocks

MAIL = {
    "siroca": "support@siroca.com",
    "telemedhelp": "support@telemed.help",
    "specpromdesign": "support@specpromdesign.example",
    "intervale": "helpdesk@intervale.ru",
    "pass24": "support@pass24online.ru",
}
CLIENT = "client@client.example"
DRIFT = 30 * SECOND
"""The service's clock goes on while a test runs."""


def at(text: str) -> Instant:
    """Return the instant of an ISO 8601 text with its zone."""
    return from_datetime(datetime.fromisoformat(text))


class Life(Struct):
    """One ticket of one company, and what happens to it."""

    five: Five
    company: str
    number: int = 1

    def now(self, text: str) -> None:
        """Move the service's time to ``text``, firing what is due on the way, each timer at its moment."""
        wanted = at(text)
        while True:
            due = self.read(lambda session: due_before(session, wanted, 1))
            if not due:
                break
            (timer,) = due
            self.five.move_to(max(timer.due_at, self.read(lambda session: session.now)))
            self.write(lambda s, t=timer: fire_timers(s, self.five.resources, [t]))
        self.five.move_to(wanted)

    def mail(self, text: str = "Не работает", key: str = "m1", **fields: Any) -> Taken:
        """Deliver a mail of the client; the ticket of this life is from now on the one it came to."""
        given = {"sender": CLIENT, "subject": "Беда", **fields}
        message = Inbound(
            channel_kind="email", address=MAIL[self.company], source_key=key, received_at=None, text=text, **given
        )
        principal = self.five.channel(self.company)
        taken = self.five.database.write_now(
            principal, lambda session: receive(session, self.five.resources, Arrival(message))
        )
        if taken.outcome in {Outcome.TICKET, Outcome.FOLLOW_UP}:
            self.number = taken.number or 0
        return taken

    def reply(self, text: str, key: str = "m2") -> Taken:
        """Deliver a mail of the client that belongs to the ticket."""
        token = self.token()
        return self.mail(text, key, tokens=(token,))

    def token(self) -> str:
        """Return the token that our letters carry."""
        ticket = self.ticket()
        return make_token(self.five.resources.secret, self.five.tenants[self.company], ticket.id)

    def do(self, command: TicketCommand) -> TicketChanged:
        """Have an agent carry out a command."""
        found: TicketChanged = self.write(lambda session: change_ticket(session, self.five.resources, command, None))
        return found

    def write(self, work: Any) -> Any:
        """Run a handler as an agent of the company."""
        return self.five.database.write_now(self.five.agent(self.company), work)

    def read(self, work: Any) -> Any:
        """Read as an agent of the company."""
        return self.five.database.read_now(self.five.agent(self.company), work)

    def ticket(self) -> Ticket:
        """Return the ticket as it stands."""
        found: Ticket = self.read(lambda session: Tickets(session).by_number(self.number))
        return found

    def log(self) -> tuple[Entry, ...]:
        """Return the ticket's log."""
        ticket_id = self.ticket().id
        found: tuple[Entry, ...] = self.read(lambda session: Tickets(session).log(ticket_id))
        return found

    def happened(self) -> list[Happened]:
        """Return what happened, in order."""
        return [entry.what for entry in self.log()]

    def clock(self, name: str, seq: int = 0) -> ClockView:
        """Return one of the ticket's clocks as cached."""
        ticket_id = self.ticket().id

        def work(session: Session) -> ClockView:
            found = Clocks(session).of(ticket_id)
            return next(clock for clock in found if (clock.name, clock.seq) == (name, seq))

        return self.read(work)  # type: ignore[no-any-return]

    def flags(self) -> tuple[Flag, ...]:
        """Return the flags that are up."""
        ticket_id = self.ticket().id
        found: tuple[Flag, ...] = self.read(lambda session: Flags(session).of(ticket_id))
        return found


def is_about(instant: Instant | None, text: str) -> bool:
    """Say whether ``instant`` is that of ``text``, but for how long the test ran."""
    return instant is not None and abs(instant - at(text)) < DRIFT
