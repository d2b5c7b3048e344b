"""Operators publish editions as data; an administrator has a ticket judged anew; reviews are told."""

from pathlib import Path
from typing import Any

import pytest
from tests.integration.api.conftest import POLICIES, Service
from tests.integration.api.test_tickets import register

from helpdesk.kernel.principal import system
from helpdesk.store.audit import Audit
from helpdesk.store.tenants import Tenants

pytestmark = pytest.mark.anyio

TENANTS = "/v1/operator/tenants"
EDITIONS = f"{TENANTS}/pass24/editions"
FOLDER: Path = POLICIES / "pass24"


def files(*changes: tuple[str, str]) -> dict[str, Any]:
    """Return PASS24's regulation as a request's body, its edition changed."""
    edition = (FOLDER / "editions" / "undated.toml").read_text("utf-8")
    for before, after in changes:
        assert before in edition
        edition = edition.replace(before, after)
    return {
        "regulation": (FOLDER / "regulation.toml").read_text("utf-8"),
        "editions": {"undated": edition},
        "messages": {path.stem: path.read_text("utf-8") for path in (FOLDER / "messages").iterdir()},
    }


def faster() -> dict[str, Any]:
    """Return PASS24's regulation with other limits for its solutions."""
    text = (FOLDER / "editions" / "undated.toml").read_text("utf-8")
    amounts = {line for line in text.splitlines() if line.startswith("within = ") and "unknown" not in line}
    return files(*((amount, 'within = "60 calendar days"') for amount in amounts))


async def test_an_edition_is_published_as_data(service: Service) -> None:
    """The same is no new publication; a changed one is in force at once, and its body can be had back."""
    async with service.client("operator") as client:
        (first,) = (await client.get(EDITIONS)).json()["items"]
        again = await client.post(EDITIONS, json=files())
        assert (again.status_code, again.json()) == (201, first), again.text
        made = await client.post(EDITIONS, json=faster())
        assert made.status_code == 201, made.text
        listed = (await client.get(EDITIONS)).json()["items"]
        assert [item["in_force"] for item in listed] == [False, True]
        assert listed[1] == made.json()
        body = await client.get(f"{TENANTS}/pass24/snapshots/{made.json()['snapshot']}")
        assert body.json()["edition"]["edition"]["id"] == "undated"
        for path in (f"{TENANTS}/no-such/editions", f"{TENANTS}/pass24/snapshots/{'0' * 64}"):
            assert (await client.get(path)).status_code == 404
        assert (await client.post(f"{TENANTS}/no-such/editions", json=files())).status_code == 404


async def test_a_ready_snapshot_is_taken_as_it_is(sqlite_service: Service) -> None:
    """Its body, sent back with a name changed, is published under its own hash."""
    async with sqlite_service.client("operator") as client:
        (first,) = (await client.get(EDITIONS)).json()["items"]
        body = (await client.get(f"{TENANTS}/pass24/snapshots/{first['snapshot']}")).json()
        same = await client.post(EDITIONS, json={"snapshot": body})
        assert (same.status_code, same.json()) == (201, first), same.text
        body["edition"]["edition"]["title"] = "Another title"
        made = await client.post(EDITIONS, json={"snapshot": body})
        assert made.status_code == 201, made.text
        assert made.json()["snapshot"] != first["snapshot"]


async def test_what_an_edition_would_change_is_told_before_it_is_published(sqlite_service: Service) -> None:
    """Each rule with its clause, each effect with a witness and both promises; the same edition changes nothing."""
    async with sqlite_service.client("operator") as client:
        same = await client.post(f"{EDITIONS}/differences", json=files())
        assert (same.status_code, same.json()["rules"], same.json()["effects"]) == (200, [], []), same.text
        found = (await client.post(f"{EDITIONS}/differences", json=faster())).json()
        assert [rule for rule in found["rules"] if rule["after"] != "60 calendar days"] == []
        assert {effect["target"] for effect in found["effects"]} == {"resolution"}
        assert all(effect["before"]["due"] != effect["after"]["due"] for effect in found["effects"])
        assert len((await client.get(EDITIONS)).json()["items"]) == 1


async def test_what_is_wrong_is_told_with_its_place(sqlite_service: Service) -> None:
    """File, line, key path and a suggestion for files; nothing damaged, foreign or past is published."""
    async with sqlite_service.client("operator") as client:
        (first,) = (await client.get(EDITIONS)).json()["items"]
        damaged = await client.post(EDITIONS, json=files(("stops_on", "stops_onn")))
        assert damaged.status_code == 422
        assert any("editions/undated.toml:" in error["path"] for error in damaged.json()["errors"])
        assert "did you mean 'stops_on'?" in damaged.text
        body = (await client.get(f"{TENANTS}/pass24/snapshots/{first['snapshot']}")).json()
        unpinned = {**body, "calendars": {}}
        foreign = {**body, "tenant": "telemedhelp"}
        inverted = {**body, "edition": {**body["edition"], "calendars": {}}}
        tried: list[dict[str, Any]] = [
            {},
            {"regulation": "tenant ="},
            {"snapshot": {}},
            {"snapshot": unpinned},
            {"snapshot": foreign},
            {"snapshot": inverted},
            {"snapshot": body, **files()},
            {**faster(), "in_force_from": "2024-01-01T00:00:00+03:00"},
            {**faster(), "parameters": {"no_such": 1}},
            {**faster(), "readings": {"no_such": "x"}},
            {**faster(), "edition": "1999"},
        ]
        for wrong in tried:
            answer = await client.post(EDITIONS, json=wrong)
            assert answer.status_code == 422, (wrong, answer.text)
        code = await client.post(EDITIONS, json={**faster(), "editions": {"../../plugin": ""}})
        assert code.status_code == 400
        assert (await client.get(EDITIONS)).json()["items"] == [first]


