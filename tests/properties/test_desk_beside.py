"""Random lives of what goes on beside a ticket: its past elsewhere, its letters' fates, people, tags, files, repairs.

Clients' rights end in its midst, canned answers are given, other editions judge it.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from tests.integration.desk.companies import COMPANIES
from tests.support import deeds, elsewhere, endings
from tests.support.attended import Attended, of_role
from tests.support.chart import CLOSED
from tests.support.expected import Shadow
from tests.support.machine import tell
from tests.support.readings import COMPANIES as RULES
from tests.support.still import ALERTS, KNOWN, Installation

from helpdesk.contracts.messages import Attachment, Nature, Outcome
from helpdesk.desk.outward.deliveries import letter_failed, letter_left
from helpdesk.desk.tickets import canned, participants, tags
from helpdesk.domain.commands import Reply, ReplyKind, TicketChanged
from helpdesk.domain.participants import COPIED, GUEST, Participant
from helpdesk.domain.repairs import Done, RepairAct
from helpdesk.history.run import Job, run_import
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import system
from helpdesk.store.editions import Editions

TOLD = 12
STEPS = 12
"""Steps in each history at most; a step is up to eight acts."""
ACTS = ("work", "work", "work", "register", "letter", "past", "past", "word", "word", "bounce", "fate", "fate", "judge")
KINDS = (*ACTS, "people", "people", "tag", "file", "enclose", "canned", "end", "mend", "mend", "time", "repeat")
FILES = {"image/png": b"\x89PNG\r\n\x1a\n" + bytes(16), "application/zip": b"PK\x03\x04" + bytes(16)}
GUESTS = ("guest@client.example", "head@client.example")
TAGS = ("VIP", "vip ", "Москва  область", "касса")
CANNED = {
    "hello": "Ваш номер {$number}.",
    "docs": "Описано здесь: https://doc.telemed.help/start",
    "elsewhere": "Описано здесь: https://elsewhere.example/start",
}
DONE = st.builds(
    Done,
    st.sampled_from(RepairAct),
    diagnosis=st.sampled_from(("Плата", "")),
    exception=st.sampled_from(("", "", "", "Залит водой")),
    approved_by=st.sampled_from(("", "", "", "Борис")),
    agreed=st.booleans(),
)


class Beside(Attended):
    """One company, few tickets, and whatever is done to them besides the work."""

    @initialize(
        start=st.sampled_from(deeds.STARTS[:-1]), company=st.sampled_from([*COMPANIES, "specpromdesign", "siroca"])
    )
    def begin(self, start: Instant, company: str) -> None:
        """Some hour, two letters to a company, its clients' papers, its canned answers."""
        self.move_to(start)
        self.company = company
        self.learn()
        for name, text in CANNED.items():
            draft = canned.Draft(name, "ru", name, text)
            work = partial(canned.put, resources=self.resources, answer_id=None, draft=draft, expected_version=None)
            assert (self.keep(work) is not None) == (company != "telemedhelp" or name != "elsewhere")  # 6.8
        if company == "specpromdesign":
            for days in (-1, 0, 2):
                self.deliver(None, self.day(-2), self.day(days))
        for _ in range(2):
            self.letter()

    @rule(data=st.data(), kinds=st.lists(st.sampled_from(KINDS), min_size=2, max_size=8))
    def step(self, data: st.DataObject, kinds: list[str]) -> None:
        """Some things happen."""
        for kind in kinds:
            self._one(data, kind)

    def _one(self, data: st.DataObject, kind: str) -> None:
        draw = data.draw
        if kind == "work":
            self.work(data)
            return
        self.move_to(self.now + draw(deeds.PAUSES))
        self.fire()
        self.check_all()
        shadow = self.pick(draw(deeds.WHICH)) if self.made else None
        which = draw(st.integers(0, 11))
        match kind:
            case "register":
                self.register(self.company, draw(st.sampled_from(deeds.BY)), KNOWN, draw(deeds.RATED))
            case "letter":
                self.letter()
            case "past":
                self.bring(data, draw(st.integers(1, 3)))
            case "end":
                self.end_right(which)
            case "mend":
                for done in draw(st.lists(DONE, min_size=1, max_size=5)):
                    self.mend(shadow, which, done)
                    which += 3
            case "time":
                self.wait(draw(st.sampled_from(deeds.SPANS)), awake=draw(st.booleans()))
            case "repeat" if self.again is not None:
                self.again()
            case _ if shadow is not None:
                self._of_ticket(shadow, kind, which)

    def _of_ticket(self, shadow: Shadow, kind: str, which: int) -> None:
        match kind:
            case "word":
                fate = self.fates[shadow.number]
                known = (shadow.requester, *sorted(fate.guests), *sorted(fate.copied))
                self.word(shadow, GUESTS[which % 2] if which > 9 else known[which % len(known)])
            case "bounce":
                self.bounce(shadow)
            case "fate":
                self.letter_meets(shadow, which)
            case "judge":
                self.rejudge(shadow, which % 2)
            case "people":
                self.take_part(shadow, (*GUESTS, *GUESTS, shadow.requester)[which % 5], which // 4)
            case "tag":
                self.tag(shadow, TAGS[which % 4], add=which < 8)
            case "file":
                self.put_file(shadow, sorted(FILES)[which % 2])
            case "enclose":
                self.enclose(shadow, which)
            case "canned":
                self.answer_canned(shadow, [*CANNED, "no such"][which % 4], resolves=which > 7)

    # What comes

    def letter(self) -> None:
        """A known client's letter: let in by what is kept of them on that day, and by nothing else."""
        taken = self.post(self.message(KNOWN))
        assert (taken.outcome is Outcome.TICKET) == self.entitled(), taken
        if taken.number is not None:
            self.registered(self.company, taken.number, KNOWN, None)

    def bring(self, data: st.DataObject, count: int) -> None:
        """Another system's tickets come in once, as they stand, told to nobody; what cannot be is left out."""
        draw, told = data.draw, list[elsewhere.Told]()
        number = 1 + len(self.made)
        for _ in range(count):
            level = draw(st.sampled_from([None, *RULES[self.company].levels]))
            received = self.now - draw(elsewhere.AGES)
            shadow = Shadow(self.company, number, KNOWN, level, received=received)
            known = draw(st.sampled_from((KNOWN, "")))
            one = elsewhere.tell(shadow, self.key().key, self.now, known, draw(elsewhere.EVENTS))
            begun = [each.in_force_from for each in self.read(self.company, lambda session: Editions(session).all())]
            one.possible &= min(begun) <= received
            number += one.possible
            told.append(one)
        came = [each.shadow for each in told if each.possible]
        assert self._bring(told) == (len(came), 0, count - len(came)), told
        self.taken[self.company][Outcome.TICKET] += len(came)
        for each in came:
            self.begun(each)
        before = self.there()
        assert self._bring(told) == (0, len(came), count - len(came))
        assert self.there() == before
        self.told["brought"] += len(came)
        self.told["rejected"] += count - len(came)

    def _bring(self, told: list[elsewhere.Told]) -> tuple[int, int, int]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "export.jsonl"
            elsewhere.write(file, told)
            job = Job(file, elsewhere.MAPPING, Path(folder) / "rejects.jsonl")
            done = run_import(self.database, self.installation.agent(self.company), job)
        return done.imported, done.there, done.rejected

    def word(self, shadow: Shadow, sender: str) -> None:
        """Whoever takes part joins; anybody else with our token is held, and nothing moves."""
        fate = self.fates[shadow.number]
        taken = self.take(shadow, sender)
        if sender not in {shadow.requester, *fate.guests, *fate.copied}:
            assert taken.outcome is Outcome.HELD
            assert self.ticket(shadow) == self.tickets[shadow.company, shadow.number]
        elif shadow.state != CLOSED:
            assert (taken.outcome, taken.number) == (Outcome.FOLLOW_UP, shadow.number)
            shadow.client_writes()
            fate.known()
            self.told["guest's word"] += sender in GUESTS
        elif taken.number is not None:
            self.registered(self.company, taken.number, sender, None)
        else:
            assert taken.outcome is Outcome.REFUSED
        self.check(shadow)

    def bounce(self, shadow: Shadow) -> None:
        """The post sends a letter back: it moves no clock, and may take the acceptance back."""
        taken = self.take(shadow, "mailer-daemon@client.example", Nature.BOUNCE)
        assert taken.outcome is Outcome.NOTED
        fate = self.fates[shadow.number]
        fate.bounces(self.now, ALERTS)
        shadow.lost |= fate.came_back
        self.check(shadow)

    def letter_meets(self, shadow: Shadow, which: int) -> None:
        """A letter leaves, or never can."""
        fate = self.fates[shadow.number]
        owed = [each for each in self.letters() if each.ticket_id == self.ticket(shadow).id]
        owed = [each for each in owed if each.id not in fate.settled]
        if not owed:
            return
        letter, leaves, before = owed[which % len(owed)], which % 3 > 0, self.ticket(shadow).last_seq
        fate.settled.add(letter.id)
        about = {"resources": self.resources, "ticket_id": letter.ticket_id, "purpose": letter.purpose}
        more = {"recipient": letter.recipient, **({} if leaves else {"cause": "550"})}
        work: Callable[..., None] = letter_left if leaves else letter_failed
        principal = system("deliveries:email", self.installation.tenants[self.company])
        self.database.write_now(principal, lambda session: work(session, **about, **more))
        if letter.purpose == "acknowledgement" and leaves:
            fate.letter_left(self.now)
            shadow.withheld = shadow.lost = False
        elif letter.purpose == "acknowledgement":
            fate.letter_failed(ALERTS)
            shadow.lost |= not fate.arrived
        noted = [entry.what.value for entry in self.look(shadow)[1][before:]]
        first = letter.purpose == "acknowledgement"
        assert noted == (["acknowledged"] if leaves and first else [] if leaves else ["bounced"])
        self.check(shadow)
        self.told["left" if leaves else "failed"] += 1

    # What is done

    def take_part(self, shadow: Shadow, address: str, act: int) -> None:
        """Somebody may write into it, with copies or without, or may no longer; whoever asked always may."""
        fate = self.fates[shadow.number]
        role = next((each for each in (GUEST, COPIED) if address in of_role(fate, each)), "")
        if act == 2:
            work = partial(participants.remove_participant, channel_kind="email", address=address)
            allowed = bool(role)
        else:
            wanted = Participant("email", address, (GUEST, COPIED)[act])
            work = partial(participants.add_participant, wanted=wanted)
            allowed = address != shadow.requester and (shadow.state != CLOSED or role == wanted.role)
        version = self.ticket(shadow).version
        done = self._change(shadow, work)
        assert (done is not None) == allowed, (shadow, address, act, role)
        if done is None:
            return
        assert done.version == version + (act == 2 or role != wanted.role)
        for each in (fate.guests, fate.copied):
            each.discard(address)
        if act < 2:
            of_role(fate, (GUEST, COPIED)[act]).add(address)
        self.check(shadow)

    def tag(self, shadow: Shadow, tag: str, *, add: bool) -> None:
        """A word of the company's own is put on it or taken off."""
        fate, word = self.fates[shadow.number], " ".join(tag.split()).casefold()
        wanted = partial(tags.add_tags, wanted=[tag, tag]) if add else partial(tags.remove_tag, tag=tag)
        done = self._change(shadow, wanted)
        assert (done is not None) == (add or word in fate.tags)
        (fate.tags.add if add else fate.tags.discard)(word)
        self.check(shadow)

    def put_file(self, shadow: Shadow, kind: str) -> None:
        """A file is put to it, in any state; what the regulation does not accept goes with no letter (3.2)."""
        file = Attachment("снимок", "text/plain", FILES[kind])
        put = self.run(self.desk.put_file(self.installation.agent(self.company), shadow.number, file))
        if self.company != "siroca" or kind == "image/png":
            self.fates[shadow.number].loose.add(put.file.id)
        self.fates[shadow.number].files.append(put.file.id)
        self.check(shadow)

    def enclose(self, shadow: Shadow, which: int) -> None:
        """A letter takes files along, each once, and only the ticket's own that are kept."""
        if not self.fates[shadow.number].files:
            self.put_file(shadow, sorted(FILES)[which % 2])
        files = [each for fate in self.fates.values() for each in fate.files]
        own = self.fates[shadow.number].files
        among = own if which % 4 else files
        chosen = tuple(among[(which + n) % len(among)] for n in range(1 + which % 2))
        kind = (ReplyKind.ANSWER, ReplyKind.QUESTION, ReplyKind.NOTICE)[which % 3]
        before = {each.id for each in self.letters()}
        if self.command(shadow, Reply(shadow.number, kind, "Во вложении", attachments=chosen)):
            self.fates[shadow.number].loose -= {*chosen}
            new = [each for each in self.letters() if each.id not in before and each.purpose == kind.value]
            assert {each.files for each in new} <= {len({*chosen})}
            self.told["enclosed"] += 1

    def answer_canned(self, shadow: Shadow, name: str, *, resolves: bool) -> None:
        """A canned answer is an answer: what may be answered may be answered so, with links where they may lead."""
        sends = Reply(shadow.number, ReplyKind.ANSWER, CANNED.get(name, ""), resolves=resolves)
        there = name in CANNED and not (self.company == "telemedhelp" and name == "elsewhere")
        allowed = there and self.allowed(shadow, sends)
        command = canned.CannedReply(shadow.number, name, resolves=resolves)
        with self.letters_of(shadow):
            work = partial(canned.reply, resources=self.resources, command=command, expected_version=None)
            done = self.keep(work, TicketChanged)
            assert (done is not None) == allowed, (shadow, name)
            if done is not None:
                shadow.do(sends, self.now)
        self.check(shadow)

    def end(self) -> None:
        """The same; and the evidence of a ticket that was brought in holds too."""
        super().end()
        find, load = self.resources.directory.of, self.resources.files.get
        for shadow in [each for each in self.made if each.since >= 0][:1]:
            self.read(self.company, partial(endings.of_evidence, number=shadow.number, find=find, load=load))

    # The means

    def _change(self, shadow: Shadow, work: Callable[..., TicketChanged]) -> TicketChanged | None:
        bound = partial(work, resources=self.resources, number=shadow.number, expected_version=None)
        done: TicketChanged | None = self.keep(bound, TicketChanged)
        return done


def test_what_goes_on_beside_keeps_every_law(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Pasts, letters' fates, people, tags, files, repairs, papers: the docstrings say what must hold."""
    told = tell(Beside, Installation(tmp_path_factory.mktemp("beside")), TOLD, STEPS)
    names = ("brought", "rejected", "left", "failed", "guest's word", "enclosed", "mended", "papers", "rejudged")
    assert min(told[name] for name in names) > 0, " ".join(f"{name}: {told[name]}" for name in names)
