"""Plugins' sides as the service calls them, and the service's gateway as plugins call it: each call changes loops.

What a plugin gives and is given is what the contracts say. Its own code runs in its own threads, the service's in the
service's loop, and neither waits for the other without a budget.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Any, TypeVar

from helpdesk.contracts.carriers import Carriage, Carrier
from helpdesk.contracts.channels import Channel, Gateway, Listener, Local, Sender
from helpdesk.contracts.messages import Attachment, Box, Inbound, Letter, Outbound, Receipt
from helpdesk.contracts.notifiers import Notification, NotificationSender, Notifier
from helpdesk.plugins.crossing import cross
from helpdesk.plugins.runner import ASKED_SECONDS, PluginFailed, Runner

T = TypeVar("T")

_REMEMBERED = 10_000
_LONGEST_REMEMBERED = 320


class ApartListener:
    """A channel's receiving side in its plugin's loop."""

    def __init__(self, runner: Runner, listener: Listener) -> None:
        self._runner = runner
        self._listener = listener

    async def start(self, gateway: Gateway) -> None:
        """Have it begin.

        Raises:
            OSError: its port cannot be bound.
            PluginFailed: it did not begin in time.
        """
        there = HandedBack(gateway, asyncio.get_running_loop())
        deadline = asyncio.timeout(ASKED_SECONDS)
        try:
            async with deadline:
                await self._runner.call(partial(self._listener.start, there))
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise PluginFailed(f"it did not begin within {ASKED_SECONDS:g} s") from error

    async def stop(self) -> None:
        """Have it stop; who waits has a budget."""
        await self._runner.call(self._listener.stop)


class ApartSender:
    """A channel's or a carrier's sending side in its plugin's loop."""

    def __init__(self, runner: Runner, sender: Sender | Carriage) -> None:
        self._runner = runner
        self._sender = sender

    async def send(self, message: Outbound) -> str:
        """Have ``message`` sent once; raises what the plugin does."""
        return await self._runner.call(partial(_word_of, self._sender.send, message))


class ApartNotificationSender:
    """A notifier's sending side in its plugin's loop."""

    def __init__(self, runner: Runner, sender: NotificationSender) -> None:
        self._runner = runner
        self._sender = sender

    async def send(self, notification: Notification) -> str:
        """Have it sent once; raises what the plugin does."""
        return await self._runner.call(partial(_word_of, self._sender.send, notification))


class ApartCarriage(ApartSender):
    """A carrier as it is configured: what is asked of it is answered apart as well."""

    def __init__(self, runner: Runner, carriage: Carriage) -> None:
        super().__init__(runner, carriage)
        self._carriage = carriage

    def reaches(self, recipient: str, address: str) -> bool:
        """Say whether who turned from ``recipient`` to ``address`` of ours can be written to there.

        Raises:
            Unavailable: the plugin does not answer.
        """
        return self._runner.questions.ask(lambda: bool(self._carriage.reaches(recipient, address)))

    def fits(self, text: str) -> bool:
        """Say whether a text can be taken as one message.

        Raises:
            Unavailable: the plugin does not answer.
        """
        return self._runner.questions.ask(lambda: bool(self._carriage.fits(text)))


class ApartCarrier:
    """A carrier whose code runs apart."""

    def __init__(self, runner: Runner, carrier: Carrier) -> None:
        self.name = carrier.name
        self.follows = carrier.follows
        self._runner = runner
        self._carrier = carrier

    def settings(self) -> Mapping[str, str]:
        """Name the settings it reads."""
        return self._runner.make(self._carrier.settings)

    def carriage(self, settings: Mapping[str, Any]) -> ApartCarriage | None:
        """Return it as it is configured; raises what the plugin does."""
        made = self._runner.make(lambda: self._carrier.carriage(settings))
        return None if made is None else ApartCarriage(self._runner, made)


class _Normaliser:
    """Asks a plugin for canonical forms, for each address once: the same address has the same form for ever."""

    def __init__(self, runner: Runner, normalise: Callable[[str], str]) -> None:
        self._runner = runner
        self._normalise = normalise
        self._known: dict[tuple[str, ...], str] = {}

    def normalise(self, address: str) -> str:
        """Return the canonical form of an address.

        Raises:
            ValueError: it is none.
            Unavailable: the plugin does not answer.
        """
        return self._remembered((address,), lambda: str(self._normalise(address)))

    def _remembered(self, key: tuple[str, ...], ask: Callable[[], str]) -> str:
        known = self._known.get(key)
        if known is not None:
            return known
        found = self._runner.questions.ask(ask)
        if sum(map(len, key)) <= _LONGEST_REMEMBERED:
            if len(self._known) >= _REMEMBERED:
                self._known = {}
            self._known[key] = found
        return found


