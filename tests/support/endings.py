"""Laws of everything that a history leaves behind: caches, letters, the feed, evidence. They raise AssertionError."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from tests.support.laws import lived_elsewhere

from helpdesk.contracts.events import Published
from helpdesk.contracts.log import Entry
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.upkeep.refolding import check_clocks
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.instants import DAY, HOUR, Instant
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.queries.records.feed import list_feed
from helpdesk.queries.tickets.evidence import gather_evidence, seal_evidence
from helpdesk.regulation.certifying.seal import Seal
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.feed import place
from helpdesk.store.instance import installation
from helpdesk.store.schema import contact_addresses, outbox, tickets
from helpdesk.store.tickets import Tickets
from helpdesk.verify.evidence import verify_evidence

AUTOMATIC = ("acknowledgement", "closed", "merged", "attachment")
"""What nobody of ours wrote, and so is capped by address."""


def of_caches(session: Session, directory: Directory) -> None:
    """``db verify-clocks``: the logs fold to the very bytes that are stored."""
    found = check_clocks(session, directory.of, limit=10_000)
    assert found is not None
    assert found.differences == ()
    assert found.tickets == len(session.connection.execute(_own(tickets.c.id, session)).all())


def of_evidence(session: Session, number: int, find: Any, load: Callable[[UUID, str], bytes]) -> None:
    """A ticket's evidence is found whole by the second implementation, and signed by the service."""
    document = seal_evidence(gather_evidence(session, number, find), load)
    assert verify_evidence(document, [Seal(installation(session).secret).public_key]).ticket == number


def of_letters(session: Session, alerts: str, more: Mapping[tuple[UUID, str, str], int] | None = None) -> None:
    """Each letter that a log owes is there exactly once; what is withheld is withheld for too many to its address.

    ``more`` is owed besides: by ticket, purpose and recipient.
    """
    store = Tickets(session)
    owed: Counter[tuple[UUID, str, str]] = Counter(more or {})
    withheld: list[tuple[Instant, str, bool]] = []
    for (number,) in session.connection.execute(_own(tickets.c.number, session)).all():
        ticket = store.by_number(number)
        log = store.log(ticket.id)
        owed.update((ticket.id, *each) for each in _owed(ticket, log, alerts))
        kept_back = [entry for entry in log if entry.what == "withheld"]
        owed.subtract((ticket.id, entry.data["purpose"], entry.data["recipient"]) for entry in kept_back)
        wrote = ticket.requester if ticket.channel_kind == "email" else ""
        withheld += [(entry.at, entry.data["recipient"], entry.data["recipient"] == wrote) for entry in kept_back]
    columns = (outbox.c.id, outbox.c.ticket_id, outbox.c.payload, outbox.c.created_at)
    rows = session.connection.execute(
        select(*columns).where(outbox.c.tenant_id == session.tenant_id, outbox.c.kind == "delivery")
    ).all()
    stored = Counter((row.ticket_id, row.payload["purpose"], row.payload["recipient"]) for row in rows if row.ticket_id)
    assert stored == +owed, (stored - owed, owed - stored)
    assert len({row.payload["id"] for row in rows}) == len(rows)
    _of_caps(session, rows, withheld)


def _owed(ticket: Ticket, log: Sequence[Entry], alerts: str) -> Iterable[tuple[str, str]]:
    """Yield purpose and recipient of each letter that the log owes, those included that the caps kept back."""
    to_client: list[str] = []
    to_staff: list[str] = []
    refused: set[str] = set()
    for entry in log[lived_elsewhere(log) :]:
        carried = "carried_from" in entry.data
        match entry.what.value:
            case "registered":
                to_client.append("acknowledgement")  # also of a question that was split off
            case "answer_sent" | "question_sent" | "notice_sent" if not carried:
                to_client.append(entry.what.value.removesuffix("_sent"))
            case "closed":
                to_client.append("merged" if entry.data["outcome"] == "merged" else "closed")
            case "warned":
                to_staff.append("warning")
            case "breached":
                to_staff.append("breach")
            case "attachment_refused" if "message_id" in entry.data:
                refused.add(entry.data["message_id"])
    to_client += ["attachment"] * len(refused)
    yield from ((purpose, ticket.contact) for purpose in to_client if ticket.contact)
    yield from ((purpose, alerts) for purpose in to_staff)


