"""Linking, splitting and merging tickets: one transaction that writes an entry into each log concerned.

Two tickets are always settled and changed in the order of their numbers, so that two such works cannot wait for each
other.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from msgspec import Struct

from helpdesk.contracts.log import Happened
from helpdesk.desk.changing.change import opened_at
from helpdesk.desk.changing.firing import settle
from helpdesk.desk.changing.resources import Opened, Resources
from helpdesk.desk.changing.versions import seen
from helpdesk.domain import linking
from helpdesk.domain.linking import LinkKind, SplitPart, relation
from helpdesk.domain.participants import check_together
from helpdesk.domain.ticket import Change, Ticket
from helpdesk.kernel.errors import Conflict, Invalid, NotFound
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.flags import Flags
from helpdesk.store.links import Ends, Links
from helpdesk.store.participants import Participants
from helpdesk.store.tenants import Counters
from helpdesk.store.tickets import Tickets


class Touched(Struct, frozen=True):
    """A ticket as a change left it."""

    number: int
    version: int
    state: str


class ChangedTogether(Struct, frozen=True):
    """The ticket that was asked about, and the others that changed or were made with it."""

    number: int
    version: int
    state: str
    others: tuple[Touched, ...]


def link(
    session: Session, resources: Resources, number: int, kind: LinkKind, other: int, expected_version: int | None
) -> ChangedTogether:
    """Link two tickets. A link that is there already changes nothing.

    Raises:
        NotFound: this tenant has no ticket ``number``.
        VersionConflict: it is not at ``expected_version``.
        Invalid: there is no ticket ``other``, or it is the same, or people do not say this kind.
    """
    with _held(session, number, other, expected_version) as held:
        first, second = _pair(session, resources, held, number, other)
        ends = _ends(first.ticket, second.ticket, kind)
        if not Links(session).add(ends):
            return _answer(first.ticket, second.ticket)
        return _both(session, first, second, ends, Happened.LINKED)


def unlink(
    session: Session, resources: Resources, number: int, kind: LinkKind, other: int, expected_version: int | None
) -> ChangedTogether:
    """Take a link back, which either of its two tickets may name.

    Raises:
        NotFound, VersionConflict, Invalid: as for ``link``.
        Conflict: there is no such link.
    """
    with _held(session, number, other, expected_version) as held:
        first, second = _pair(session, resources, held, number, other)
        links, ends = Links(session), _ends(first.ticket, second.ticket, kind)
        if not links.remove(ends):
            raise Conflict("there is no such link")
        return _both(session, first, second, ends, Happened.UNLINKED)


def split(
    session: Session, resources: Resources, number: int, parts: Sequence[SplitPart], expected_version: int | None
) -> ChangedTogether:
    """Make a ticket of each question in ``parts``; the first ticket goes on with what is left.

    The new ones keep the receipt, the registration and the rating of the first, are judged by its snapshot, and each
    has an acknowledgement of its own.

    Raises:
        NotFound, VersionConflict: as for ``link``.
        Conflict: the ticket is closed.
        Invalid: no question, one without a subject, or a message that is none of the ticket's.
    """
    parts = linking.checked(parts)
    with opened_at(session, resources, number, expected_version) as opened:
        ticket = opened.ticket
        links, flags = Links(session), Flags(session)
        _check_messages(links, ticket, parts)
        clause, _ = linking.one_question(opened.known.evaluator.edition)
        first_number = Counters(session).next("ticket", len(parts))
        numbers = [first_number + place for place in range(len(parts))]
        change = linking.split_off(opened.known, numbers, clause)
        made = []
        for part, own_number in zip(parts, numbers, strict=True):
            # The caps on automatic mail are against letters that answer each other; a person asked for this one.
            new = opened.committer.register(linking.offspring(opened.known, part, own_number), capped=False)
            Participants(session).share(ticket.id, new.id)
            links.add(Ends(new.id, ticket.id, LinkKind.SPLIT_FROM))
            flags.put_up(new.id, flags.of(ticket.id))
            made.append(_touched(new))
        changed = opened.committer.change(ticket, opened.log, change)
        Audit(session).record("ticket.split", f"ticket:{number}", {"into": numbers, "clause": clause})
        return ChangedTogether(changed.number, changed.version, changed.state.value, tuple(made))


def merge(
    session: Session, resources: Resources, number: int, into: int, expected_version: int | None
) -> ChangedTogether:
    """Close a ticket whose work goes on in another one of the same client. The same again changes nothing.

    Raises:
        NotFound, VersionConflict: as for ``link``.
        Conflict: one of the two is closed, they are of different clients, or too many would take part.
        Invalid: there is no ticket ``into``, or it is the same.
    """
    with _held(session, number, into, expected_version) as held:
        source, target = _pair(session, resources, held, number, into, field="into")
        links = Links(session)
        if links.merged_into(source.ticket.id) == target.ticket.id:
            return _answer(source.ticket, target.ticket)
        words = linking.words_of(source.log, Tickets(session).incoming(source.ticket.id))
        changes = {
            number: (source, linking.merged(source.known, target.ticket)),
            into: (target, linking.absorbed(target.known, source.ticket, source.log, words)),
        }
        people = Participants(session)
        check_together(people.of(source.ticket.id), people.of(target.ticket.id))
        done = _commit(changes)
        people.share(source.ticket.id, target.ticket.id)
        links.add(Ends(source.ticket.id, target.ticket.id, LinkKind.MERGED_INTO))
        Audit(session).record("ticket.merge", f"ticket:{number}", {"into": into})
        return _answer(done[number], done[into])


def where_it_goes_on(session: Session, ticket: Ticket) -> Ticket:
    """Return the ticket in which a merged one's work goes on, through several merges; the ticket itself otherwise."""
    links, tickets = Links(session), Tickets(session)
    while ticket.outcome == linking.MERGED:
        found = links.merged_into(ticket.id)
        if found is None:
            break
        ticket = tickets.by_id(found, held=True)
    return ticket


