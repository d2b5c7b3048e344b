"""What every channel promises, as tests: subclass these in a plugin's own tests, and pytest runs them.

::

    class TestEmail(ChannelContract):
        addresses = {" Support@A.Example ": "support@a.example"}
        no_addresses = ("", "support")

        def channel(self) -> Channel:
            return EmailChannel()


    class TestEmailListener(ListenerContract):
        ...  # says how an input reaches the listener: see ListenerContract

The tests are plain functions; those that wait run a loop of their own, so no plugin of pytest is needed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from enum import Enum
from typing import ClassVar, TypeVar

import pytest

from helpdesk.contracts.channels import Channel, Gateway, Listener, PermanentFailure, Sender, TemporaryFailure
from helpdesk.contracts.messages import Inbound, Outbound
from helpdesk.kernel.errors import Invalid, KeyReused, Unavailable
from helpdesk.testing.gateway import FakeGateway

T = TypeVar("T")


class Answer(Enum):
    """What the source was told about its input."""

    KEPT = "kept"
    """Acknowledged: the source may forget it."""
    REFUSED = "refused"
    """Not taken and never will be; the source knows."""
    AGAIN = "again"
    """Not acknowledged: the source keeps it and comes again."""


Deliver = Callable[[bytes, str], Awaitable[Answer]]
"""Brings one input to our address as the source would, and tells what the source was told."""


def run(main: Awaitable[T], seconds: float = 60.0) -> T:
    """Run ``main`` in a loop of its own, for at most ``seconds``."""

    async def bounded() -> T:
        async with asyncio.timeout(seconds):
            return await main

    return asyncio.run(bounded())


class ChannelContract:
    """Every channel: its name, its settings, its addresses."""

    addresses: ClassVar[Mapping[str, str]]
    """Addresses as people write them, with their canonical forms. At least one."""
    no_addresses: ClassVar[Sequence[str]]
    """What is not an address of this kind. At least one."""

    def channel(self) -> Channel:
        """Return the channel under test."""
        raise NotImplementedError

    def test_kind_is_a_short_lower_case_name(self) -> None:
        """The kind names settings, addresses and deliveries: ``[a-z][a-z0-9_]*``, at most 32 characters."""
        kind = self.channel().kind
        assert kind.isidentifier()
        assert kind == kind.lower()
        assert len(kind) <= 32

    def test_settings_are_named_after_the_channel_and_explained(self) -> None:
        """Each setting begins with ``HELPDESK_<KIND>_`` and has a paragraph that names its default."""
        channel = self.channel()
        for name, paragraph in channel.settings().items():
            assert name.startswith(f"HELPDESK_{channel.kind.upper()}_")
            assert "Default" in paragraph, name

    def test_normalise_gives_the_canonical_form(self) -> None:
        """However an address is written, it is compared in one form."""
        channel = self.channel()
        assert {written: channel.normalise(written) for written in self.addresses} == dict(self.addresses)

    def test_normalise_is_idempotent(self) -> None:
        """The canonical form of a canonical form is itself."""
        channel = self.channel()
        for canonical in self.addresses.values():
            assert channel.normalise(canonical) == canonical

    def test_what_is_no_address_is_refused(self) -> None:
        """ValueError, nothing else, for what is not an address; empty, control characters and endless text included."""
        channel = self.channel()
        for text in (*self.no_addresses, "", "\x00", "\r\n", "x" * 100_000, "\ud800"):
            with pytest.raises(ValueError):  # noqa: PT011 - the text is the plugin's
                channel.normalise(text)

    def test_what_it_gives_keeps_the_protocols(self) -> None:
        """A listener or sender made without settings is one, or None; a wrong setting is a ValueError at this point."""
        channel = self.channel()
        listener, sender = channel.listener({}), channel.sender({})
        assert listener is None or isinstance(listener, Listener)
        assert sender is None or isinstance(sender, Sender)


class ListenerContract:
    """A channel that listens: nothing is acknowledged before it is kept, nothing is kept twice, nothing is lost."""

    ours: ClassVar[Sequence[str]]
    """Two canonical addresses of ours."""
    stranger: ClassVar[str]
    """An address of this kind that no tenant has."""

    def kind(self) -> str:
        """Return the channel's kind."""
        raise NotImplementedError

    def listening(self, gateway: Gateway) -> AbstractAsyncContextManager[Deliver]:
        """Start a listener on ``gateway``; give how to bring inputs to it; stop it at the end."""
        raise NotImplementedError

    def inputs(self) -> Mapping[str, bytes]:
        """Return a few ordinary inputs by name, each another message."""
        raise NotImplementedError

    def hostile(self) -> Mapping[str, bytes]:
        """Return hostile inputs by name."""
        raise NotImplementedError

    def gateway(self) -> FakeGateway:
        """Return a gateway that knows our addresses."""
        return FakeGateway({(self.kind(), address) for address in self.ours})

    def test_an_input_becomes_one_message(self) -> None:
        """Each ordinary input is acknowledged and is one message, to the right address, with its original."""

        async def main() -> None:
            gateway = self.gateway()
            async with self.listening(gateway) as deliver:
                for raw in self.inputs().values():
                    assert await deliver(raw, self.ours[0]) is Answer.KEPT
            assert len(gateway.messages) == len(self.inputs())
            for key, message in gateway.messages.items():
                assert isinstance(message, Inbound)
                assert (message.channel_kind, message.address) == (self.kind(), self.ours[0])
                assert message.source_key == key
                assert message.sender
                assert message.raw
                assert "\x00" not in message.text + message.subject + message.new_text + message.sender_name

        run(main())

    def test_the_same_input_again_has_the_same_key(self) -> None:
        """Redelivery, by the same or a new listener, gives the same source key; another address another one."""

        async def main() -> None:
            gateway = self.gateway()
            name, raw = next(iter(self.inputs().items()))
            for _ in range(2):
                async with self.listening(gateway) as deliver:
                    for _ in range(2):
                        assert await deliver(raw, self.ours[0]) is Answer.KEPT, name
            assert len(gateway.submissions) == 4
            assert len(gateway.messages) == 1
            async with self.listening(gateway) as deliver:
                await deliver(raw, self.ours[1])
            assert len(gateway.messages) == 2

        run(main())

    def test_nothing_is_acknowledged_before_it_is_kept(self) -> None:
        """While the service has not answered, the source hears nothing."""

        async def main() -> None:
            gateway = self.gateway()
            gateway.hold = asyncio.Event()
            async with self.listening(gateway) as deliver:
                raw = next(iter(self.inputs().values()))
                told = asyncio.ensure_future(deliver(raw, self.ours[0]))
                await gateway.reached.wait()
                await asyncio.sleep(0.2)
                assert not told.done()
                assert not gateway.kept
                gateway.hold.set()
                assert await told is Answer.KEPT
                assert len(gateway.kept) == 1

        run(main())

    @pytest.mark.parametrize("failure", [Unavailable(), RuntimeError("bug"), TimeoutError()])
    def test_what_the_service_did_not_keep_comes_again(self, failure: Exception) -> None:
        """When the service fails, the input is not acknowledged; its second delivery is kept under the same key."""

        async def main() -> None:
            gateway = self.gateway()
            gateway.failures = [failure]
            async with self.listening(gateway) as deliver:
                raw = next(iter(self.inputs().values()))
                assert await deliver(raw, self.ours[0]) is Answer.AGAIN
                assert not gateway.kept
                assert await deliver(raw, self.ours[0]) is Answer.KEPT
                assert len(gateway.kept) == 1

        run(main())

    def test_what_the_service_finds_invalid_is_quarantined(self) -> None:
        """An input that the service will never take is kept for a person, and acknowledged."""

        async def main() -> None:
            gateway = self.gateway()
            gateway.refusing = Invalid("no")
            async with self.listening(gateway) as deliver:
                assert await deliver(next(iter(self.inputs().values())), self.ours[0]) is Answer.KEPT
            assert not gateway.messages
            assert len(gateway.quarantined) == 1

        run(main())

    def test_what_is_kept_already_is_acknowledged(self) -> None:
        """A key that the service knows with another content: the source may forget the input."""

        async def main() -> None:
            gateway = self.gateway()
            gateway.refusing = KeyReused()
            async with self.listening(gateway) as deliver:
                assert await deliver(next(iter(self.inputs().values())), self.ours[0]) is Answer.KEPT

        run(main())

    def test_a_strangers_address_is_refused(self) -> None:
        """What is for nobody here is refused at the door, and nothing of it is kept."""

        async def main() -> None:
            gateway = self.gateway()
            async with self.listening(gateway) as deliver:
                assert await deliver(next(iter(self.inputs().values())), self.stranger) is Answer.REFUSED
            assert not gateway.kept

        run(main())

    def test_inputs_at_once_are_all_kept(self) -> None:
        """Fifty deliveries at once, half of them repeated: each input is one message."""

        async def main() -> None:
            gateway = self.gateway()
            inputs = list(self.inputs().values())
            async with self.listening(gateway) as deliver:
                told = await asyncio.gather(*(deliver(inputs[n % len(inputs)], self.ours[0]) for n in range(50)))
            assert set(told) == {Answer.KEPT}
            assert len(gateway.messages) == len(inputs)

        run(main())

    def test_stopping_finishes_what_was_taken(self) -> None:
        """An input that the service is at work on when the listener stops is kept, heard by its source or not."""

        async def main() -> None:
            gateway = self.gateway()
            gateway.hold = asyncio.Event()
            async with self.listening(gateway) as deliver:
                told = asyncio.ensure_future(deliver(next(iter(self.inputs().values())), self.ours[0]))
                await gateway.reached.wait()
                asyncio.get_running_loop().call_later(0.2, gateway.hold.set)
            assert len(gateway.kept) == 1
            assert await told in (Answer.KEPT, Answer.AGAIN)

        run(main())

    def test_every_hostile_input_is_accounted_for(self) -> None:
        """Each ends as a message, in quarantine or refused; an ordinary one right after it is kept in 5 s."""

        async def main() -> None:
            gateway = self.gateway()
            ordinary = next(iter(self.inputs().values()))
            async with self.listening(gateway) as deliver:
                for name, raw in self.hostile().items():
                    before = len(gateway.submissions)
                    told = await deliver(raw, self.ours[0])
                    assert told in (Answer.KEPT, Answer.REFUSED), f"{name}: {told}"
                    assert (len(gateway.submissions) > before) is (told is Answer.KEPT), name
                    async with asyncio.timeout(5):
                        assert await deliver(ordinary, self.ours[1]) is Answer.KEPT, f"after {name}"

        run(main(), 300)


