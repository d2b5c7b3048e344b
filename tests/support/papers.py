"""A machine that also keeps its clients' papers: contracts, equipment and its repairs, and who writes for a client."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.support.expected import Shadow
from tests.support.machine import Machine
from tests.support.mending import OVER, Mending, Piece
from tests.support.still import KNOWN

from helpdesk.desk.people import client_ends, clients
from helpdesk.desk.tickets import repairs
from helpdesk.domain.clients import ContactAddress
from helpdesk.domain.repairs import Done
from helpdesk.kernel.errors import Conflict, Invalid, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import DAY, to_datetime
from helpdesk.store.contacts import Contacts
from helpdesk.store.engine.session import Session
from helpdesk.store.organisations import Organisations
from helpdesk.store.repairs import Repairs


class Papers(Machine):
    """One company and what it keeps of its clients."""

    def __init__(self) -> None:
        super().__init__()
        self.company = ""
        self.organisation: UUID | None = None
        self.mendings: list[Mending] = []
        self.pieces: dict[UUID, Piece] = {}
        self.contracts: dict[UUID, tuple[str, str | None]] = {}
        """Each with its first and last day."""
        self.person: UUID | None = None
        """Who writes for the known client, as the company keeps them."""

    def learn(self) -> None:
        """See what is kept at the beginning."""

        def work(session: Session) -> None:
            found = Organisations(session).find_name(KNOWN)
            if found is None:
                return
            self.organisation = found.id
            for contract in Organisations(session).contracts(found.id):
                self.contracts[contract.id] = contract.first_day, contract.last_day
            for piece in Organisations(session).equipment(found.id):
                self.pieces[piece.id] = Piece(piece.id, KNOWN, piece.accepted_on, piece.warranty_until)
            self.person = Contacts(session).of(found.id)[0].id

        self.read(self.company, work)

    def day(self, days: int = 0, at: int | None = None) -> str:
        """Return the date, so many days from now, where the company is."""
        zone = ZoneInfo("Asia/Bishkek" if self.company == "siroca" else "Europe/Moscow")
        return to_datetime((self.now if at is None else at) + days * DAY).astimezone(zone).date().isoformat()

    def entitled(self) -> bool:
        """Siroca 1.3: a licence that covers the day; SpecPromDesign: from the act of acceptance on."""
        today, known = self.day(), self.person is not None
        match self.company:
            case "siroca":
                return known and any(
                    first <= today and (last is None or today <= last) for first, last in self.contracts.values()
                )
            case "specpromdesign":
                accepted = [piece.accepted_on for piece in self.pieces.values()]
                return known and any(day is not None and day <= today for day in accepted)
        return True

    def end_right(self, which: int) -> None:
        """What is kept of a client changes: nothing that is there moves."""
        if self.organisation is None:
            return
        before = self.there()
        match which % 3:
            case 0 if self.company == "siroca" and self.contracts and which < 6:
                contract = sorted(self.contracts)[which % len(self.contracts)]
                last = self.day(which % 2 - 1)
                work = partial(
                    clients.end_contract, organisation_id=self.organisation, contract_id=contract, last_day=last,
                    expected_version=None,
                )  # fmt: skip
                done = self.keep(work)
                assert (done is not None) == (self.contracts[contract][0] <= last)
                if done is not None:
                    self.contracts[contract] = self.contracts[contract][0], last
            case 0 if self.company == "siroca":
                adding = partial(
                    clients.add_contract, resources=self.resources, organisation_id=self.organisation, kind="licence",
                    number="2", first_day=self.day(), last_day=None,
                )  # fmt: skip
                self.contracts[self.keep(adding).id] = self.day(), None
            case 1 if self.pieces:
                piece = self.pieces[sorted(self.pieces)[which % len(self.pieces)]]
                self._change_piece(piece, which)
            case _ if self.person is not None:
                gone = partial(client_ends.remove_contact, contact_id=self.person, expected_version=None)
                assert self.keep(gone) is not None
                self.person = None
            case _:
                addresses = [ContactAddress("email", KNOWN)]
                back = partial(
                    clients.put_contact, contact_id=None, name="Лицо", organisation_id=self.organisation,
                    authorised=True, addresses=addresses,
                )  # fmt: skip
                self.person = self.keep(back).id
        assert self.there() == before
        self.told["papers"] += 1

    def _change_piece(self, piece: Piece, which: int) -> None:
        if which > 8:
            mended = any(piece.id in {each.piece.id, each.replacement} for each in self.mendings)
            assert self.organisation is not None
            gone = partial(
                client_ends.remove_equipment, organisation_id=self.organisation, equipment_id=piece.id,
                expected_version=None,
            )  # fmt: skip
            done = self.keep(gone)
            assert (done is not None) == (not mended), piece
            if done is not None:
                del self.pieces[piece.id]
            return
        self.deliver(piece, self.day(which % 4 - 2), self.day(which - 4))

    def deliver(self, piece: Piece | None, accepted_on: str, warranty_until: str | None) -> None:
        """Enter a piece of equipment, or what is known of it by now."""
        assert self.organisation is not None
        named = {"name": "Шкаф", "serial": "7", "act_number": "7"}
        work = partial(
            clients.put_equipment, organisation_id=self.organisation, equipment_id=piece.id if piece else None,
            fields={**named, "accepted_on": accepted_on, "warranty_until": warranty_until},
        )  # fmt: skip
        kept = self.keep(work)
        assert (kept is not None) == (warranty_until is None or accepted_on <= warranty_until), piece
        if kept is None:
            return
        if piece is None:
            piece = self.pieces[kept.id] = Piece(kept.id, KNOWN)
        piece.accepted_on, piece.warranty_until = accepted_on, warranty_until

    def mend(self, shadow: Shadow | None, which: int, done: Done) -> None:
        """A repair is begun or goes on, by the drawing; its ticket's log tells of it, whatever state that is in."""
        if which < 3 or not self.mendings:
            if shadow is not None:
                self._request(shadow, which)
            return
        mending = self.mendings[which % len(self.mendings)]
        pieces = sorted(self.pieces)
        if done.act.value == "replace" and which % 4:
            done = Done(done.act, agreed=done.agreed, replacement_id=pieces[which % len(pieces)])
        elif done.act.value != "diagnose":
            done = Done(done.act, agreed=done.agreed and done.act.value in {"begin", "replace"})
        work = partial(repairs.act, resources=self.resources, number=mending.number, done=done, expected_version=None)
        kept = self.keep(work)
        assert (kept is not None) == mending.does(done, self._idle()), (mending, done)
        stored = self.read(self.company, lambda session: Repairs(session).by_number(mending.number))
        told = (stored.state, stored.cover or "", stored.agreed, stored.replacement_id)
        assert told == (mending.state, mending.cover, mending.agreed, mending.replacement)
        payer = None if not mending.cover else "contractor" if mending.cover == "covered" else "client"
        assert (stored.payer, stored.transport_payer) == (payer, payer)
        self.told["mended"] += kept is not None

    def _request(self, shadow: Shadow, which: int) -> None:
        pieces = sorted(self.pieces) or [new_id()]
        wanted = pieces[which % len(pieces)]
        ticket = self.ticket(shadow)
        work = partial(
            repairs.request_repair, resources=self.resources, ticket=shadow.number, equipment_id=wanted, fault="Треск"
        )
        kept = self.keep(work)
        idle = self.company == "specpromdesign" and wanted in self._idle()
        assert (kept is not None) == (idle and ticket.organisation == KNOWN), (shadow, wanted)
        if kept is not None:
            told_on = self.day(at=ticket.received_at)
            self.mendings.append(Mending(kept.number, shadow.number, self.pieces[wanted], told_on))
            assert kept.number == len(self.mendings)
            self.check(shadow)

    def _idle(self) -> dict[UUID, Piece]:
        """Return the pieces that are not under repair."""
        busy = {each.piece.id for each in self.mendings if each.state not in OVER}
        return {piece.id: piece for piece in self.pieces.values() if piece.id not in busy}

    def keep(self, work: Callable[..., Any], kind: type[Any] = object) -> Any:
        """Run a handler as an agent does; None: it was refused, and nothing has changed."""
        agent, key = self.installation.agent(self.company), self.key()
        self.told["commands"] += 1
        before = self.digest()
        try:
            done = self.run(self.desk.keep(agent, work, kind, key))
        except (Conflict, Invalid, NotFound):
            self.told["refused"] += 1
            assert self.digest() == before
            return None
        if kind is not object:
            self.again = lambda: self.repeat(lambda key: self.desk.keep(agent, work, kind, key), key, done)
        return done
