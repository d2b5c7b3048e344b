"""A client that is called otherwise now is the same client: tickets keep the name of their registration."""

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_calls import CALL
from tests.integration.api.test_clients import add, add_client
from tests.support.seen import put

pytestmark = pytest.mark.anyio


async def test_what_a_client_asked_under_a_former_name_is_still_theirs(service: Service) -> None:
    """Who calls, lists, search and reports know the tickets by any name; breakdowns show the present one, once."""
    async with service.client("pass24-admin") as client:
        organisation, _ = await add_client(client)
        path = f"/v1/organisations/{organisation}"
        names = [(await client.get(path)).json()["name"], "ООО «Василёк»", 'ООО "Василек"']
        for number, name in enumerate(names, start=1):
            if number > 1:
                assert (await put(client, path, json={"name": name})).status_code == 200
            call = {**CALL, "summary": f"Шлагбаум {number}", "call_id": f"renamed-{number}"}
            assert (await client.post("/v1/calls", json=call)).json()["number"] == number

        async def numbers(place: str, **query: str) -> list[int]:
            found = (await client.get(place, params=query)).json()
            return sorted(each["number"] for each in found["items"])

        for name in names:
            assert await numbers("/v1/tickets", organisation=name) == [1, 2, 3]
            assert await numbers("/v1/search", q="шлагбаум", organisation=name) == [1, 2, 3]
            report = (await client.get("/v1/reports/sla", params={"organisation": name})).json()
            assert (report["organisation"], report["received"]) == (names[-1], 3)
            assert sum(each["kept"]["limit"]["running"] for each in report["promises"]) == 3
        caller = (await client.get(f"/v1/callers/{CALL['caller']}")).json()
        assert sorted(each["number"] for each in caller["open_tickets"]) == [1, 2, 3]
        lines = (await client.get("/v1/reports/attainment", params={"by": "organisation"})).json()["items"]
        assert [line["by"]["organisation"] for line in lines] == [names[-1]]

        await add(client, "/v1/organisations", name=names[0])
        assert await numbers("/v1/tickets", organisation=names[0]) == [1], "a newcomer took the name"
        assert await numbers("/v1/tickets", organisation=names[-1]) == [2, 3]
