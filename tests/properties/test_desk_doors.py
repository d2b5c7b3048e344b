"""Random lives at the doors: clients suspended, hours announced, editions published, doubtful letters, files.

What comes is judged by what is in force then; what is there already moves only by an act of its own.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from msgspec import Struct
from sqlalchemy import select
from tests.integration.desk.companies import COMPANIES, POLICIES
from tests.support import deeds
from tests.support.chart import CLOSED
from tests.support.expected import CALENDARS, Shadow
from tests.support.machine import Machine, tell
from tests.support.readings import COMPANIES as RULES
from tests.support.still import KNOWN, OPERATOR, SECRET, Installation

from helpdesk.contracts.messages import Attachment, Inbound, Outcome
from helpdesk.desk.changing.versions import Kept
from helpdesk.desk.companies.announcing import Announce, announce, withdraw
from helpdesk.desk.companies.editions import draft_of, publish, supplied_now
from helpdesk.desk.people import clients
from helpdesk.desk.receiving.holds import HoldResolved, ResolveHold, resolve_hold
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.desk.tickets.complaints import Complain, complain
from helpdesk.domain.rejudging import Rejudge
from helpdesk.domain.threading import make_token
from helpdesk.kernel.errors import Conflict, Invalid, Refused
from helpdesk.kernel.instants import DAY, HOUR, MINUTE, Instant, to_datetime
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.editions import Editions
from helpdesk.store.organisations import Organisations
from helpdesk.store.schema import attachments
from helpdesk.store.timers import Clocks
from helpdesk.verify.calendar import Calendar
from helpdesk.verify.deadlines import recompute
from helpdesk.verify.specs import read_case_form

TOLD = 20
STEPS = 12
"""Steps in each history at most; a step is up to six acts."""
ACTS = ("work", "work", "register", "late", "hold", "resolve", "resolve", "suspend", "mail", "file")
KINDS = (*ACTS, "announce", "withdraw", "publish", "rejudge", "closes", "complain", "identify", "time", "repeat")
FILES = {"image/png": b"\x89PNG\r\n\x1a\n" + bytes(16), "application/zip": b"PK\x03\x04" + bytes(16)}
ACCEPTED = {"intervale": {"image/png", "application/zip"}, "siroca": {"image/png"}}
"""Where only these are kept (5.4, 3.2)."""
HOURS: dict[str, list[list[str]]] = {"10:00-14:00": [["10:00", "14:00"]], "": []}
COUNTED = {
    "telemedhelp": ("telemed", {"unit": "working", "value": 5 * MINUTE}),  # 3.1
    "specpromdesign": ("specprom", {"unit": "working", "value": 24 * HOUR}),  # the lowest level's
}
"""What a letter's reaction is counted by."""


class Announced(Struct):
    """An announcement of other hours on a date."""

    id: UUID
    day: str
    hours: str
    withdrawn: bool = False


