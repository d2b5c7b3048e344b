"""``helpdesk db verify-clocks`` tells differences by ticket and clock, and exits as scripts expect."""

import asyncio
import json
import os

from sqlalchemy import update
from tests.unit.cli.conftest import POLICIES, Run

from helpdesk.bootstrap.store import open_store
from helpdesk.contracts.messages import Inbound
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.kernel.principal import system
from helpdesk.settings import read
from helpdesk.store import schema
from helpdesk.store.tenants import Tenants


def test_verify_clocks_finds_repairs_and_exits(run: Run) -> None:
    """0 and nothing said where all is well; 1 and the clock where not; --rebuild repairs; --tenant narrows."""
    run("tenant", "add", "--regulation", POLICIES / "siroca")
    database = open_store(read(os.environ))
    tenant = database.read_now(system("test"), lambda session: Tenants(session).by_slug("siroca").id)
    desk = Desk(database, Resources(Directory(), b"0" * 32))
    mail = Inbound("email", "support@siroca.com", "m1", "client@client.example", None, "Не работает", "Совсем")
    asyncio.run(desk.receive(system("channel:email", tenant), Arrival(mail)))
    assert run("db", "verify-clocks") == (0, "1 tickets folded anew: 0 differ\n")
    spoil = update(schema.clocks).where(schema.clocks.c.name == "reaction").values(paused_us=1)
    database.write_now(system("test"), lambda session: session.connection.execute(spoil).close())
    database.close()
    status, said = run("db", "verify-clocks")
    assert status == 1
    assert said.startswith("siroca ticket 1: clock reaction/0: stored {")
    status, said = run("db", "verify-clocks", "--json", "--tenant", "siroca")
    assert (status, json.loads(said)["difference"]["name"]) == (1, "reaction/0")
    status, said = run("db", "verify-clocks", "--rebuild")
    assert (status, said.splitlines()[-1]) == (0, "1 tickets folded anew: 1 differ, 1 written anew")
    assert run("db", "verify-clocks", "--tenant", "siroca")[0] == 0
