"""What each command does to a ticket: pure functions from what is known to a change, by the command's type."""

from collections.abc import Callable
from typing import Any

from helpdesk.contracts.log import Happened
from helpdesk.domain import clarifying, classifying, commands, correspondence, handling, remote, solving, waiting
from helpdesk.domain.known import Known
from helpdesk.domain.states import after
from helpdesk.domain.ticket import Change


def decide(command: commands.TicketCommand, known: Known) -> Change:
    """Return the change that ``command`` makes.

    Raises:
        Conflict: the ticket's state forbids it.
        Invalid: the regulation knows no such level, reason, line or outcome, or demands more.
    """
    first = _BEGINS_WITH.get(type(command))
    if first is not None:
        after(known.ticket.state, first)  # the state is looked at before what was sent: that could be mended in vain
    return _DECISIONS[type(command)](command, known)


_DECISIONS: dict[type, Callable[[Any, Known], Change]] = {
    commands.Reply: correspondence.reply,
    commands.AddNote: correspondence.add_note,
    commands.BeginRemoteSession: remote.begin_session,
    commands.EndRemoteSession: remote.end_session,
    commands.Assign: handling.assign,
    commands.Unassign: handling.unassign,
    commands.Accept: handling.accept,
    commands.SetLevel: handling.set_level,
    commands.SetLine: handling.set_line,
    commands.SetCategory: classifying.set_category,
    commands.RecordWork: classifying.record_work,
    commands.PlanRelease: classifying.plan_release,
    commands.TellNumber: classifying.tell_number,
    commands.Expedite: handling.expedite,
    commands.Supply: clarifying.supply,
    commands.Hold: waiting.hold,
    commands.Release: waiting.release,
    commands.Resolve: solving.resolve,
    commands.Confirm: solving.confirm,
    commands.Disagree: solving.disagree,
    commands.Reopen: solving.reopen,
    commands.Close: solving.close_for_good,
}

_BEGINS_WITH: dict[type, Happened] = {
    commands.SetLevel: Happened.LEVEL_SET,
    commands.SetLine: Happened.LINE_SET,
    commands.SetCategory: Happened.CATEGORY_SET,
    commands.RecordWork: Happened.WORK_RECORDED,
    commands.Expedite: Happened.EXPEDITED,
    commands.Hold: Happened.PAUSED,
    commands.Close: Happened.CLOSED,
    commands.BeginRemoteSession: Happened.REMOTE_SESSION,
}
"""What those commands write first that the regulation may demand something for."""