class Doors(Machine):
    """One company and whatever comes to it."""

    def __init__(self) -> None:
        super().__init__()
        self.company = ""
        self.held: list[tuple[UUID, str, Instant]] = []
        self.announced: list[Announced] = []
        self.suspended: set[str] = set()

    @initialize(
        start=st.sampled_from(deeds.STARTS[:-1]), company=st.sampled_from([*COMPANIES, "telemedhelp", "intervale"])
    )
    def begin(self, start: Instant, company: str) -> None:
        """Some hour, and two letters to a company."""
        self.move_to(start)
        self.company = company
        for _ in range(2):
            self.letter()

    @rule(data=st.data(), kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=6))
    def step(self, data: st.DataObject, kinds: list[str]) -> None:
        """Some things happen."""
        for kind in kinds:
            self._one(data, kind)

    def _one(self, data: st.DataObject, kind: str) -> None:
        draw = data.draw
        self.move_to(self.now + draw(deeds.PAUSES))
        shadow = self.pick(draw(deeds.WHICH))
        match kind:
            case "work":
                self.work(data)
            case "register":
                self.register(self.company, draw(st.sampled_from(deeds.BY)), draw(st.sampled_from(deeds.WHO)), 1)
            case "mail":
                self.letter(draw(st.sampled_from([None, *FILES])))
            case "late":
                self.joins(shadow)
            case "hold":
                self.stranger(shadow)
            case "resolve" if self.held:
                which, act = draw(st.integers(0, 9)), draw(st.sampled_from(("ticket", "joined", "joined", "discarded")))
                self.resolve(self.held[which % len(self.held)], act, shadow)
            case "suspend":
                self.suspend(draw(st.booleans()))
            case "file":
                self.put_file(shadow, draw(st.sampled_from(sorted(FILES))))
            case "announce":
                self.announce(draw(st.integers(-1, 4)), draw(st.sampled_from(sorted(HOURS))))
            case "closes":
                self.closes()
            case "withdraw" if self.announced:
                self.withdraw(self.announced[draw(st.integers(0, 9)) % len(self.announced)])
            case "publish":
                self.publish(draw(st.sampled_from((-HOUR, HOUR, 3 * DAY))), draw(st.sampled_from(("ignore", "honour"))))
            case "rejudge":
                self.judge_by_present(shadow)
            case "complain":
                self.complain(shadow)
            case "identify":
                self.identify(shadow)
            case "time":
                self.wait(draw(st.sampled_from(deeds.SPANS)), awake=draw(st.booleans()))
            case "repeat" if self.again is not None:
                self.again()

    def letter(self, file: str | None = None) -> None:
        """A known client's letter: let in unless suspended, counted by the hours that are announced by now."""
        files = (Attachment("a", file, FILES[file]),) if file else ()
        message = self._message(KNOWN, files)
        taken = self._take(message)
        if KNOWN in self.suspended:
            assert (taken.outcome, taken.clause) == (Outcome.REFUSED, "2.6")  # Intervale's
            return
        assert taken.number is not None
        shadow = self.registered(self.company, taken.number, KNOWN, None)
        self._judged_by_what_is_in_force(shadow)
        if self.company in COUNTED and not self._honours():
            assert self._reaction(shadow) == self._slow_reaction()
        if file:
            self._has_file(shadow, file)

    def joins(self, shadow: Shadow) -> None:
        """A word to what goes on joins, whoever is suspended; a word to what is closed is a new request."""
        self.fire()
        shadow.pass_to(self.now)
        taken = self._take(self._message(shadow.requester, (), self._token(shadow)))
        if shadow.state != CLOSED:
            assert (taken.outcome, taken.number) == (Outcome.FOLLOW_UP, shadow.number)
            shadow.client_writes()
        elif taken.outcome is Outcome.TICKET:
            self._follower(shadow, taken.number, shadow.requester)
        else:
            assert taken.outcome is Outcome.REFUSED
            assert shadow.requester in self.suspended or self.company != "telemedhelp"
        self.check(shadow)

    def stranger(self, shadow: Shadow) -> None:
        """A stranger's word with our token is held, and nothing moves."""
        before = self.digest("ledger", "holds", "inbox", "raw_messages", "attachments")
        who = f"stranger-{self.keys}@else.example"
        taken = self._take(self._message(who, (), self._token(shadow)))
        assert (taken.outcome, taken.number) == (Outcome.HELD, None)
        assert self.digest("ledger", "holds", "inbox", "raw_messages", "attachments") == before
        self.held.append((taken.ledger_id, who, self.now))

    def resolve(self, held: tuple[UUID, str, Instant], act: Any, shadow: Shadow) -> None:
        """An agent makes it a ticket, joins it to one, or discards it, once; its clocks count from when it came."""
        ledger_id, who, came = held
        self.fire()
        self.check_all()
        command = ResolveHold(ledger_id, act, shadow.number, "спам")
        done = self._keep(partial(resolve_hold, resources=self.resources, command=command), HoldResolved)
        if done is None:
            return  # the regulation does not let a stranger's request in
        self.held.remove(held)
        again = self.digest()
        assert self._keep(partial(resolve_hold, resources=self.resources, command=command), HoldResolved) is None
        assert self.digest() == again
        self.told["resolved"] += 1
        if act == "discarded":
            assert done.number is None
        elif act == "joined" and shadow.state != CLOSED:
            assert done.number == shadow.number
            shadow.client_writes()
            self.check(shadow)
        elif act == "joined":
            self._received_at(self._follower(shadow, done.number, who), came)
        else:
            assert done.number is not None
            self._received_at(self.registered(self.company, done.number, who, None), came)

    def suspend(self, ends: bool) -> None:
        """Only Intervale's clients are suspended (2.6), once; nothing that is there moves."""
        before = self.there()
        found = self.read(self.company, lambda session: Organisations(session).find_name(KNOWN))
        if found is None:
            return
        if ends:
            work = partial(clients.end_suspension, organisation_id=found.id, expected_version=None)
            allowed = KNOWN in self.suspended
        else:
            work = partial(
                clients.suspend, resources=self.resources, organisation_id=found.id, why="долг", expected_version=None
            )
            allowed = self.company == "intervale" and KNOWN not in self.suspended
        assert (self._keep(work, Kept) is not None) == allowed
        if allowed:
            self.suspended ^= {KNOWN}
        assert self.there() == before

    def put_file(self, shadow: Shadow, kind: str) -> None:
        """A file is kept, or kept aside where its kind is not accepted; a closed ticket takes files too."""
        file = Attachment("снимок", "text/plain", FILES[kind])
        put = self.run(self.desk.put_file(self.installation.agent(self.company), shadow.number, file))
        kept = kind in ACCEPTED.get(self.company, set(FILES))
        assert (put.file.content_type, put.file.state.value) == (kind, "kept" if kept else "quarantined")
        shadow.pass_to(self.now)
        self.check(shadow)

    def announce(self, days: int, hours: str) -> None:
        """Other hours on a later date are announced: nothing that is there moves, and the past is not announced."""
        zone = "Asia/Bishkek" if self.company == "siroca" else "Europe/Moscow"
        day = to_datetime(self.now + days * DAY).astimezone(ZoneInfo(zone)).date().isoformat()
        before = self.there()
        command = Announce({"ru": "Другие часы", "en": "Other hours"}, {day: (hours,) if hours else ()})
        kept = self._keep(partial(announce, resources=self.resources, command=command), Kept) if days else None
        assert (kept is not None) == (days > 0) or days == 0
        if kept is not None:
            self.announced.append(Announced(kept.id, day, hours))
            self.told["announced"] += 1
        assert self.there() == before

    def closes(self) -> None:
        """Tomorrow we are closed, and so we are under whatever version is published till then."""
        self.announce(1, "")
        self.publish(HOUR, "ignore")
        self.wait(DAY, awake=True)
        self.letter()

    def withdraw(self, announced: Announced) -> None:
        """It is taken back before its date, once; nothing that is there moves."""
        before = self.there()
        kept = self._keep(partial(withdraw, announcement_id=announced.id, why="ошибка"), Kept)
        if kept is not None and to_datetime(self.now).date().isoformat() < announced.day:
            announced.withdrawn = True
        elif kept is not None:
            self.announced = [each for each in self.announced if each is not announced]
            self.vague = True
        assert self.there() == before

    vague = False
    """An announcement was withdrawn on its very day: what is left of it is told elsewhere."""

    def publish(self, after: int, short_days: str) -> None:
        """Another version is published for later, never for the past; nothing that is there moves."""
        before, since = self.there(), self.now + after
        slug = self.company
        supplied = self.database.read_now(OPERATOR, partial(supplied_now, slug=slug))
        readings = {**supplied.readings, "short_days": short_days}
        package = load_package(POLICIES / slug)
        draft = draft_of(package, {}, supplied=type(supplied)(supplied.parameters, readings), since=since)
        try:
            self.database.write_now(OPERATOR, partial(publish, draft=draft))
        except Invalid:
            assert after < 0
        else:
            assert after > 0
            self.told["published"] += 1
        assert self.there() == before

    def judge_by_present(self, shadow: Shadow) -> None:
        """What is in force now judges it from here on; what is closed is never judged anew."""
        shadow.pass_to(self.now)
        there = self.ticket(shadow).snapshot_hash
        allowed = shadow.state != CLOSED and there != self._in_force(self.now)
        work = self.desk.rejudge(self.installation.agent(self.company), Rejudge(shadow.number, "объявление"))
        try:
            self.run(work)
        except Conflict:
            assert not allowed
            self.fire()
        else:
            assert allowed
            assert self.ticket(shadow).snapshot_hash == self._in_force(self.now)
            self.told["rejudged"] += 1
        self.check(shadow)

    def complain(self, shadow: Shadow) -> None:
        """A complaint goes by Siroca's way (3.3) and leaves no trace on the ticket; elsewhere there is none."""
        before = self.there()
        command = Complain("Грубят", shadow.number, "Анна", contact=KNOWN)
        kept = self._keep(partial(complain, resources=self.resources, command=command), Kept)
        assert (kept is not None) == (self.company == "siroca")
        assert self.there() == before

    def identify(self, shadow: Shadow) -> None:
        """It becomes known whose request it is, unless it is closed; a wait for that ends."""
        self.fire()
        shadow.pass_to(self.now)
        work = partial(
            clients.identify, resources=self.resources, number=shadow.number, contact_id=None, organisation=KNOWN,
            expected_version=None,
        )  # fmt: skip
        done = self._keep(work, object)
        assert (done is not None) == (shadow.state != CLOSED and self.company != "telemedhelp")
        if done is not None:
            assert self.ticket(shadow).organisation == KNOWN
            if "identification" in shadow.waits:
                shadow.waits.pop("identification")
        self.check(shadow)

    def _message(self, sender: str, files: tuple[Attachment, ...], *tokens: str) -> Inbound:
        key = self.key().key
        mail = RULES[self.company].mail
        return Inbound("email", mail, key, sender, None, f"Письмо {key}", "Ещё", attachments=files, tokens=tokens)

    def _take(self, message: Inbound) -> Any:
        taken = self.run(self.desk.receive(self.installation.channel(self.company), Arrival(message)))
        self.told["commands"] += 1
        self.taken[self.company][taken.outcome] += 1
        return taken

    def _token(self, shadow: Shadow) -> str:
        return make_token(SECRET, self.installation.tenants[self.company], self.ticket(shadow).id)

    def _follower(self, shadow: Shadow, number: int | None, who: str) -> Shadow:
        assert number is not None
        missing = shadow.rules.demands.get(shadow.by, ())
        found = self.registered(self.company, number, who, None, shadow.by, missing)
        assert self.tickets[self.company, number].follows == shadow.number
        return found

    def _received_at(self, shadow: Shadow, came: Instant) -> None:
        assert self.ticket(shadow).received_at == came
        shadow.received = came

    def _keep(self, work: Callable[..., Any], kind: type[Any]) -> Any:
        self.told["commands"] += 1
        try:
            return self.run(self.desk.keep(self.installation.agent(self.company), work, kind, None))
        except (Conflict, Invalid, Refused):
            self.told["refused"] += 1
            return None

    def _in_force(self, at: Instant) -> str | None:
        known = self.read(self.company, lambda session: Editions(session).all())
        begun = [each for each in known if each.in_force_from <= at]
        return max(begun, key=lambda each: (each.in_force_from, each.published_at)).snapshot_hash if begun else None

    def _judged_by_what_is_in_force(self, shadow: Shadow) -> None:
        assert self.ticket(shadow).snapshot_hash == self._in_force(self.now)

    def _honours(self) -> bool:
        """Say whether short days are honoured, or hours are vague: then the slow reaction is another one."""
        supplied = self.database.read_now(OPERATOR, partial(supplied_now, slug=self.company))
        return self.vague or supplied.readings.get("short_days") == "honour"

    def _reaction(self, shadow: Shadow) -> Instant | None:
        ticket = self.ticket(shadow)
        clocks = self.read(self.company, lambda session: Clocks(session).of(ticket.id))
        return next(clock.due for clock in clocks if clock.name == "reaction")

    def _slow_reaction(self) -> Instant | None:
        name, amount = COUNTED[self.company]
        plain = json.loads((CALENDARS / f"{name}.json").read_bytes())
        for each in self.announced:
            if not each.withdrawn:
                plain["open_dates"][each.day] = HOURS[each.hours]
        return recompute(Calendar(read_case_form(plain)), self.now, amount).due

    def _has_file(self, shadow: Shadow, kind: str) -> None:
        wanted = select(attachments.c.state).where(attachments.c.ticket_id == self.ticket(shadow).id)
        rows = self.read(self.company, lambda session: session.connection.execute(wanted).all())
        kept = kind in ACCEPTED.get(self.company, set(FILES))
        assert [row.state for row in rows] == ["kept" if kept else "quarantined"]


def test_what_comes_is_judged_by_what_is_in_force(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Suspensions, announcements, editions, doubtful letters, files, complaints: the docstrings say what must hold."""
    told = tell(Doors, Installation(tmp_path_factory.mktemp("doors")), TOLD, STEPS)
    names = ("resolved", "announced", "published", "rejudged")
    assert min(told[name] for name in names) > 1, sorted(told.items())
