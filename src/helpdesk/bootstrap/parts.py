"""What every instance is made of, whatever its roles: built here, given to each other here, known to nobody else."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import TypeVar
from uuid import UUID

import structlog

from helpdesk.api.app import create_app
from helpdesk.api.services import Check
from helpdesk.bootstrap.plugins import load_plugins, refused, settings_of
from helpdesk.bootstrap.store import open_store
from helpdesk.broker.connection import Connection
from helpdesk.broker.endpoint import ExternalBroker
from helpdesk.broker.server import EmbeddedServer
from helpdesk.contracts.channels import Channel, Listener, Sender
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.companies.reviewing import tell_overdue
from helpdesk.desk.desk import Desk
from helpdesk.desk.outward.deliveries import letter_failed, letter_left
from helpdesk.desk.outward.notifying import disable, event_failed, event_taken, owe_next
from helpdesk.domain.ways import Carried, Ways
from helpdesk.httpserver.server import HttpServer
from helpdesk.intake.gateway import Intake
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import system
from helpdesk.plugins.apart import Apart
from helpdesk.settings import Settings, SettingsError
from helpdesk.store.engine.session import Session
from helpdesk.store.files import FileStore
from helpdesk.store.instance import installation
from helpdesk.store.outbox import OutboxRow, notifier_destination
from helpdesk.store.upcoming import DueTimer
from helpdesk.workers.deliveries import Deliveries
from helpdesk.workers.fanout import Fanout
from helpdesk.workers.forgetting import Forgetting
from helpdesk.workers.indexer import Indexer
from helpdesk.workers.notifications import Notifications
from helpdesk.workers.relay import Relay
from helpdesk.workers.reviews import Reviews
from helpdesk.workers.sealer import Sealer
from helpdesk.workers.shelf import Shelf
from helpdesk.workers.supervisor import Supervisor, Worker
from helpdesk.workers.timekeeper import Timekeeper
from helpdesk.workers.watch import Watch

P = TypeVar("P")
T = TypeVar("T")

_log = structlog.get_logger("helpdesk.plugins")


class Parts:
    """The parts of one instance, connected; nothing runs yet. Building opens the database."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.has_started = False
        """Whether every way in is open and `service.json` says where; until then it is not ready."""
        self.plugins = Apart(load_plugins(settings))
        self.registry = self.plugins.registry
        self.database = open_store(settings)
        self._wakes: list[Callable[[], None]] = []
        self.directory = Directory()
        secret = self.database.read_now(system("bootstrap"), installation).secret
        self._files = FileStore(settings.files_url.reveal())
        self._ways = Ways(self.registry.answering, self._carriers())
        self._resources = Resources(self.directory, secret, self._files, self._ways)
        self.desk = Desk(self.database, self._resources, self._wake)
        self.intake = Intake(self.database, self.desk, self.registry.channels)
        url = settings.nats_url.reveal()
        self.embedded = None if url else EmbeddedServer(settings.data_dir / "nats")
        self.connection = Connection(self.embedded or ExternalBroker(url))
        self.supervisor = Supervisor(self._workers(), drain_seconds=settings.drain_seconds)
        self.listeners = self._listeners()
        self.api = self._api() if "api" in settings.roles else None

    def _wake(self) -> None:
        for wake in self._wakes:
            wake()

    def _workers(self) -> list[Worker]:
        roles = self.settings.roles
        workers: list[Worker] = []
        if "relay" in roles:
            relay = Relay(self.database, self.connection)
            self._wakes.append(relay.wake)
            workers.append(relay)
        if "deliveries" in roles:
            workers += self._deliveries()
            if self.registry.notifiers:
                fanout = Fanout(self.database, owe_next, on_owed=self._wake)
                self._wakes.append(fanout.wake)
                workers += [*self._notifications(), fanout]
        if "indexer" in roles:
            indexer = Indexer(self.database)
            self._wakes.append(indexer.wake)
            workers.append(indexer)
        if "timekeeper" in roles:
            timekeeper = Timekeeper(self.database, self._fire)
            self._wakes.append(timekeeper.wake)
            workers += [timekeeper, Reviews(self._tell_reviews), Sealer(self.database), Forgetting(self.database)]
        return [*workers, Watch(self.plugins.look)]

    def _deliveries(self) -> list[Worker]:
        senders: dict[str, Sender] = self._sides(lambda channel, values: channel.sender(values))
        senders |= {each.name: each.carriage for each in self._ways.carriers}
        shelf = Shelf(self.database, self._resources.secret, self.intake.readers.wake)
        senders |= dict.fromkeys(self.registry.collecting, shelf)
        return [
            Deliveries(
                self.database,
                self.connection,
                kind,
                sender,
                on_delivered=self._letter_left,
                on_failed=self._letter_failed,
                on_settled=self._wake,
                load_file=self._files.get,
            )
            for kind, sender in senders.items()
        ]

    def _notifications(self) -> list[Worker]:
        senders = self._made("notifier", self.registry.notifiers, lambda notifier, values: notifier.sender(values))
        return [
            Deliveries(
                self.database,
                self.connection,
                notifier_destination(name),
                Notifications(self.database, sender, self._disable),
                on_delivered=self._event_taken,
                on_failed=self._event_failed,
                on_settled=self._wake,
            )
            for name, sender in senders.items()
        ]

    def _carriers(self) -> tuple[Carried, ...]:
        """Return the carriers that are configured; each role asks them whom they reach.

        Raises:
            SettingsError: a carrier's setting is not valid.
        """
        carriers = self.registry.carriers
        carriages = self._made("carrier", carriers, lambda carrier, values: carrier.carriage(values))
        return tuple(Carried(name, carriers[name].follows, carriage) for name, carriage in carriages.items())

    def _listeners(self) -> Mapping[str, Listener]:
        if "channels" not in self.settings.roles:
            return {}
        return self._sides(lambda channel, values: channel.listener(values))

    def _sides(self, make: Callable[[Channel, Mapping[str, str]], T | None]) -> dict[str, T]:
        """Return one side of every channel that has it.

        Raises:
            SettingsError: a channel's setting is not valid.
        """
        return self._made("channel", self.registry.channels, make)

    def _made(
        self, what: str, plugins: Mapping[str, P], make: Callable[[P, Mapping[str, str]], T | None]
    ) -> dict[str, T]:
        """Return what plugins make of the settings, by name; None is left out, and so is one that fails.

        Raises:
            SettingsError: a plugin's setting is not valid.
        """
        values = settings_of(self.settings)
        found: dict[str, T] = {}
        for name, plugin in plugins.items():
            try:
                made = make(plugin, values)
            except ValueError as problem:
                told = (str(problem), *refused(self.settings, self.registry))
                raise SettingsError(dict.fromkeys(told)) from problem
            except Exception:
                _log.exception("plugin left out", **{what: name})
                continue
            if made is not None:
                found[name] = made
        return found

    def _api(self) -> HttpServer:
        application = create_app(
            desk=self.desk,
            directory=self.directory,
            database=self.database,
            registry=self.registry,
            checks=self._checks(),
            standing=self.plugins.standing,
            version=version("helpdesk"),
        )
        settings = self.settings
        return HttpServer(application, settings.http_host, settings.http_port, drain_seconds=settings.drain_seconds)

    def _checks(self) -> Mapping[str, Check]:
        async def database() -> str | None:
            if not self.database.in_place():
                return "its file was taken away or replaced: stop the service before you do that"
            try:
                await self.database.read(system("ready"), lambda session: session.now)
            except Unavailable as problem:
                return problem.detail
            return None

        async def workers() -> str | None:
            late = [name for name, health in self.supervisor.health().items() if health.state.value != "ready"]
            return f"not at work: {', '.join(late)}" if late else None

        async def serving() -> str | None:
            if self.api is not None and self.api.draining:
                return "stopping"
            return None if self.has_started else "starting"

        return {"database": database, "workers": workers, "serving": serving}

    async def _tell_reviews(self) -> tuple[str, ...]:
        return await self.database.write(system("reviews"), lambda session: tell_overdue(session, self._resources))

    async def _fire(self, tenant: UUID, timers: Sequence[DueTimer]) -> int:
        return await self.desk.fire(system("timekeeper", tenant), timers)

    def _letter_left(self, session: Session, row: OutboxRow, remote_id: str) -> None:  # noqa: ARG002 the hook's shape
        ticket_id, purpose, recipient = _letter(row)
        if ticket_id is not None:
            letter_left(session, self._resources, ticket_id, purpose, recipient)

    def _letter_failed(self, session: Session, row: OutboxRow, cause: str) -> None:
        ticket_id, purpose, recipient = _letter(row)
        if ticket_id is not None:
            letter_failed(session, self._resources, ticket_id, purpose, recipient, cause)

    def _event_taken(self, session: Session, row: OutboxRow, remote_id: str) -> None:  # noqa: ARG002 the hook's shape
        event_taken(session, row)

    def _event_failed(self, session: Session, row: OutboxRow, cause: str) -> None:
        event_failed(session, self._resources, row, cause)

    def _disable(self, session: Session, subscription: UUID, why: str) -> None:
        disable(session, self._resources, subscription, why)

    async def close(self) -> None:
        """Close the database: what waits in its queues is finished first."""
        await asyncio.to_thread(self.database.close)


def _letter(row: OutboxRow) -> tuple[UUID | None, str, str]:
    """Return the ticket, the purpose and the recipient; the payload may be unreadable, that is why it failed."""
    return row.ticket_id, str(row.payload.get("purpose", "")), str(row.payload.get("recipient", ""))
