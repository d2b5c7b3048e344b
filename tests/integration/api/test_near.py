"""A client's number is read as it is written where the company is, and says who calls if it is one."""

import asyncio

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_calls import CALL
from tests.integration.api.test_clients import add
from tests.integration.api.test_hooks import pbx_of

from helpdesk.kernel.principal import system
from helpdesk.store.addresses import Address, Addresses
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants

pytestmark = pytest.mark.anyio

BISHKEK = "+996312979805"
LOCAL, NUMBER = "0550 12-34-56", "+996550123456"


def _in_bishkek(session: Session) -> None:
    for tenant in Tenants(session).all():
        if tenant.slug == "intervale":
            Addresses(session).assign(tenant.id, Address("phone", BISHKEK, "", official=False))


async def test_a_number_is_the_same_wherever_it_comes_in(service: Service) -> None:
    """A person's number, who calls, the telephone system: written as in Bishkek, or without a plus."""
    await asyncio.to_thread(service.database.write_now, system("test"), _in_bishkek)
    async with service.client("intervale-admin") as client:
        addresses = [{"channel_kind": "phone", "address": LOCAL, "verified": False}]
        person = await add(client, "/v1/contacts", name="Айбек", addresses=addresses)
        made_sure = {"channel_kind": "phone", "address": LOCAL, "how": "called back"}
        assert (await client.post(f"/v1/contacts/{person}/verification", json=made_sure)).status_code == 200
        for written in (LOCAL, NUMBER, NUMBER[1:], "550123456", "8 10 996 550 123456"):
            for query in ({}, {"dialled": BISHKEK}):
                caller = (await client.get(f"/v1/callers/{written}", params=query)).json()
                assert (caller["number"], caller["contact"]["id"]) == (NUMBER, person)
        pbx = await pbx_of(service, "intervale-agent")
        for what, written in (("call.started", LOCAL), ("call.ended", NUMBER)):
            told = await pbx.tell(what, dialled=BISHKEK, caller=written)
            assert told.json()["caller"] == NUMBER


@pytest.mark.parametrize(("caller", "known"), [("anonymous", 0), ("104", 1), ("sip:ann@pbx.example", 1)])
async def test_who_withholds_their_number_is_not_everybody_who_does(service: Service, caller: str, known: int) -> None:
    """What another one asked who withheld theirs is not shown; an extension and a SIP address are somebody's."""
    async with service.client("pass24-agent") as client:
        call = {**CALL, "caller": caller, "call_id": "withheld-1"}
        assert (await client.post("/v1/calls", json=call)).status_code == 201
        shown = (await client.get(f"/v1/callers/{caller}")).json()
        assert len(shown["open_tickets"]) == known
