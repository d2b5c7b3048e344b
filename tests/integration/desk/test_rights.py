"""Who is let in on account of who they are: each company's own rule, on both databases."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy import select
from tests.integration.desk.companies import Five, take_on_all

from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Inbound, Outcome
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.domain.attention import WITHHELD
from helpdesk.domain.clients import ContactAddress, Organisation, day_of
from helpdesk.domain.commands import Taken
from helpdesk.domain.opening import Way
from helpdesk.domain.rights import IDENTIFICATION, OLD_VERSION, Flag
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import DAY, HOUR, MINUTE
from helpdesk.queries.companies.promise import Question, ask
from helpdesk.store.contacts import Contacts
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.flags import Flags
from helpdesk.store.organisations import Organisations
from helpdesk.store.schema import clocks, outbox
from helpdesk.store.tickets import Tickets

T = TypeVar("T")

MAIL = {
    "siroca": "support@siroca.com",
    "telemedhelp": "support@telemed.help",
    "specpromdesign": "support@specpromdesign.example",
    "intervale": "helpdesk@intervale.ru",
    "pass24": "support@pass24online.ru",
}
CLIENT = "client@client.example"
TODAY = "2026-03-16"
NOON = 1_773_651_600_000_000  # 2026-03-16, 12:00 in Moscow


@pytest.fixture
def five(database: Database) -> Five:
    found = take_on_all(database)
    found.move_to(NOON)
    return found


def act(five: Five, company: str, work: Callable[[Session], T]) -> T:
    return five.database.write_now(five.agent(company), work)


def add_organisation(five: Five, company: str, *addresses: ContactAddress, name: str = "ООО Ромашка") -> Organisation:
    """Register an organisation with one person."""

    def work(session: Session) -> Organisation:
        organisation = Organisations(session).add(name)
        Contacts(session).add("Лицо", organisation.id, authorised=True, addresses=addresses)
        return organisation

    return act(five, company, work)


def mail(five: Five, company: str, sender: str = CLIENT, **given: Any) -> Taken:
    """Promise, then deliver the same mail; what is promised is what comes of it."""

    def work(session: Session) -> Taken:
        fields = given.get("fields", {})
        question = Question(
            Way("email", MAIL[company]),
            requester=sender,
            organisation=given.get("organisation", ""),
            product=fields.get("product", ""),
            version=fields.get("version", ""),
        )
        promised = ask(session, question, None, five.resources.directory.in_force, five.resources.ways)
        key = str(new_id())  # in the subject too: under the same one it would be about the same issue
        message = Inbound("email", MAIL[company], key, sender, None, f"Не работает {key}", "Совсем", fields=fields)
        taken = receive(session, five.resources, Arrival(message, organisation=given.get("organisation", "")))
        assert (taken.outcome, taken.detail, taken.hint if taken.detail else "") == (
            promised.outcome,
            promised.reason_ru,
            promised.hint_ru if promised.reason_ru else "",
        )
        if taken.number is not None:
            ticket = Tickets(session).by_number(taken.number)
            raised = {each.flag for each in Flags(session).of(ticket.id)} - {
                WITHHELD
            }  # how many letters left is no right
            assert raised == {each.flag for each in promised.flags}
        return taken

    return act(five, company, work)


def flags_of(five: Five, company: str, number: int | None) -> tuple[Flag, ...]:
    """Return a ticket's flags, but the one that says that the client had got many letters by then."""
    assert number is not None
    up = act(five, company, lambda session: Flags(session).of(Tickets(session).by_number(number).id))
    return tuple(each for each in up if each.flag != WITHHELD)


@pytest.mark.parametrize("company", sorted(MAIL))
def test_nobody_is_checked_while_no_organisations_are_registered(five: Five, company: str) -> None:
    """The operator has not supplied the list: every request by an official channel is let in, with no flag."""
    taken = mail(five, company)
    assert taken.outcome is Outcome.TICKET
    assert flags_of(five, company, taken.number) == ()