class ApartChannel(_Normaliser):
    """A channel whose addresses are read apart."""

    normalise_near: Callable[[str, Collection[str]], str]
    """Of a ``Local`` channel only: who has none is not one."""

    def __init__(self, runner: Runner, channel: Channel) -> None:
        super().__init__(runner, channel.normalise)
        self.kind = channel.kind
        self.answers = channel.answers
        self._channel = channel
        if isinstance(channel, Local):
            self.normalise_near = partial(self._near, channel)

    def _near(self, channel: Local, address: str, ours: Collection[str]) -> str:
        own = tuple(sorted(ours))
        return self._remembered((address, *own), lambda: str(channel.normalise_near(address, own)))

    def settings(self) -> Mapping[str, str]:
        """Name the settings it reads."""
        return self._runner.make(self._channel.settings)

    def listener(self, settings: Mapping[str, Any]) -> ApartListener | None:
        """Return the receiving side; raises what the plugin does."""
        made = self._runner.make(lambda: self._channel.listener(settings))
        return None if made is None else ApartListener(self._runner, made)

    def sender(self, settings: Mapping[str, Any]) -> ApartSender | None:
        """Return the sending side; raises what the plugin does."""
        made = self._runner.make(lambda: self._channel.sender(settings))
        return None if made is None else ApartSender(self._runner, made)


class ApartCollected(ApartChannel):
    """One whose clients come for their letters."""

    def __init__(self, runner: Runner, channel: Channel, collects: str) -> None:
        super().__init__(runner, channel)
        self.collects = collects


class ApartNotifier(_Normaliser):
    """A notifier whose targets are read apart."""

    def __init__(self, runner: Runner, notifier: Notifier) -> None:
        super().__init__(runner, notifier.normalise)
        self.name = notifier.name
        self._notifier = notifier

    def settings(self) -> Mapping[str, str]:
        """Name the settings it reads."""
        return self._runner.make(self._notifier.settings)

    def sender(self, settings: Mapping[str, Any]) -> ApartNotificationSender:
        """Return the sending side; raises what the plugin does."""
        return ApartNotificationSender(self._runner, self._runner.make(lambda: self._notifier.sender(settings)))


class HandedBack:
    """The gateway as a plugin is given it: each call is worked on in the service's loop."""

    def __init__(self, gateway: Gateway, service: asyncio.AbstractEventLoop) -> None:
        self._gateway = gateway
        self._service = service

    async def submit(self, message: Inbound) -> Receipt:
        """As ``Gateway.submit``."""
        return await self._back(partial(self._gateway.submit, message))

    async def knows(self, channel_kind: str, address: str) -> bool:
        """As ``Gateway.knows``."""
        return await self._back(partial(self._gateway.knows, channel_kind, address))

    async def quarantine(self, channel_kind: str, address: str, source_key: str, raw: bytes, cause: str) -> Receipt:
        """As ``Gateway.quarantine``."""
        return await self._back(partial(self._gateway.quarantine, channel_kind, address, source_key, raw, cause))

    async def collect(self, box: Box, after: int, limit: int, wait_seconds: float = 0.0) -> tuple[Letter, ...]:
        """As ``Gateway.collect``."""
        return await self._back(partial(self._gateway.collect, box, after, limit, wait_seconds))

    async def file(self, box: Box, letter_id: str, place: int) -> Attachment | None:
        """As ``Gateway.file``."""
        return await self._back(partial(self._gateway.file, box, letter_id, place))

    async def token_of(self, box: Box, number: int) -> str | None:
        """As ``Gateway.token_of``."""
        return await self._back(partial(self._gateway.token_of, box, number))

    async def _back(self, work: Callable[[], Awaitable[T]]) -> T:
        return await cross(self._service, work)


async def _word_of(send: Callable[[Any], Awaitable[str]], message: Outbound | Notification) -> str:
    return str(await send(message))
