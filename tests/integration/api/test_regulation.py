"""The company's regulation as the API shows it, and deadlines derived without a ticket."""

from typing import Any

import pytest
from tests.integration.api.conftest import Service

pytestmark = pytest.mark.anyio

MONDAY = "2026-11-23T12:00:00+03:00"


async def test_the_regulation_in_force_is_shown_with_its_clauses(sqlite_service: Service) -> None:
    """What a program needs to offer choices: levels, reasons, outcomes, channels, each with its clause."""
    async with sqlite_service.client("pass24-agent") as client:
        found = (await client.get("/v1/regulation")).json()
        assert (found["company_ru"], found["zone"], len(found["snapshot"])) == ("PASS24.online", "Europe/Moscow", 64)
        assert set(found["levels"]) == {"high", "normal", "low"}
        assert {channel["kind"] for channel in found["channels"]} == {"email", "phone", "web"}
        high = next(each for each in found["targets"] if each["levels"] == ["high"])
        assert (high["within"], high["clause"]) == ("4 working hours", "1.5.1")
        assert (await client.get("/v1/regulation", params={"at": "1960-01-01T00:00:00Z"})).status_code == 409


async def explained(service: Service, body: dict[str, Any]) -> tuple[int, Any]:
    async with service.client("pass24-agent") as client:
        answer = await client.post(
            "/v1/regulation/explanations", json={"channel": "email", "received_at": MONDAY, "level": "high", **body}
        )
        return answer.status_code, answer.json()


async def test_a_deadline_is_derived_with_what_happened(sqlite_service: Service) -> None:
    """Half an hour of waiting for the client puts the four working hours off by half an hour."""
    status, found = await explained(
        sqlite_service,
        {
            "events": [
                {"what": "paused", "at": "2026-11-23T13:00:00+03:00", "reason": "waiting_client"},
                {"what": "resumed", "at": "2026-11-23T13:30:00+03:00", "reason": "waiting_client"},
            ]
        },
    )
    assert (status, found["accepted"]) == (200, True)
    resolution = next(each for each in found["items"] if each["name"] == "resolution")
    assert resolution["due"] == "2026-11-23T16:30:00+03:00"
    assert resolution["counted_us"] == 4 * 3600 * 1_000_000


async def test_what_the_regulation_does_not_know_is_refused_with_its_place(sqlite_service: Service) -> None:
    """Levels, reasons, lines, the order of events; a channel it does not name is no mistake."""
    later = "2026-11-23T13:00:00+03:00"
    for change, path in (
        ({"level": "huge"}, "level"),
        ({"events": [{"what": "paused", "at": later, "reason": "holiday"}]}, "events.0.reason"),
        ({"events": [{"what": "level_set", "at": later}]}, "events.0.level"),
        ({"events": [{"what": "resolved", "at": "2026-11-22T13:00:00+03:00"}]}, "events.0.at"),
    ):
        status, found = await explained(sqlite_service, change)
        assert (status, [error["path"] for error in found["errors"]]) == (422, [path]), found
    status, found = await explained(sqlite_service, {"channel": "telegram"})
    assert (status, found["accepted"], found["items"]) == (200, False, [])


async def test_past_the_known_calendar_nothing_is_guessed(sqlite_service: Service) -> None:
    """The deadline is absent and says why."""
    status, found = await explained(sqlite_service, {"received_at": "2999-01-01T00:00:00Z"})
    resolution = next(each for each in found["items"] if each["name"] == "resolution")
    assert (status, resolution["due"]) == (200, None)
    assert resolution["note"]