async def test_a_ticket_is_judged_anew_by_its_administrator_alone(service: Service) -> None:
    """With If-Match and an idempotency key like every change; the deadlines before and after are in the log."""
    async with service.client("pass24-agent") as client:
        number = await register(client)
        refused = await client.post(f"/v1/tickets/{number}/regulation", json={"cause": "x"})
        assert refused.status_code == 403
        before = (await client.get(f"/v1/tickets/{number}")).json()
    async with service.client("operator") as client:
        made = (await client.post(EDITIONS, json=faster())).json()
    async with service.client("pass24-admin") as client:
        path, headers = f"/v1/tickets/{number}/regulation", {"Idempotency-Key": "once", "If-Match": '"1"'}
        done = await client.post(path, json={"cause": "agreed"}, headers=headers)
        assert done.status_code == 200, done.text
        again = await client.post(path, json={"cause": "agreed"}, headers=headers)
        assert (again.status_code, again.content) == (200, done.content)
        assert (await client.post(path, json={"cause": "agreed"})).status_code == 409
        assert (await client.post(path, json={"cause": "x", "snapshot": "0" * 64})).status_code == 422
        after = (await client.get(f"/v1/tickets/{number}")).json()
        entry = (await client.get(f"/v1/tickets/{number}/events")).json()["items"][-1]
    assert after["snapshot"] == made["snapshot"] != before["snapshot"]
    assert entry["what"] == "rejudged"
    assert entry["data"]["before"]["snapshot"] == before["snapshot"]
    assert entry["data"]["before"]["deadlines"] != entry["data"]["after"]["deadlines"]

    def acts(session: Any) -> list[str]:
        bound = session.within(Tenants(session).by_slug("pass24").id)
        return [act.act for act in Audit(bound).latest(5)]

    assert (await service.database.read(system("test"), acts))[:2] == ["ticket.rejudge", "edition.publish"]


async def test_overdue_reviews_are_told_to_operators(service: Service) -> None:
    """TelemedHelp's text wants one within a year; the others set none."""
    async with service.client("operator") as client:
        reviews = {item["slug"]: item["review"] for item in (await client.get(TENANTS)).json()["items"]}
    assert reviews["pass24"] is None
    assert reviews["telemedhelp"]["overdue"] is True
    assert (reviews["telemedhelp"]["latest"], reviews["telemedhelp"]["clause"]) == ("2018-10-01", "1.1")


async def test_a_draft_is_examined_without_being_kept(sqlite_service: Service) -> None:
    """Mistakes with file, line and key; findings with witnesses; coverage; a scenario that does not hold."""
    whole = files() | {
        "scenarios": {path.stem: path.read_text("utf-8") for path in (FOLDER / "scenarios").iterdir()},
        "at": "2026-03-16T09:00:00+03:00",
    }
    route = "/v1/operator/regulations/examinations"
    async with sqlite_service.client("operator") as client:
        found = (await client.post(route, json=whole)).json()
        assert found["problems"] == []
        assert "pass24.range-inverted" in {finding["id"] for finding in found["findings"]}
        (coverage,) = found["coverage"]
        assert coverage["edition_id"] == "undated"
        assert all(not clause["missing"] for clause in coverage["clauses"])

        edition = whole["editions"]["undated"].replace('within = "4 working hours"', 'within = "5 working hours"')
        texts = {"ru": "ack-body = { $nobody }\nack-subject = Раз\nack-subject = Два\n"}
        changed = whole | {"editions": {"undated": edition}, "messages": texts}
        places = {(each["file"], each["path"]) for each in (await client.post(route, json=changed)).json()["problems"]}
        assert {("messages/ru.ftl", "ack-body"), ("messages/ru.ftl", "ack-subject")} < places
        assert any(file == "scenarios" for file, _ in places)

        broken = whole | {"editions": {"undated": edition + "\n[levels.x]\nrnak = 1\n"}}
        (problem, *_) = (await client.post(route, json=broken)).json()["problems"]
        assert (problem["file"], problem["line"] > 0) == ("editions/undated.toml", True)
        assert len((await client.get(EDITIONS)).json()["items"]) == 1


async def test_an_edition_is_tried_on_the_tickets_that_are_there(sqlite_service: Service) -> None:
    """Longer limits move each solution's deadline to a later instant; nothing is published."""
    async with sqlite_service.client("pass24-agent") as client:
        for _ in range(3):
            await register(client, level="normal", criterion="1.5.2")
    async with sqlite_service.client("operator") as client:
        answer = await client.post(f"{EDITIONS}/simulations", json=faster() | {"most": 2})
        found = answer.json()
        assert (answer.status_code, found["tickets"], found["unmoved"]) == (200, 3, 0), answer.text
        resolution = next(target for target in found["targets"] if target["name"] == "resolution")
        assert (resolution["later"], resolution["earlier"]) == (3, 0)
        assert [moved["due_after"] > moved["due_before"] for moved in found["moved"]] == [True, True]
        none = await client.post(f"{EDITIONS}/simulations", json=faster() | {"received_before": "2020-01-01T00:00:00Z"})
        assert none.json()["tickets"] == 0
        assert len((await client.get(EDITIONS)).json()["items"]) == 1
