"""Tagging a ticket: each change in one transaction, told of in the ticket's log."""

from collections.abc import Iterable

from helpdesk.desk.changing.change import opened_at
from helpdesk.desk.changing.resources import Resources
from helpdesk.domain import tags
from helpdesk.domain.commands import TicketChanged
from helpdesk.store.engine.session import Session
from helpdesk.store.tags import Tags


def add_tags(
    session: Session, resources: Resources, number: int, wanted: Iterable[str], expected_version: int | None
) -> TicketChanged:
    """Put tags on the ticket; those that it has already change nothing.

    Raises:
        NotFound: this tenant has no such ticket.
        VersionConflict: it is not at ``expected_version``.
        Conflict: it would have too many.
    """
    with opened_at(session, resources, number, expected_version) as opened:
        ticket = opened.ticket
        kept = Tags(session)
        change = tags.add(opened.known, wanted, kept.of(ticket.id))
        if change.entries:
            kept.add(ticket.id, change.entries[0].data["tags"])
            ticket = opened.committer.change(ticket, opened.log, change)
        return TicketChanged(ticket.number, ticket.version, ticket.state.value)


def remove_tag(
    session: Session, resources: Resources, number: int, tag: str, expected_version: int | None
) -> TicketChanged:
    """Take a tag off the ticket.

    Raises:
        NotFound, VersionConflict: as for ``add_tags``.
        Conflict: it has no such tag.
    """
    with opened_at(session, resources, number, expected_version) as opened:
        ticket = opened.ticket
        kept = Tags(session)
        change = tags.remove(opened.known, tag, kept.of(ticket.id))
        kept.remove(ticket.id, tags.tag_key(tag))
        ticket = opened.committer.change(ticket, opened.log, change)
        return TicketChanged(ticket.number, ticket.version, ticket.state.value)
