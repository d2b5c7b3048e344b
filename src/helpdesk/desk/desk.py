"""The desk as the edges see it: async methods that hand plain handlers to the database's writer threads."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from helpdesk.contracts.messages import Attachment, Inbound, Outcome
from helpdesk.contracts.transports import PHONE
from helpdesk.desk.changing.change import change_ticket
from helpdesk.desk.changing.firing import fire_timers
from helpdesk.desk.changing.once import once
from helpdesk.desk.changing.records import RacedError
from helpdesk.desk.changing.rejudging import rejudge_ticket
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.receiving.receive import Arrival, quarantine, receive
from helpdesk.desk.tickets.attaching import Put, keep_files, kept_file, put_file
from helpdesk.desk.tickets.handing import Handed, TakeNext, hand_next
from helpdesk.domain.commands import CallOutcome, Idempotency, RegisterCall, Taken, TicketChanged, TicketCommand
from helpdesk.domain.rejudging import Rejudge
from helpdesk.kernel.errors import KeyReused, Refused, Unavailable
from helpdesk.kernel.principal import Principal
from helpdesk.store.calls import Calls
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.upcoming import DueTimer

T = TypeVar("T")

_MOST_TRIES = 8
_CALL_KNOWN = "The call_id came before with other data; what became of those stands, were it a refusal."
_CALL_ANEW = "To register the corrected call, leave call_id out or give it another one."


class Desk:
    """Carries out commands, each in one transaction.

    Every method returns after commit. A command that lost a race is decided again; one that asked for a certain
    version is told instead. ``woken`` is called after each commit, on the writer's thread.
    """

    def __init__(self, database: Database, resources: Resources, woken: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._resources = resources
        self._woken = woken

    async def change(
        self,
        principal: Principal,
        command: TicketCommand,
        *,
        expected_version: int | None = None,
        idempotency: Idempotency | None = None,
    ) -> TicketChanged:
        """Carry out a command on one ticket.

        Raises:
            NotFound: this tenant has no such ticket.
            VersionConflict: the ticket is not at ``expected_version``.
            Conflict: the ticket's state forbids it.
            Invalid: the regulation knows no such level, line, reason or outcome.
            KeyReused: the idempotency key was used with another request.
            Unavailable: nothing was stored; try again later.
        """

        def work(session: Session) -> TicketChanged:
            return change_ticket(session, self._resources, command, expected_version)

        return await self._once(principal, idempotency, TicketChanged, work)

    async def next(self, principal: Principal, wish: TakeNext, *, idempotency: Idempotency | None = None) -> Handed:
        """Give the first waiting ticket to the agent who asks, and to nobody else.

        Raises:
            KeyReused: the idempotency key was used with another request.
            Unavailable: nothing was handed out; try again later.
        """

        def work(session: Session) -> Handed:
            return hand_next(session, self._resources, wish)

        try:
            return await self._once(principal, idempotency, Handed, work)
        except BaseException:
            if principal.tenant_id is not None:
                self._resources.waiting.give_back(principal.tenant_id)
            raise

    async def put_file(
        self,
        principal: Principal,
        number: int,
        file: Attachment,
        *,
        expected_version: int | None = None,
        idempotency: Idempotency | None = None,
    ) -> Put:
        """Put a file to a ticket.

        Raises:
            NotFound, VersionConflict, Conflict, Invalid, KeyReused, Unavailable: as for ``change``.
        """
        assert principal.tenant_id is not None
        kept = await asyncio.to_thread(kept_file, self._resources.files, principal.tenant_id, file)

        def work(session: Session) -> Put:
            return put_file(session, self._resources, number, kept, expected_version)

        return await self._once(principal, idempotency, Put, work)

    async def rejudge(
        self,
        principal: Principal,
        command: Rejudge,
        *,
        expected_version: int | None = None,
        idempotency: Idempotency | None = None,
    ) -> TicketChanged:
        """Have another snapshot of the regulation judge a ticket; an explicit act with before and after.

        Raises:
            NotFound, VersionConflict, KeyReused, Unavailable: as for ``change``.
            Conflict: the ticket is closed or judged by that snapshot already.
            Invalid: there is no such snapshot, or it does not know the ticket's level or line.
        """

        def work(session: Session) -> TicketChanged:
            return rejudge_ticket(session, self._resources, command, expected_version)

        return await self._once(principal, idempotency, TicketChanged, work)

    async def receive(
        self,
        principal: Principal,
        arrival: Arrival,
        *,
        idempotency: Idempotency | None = None,
        completed: Callable[[Session, Arrival], Arrival] | None = None,
    ) -> Taken:
        """Take in one message for the principal's tenant; what became of it is in the answer, refusals included.

        ``completed`` may add what the database knows of the arrival, in the transaction that takes it in.

        Raises:
            Invalid: the level is none of the regulation's, or the given instant of receipt is out of bounds.
            Conflict: no edition of the tenant's regulation is in force.
            KeyReused: the source's key, or the idempotency key, was used with another content.
            Unavailable: nothing was stored; try again later.
        """

        message = await self.keep_files(principal, arrival.message)

        def work(session: Session) -> Taken:
            taking = replace(arrival, message=message)
            return receive(session, self._resources, taking if completed is None else completed(session, taking))

        return await self._once(principal, idempotency, Taken, work)

    async def keep_files(self, principal: Principal, message: Inbound) -> Inbound:
        """Put the message's files into their store; return it without their content.

        Raises:
            Unavailable: the store does not answer; nothing was stored.
        """
        if not message.attachments or principal.tenant_id is None:
            return message
        return await asyncio.to_thread(keep_files, self._resources.files, principal.tenant_id, message)

    async def quarantine(self, principal: Principal, message: Inbound, cause: str) -> Taken:
        """Keep a message that could not be read, for a person's look.

        Raises:
            Conflict, Unavailable: as for ``receive``.
        """

        def work(session: Session) -> Taken:
            return quarantine(session, self._resources, message, cause)

        return await self._write(principal, work)

    async def register_call(
        self, principal: Principal, call: RegisterCall, *, idempotency: Idempotency | None = None
    ) -> Taken:
        """Register a call, or count one that was answered on the spot. The call's id makes it happen once.

        Raises:
            Refused: the regulation does not accept calls here; the ledger has it.
            Invalid, Conflict, KeyReused, Unavailable: as for ``receive``.
        """
        message = Inbound(
            channel_kind=PHONE,
            address=call.dialled,
            source_key=call.call_id,
            sender=call.caller,
            received_at=call.started_at,
            subject=call.summary,
            text=f"{call.summary}\n\n{call.description}".strip(),
            sender_name=call.caller_name,
            level=call.level,
            category=call.category,
            fields=call.fields,
        )
        arrival = Arrival(
            message,
            call.contact,
            call.criterion,
            call.organisation,
            call.outcome is CallOutcome.CONSULTED,
            call.facts,
            call.affected,
            call.repeats,
            call.missing,
        )

        def work(session: Session) -> Taken:
            try:
                found = receive(session, self._resources, arrival)
            except KeyReused as error:
                raise KeyReused(_CALL_KNOWN, hint=_CALL_ANEW) from error
            Calls(session).register(call.call_id, found.first or found.outcome, found.number)
            return found

        taken = await self._once(principal, idempotency, Taken, work)
        if taken.first is not None:  # the same call again gets the same answer
            taken = replace(taken, outcome=taken.first, first=None)
        raise_if_refused(taken)
        return taken

    async def keep(
        self, principal: Principal, work: Callable[[Session], T], kind: type[T], idempotency: Idempotency | None
    ) -> T:
        """Run one of the handlers of ``desk.people``, once; ``kind`` is the type of its answer.

        Raises:
            NotFound, VersionConflict, Conflict, Invalid: as the handler says.
            KeyReused: the idempotency key was used with another request.
            Unavailable: nothing was stored; try again later.
        """
        return await self._once(principal, idempotency, kind, work)

    @property
    def resources(self) -> Resources:
        """What handlers are given."""
        return self._resources

    async def fire(self, principal: Principal, timers: Sequence[DueTimer]) -> int:
        """Fire those of the tenant's ``timers`` whose moments have come and whose epochs hold; return how many did.

        All of them in one transaction: if one fails, none has fired.

        Raises:
            Unavailable: nothing was stored; try again later.
        """

        def work(session: Session) -> int:
            return fire_timers(session, self._resources, timers)

        return await self._write(principal, work, shared=False)

    async def _once(
        self, principal: Principal, idempotency: Idempotency | None, kind: type[T], work: Callable[[Session], T]
    ) -> T:
        """Run ``work``, or give the stored answer where its key was used before."""
        return await self._write(principal, lambda session: once(session, idempotency, kind, partial(work, session)))

    async def _write(self, principal: Principal, work: Callable[[Session], T], *, shared: bool = True) -> T:
        def woken(session: Session) -> T:
            result = work(session)
            session.after_commit(self._woken)
            return result

        for _ in range(_MOST_TRIES):
            try:
                return await self._database.write(principal, woken, shared=shared)
            except RacedError:
                continue
        raise Unavailable("the ticket is being changed by others all the time")


def raise_if_refused(taken: Taken) -> None:
    """Turn a committed refusal into an error, for callers that must be told.

    Raises:
        Refused: it was refused.
    """
    if taken.outcome is Outcome.REFUSED:
        raise Refused(taken.detail, clause=taken.clause, hint=taken.hint, ledger_id=taken.ledger_id)
