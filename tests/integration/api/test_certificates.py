"""Certificates through the HTTP door: what is issued there, anybody checks without the service."""

import json

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register
from tests.support.seen import put

from helpdesk.verify.certificates import Refused, verify

pytestmark = pytest.mark.anyio


async def test_every_deadline_is_certified_and_the_certificate_holds(service: Service) -> None:
    """Each clock of a worked ticket has one that agrees with the list of deadlines; others have none (409)."""
    async with service.client() as anybody:
        key = (await anybody.get("/certificates/key")).json()
    async with service.client("pass24-agent") as client:
        number = await register(client, level="normal", criterion="1.5.2")
        await client.post(f"/v1/tickets/{number}/pauses", json={"reason": "waiting_client"})
        await put(client, f"/v1/tickets/{number}/level", json={"level": "high", "criterion": "4.2"})
        issued = 0
        for deadline in (await client.get(f"/v1/tickets/{number}/deadlines")).json()["items"]:
            answer = await client.get(
                f"/v1/tickets/{number}/deadlines/{deadline['name']}/{deadline['seq']}/certificate"
            )
            if deadline["kind"] in {"none", "unknown"}:
                assert (answer.status_code, answer.json()["type"]) == (409, "urn:helpdesk:problem:conflict")
                continue
            found = verify(answer.content, [key["key"]])
            assert (found.tenant, found.ticket, found.name, found.clock, found.state, found.fingerprint) == (
                "pass24",
                number,
                deadline["name"],
                deadline["seq"],
                deadline["state"],
                key["fingerprint"],
            )
            assert found.due == deadline["explanation"]["due"]
            issued += 1
        assert issued


async def test_no_clock_no_certificate(service: Service) -> None:
    """A clock that the ticket does not have, by name or number, is not found; a name too long for any is refused."""
    clocks = {"nothing/0": 404, "reaction/7": 404, "reaction/-1": 404, f"{'x' * 200}/0": 404, f"{'x' * 201}/0": 400}
    async with service.client("pass24-agent") as client:
        number = await register(client)
        for clock, status in clocks.items():
            answer = await client.get(f"/v1/tickets/{number}/deadlines/{clock}/certificate")
            assert answer.status_code == status, clock


async def test_what_was_altered_on_the_way_is_refused(service: Service) -> None:
    """Another due time, another tenant, another key: none holds against the key that the service publishes."""
    async with service.client("pass24-agent") as client:
        number = await register(client)
        key = (await client.get("/certificates/key")).json()["key"]
        deadlines = (await client.get(f"/v1/tickets/{number}/deadlines")).json()["items"]
        name = next(each["name"] for each in deadlines if each["due"] is not None)
        content = (await client.get(f"/v1/tickets/{number}/deadlines/{name}/0/certificate")).content
    verify(content, [key])
    with pytest.raises(Refused, match="hash"):
        verify(content.replace(b"pass24", b"siroca"), [key])
    with pytest.raises(Refused, match="not by the key that is trusted"):
        verify(content, ["00" * 32])
    altered = json.loads(content)
    del altered["derived"]["due"]
    with pytest.raises(Refused, match=r"derived\.due: is missing"):
        verify(json.dumps(altered).encode(), [key])
