"""Announcements through the HTTP door."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.api.conftest import Service

pytestmark = pytest.mark.anyio


async def test_an_announcement_is_read_as_it_was_published(sqlite_service: Service) -> None:
    """An administrator publishes, everybody of the company reads, the latest first; under one key it happens once."""
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    body = {"texts": {"ru": "Сокращённый день", "en": "A short day"}, "hours": {day: ["10:00-14:00"]}}
    async with sqlite_service.client("intervale-admin") as admin, sqlite_service.client("intervale-agent") as agent:
        headers = {"Idempotency-Key": "a"}
        first, again = [await admin.post("/v1/announcements", json=body, headers=headers) for _ in range(2)]
        assert (first.status_code, first.content) == (201, again.content)
        shown = (await agent.get(first.headers["location"])).json()
        assert (shown["texts"], shown["hours"], shown["counts"], shown["technical_break"]) == (
            body["texts"], body["hours"], True, None,
        )  # fmt: skip
        soon = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=1)
        pause = {"since": soon.isoformat(), "until": (soon + timedelta(hours=1)).isoformat()}
        told = {"texts": {"ru": "Перерыв"}, "technical_break": pause}
        assert (await admin.post("/v1/announcements", json=told)).status_code == 201
        items = (await agent.get("/v1/announcements", params={"limit": 1})).json()
        assert [(each["texts"]["ru"], each["counts"]) for each in items["items"]] == [("Перерыв", False)]
        rest = (await agent.get("/v1/announcements", params={"cursor": items["next"]})).json()
        assert ([each["id"] for each in rest["items"]], rest["next"]) == ([shown["id"]], None)
        assert (await agent.post("/v1/announcements", json=body)).status_code == 403
        wrong = await admin.post("/v1/announcements", json={"texts": {"ru": "x"}, "hours": {"2020-01-01": []}})
        assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "hours.2020-01-01")
        bodies: list[dict[str, object]] = [{"texts": {}}, {"texts": {"fr": "x"}}]
        for malformed in (*bodies, {"texts": {"ru": "x"}, "hours": {day: ["9-18"]}}):
            assert (await admin.post("/v1/announcements", json=malformed)).status_code == 400
