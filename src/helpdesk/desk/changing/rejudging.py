"""Judging one ticket by another snapshot: settle what is due, decide, commit, audit."""

from helpdesk.desk.changing.change import opened_at
from helpdesk.desk.changing.commit import Committer
from helpdesk.desk.changing.resources import Resources
from helpdesk.domain.commands import TicketChanged
from helpdesk.domain.rejudging import Rejudge, rejudge
from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.audit import Audit
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session


def rejudge_ticket(
    session: Session, resources: Resources, command: Rejudge, expected_version: int | None
) -> TicketChanged:
    """Have another snapshot judge a ticket; its deadlines before and after go into its log and the audit.

    Timers that were due under the snapshot before have fired by then, and stay in the log.

    Raises:
        NotFound: this tenant has no such ticket.
        VersionConflict: the ticket is not at ``expected_version``.
        Conflict: the ticket is closed or judged so already, or no edition is in force.
        Invalid: there is no such snapshot, or it does not know the ticket's level or line and none is given.
    """
    with opened_at(session, resources, command.number, expected_version) as opened:
        ticket = opened.ticket
        after = _evaluator(session, resources, command.snapshot)
        change = rejudge(command, opened.known, after)
        committer = Committer(session, after, resources.composer(session, after), resources.waiting)
        changed = committer.change(ticket, opened.log, change)
        Audit(session).record("ticket.rejudge", f"ticket:{ticket.number}", change.entries[0].data)
        return TicketChanged(changed.number, changed.version, changed.state.value)


def _evaluator(session: Session, resources: Resources, snapshot_hash: str) -> Evaluator:
    if not snapshot_hash:
        return resources.directory.in_force(session, session.now)
    try:
        # Asked of the store, because the directory keeps evaluators of all companies.
        Editions(session).snapshot_body(snapshot_hash)
    except NotFound:
        raise Invalid("there is no such snapshot", fields={"snapshot": "is none of this company's"}) from None
    return resources.directory.of(session, snapshot_hash)
