"""Random lives of tickets that belong together: split, merged, linked, grouped under problems, against plain sets."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from tests.integration.desk.companies import COMPANIES
from tests.support import deeds
from tests.support.allowed import may
from tests.support.bound import BY_HAND, KINDS, LINKS, PAIRS, PROBLEM_ACTS, SEEN_AS, Problem
from tests.support.chart import CLOSED
from tests.support.expected import Shadow
from tests.support.machine import Machine, tell
from tests.support.readings import COMPANIES as RULES
from tests.support.still import KNOWN, SECRET, UNKNOWN, Installation

from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.contracts.messages import Inbound, Outcome
from helpdesk.desk.answering import Answers, answer_tickets
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.desk.tickets import links, participants, problems
from helpdesk.desk.tickets.links import ChangedTogether
from helpdesk.desk.tickets.problems import Described, ProblemKept
from helpdesk.domain.commands import Reply, ReplyKind, TicketChanged
from helpdesk.domain.linking import LinkKind, SplitPart
from helpdesk.domain.participants import GUEST, Participant
from helpdesk.domain.threading import make_token
from helpdesk.kernel.errors import Conflict, Invalid, VersionConflict
from helpdesk.kernel.instants import Instant
from helpdesk.queries.tickets.links import list_links
from helpdesk.store.timers import Clocks

TOLD = 20
STEPS = 12
"""Steps in each history at most; a step is up to six acts."""


class Together(Machine):
    """Two companies, few tickets each, and whatever binds them."""

    def __init__(self) -> None:
        super().__init__()
        self.companies: list[str] = []
        self.links: dict[str, set[tuple[int, str, int]]] = {company: set() for company in COMPANIES}
        self.into: dict[tuple[str, int], int] = {}
        """Where a merged ticket's work goes on."""
        self.guests: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        self.problems: dict[str, list[Problem]] = {company: [] for company in COMPANIES}

    @initialize(start=st.sampled_from(deeds.STARTS), companies=PAIRS)
    def begin(self, start: Instant, companies: list[str]) -> None:
        """Some hour, and three letters to each of two companies."""
        self.move_to(start)
        self.companies = companies
        for company in companies * 3:
            self.mail_anew(company)

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
                for _ in range(draw(st.integers(1, 4))):
                    self.work(data)
            case "split":
                self.split(shadow, draw(st.integers(1, 2)), draw(deeds.STALE))
            case "merge":
                self.invite(shadow)
                self.merge(shadow, self._other(shadow, draw(deeds.WHICH)), draw(deeds.STALE))
                self.mail(shadow, guest=True)
            case "link" | "unlink":
                self.link(*self._ends(shadow, draw(deeds.WHICH), draw(st.sampled_from(LINKS)), kind), kind)
            case "mail":
                self.mail(shadow, guest=draw(st.booleans()))
            case "time":
                self.wait(draw(st.sampled_from(deeds.SPANS)), awake=draw(st.booleans()))
            case "register":
                who = draw(st.sampled_from((KNOWN, KNOWN, UNKNOWN)))
                self.register(draw(st.sampled_from(self.companies)), "email", who, draw(deeds.RATED))
            case "problem":
                for act in draw(PROBLEM_ACTS):
                    self.problem(self._other(shadow, draw(deeds.WHICH)), act, draw(st.integers(0, 2)))
            case "answer":
                which = draw(st.integers(0, 2))
                self.problem(shadow, "resolve", which)
                self.answer(shadow.company, which, draw(st.integers(1, 4)))
                if draw(st.booleans()):  # it was no solution after all: everybody is answered anew
                    for act in ("reopen", "resolve"):
                        self.problem(shadow, act, which)
                    self.answer(shadow.company, which, 4)
            case "invite":
                self.invite(shadow)
            case "repeat" if self.again is not None:
                self.again()

    def split(self, shadow: Shadow, count: int, stale: int) -> None:
        """Each further question becomes a ticket with receipt, rating, waits and deadlines of the whole."""
        shadow.pass_to(self.now)
        first = 1 + sum(known.company == shadow.company for known in self.made)
        parts = tuple(SplitPart(f"Вопрос {place}", "Почему?") for place in range(count))
        done = self._together(shadow, links.split, shadow.state != CLOSED, stale, parts=parts)
        if done is None:
            return
        assert [each.number for each in done.others] == [*range(first, first + count)]
        for each in done.others:
            child = self.begun(shadow.split(each.number))
            self.links[shadow.company].add((child.number, "split_from", shadow.number))
            self.guests[child.company, child.number] |= self.guests[shadow.company, shadow.number]
            self._same_receipt(shadow, child)
        self.check(shadow)
        self.told["split"] += 1

    def merge(self, shadow: Shadow, other: Shadow, stale: int) -> None:
        """The work goes on elsewhere: what ran is moot, what was met or breached stays; nothing else changes."""
        self.fire()
        shadow.pass_to(self.now)
        other.pass_to(self.now)
        again = self.into.get((shadow.company, shadow.number)) == other.number
        open_both = CLOSED not in {shadow.state, other.state}
        may = shadow is not other and (again or (open_both and shadow.requester == other.requester))
        before, news = self._clocks(shadow), self._news(shadow, other)
        done = self._together(shadow, links.merge, may, stale, into=other.number)
        if done is None or again:
            assert self._clocks(shadow) == before
            return
        shadow.merge()
        if news:
            other.client_writes(elsewhere=True)
        assert {"merged", "closed"} <= {entry.what for entry in self.look(shadow)[1]}
        self.into[shadow.company, shadow.number] = other.number
        self.guests[other.company, other.number] |= self.guests[shadow.company, shadow.number]
        self.links[shadow.company].add((shadow.number, "merged_into", other.number))
        assert self._clocks(shadow).keys() == before.keys()
        for name, clock in self._clocks(shadow).items():
            if _runs(before[name]):
                assert (clock.state, clock.stopped_at) == (ClockState.CANCELLED, self.now), clock
            else:
                assert (clock.state, clock.due) == (before[name].state, before[name].due)
        self.check(shadow)
        self.check(other)
        self.told["merged"] += 1

    def _news(self, shadow: Shadow, other: Shadow) -> bool:
        """Say whether the client wrote on the one after the last that we said on the other."""
        heard = [e for e in self.look(shadow)[1] if e.what in {"received", "client_message"}]
        spoken = {"received", "answer_sent", "question_sent", "resolved"}
        last = max(entry.at for entry in self.look(other)[1] if entry.what in spoken)
        return any(int(entry.data.get("counts_from", entry.at)) > last for entry in heard)

    def link(self, shadow: Shadow, other: Shadow, kind: LinkKind, act: str) -> None:
        """Said by people and taken back by people; what is there already changes nothing."""
        bound = self.links[shadow.company]
        ends = (shadow.number, kind.value, other.number)
        if kind is LinkKind.RELATED:
            ends = (min(shadow.number, other.number), kind.value, max(shadow.number, other.number))
        by_hand = kind in BY_HAND and shadow is not other
        may = by_hand and (act == "link" or ends in bound)
        self.fire()
        before = self.ticket(shadow).version, self.ticket(other).version
        work = links.link if act == "link" else links.unlink
        done = self._together(shadow, work, may, 1, kind=kind, other=other.number)
        if done is None:
            return
        more = act == "unlink" or ends not in bound
        assert (done.version, done.others[0].version) == (before[0] + more, before[1] + more)
        (bound.add if act == "link" else bound.discard)(ends)
        self.check(shadow)
        self.check(other)
        self.told[act] += 1

    def invite(self, shadow: Shadow) -> None:
        """A guest may write into what is not closed, and into whatever comes of it."""
        self.fire()
        shadow.pass_to(self.now)
        guest = f"guest-{shadow.number}@client.example"
        given: dict[str, Any] = {"resources": self.resources, "number": shadow.number, "expected_version": None}
        work = partial(participants.add_participant, wanted=Participant("email", guest, GUEST), **given)
        known, done = self.guests[shadow.company, shadow.number], self._keep(shadow.company, work, TicketChanged)
        assert (done is not None) == (shadow.state != CLOSED or guest in known)
        if done is not None:
            known.add(guest)

    def mail(self, shadow: Shadow, *, guest: bool) -> None:
        """The client's word goes where the work goes on; to what is closed it is a ticket of its own."""
        ticket = self.tickets[shadow.company, shadow.number]
        token = make_token(SECRET, self.installation.tenants[shadow.company], ticket.id)
        mail = RULES[shadow.company].mail
        self.fire()
        self.check_all()
        where = self._where(shadow)
        guests = sorted(self.guests[where.company, where.number]) if guest and where.state != CLOSED else []
        sender = (*guests, shadow.requester)[0]
        message = Inbound("email", mail, self.key().key, sender, None, "Re", "Ещё", tokens=(token,))
        taken = self.run(self.desk.receive(self.installation.channel(shadow.company), Arrival(message)))
        self.told["commands"] += 1
        self.taken[shadow.company][taken.outcome] += 1
        if where.state != CLOSED:
            assert (taken.outcome, taken.number) == (Outcome.FOLLOW_UP, where.number)
            where.client_writes()
        elif taken.outcome is Outcome.TICKET:
            assert taken.number is not None
            self.registered(shadow.company, taken.number, shadow.requester, None)
            assert self.tickets[shadow.company, taken.number].follows == where.number
            self.links[shadow.company].add((taken.number, "follows", where.number))
        else:
            assert taken.outcome is Outcome.REFUSED
        self.check(where)

    def problem(self, shadow: Shadow, act: str, which: int) -> None:
        """A problem is opened, described, put behind tickets, resolved, opened again."""
        company, known = shadow.company, self.problems[shadow.company]
        found = known[which % len(known)] if known else None
        self.fire()
        self.check_all()
        resources = self.resources
        if found is None or act == "open":
            opening = partial(
                problems.open_problem, resources=resources, what=Described("Сбой"), tickets=[shadow.number]
            )
            kept = self._keep(company, opening, ProblemKept)
            assert kept is not None
            assert kept.number == len(known) + 1
            known.append(Problem(kept.number, tickets={shadow.number}))
            return
        works: dict[str, tuple[bool, Callable[..., Any]]] = {
            "describe": (
                found.state != "resolved",
                partial(problems.describe, what=Described("Сбой", "Сеть" if which else "")),
            ),
            "group": (True, partial(problems.group, resources=resources, ticket=shadow.number)),
            "ungroup": (
                shadow.number in found.tickets,
                partial(problems.ungroup, resources=resources, ticket=shadow.number),
            ),
            "resolve": (
                found.state != "resolved",
                partial(problems.resolve, resources=resources, text="Исправлено, {$number}"),
            ),
            "reopen": (found.state == "resolved", problems.reopen),
        }
        allowed, work = works[act]
        kept = self._keep(company, partial(work, number=found.number, expected_version=None), ProblemKept)
        assert allowed == (kept is not None), (act, found)
        if kept is None:
            return
        match act:
            case "describe":
                found.state = "known" if which else "open"
            case "group":
                found.tickets.add(shadow.number)
            case "ungroup":
                found.tickets.discard(shadow.number)
                found.answered.discard(shadow.number)
            case "resolve":
                found.state = "resolved"
                found.answered.clear()
            case "reopen":
                found.state = "open"
        assert kept.state == found.state
        self.check(shadow)

    def answer(self, company: str, which: int, most: int) -> None:
        """Every unclosed ticket of the problem is answered once, the first ones first, each as any answer would be."""
        known = self.problems[company]
        if not known:
            return
        found = known[which % len(known)]
        self.fire()
        self.check_all()
        shadows = {shadow.number: shadow for shadow in self.made if shadow.company == company}
        waits = sorted(each for each in found.tickets - found.answered if shadows[each].state != CLOSED)
        reply = Reply(0, ReplyKind.ANSWER, "Исправлено", resolves=True)
        can = [each for each in waits[:most] if may(shadows[each], reply)]
        agent = self.installation.agent(company)
        try:
            done: Answers = self.run(answer_tickets(self.desk, agent, found.number, self.key(), most=most))
        except Conflict:
            assert found.state != "resolved"
            return
        assert found.state == "resolved"
        assert list(done.answered) == can
        assert [each.number for each in done.unanswered] == [each for each in waits[:most] if each not in can]
        for each in can:
            shadows[each].do(reply, self.now)
            self.check(shadows[each])
        found.answered.update(can)
        assert done.left == len([each for each in waits if each not in can])
        self.told["answered"] += len(can)

    def end(self) -> None:
        """Whatever binds two tickets is seen from both, and nothing else is."""
        for shadow in self.made:
            seen = self.read(shadow.company, partial(list_links, number=shadow.number))
            bound = self.links[shadow.company]
            expected = [(kind, other) for one, kind, other in bound if one == shadow.number]
            expected += [(SEEN_AS[kind], one) for one, kind, other in bound if other == shadow.number]
            assert [(each.relation, each.number) for each in seen.items] == sorted(expected)
            behind = [each.number for each in self.problems[shadow.company] if shadow.number in each.tickets]
            assert list(seen.problems) == behind
        super().end()

    def _together(
        self, shadow: Shadow, work: Callable[..., ChangedTogether], may: bool, stale: int, **given: Any
    ) -> ChangedTogether | None:
        """Run a handler that concerns several tickets; None: it was refused, and nothing has changed."""
        shadow.pass_to(self.now)
        version = self.ticket(shadow).version
        before = self.digest()
        bound = partial(work, resources=self.resources, number=shadow.number, expected_version=version + (stale == 0))
        done: ChangedTogether | None = self._keep(shadow.company, partial(bound, **given), ChangedTogether)
        assert (done is not None) == (may and stale != 0), (work.__name__, shadow, given)
        if done is None:
            assert self.digest() == before
        else:
            assert (done.number, done.version) == (shadow.number, self.ticket(shadow).version)
        return done

    def _keep(self, company: str, work: Callable[..., Any], kind: type[Any]) -> Any:
        agent, key = self.installation.agent(company), self.key()
        self.told["commands"] += 1
        try:
            done = self.run(self.desk.keep(agent, work, kind, key))
        except (Conflict, Invalid, VersionConflict):
            self.told["refused"] += 1
            return None
        self.again = lambda: self.repeat(lambda key: self.desk.keep(agent, work, kind, key), key, done)
        return done

    def _same_receipt(self, parent: Shadow, child: Shadow) -> None:
        """What ran from the receipt on runs for the question as it does for the whole, to the microsecond."""
        one, other = (self.tickets[each.company, each.number] for each in (parent, child))
        same = ("received_at", "registered_at", "requester", "contact", "channel", "organisation", "snapshot_hash")
        assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
        of_child = self._clocks(child)
        for name, clock in self._clocks(parent).items():
            if _runs(clock) and name[1] == 0 and clock.started_at in {one.received_at, one.registered_at}:
                twins = (clock, of_child[name])
                told = [(c.state, c.due, c.goal, c.warn_at, c.elapsed_us, c.paused_us) for c in twins]
                assert told[0] == told[1]

    def _clocks(self, shadow: Shadow) -> dict[tuple[str, int], ClockView]:
        ticket = self.ticket(shadow)
        found: Sequence[ClockView] = self.read(shadow.company, lambda session: Clocks(session).of(ticket.id))
        return {(clock.name, clock.seq): clock for clock in found}

    def _other(self, shadow: Shadow, which: int) -> Shadow:
        own = [each for each in self.made if each.company == shadow.company]
        return own[-1 - which % len(own)]

    def _ends(self, shadow: Shadow, which: int, kind: LinkKind, act: str) -> tuple[Shadow, Shadow, LinkKind]:
        """Return what to link; to unlink, mostly what is linked by hand, perhaps named from the other side."""
        bound = sorted(each for each in self.links[shadow.company] if LinkKind(each[1]) in BY_HAND)
        if act == "link" or not bound or which == 0:
            return shadow, self._other(shadow, which), kind
        one, name, other = bound[which % len(bound)]
        found = self._numbered(shadow.company, one), self._numbered(shadow.company, other)
        return *(found[::-1] if which % 2 and name == "related" else found), LinkKind(name)

    def _where(self, shadow: Shadow) -> Shadow:
        number = shadow.number
        while (shadow.company, number) in self.into:
            number = self.into[shadow.company, number]
        return self._numbered(shadow.company, number)

    def _numbered(self, company: str, number: int) -> Shadow:
        return next(each for each in self.made if (each.company, each.number) == (company, number))


def _runs(clock: ClockView) -> bool:
    """Say whether it is a promise, even of a time that nobody supplied, that still runs."""
    return clock.kind is not ClockKind.NONE and clock.state in {ClockState.RUNNING, ClockState.PAUSED}


def test_tickets_that_belong_together_keep_every_law(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Split, merge, links, problems: the machine's docstrings say what must hold."""
    told = tell(Together, Installation(tmp_path_factory.mktemp("together")), TOLD, STEPS)
    assert min(told[name] for name in ("split", "merged", "link", "unlink", "answered")) > 5, sorted(told.items())
