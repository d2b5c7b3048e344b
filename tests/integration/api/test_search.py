"""Search over HTTP: pages, what is shown, and that another company's words are nowhere."""

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register

pytestmark = pytest.mark.anyio


async def test_tickets_are_found_shown_and_paged(service: Service) -> None:
    """The best first, each once, with a part of the message about the word; notes are found too."""
    async with service.client("intervale-agent") as client:
        first = await register(client, text=f"{'Долгая история. ' * 20}Принтеры не печатают вовсе.")
        second = await register(client, subject="Принтер", requester="c@client.example", requester_name="Пётр")
        await client.post(f"/v1/tickets/{first}/notes", json={"text": "звонили насчёт картриджа"})
        page = (await client.get("/v1/search", params={"q": "принтером", "limit": 1})).json()
        assert [each["number"] for each in page["items"]] == [second]
        rest = (await client.get("/v1/search", params={"q": "принтером", "cursor": page["next"]})).json()
        (shown,) = rest["items"]
        assert (shown["number"], rest["next"]) == (first, None)
        assert "Принтеры не печатают" in shown["excerpt"]
        assert shown["excerpt"].startswith("…")
        for asked, number in (("картридж", first), (f"#{second}", second), ("c@client.example", second)):
            found = (await client.get("/v1/search", params={"q": asked})).json()["items"]
            assert [each["number"] for each in found] == [number], asked
        assert (await client.get("/v1/search", params={"q": "-принтер"})).status_code == 422
        assert (await client.get("/v1/search", params={"q": "!!"})).status_code == 422
        assert (await client.get("/v1/search")).status_code == 400
    async with service.client("pass24-agent") as client:
        assert (await client.get("/v1/search", params={"q": "принтер"})).json() == {"items": [], "next": None}
