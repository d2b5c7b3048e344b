"""Repairs through the HTTP door."""

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register

pytestmark = pytest.mark.anyio


async def test_a_company_without_repairs_says_so(sqlite_service: Service) -> None:
    """Intervale's text knows no equipment: 409; what is not there is 404, what cannot be is 422 or 400."""
    async with sqlite_service.client("intervale-admin") as client:
        number = await register(client)
        kept = await client.post("/v1/organisations", json={"name": "ООО «Берёза»"})
        path = f"{kept.headers['location']}/equipment"
        piece = (await client.post(path, json={"name": "Шлагбаум"})).json()["id"]
        body = {"ticket": number, "equipment_id": piece, "fault": "не открывается"}
        answer = await client.post("/v1/repairs", json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:helpdesk:problem:conflict")
        assert (await client.post("/v1/repairs", json={**body, "ticket": 99})).status_code == 422
        assert (await client.post("/v1/repairs", json={**body, "ticket": 0})).status_code == 400
        assert (await client.get("/v1/repairs")).json() == {"items": [], "next": None}
        assert (await client.get("/v1/repairs/1")).status_code == 404
        assert (await client.post("/v1/repairs/1/acts", json={"act": "receive"})).status_code == 404
        assert (await client.post("/v1/repairs/1/acts", json={"act": "burn"})).status_code == 400
