"""What a phone agent asks while somebody is on the line."""

import pytest
from tests.integration.api.conftest import PHONE_OF_PASS24, PHONE_OF_TELEMEDHELP, Service

pytestmark = pytest.mark.anyio


async def test_a_promise_names_channel_deadlines_and_a_sentence(service: Service) -> None:
    """Asked for an instant, it gives outcome, clause, deadlines and words; nothing is stored."""
    async with service.client("pass24-agent") as client:
        body = {"address": "8 (495) 324-24-42", "level": "high", "at": "2026-11-23T12:00:00+03:00"}
        answer = await client.post("/v1/promise", json=body)
        found = answer.json()
        assert (answer.status_code, found["outcome"], found["tenant"], found["clause"]) == (
            200,
            "ticket",
            "pass24",
            "3.1",
        )
        due = {each["name"]: each["due"] for each in found["deadlines"]}
        assert due["resolution"] == "2026-11-23T13:00:00Z"
        assert "16:00 по Москве" in found["say_ru"]
        assert "16:00 Moscow time" in found["say_en"]
        assert (await client.get("/v1/tickets")).json()["items"] == []
        assert (await client.get("/v1/ledger")).json()["items"] == []


async def test_the_dialled_number_says_which_company_promises(service: Service) -> None:
    """For a key of several companies; without a number or a header nobody is asked."""
    async with service.client("phone") as client:
        told = [
            (await client.post("/v1/promise", json={"address": n})).json()
            for n in (PHONE_OF_PASS24, PHONE_OF_TELEMEDHELP)
        ]
        assert [(each["tenant"], each["outcome"]) for each in told] == [
            ("pass24", "ticket"),
            ("telemedhelp", "refused"),
        ]
        assert told[1]["clause"] == "6.1"
        assert (await client.post("/v1/promise", json={})).status_code == 400
        assert (await client.post("/v1/promise", json={"address": "+74950000000"})).status_code == 422


async def test_a_promise_that_cannot_be_given_is_invalid(service: Service) -> None:
    """An unknown level, an instant out of reach, no number."""
    async with service.client("pass24-agent") as client:
        for change, path in (
            ({"level": "42"}, "level"),
            ({"at": "2999-01-01T00:00:00Z"}, "at"),
            ({"address": "112"}, "address"),
        ):
            answer = await client.post("/v1/promise", json=change)
            assert (422, [path]) == (answer.status_code, [error["path"] for error in answer.json()["errors"]])
