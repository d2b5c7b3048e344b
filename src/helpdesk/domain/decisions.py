"""What each command does to a ticket: pure functions from what is known to a change, by the command's type."""

from collections.abc import Callable
from typing import Any

from helpdesk.domain import commands, correspondence, handling, solving, waiting
from helpdesk.domain.known import Known
from helpdesk.domain.ticket import Change


def decide(command: commands.TicketCommand, known: Known) -> Change:
    """Return the change that ``command`` makes.

    Raises:
        Conflict: the ticket's state forbids it.
        Invalid: the regulation knows no such level, reason, line or outcome, or demands more.
    """
    return _DECISIONS[type(command)](command, known)


_DECISIONS: dict[type, Callable[[Any, Known], Change]] = {
    commands.Reply: correspondence.reply,
    commands.AddNote: correspondence.add_note,
    commands.Assign: handling.assign,
    commands.Unassign: handling.unassign,
    commands.Accept: handling.accept,
    commands.SetLevel: handling.set_level,
    commands.SetLine: handling.set_line,
    commands.Expedite: handling.expedite,
    commands.Hold: waiting.hold,
    commands.Release: waiting.release,
    commands.Resolve: solving.resolve,
    commands.Confirm: solving.confirm,
    commands.Disagree: solving.disagree,
    commands.Reopen: solving.reopen,
    commands.Close: solving.close_for_good,
}