@contextmanager
def _held(session: Session, number: int, other: int, expected_version: int | None) -> Iterator[dict[int, Ticket]]:
    """Hold both tickets, always in the same order, the first one at the version that was seen."""
    tickets, held = Tickets(session), {}
    for each in sorted({number, other}):
        try:
            held[each] = tickets.by_number(each, held=True)
        except NotFound:
            if each == number:
                raise
    with seen(held[number].version, expected_version):
        yield held


def _pair(
    session: Session, resources: Resources, held: dict[int, Ticket], number: int, other: int, field: str = "number"
) -> tuple[Opened, Opened]:
    if number == other:
        raise Invalid("the two are one ticket", fields={field: "must be another ticket"})
    if other not in held:
        raise Invalid("there is no such ticket", fields={field: "names none"})
    opened: dict[int, Opened] = {}
    for ticket in (held[each] for each in sorted(held)):
        settled = settle(session, resources, ticket)
        opened[ticket.number] = resources.open(session, settled, session.principal.actor)
    return opened[number], opened[other]


def _ends(first: Ticket, second: Ticket, kind: LinkKind) -> Ends:
    if kind not in linking.BY_HAND:
        known = ", ".join(linking.BY_HAND)
        raise Invalid(f"{kind} is not said by hand", fields={"relation": f"one of {known}"})
    if kind is LinkKind.RELATED and second.number < first.number:  # the same from either side
        first, second = second, first
    return Ends(first.id, second.id, kind)


def _both(session: Session, first: Opened, second: Opened, ends: Ends, what: Happened) -> ChangedTogether:
    changes = {}
    for one, other in ((first, second), (second, first)):
        seen_as = relation(ends.kind, first=one.ticket.id == ends.ticket_id)
        changes[one.ticket.number] = one, linking.linked(one.known, what, seen_as, other.ticket.number)
    done = _commit(changes)
    act = "ticket.link" if what is Happened.LINKED else "ticket.unlink"
    told = {"relation": ends.kind.value, "number": second.ticket.number}
    Audit(session).record(act, f"ticket:{first.ticket.number}", told)
    return _answer(done[first.ticket.number], done[second.ticket.number])


def _commit(changes: dict[int, tuple[Opened, Change]]) -> dict[int, Ticket]:
    return {
        number: opened.committer.change(opened.ticket, opened.log, change)
        for number, (opened, change) in sorted(changes.items())
    }


def _check_messages(links: Links, ticket: Ticket, parts: Sequence[SplitPart]) -> None:
    for place, part in enumerate(parts):
        if part.message_id is not None and not links.has_message(ticket.id, part.message_id):
            raise Invalid("there is no such message", fields={f"parts[{place}].message_id": "is none of the ticket's"})


def _answer(first: Ticket, second: Ticket) -> ChangedTogether:
    return ChangedTogether(first.number, first.version, first.state.value, (_touched(second),))


def _touched(ticket: Ticket) -> Touched:
    return Touched(ticket.number, ticket.version, ticket.state.value)