def test_siroca_serves_clients_with_a_licence_in_force_only(five: Five) -> None:
    """1.3: a licence or sublicence in force on the day of receipt; both its days count; another kind does not."""
    organisation = add_organisation(five, "siroca", ContactAddress("email", CLIENT))
    refused = mail(five, "siroca")
    assert (refused.outcome, refused.clause) == (Outcome.REFUSED, "1.3")
    assert mail(five, "siroca", "stranger@else.example").outcome is Outcome.REFUSED
    for kind, first, last, outcome in (
        ("maintenance", "2026-01-01", None, Outcome.REFUSED),
        ("licence", "2026-01-01", "2026-03-15", Outcome.REFUSED),
        ("licence", "2026-03-20", None, Outcome.REFUSED),
        ("sublicence", TODAY, TODAY, Outcome.TICKET),
    ):
        act(five, "siroca", lambda s, a=(organisation.id, kind, "1", first, last): Organisations(s).add_contract(*a))  # type: ignore[misc]
        assert mail(five, "siroca").outcome is outcome, (kind, first, last)
    taken = mail(five, "siroca")
    ticket = act(five, "siroca", lambda s: Tickets(s).by_number(taken.number or 0))
    assert (ticket.organisation, ticket.requester_name) == ("ООО Ромашка", "Лицо")
    five.move_to(NOON + DAY)
    assert mail(five, "siroca").outcome is Outcome.REFUSED  # the sublicence ended yesterday


def test_staff_may_name_the_organisation(five: Five) -> None:
    """A caller unknown by address is entitled through the organisation that staff named, whatever its case."""
    organisation = add_organisation(five, "siroca")
    act(five, "siroca", lambda s: Organisations(s).add_contract(organisation.id, "licence", "1", "2026-01-01", None))
    assert mail(five, "siroca", organisation="ооо  ромашка").outcome is Outcome.TICKET
    assert mail(five, "siroca", organisation="ООО Василёк").outcome is Outcome.REFUSED


def test_an_address_that_nobody_verified_proves_nothing(five: Five) -> None:
    """An unverified address gives no right and identifies nobody."""
    organisation = add_organisation(five, "siroca", ContactAddress("email", CLIENT, verified=False))
    act(five, "siroca", lambda s: Organisations(s).add_contract(organisation.id, "licence", "1", "2026-01-01", None))
    assert mail(five, "siroca").outcome is Outcome.REFUSED


def test_telemedhelp_asks_who_it_is_and_its_clock_runs(five: Five) -> None:
    """6.7: an unknown sender's request is registered and flagged, and its clock runs; a known one has no flag."""
    add_organisation(five, "telemedhelp", ContactAddress("email", CLIENT))
    known, unknown = mail(five, "telemedhelp"), mail(five, "telemedhelp", "stranger@else.example")
    assert (known.outcome, unknown.outcome) == (Outcome.TICKET, Outcome.TICKET)
    assert flags_of(five, "telemedhelp", known.number) == ()
    assert flags_of(five, "telemedhelp", unknown.number) == (Flag(IDENTIFICATION, "6.7"),)

    def work(session: Session) -> tuple[Any, Any]:
        ticket = Tickets(session).by_number(unknown.number or 0)
        due = session.connection.execute(select(clocks.c.state).where(clocks.c.ticket_id == ticket.id)).scalars().all()
        return due, Tickets(session).log(ticket.id)[1]

    states, registered = act(five, "telemedhelp", work)
    assert "running" in states
    assert (registered.what, registered.data["flags"]) == (
        Happened.REGISTERED,
        [{"flag": IDENTIFICATION, "clause": "6.7"}],
    )


