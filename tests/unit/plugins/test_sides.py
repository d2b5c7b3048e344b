"""Plugins' sides behind their runner: the contract is unchanged, whatever thread it is kept in."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Collection, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from helpdesk.contracts.channels import Gateway, Listener, Local, TemporaryFailure
from helpdesk.contracts.messages import Inbound, Outbound, Outcome
from helpdesk.domain.ways import Carried, Ways
from helpdesk.kernel.errors import KeyReused, NotFound, Unavailable
from helpdesk.plugins import runner as runners
from helpdesk.plugins import sides
from helpdesk.plugins.apart import SHORT_TURN_SECONDS, Apart
from helpdesk.plugins.registry import Registry
from helpdesk.plugins.runner import PluginFailed, Runner
from helpdesk.plugins.sides import ApartCarriage, ApartListener, ApartSender, HandedBack
from helpdesk.testing.gateway import FakeGateway

pytestmark = pytest.mark.anyio

LETTER = Outbound("1", "pigeon", "help", "ann", "", "hello")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def runner() -> AsyncIterator[Runner]:
    made = Runner("pigeon")
    yield made
    await made.end(30)


class Pigeon:
    """A channel with a listener, a sender and clients who come for their letters."""

    kind = "pigeon"
    answers = True
    collects = "m:"

    def __init__(self) -> None:
        self.threads: set[str] = set()
        self.asked = 0
        self.gateway: Gateway | None = None

    def note(self) -> None:
        self.threads.add(threading.current_thread().name)

    def settings(self) -> Mapping[str, str]:
        self.note()
        return {"HELPDESK_PIGEON_LOFT": "Where. Default: none."}

    def normalise(self, address: str) -> str:
        self.note()
        self.asked += 1
        if not address:
            raise ValueError("an address is not empty")
        return address.lower()

    def listener(self, settings: Mapping[str, Any]) -> "Pigeon":
        self.note()
        return self

    def sender(self, settings: Mapping[str, Any]) -> "Pigeon":
        self.note()
        return self

    async def start(self, gateway: Gateway) -> None:
        self.note()
        self.gateway = gateway

    async def stop(self) -> None:
        self.note()

    async def send(self, message: Outbound) -> str:
        self.note()
        return f"flew with {message.id}"


async def test_all_of_a_plugins_code_runs_in_its_own_threads() -> None:
    """One for its loop, one for what is asked; the registry says of it what it said before."""
    pigeon = Pigeon()
    registry = Registry({"pigeon": pigeon}, {}, {}, (), providers={"channel:pigeon": "post"})
    apart = Apart(registry)
    channel = apart.registry.channels["pigeon"]
    listener, sender = channel.listener({}), channel.sender({})
    assert listener is not None
    assert sender is not None
    await listener.start(FakeGateway([]))
    assert await sender.send(LETTER) == "flew with 1"
    assert channel.normalise("Ann") == "ann"
    assert list(channel.settings()) == ["HELPDESK_PIGEON_LOFT"]
    await listener.stop()
    await apart.end(30)
    assert pigeon.threads == {"plugin post", "asked post"}
    assert (apart.registry.collecting, apart.registry.answering) == (registry.collecting, registry.answering)


async def test_a_spin_leaves_the_interpreter_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a plugin stands still, threads take shorter turns; once it goes on, and at the end, all is as before."""
    monkeypatch.setattr(runners, "STANDING_SECONDS", 0.0)
    before, over = sys.getswitchinterval(), threading.Event()
    apart = Apart(Registry({"pigeon": Pigeon()}, {}, {}, ()))
    channel = apart.registry.channels["pigeon"]
    assert isinstance(channel, sides.ApartChannel)
    blocking = asyncio.ensure_future(channel._runner.call(lambda: asyncio.sleep(0, over.wait())))
    await asyncio.sleep(0)
    apart.look()
    assert list(apart.standing()) == ["channel:pigeon"]
    assert sys.getswitchinterval() == pytest.approx(SHORT_TURN_SECONDS)
    over.set()
    await blocking
    await apart.end(30)
    assert sys.getswitchinterval() == pytest.approx(before)


async def test_the_same_address_is_asked_about_once(runner: Runner) -> None:
    """Its form is the same for ever; what is none is asked about again."""
    pigeon = Pigeon()
    channel = sides.ApartChannel(runner, pigeon)
    assert [channel.normalise("Ann") for _ in range(3)] == ["ann"] * 3
    for _ in range(2):
        with pytest.raises(ValueError, match="not empty"):
            channel.normalise("")
    assert pigeon.asked == 3


class Homing(Pigeon):
    """One whose addresses are shortened near ours."""

    def normalise_near(self, address: str, ours: Collection[str]) -> str:
        return f"{self.normalise(address)} of {' or '.join(ours)}"