class SenderContract:
    """A channel that sends: a failure says whether another try is worth it."""

    def message(self) -> Outbound:
        """Return a message that can be sent."""
        raise NotImplementedError

    def remote(self, behaviour: str) -> AbstractAsyncContextManager[tuple[Sender, list[bytes]]]:
        """Give a sender whose remote side behaves so, and the list in which it puts what it took.

        ``behaviour``: ``takes``; ``busy`` (says: later); ``refuses`` (says: never); ``gone`` (cannot be reached);
        ``drops`` (takes it, and the connection breaks before its answer).
        """
        raise NotImplementedError

    def test_a_message_is_sent_once_and_the_remote_word_returned(self) -> None:
        """One call, one message at the other side; the return value is not empty."""

        async def main() -> None:
            async with self.remote("takes") as (sender, taken):
                assert await sender.send(self.message())
                assert len(taken) == 1

        run(main())

    @pytest.mark.parametrize("behaviour", ["busy", "gone", "drops"])
    def test_what_may_work_later_is_a_temporary_failure(self, behaviour: str) -> None:
        """Busy, unreachable, or silent after taking it: TemporaryFailure, so that it is tried again."""

        async def main() -> None:
            async with self.remote(behaviour) as (sender, _):
                with pytest.raises(TemporaryFailure):
                    await sender.send(self.message())

        run(main())

    def test_what_is_refused_for_good_is_a_permanent_failure(self) -> None:
        """A refusal that another try cannot change: PermanentFailure."""

        async def main() -> None:
            async with self.remote("refuses") as (sender, _):
                with pytest.raises(PermanentFailure):
                    await sender.send(self.message())

        run(main())

    def test_a_repeated_message_can_be_recognised(self) -> None:
        """Two sendings of one message carry its id both times."""

        async def main() -> None:
            async with self.remote("takes") as (sender, taken):
                for _ in range(2):
                    await sender.send(self.message())
                assert len(taken) == 2
                assert all(self.message().id.encode() in each for each in taken)

        run(main())
