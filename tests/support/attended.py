"""A machine that follows its tickets' letters and people, against plain sets."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from tests.support.expected import Shadow
from tests.support.fates import Fate
from tests.support.papers import Papers
from tests.support.readings import COMPANIES as RULES
from tests.support.still import SECRET

from helpdesk.contracts.messages import Inbound, Nature
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain import commands
from helpdesk.domain.acceptance import NOT_ACCEPTED
from helpdesk.domain.commands import Reply, Taken, TicketCommand
from helpdesk.domain.participants import CLIENT, COPIED, GUEST
from helpdesk.domain.threading import make_token
from helpdesk.store.engine.session import Session
from helpdesk.store.flags import Flags
from helpdesk.store.participants import Participants
from helpdesk.store.schema import outbox
from helpdesk.store.tags import Tags

SENT = {"answer_sent": "answer", "question_sent": "question", "notice_sent": "notice"}


class Letter(Struct):
    """A letter of a ticket, as the outbox has it."""

    id: UUID
    ticket_id: UUID
    purpose: str
    recipient: str
    files: int


class Attended(Papers):
    """One company's tickets, each with what became of its letters and who takes part."""

    def __init__(self) -> None:
        super().__init__()
        self.fates: dict[int, Fate] = {}

    def command(self, shadow: Shadow, command: TicketCommand, stale: int = 1) -> bool:
        """The same; and whoever gets copies got them of what a person wrote to the client."""
        with self.letters_of(shadow):
            return super().command(shadow, command, stale)

    def allowed(self, shadow: Shadow, command: TicketCommand) -> bool:
        """The same; a letter takes along only what may go with it."""
        takes = command.attachments if isinstance(command, Reply) else ()
        return super().allowed(shadow, command) and self.fates[shadow.number].loose >= {*takes}

    def do(self, shadow: Shadow, command: TicketCommand) -> None:
        """The same; whoever is told the number, or tells us of the solution, knows of the request."""
        super().do(shadow, command)
        told = isinstance(command, commands.Confirm | commands.Disagree) and command.text.strip()
        if told or isinstance(command, commands.TellNumber):
            self.fates[shadow.number].known()

    @contextmanager
    def letters_of(self, shadow: Shadow) -> Iterator[None]:
        """Note the copies that are owed of what is written to the client within this."""
        fate, before = self.fates[shadow.number], self.ticket(shadow)
        yield
        if before.contact:
            for entry in self.look(shadow)[1][before.last_seq :]:
                if entry.what in SENT:
                    fate.owed.update((SENT[entry.what], each) for each in fate.copied)

    # What must be

    def begun(self, shadow: Shadow) -> Shadow:
        """The same; its letters' fates begin."""
        self.fates[shadow.number] = Fate.of(shadow)
        return super().begun(shadow)

    def check(self, shadow: Shadow) -> None:
        """The same; it is accepted, attended, tagged and flagged as expected."""
        super().check(shadow)
        ticket, fate = self.tickets[shadow.company, shadow.number], self.fates[shadow.number]
        assert (ticket.accepted_at is not None) == fate.accepted, shadow

        def kept(session: Session) -> tuple[Any, ...]:
            flags = {each.flag for each in Flags(session).of(ticket.id)}
            here = {(each.address, each.role) for each in Participants(session).of(ticket.id)}
            return NOT_ACCEPTED in flags, here, set(Tags(session).of(ticket.id))

        came_back, here, tagged = self.read(shadow.company, kept)
        assert (came_back, tagged) == (fate.came_back, fate.tags)
        roles = {(each, role) for role in (GUEST, COPIED) for each in of_role(fate, role)}
        assert {each for each in here if each[1] != CLIENT} == roles

    def owed_besides(self, company: str) -> dict[tuple[UUID, str, str], int]:
        """Copies, and letters to the head of support about what came back."""
        shadows = [each for each in self.made if each.company == company]
        return {
            (self.ticket(each).id, *letter): count
            for each in shadows
            for letter, count in self.fates[each.number].owed.items()
        }

    # The means

    def letters(self) -> list[Letter]:
        """Return the company's letters, the oldest first."""
        columns = (outbox.c.id, outbox.c.ticket_id, outbox.c.payload)
        own = (outbox.c.tenant_id == self.installation.tenants[self.company], outbox.c.kind == "delivery")
        wanted = select(*columns).where(*own, outbox.c.ticket_id.is_not(None)).order_by(outbox.c.id)
        rows = self.read(self.company, lambda session: session.connection.execute(wanted).all())
        return [
            Letter(each.id, each.ticket_id, said["purpose"], said["recipient"], len(said.get("attachments", ())))
            for each in rows
            for said in (each.payload,)
        ]

    def take(self, shadow: Shadow, sender: str, nature: Nature = Nature.REQUEST) -> Taken:
        """Have somebody write with the token that our letters about a ticket carry."""
        token = make_token(SECRET, self.installation.tenants[self.company], self.ticket(shadow).id)
        return self.post(self.message(sender, token, nature=nature))

    def post(self, message: Inbound) -> Taken:
        """Have a message come by mail."""
        taken = self.run(self.desk.receive(self.installation.channel(self.company), Arrival(message)))
        self.told["commands"] += 1
        self.taken[self.company][taken.outcome] += 1
        return taken

    def message(self, sender: str, *tokens: str, nature: Nature = Nature.REQUEST) -> Inbound:
        """Return a letter to the company."""
        key, mail = self.key().key, RULES[self.company].mail
        return Inbound("email", mail, key, sender, None, f"Письмо {key}", "Ещё", nature=nature, tokens=tokens)


def of_role(fate: Fate, role: str) -> set[str]:
    """Return who takes part in a role."""
    return fate.guests if role == GUEST else fate.copied
