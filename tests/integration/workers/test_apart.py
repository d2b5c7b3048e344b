"""A sender that blocks its thread costs its own letters only, and those leave once it goes on."""

import threading
from uuid import UUID

import pytest
from tests.integration.workers.owing import owe_letters
from tests.integration.workers.rig import Rig, Sink
from tests.support.things import add_tenant

from helpdesk.broker.server import EmbeddedServer
from helpdesk.contracts.channels import Sender
from helpdesk.contracts.messages import Outbound
from helpdesk.plugins.runner import Runner
from helpdesk.plugins.sides import ApartSender
from helpdesk.store.engine.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
def tenant(sqlite: Database) -> UUID:
    return add_tenant(sqlite, "acme")


class Blocking(Sink):
    """Blocks its thread with the first message until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    async def send(self, message: Outbound) -> str:
        self.over.wait()
        return await super().send(message)


async def test_a_sender_that_blocks_delays_its_own_letters_only(
    sqlite: Database, server: EmbeddedServer, tenant: UUID
) -> None:
    """The others leave meanwhile; its own have no outcome within their deadline, are tried again, and leave at last."""
    blocking, well = Blocking(), Sink()
    runner = Runner("pigeon")
    owe_letters(sqlite, tenant, None, range(1, 4), "pigeon", tag="slow")
    owe_letters(sqlite, tenant, None, range(1, 4), "email", tag="well")
    mine = {f"well-{seq}" for seq in range(1, 4)}
    theirs = {f"slow-{seq}" for seq in range(1, 4)}
    senders: dict[str, Sender] = {"pigeon": ApartSender(runner, blocking), "email": well}
    async with Rig(sqlite, server, senders) as rig:
        await rig.until(lambda: set(rig.delivered) == mine)
        await rig.until(lambda: rig.causes() >= {"no outcome within 2 s"})
        blocking.over.set()
        await rig.until_settled()
        assert rig.delivered == dict.fromkeys(mine | theirs, 1)
        assert set(blocking.taken) == theirs
    assert await runner.end(30)


async def test_the_stop_does_not_wait_for_a_sender_that_blocks(
    sqlite: Database, server: EmbeddedServer, tenant: UUID
) -> None:
    """What is being sent when the grace is over stays owed."""
    blocking, runner = Blocking(), Runner("pigeon")
    owe_letters(sqlite, tenant, None, range(1, 2), "pigeon", tag="slow")
    async with Rig(sqlite, server, {"pigeon": ApartSender(runner, blocking)}) as rig:
        await rig.until(lambda: rig.states() == {"sending": 1})
    assert rig.delivered == {}
    assert set(rig.states()) <= {"sending", "open", "published"}
    assert not await runner.end(0.0)
    blocking.over.set()
