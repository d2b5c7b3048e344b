"""Changing one ticket: settle what is due on it, decide the command, commit both."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from helpdesk.desk.changing.firing import settle
from helpdesk.desk.changing.resources import Opened, Resources
from helpdesk.desk.changing.rights import authorised_mail
from helpdesk.desk.changing.versions import seen
from helpdesk.domain import commands
from helpdesk.domain.commands import TicketChanged
from helpdesk.domain.decisions import decide
from helpdesk.store.agents import Agents
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Tickets


def change_ticket(
    session: Session, resources: Resources, command: commands.TicketCommand, expected_version: int | None
) -> TicketChanged:
    """Carry out ``command`` on its ticket.

    Raises:
        NotFound: this tenant has no such ticket.
        VersionConflict: the ticket is not at ``expected_version``.
        Conflict, Invalid: the command is not possible; nothing is changed, and the timekeeper fires what was due.
    """
    with opened_at(session, resources, command.number, expected_version) as opened:
        known, ticket = opened.known, opened.ticket
        if isinstance(command, commands.Assign | commands.Accept | commands.SetLine | commands.BeginRemoteSession):
            asked = "" if isinstance(command, commands.SetLine) else command.agent
            known = replace(known, roster=Agents(session).roster(asked, ticket.assignee))
        if isinstance(command, commands.Reply) and command.to_authorised:
            known = replace(known, authorised=authorised_mail(session, ticket.organisation))
        change = decide(command, known)
        changed = opened.committer.change(ticket, opened.log, change)
        message_id = next((note.id for note in change.notes), None)
        return TicketChanged(changed.number, changed.version, changed.state.value, message_id)


@contextmanager
def opened_at(session: Session, resources: Resources, number: int, expected_version: int | None) -> Iterator[Opened]:
    """Give a ticket ready for a decision within this: held, at the version that was seen, with what was due fired.

    Raises:
        NotFound: this tenant has no such ticket.
        VersionConflict: it is not at ``expected_version``.
        Conflict: as the work within raised it, with the version stored.
    """
    ticket = Tickets(session).by_number(number, held=True)
    with seen(ticket.version, expected_version):
        yield resources.open(session, settle(session, resources, ticket), session.principal.actor)