def test_specpromdesign_serves_from_the_act_of_acceptance_on(five: Five) -> None:
    """The service begins on the day of the signed act, not before."""
    organisation = add_organisation(five, "specpromdesign", ContactAddress("email", CLIENT))
    piece = {"name": "Станок", "serial": "1", "act_number": "", "accepted_on": None, "warranty_until": "2027-01-01"}
    added = act(five, "specpromdesign", lambda s: Organisations(s).add_equipment(organisation.id, piece))
    assert mail(five, "specpromdesign").clause == "Порядок активации услуг"
    for day, outcome in (("2026-03-17", Outcome.REFUSED), (TODAY, Outcome.TICKET)):
        signed = {**piece, "act_number": "7", "accepted_on": day}
        act(five, "specpromdesign", lambda s, f=signed: Organisations(s).change_equipment(organisation.id, added.id, f))  # type: ignore[misc]
        assert mail(five, "specpromdesign").outcome is outcome


def test_intervale_refuses_what_is_new_of_a_suspended_client_and_goes_on_with_the_old(five: Five) -> None:
    """2.6: a new request and a late reply are refused with the clause; a follow-up joins the old ticket."""
    organisation = add_organisation(five, "intervale", ContactAddress("email", CLIENT))
    old = mail(five, "intervale")
    act(five, "intervale", lambda s: Organisations(s).change(organisation.id, None, suspended_at=s.now))
    refused = mail(five, "intervale")
    assert (refused.outcome, refused.clause) == (Outcome.REFUSED, "2.6")
    assert mail(five, "intervale", "stranger@else.example").outcome is Outcome.TICKET
    five.move_to(NOON + HOUR)
    for received_at, outcome in ((NOON - MINUTE, Outcome.TICKET), (NOON + MINUTE, Outcome.REFUSED)):
        message = Inbound(
            "email", MAIL["intervale"], f"at {received_at}", CLIENT, received_at, "Терминал", "Не работает"
        )
        late = act(five, "intervale", lambda s, m=message: receive(s, five.resources, Arrival(m)))  # type: ignore[misc]
        assert late.outcome is outcome, "what reached us before the suspension was no new request under it"

    def follow_up(session: Session) -> Taken:
        tokens = session.connection.execute(
            select(outbox.c.payload).where(outbox.c.ticket_id == old.ticket_id, outbox.c.kind == "delivery")
        ).scalars()
        token = next(row["token"] for row in tokens)
        message = Inbound("email", MAIL["intervale"], "again", CLIENT, None, "Re", "И ещё", tokens=(token,))
        return receive(session, five.resources, Arrival(message))

    joined = five.database.write_now(five.channel("intervale"), follow_up)
    assert (joined.outcome, joined.number) == (Outcome.FOLLOW_UP, old.number)
    act(five, "intervale", lambda s: Organisations(s).change(organisation.id, None, suspended_at=None))
    assert mail(five, "intervale").outcome is Outcome.TICKET


def test_the_day_of_a_contract_is_the_company_s(five: Five) -> None:
    """Days are counted in the company's zone: at 23:30 in Moscow it is the next day in Bishkek."""
    late = NOON + DAY // 2 - DAY // 48
    assert (day_of(late, "Europe/Moscow"), day_of(late, "Asia/Bishkek")) == (TODAY, "2026-03-17")


def test_pass24_flags_an_old_version(five: Five) -> None:
    """The preamble: below the minimum a request is registered with the flag and its reason; unsaid, nothing is done."""
    organisation = add_organisation(five, "pass24", ContactAddress("email", CLIENT))
    old = (Flag(OLD_VERSION, "Преамбула", "unsupported_use"),)
    for fields, expected in (
        ({}, ()),
        ({"product": "app", "version": "2.0"}, ()),
        ({"product": "app", "version": "1.9.9"}, old),
        ({"product": "other", "version": "0.1"}, ()),
        ({"product": "app"}, ()),
    ):
        taken = mail(five, "pass24", fields=fields)
        assert (taken.outcome, flags_of(five, "pass24", taken.number)) == (Outcome.TICKET, expected), fields
    act(five, "pass24", lambda s: Organisations(s).note_version(organisation.id, "app", "1.0"))
    assert flags_of(five, "pass24", mail(five, "pass24", fields={"product": "app"}).number) == old