async def test_addresses_are_read_near_ours_where_the_channel_can(runner: Runner) -> None:
    """Asked apart and once as well, whatever the order of ours; a channel that cannot is not one that can."""
    homing = Homing()
    channel = sides.ApartChannel(runner, homing)
    assert isinstance(channel, Local)
    assert not isinstance(sides.ApartChannel(runner, Pigeon()), Local)
    assert {channel.normalise_near("Ann", ours) for ours in (["x", "y"], ["y", "x"])} == {"ann of x or y"}
    assert channel.normalise_near("Ann", ["x"]) == "ann of x"
    assert (homing.asked, homing.threads) == (2, {"asked pigeon"})


async def test_the_gateway_works_in_the_services_loop(runner: Runner) -> None:
    """Receipts and errors come back as they are; the service's loop does the work."""
    loops: set[asyncio.AbstractEventLoop] = set()

    class Noting(FakeGateway):
        async def _before(self) -> None:
            loops.add(asyncio.get_running_loop())
            await super()._before()

    gateway = Noting([("pigeon", "help")])
    there = HandedBack(gateway, asyncio.get_running_loop())
    message = Inbound("pigeon", "help", "k1", "ann", None)

    async def use() -> None:
        assert (await there.submit(message)).outcome is Outcome.TICKET
        assert (await there.quarantine("pigeon", "help", "k2", b"?", "unreadable")).outcome is Outcome.QUARANTINED
        assert await there.knows("pigeon", "help")
        with pytest.raises(NotFound):
            await there.submit(Inbound("pigeon", "nobody", "k3", "ann", None))
        gateway.refusing = KeyReused()
        with pytest.raises(KeyReused):
            await there.submit(message)

    await runner.call(use)
    assert loops == {asyncio.get_running_loop()}
    assert gateway.kept == {"k1", "k2"}


async def test_a_plugin_may_stop_waiting_for_the_gateway(runner: Runner) -> None:
    """Its budget is over when it is over, and the service's work is told."""
    gateway = FakeGateway([("pigeon", "help")])
    gateway.hold = asyncio.Event()
    there = HandedBack(gateway, asyncio.get_running_loop())

    async def use() -> None:
        submitting = asyncio.ensure_future(there.submit(Inbound("pigeon", "help", "k1", "ann", None)))
        await there.knows("pigeon", "help")
        submitting.cancel()
        await asyncio.wait([submitting])
        assert submitting.cancelled()

    await runner.call(use)
    await asyncio.sleep(0)
    assert gateway.kept == set()


async def test_a_gateway_whose_service_has_gone_is_unavailable(runner: Runner) -> None:
    """So that the message stays with its source."""
    gone = asyncio.new_event_loop()
    gone.close()
    there = HandedBack(FakeGateway([]), gone)
    with pytest.raises(Unavailable):
        await runner.call(lambda: there.knows("pigeon", "help"))


async def test_a_start_that_does_not_return_is_late(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a failure of the plugin's, and no port that cannot be bound."""
    monkeypatch.setattr(sides, "ASKED_SECONDS", 0.0)

    class Slow(Pigeon):
        async def start(self, gateway: Gateway) -> None:
            await asyncio.Event().wait()

    slow: Listener = Slow()
    with pytest.raises(PluginFailed, match="did not begin"):
        await ApartListener(runner, slow).start(FakeGateway([]))


async def test_a_sender_whose_word_is_no_word(runner: Runner) -> None:
    """What it returns is made a text in its own thread; what cannot be awaited is an error."""

    async def odd(_: Outbound) -> Any:
        return 250

    assert await ApartSender(runner, SimpleNamespace(send=odd)).send(LETTER) == "250"
    with pytest.raises(TypeError):
        await ApartSender(runner, SimpleNamespace(send=lambda _: "done")).send(LETTER)


async def test_a_carrier_that_does_not_answer_reaches_nobody(runner: Runner) -> None:
    """A transaction asks it whom it reaches: it waits for a moment, and then it is as if it raised."""
    over = threading.Event()
    runner.questions._answer_seconds = 0.0
    carriage = ApartCarriage(runner, SimpleNamespace(reaches=lambda *_: over.wait(), fits=len))
    ways = Ways(carriers=(Carried("pager", "phone", carriage),))
    assert ways.carrier("phone", "+79160000001", "+74950000012") is None
    over.set()
    with pytest.raises(Unavailable):
        carriage.fits("a")


async def test_too_much_in_hand_is_a_temporary_failure(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the rules of every delivery it is tried again later."""
    monkeypatch.setattr("helpdesk.plugins.runner.MOST_GIVEN_UP", 0)
    with pytest.raises(TemporaryFailure):
        await ApartSender(runner, Pigeon()).send(LETTER)