def _of_caps(session: Session, rows: Sequence[Any], withheld: Iterable[tuple[Instant, str, bool]]) -> None:
    """At most three automatic letters in an hour to an address, twenty in a day; fewer to one that nobody proved.

    What a person asked for, the letters of a split, is not among them.
    """
    split = {
        ticket_id
        for (ticket_id, log) in _logs(session).items()
        if any(entry.what == "linked" and entry.data.get("relation") == "split_from" for entry in log)
    }
    sent: dict[str, list[Instant]] = defaultdict(list)
    for row in rows:
        purpose, asked_for = row.payload["purpose"], row.ticket_id in split
        if row.ticket_id and purpose in AUTOMATIC and not (asked_for and purpose == "acknowledgement"):
            sent[row.payload["recipient"]].append(row.created_at)
    proved = set(
        session.connection.execute(
            select(contact_addresses.c.address).where(
                contact_addresses.c.tenant_id == session.tenant_id, contact_addresses.c.verified_at.is_not(None)
            )
        ).scalars()
    )
    for moments in sent.values():
        for at in moments:
            assert sum(at - HOUR < each <= at for each in moments) <= 3
            assert sum(at - DAY < each <= at for each in moments) <= 20
    for at, recipient, wrote in withheld:
        hour = sum(at - HOUR < each <= at for each in sent[recipient])
        day = sum(at - DAY < each <= at for each in sent[recipient])
        assert hour >= (3 if wrote or recipient in proved else 1) or day >= 20, (recipient, hour, day)


class Reader:
    """Reads every company's feed on and on, from where it was, a few events at a time."""

    def __init__(self, tenants: Mapping[str, UUID]) -> None:
        self._cursors: dict[UUID, str | None] = dict.fromkeys(tenants.values())
        self.seen: dict[UUID, list[tuple[int, Published]]] = {tenant: [] for tenant in tenants.values()}

    def read_on(self, database: Database, *, most: int = 500, limit: int = 100) -> None:
        """Place up to about ``most`` events of all companies, then read each feed to its end, ``limit`` at a time."""
        while database.write_now(system("relay"), lambda session: place(session, most)) and most >= 500:
            pass
        for tenant, seen in self.seen.items():
            reader = Principal(Role.AGENT, "key:reader", tenant)
            while True:
                page = database.read_now(reader, partial(list_feed, limit=limit, cursor=self._cursors[tenant]))
                self._cursors[tenant] = page.next
                seen += [(item.position, msgspec.convert(item.payload, Published)) for item in page.items]
                if not page.items:
                    break


def of_feed(session: Session, seen: Sequence[tuple[int, Published]]) -> None:
    """Who read on from the beginning met every event once, a ticket's in the order of its log, at places 1, 2, 3, …"""
    assert [position for position, _ in seen] == list(range(1, len(seen) + 1))
    owed = session.connection.execute(
        select(outbox.c.id).where(outbox.c.tenant_id == session.tenant_id, outbox.c.kind == "event")
    )
    assert sorted(event.id for _, event in seen) == sorted(owed.scalars())
    assert [event.data for _, event in seen if any(number >= _INSTANTS for number in _numbers(event.data))] == []
    of_ticket: dict[str, list[int]] = defaultdict(list)
    for _, event in seen:
        if event.number is not None:
            of_ticket[event.subject].append(event.seq)
    logs = _logs(session)
    for ticket, seqs in of_ticket.items():
        log = logs[UUID(ticket)]
        assert seqs == [entry.seq for entry in log[lived_elsewhere(log) :]], ticket


_INSTANTS = 10**14
"""Microseconds since 1970 from here on. No number that an event tells is so large: no instant is told as a number."""


def _numbers(data: Any) -> list[int]:
    if isinstance(data, dict | list):
        return [found for each in (data.values() if isinstance(data, dict) else data) for found in _numbers(each)]
    return [data] if isinstance(data, int) else []


def _logs(session: Session) -> dict[UUID, tuple[Entry, ...]]:
    store = Tickets(session)
    return {found: store.log(found) for (found,) in session.connection.execute(_own(tickets.c.id, session)).all()}


def _own(column: Any, session: Session) -> Any:
    return select(column).where(tickets.c.tenant_id == session.tenant_id)
