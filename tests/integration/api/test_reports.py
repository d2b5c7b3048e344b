"""Reports through the HTTP door: as JSON, CSV and pictures, each company its own, operators the sums of all."""

import csv
import io
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register
from tests.support.seen import put

pytestmark = pytest.mark.anyio

KINDS = ("attainment", "averages", "queue-age", "ledger")


async def test_every_report_comes_in_every_form(service: Service) -> None:
    """JSON with the counts, CSV that begins as asked, a picture; on both databases."""
    async with service.client("pass24-agent") as client:
        for _ in range(3):
            number = await register(client, level="normal", criterion="мешает работать")
        closed = await client.post(f"/v1/tickets/{number}/replies", json={"kind": "answer", "text": "Готово"})
        assert closed.status_code == 201, closed.text
        for kind in KINDS:
            found = await client.get(f"/v1/reports/{kind}")
            assert (found.status_code, found.json()["tenant"]) == (200, "pass24"), found.text
            table = await client.get(f"/v1/reports/{kind}?format=csv&bom=true&separator=%3B")
            assert table.headers["content-type"] == "text/csv; charset=utf-8"
            assert table.content.startswith("\ufeffкомпания;".encode())
            picture = await client.get(f"/v1/reports/{kind}?format=svg&lang=en")
            assert picture.headers["content-type"] == "image/svg+xml"
            assert ET.fromstring(picture.content).get("lang") == "en"
        attained = (await client.get("/v1/reports/attainment?by=target,level")).json()
        states = Counter[str]()
        for each in range(1, number + 1):
            shown = (await client.get(f"/v1/tickets/{each}/deadlines")).json()["items"]
            states.update(item["state"] for item in shown if item["kind"] == "limit")
        limit = attained["total"]["limit"]
        assert {"met": limit["met"], "breached": limit["breached"], "running": limit["running"]} == {
            "met": states["met"],
            "breached": states["breached"],
            "running": states["running"] + states["paused"],
        }
        assert limit["running"] > 0
        aged = (await client.get("/v1/reports/queue-age?by=")).json()
        assert (aged["items"], aged["total"]["count"]) == ([], 3)
        balance = (await client.get("/v1/reports/ledger")).json()
        assert (balance["received"], balance["outcomes"], balance["balanced"]) == (3, {"ticket": 3}, True)


async def test_a_merged_ticket_is_counted_as_what_it_is(service: Service) -> None:
    """Its open promises are excluded because merged, on both databases; what it had met before stays met."""
    async with service.client("pass24-agent") as client:
        first, second, third = [await register(client, level="normal", criterion="мешает") for _ in range(3)]
        for number in (third, first):  # what is owed on the first one for later words would count as well
            await client.post(f"/v1/tickets/{number}/replies", json={"kind": "answer", "text": "Готово"})
        before = (await client.get("/v1/reports/attainment?by=")).json()["total"]["limit"]
        for number in (second, third):
            merged = await client.post(f"/v1/tickets/{number}/merge", json={"into": first})
            assert merged.status_code in {200, 201}, merged.text
        after = (await client.get("/v1/reports/attainment?by=")).json()["total"]["limit"]
    moot = after["excluded_because"]["merged"]
    assert moot > 0
    assert (after["met"], after["breached"]) == (before["met"], before["breached"])
    assert after["running"] < before["running"]
    assert after["running"] + after["excluded"] == before["running"] + before["excluded"]


async def test_a_report_holds_its_own_company_only(service: Service) -> None:
    """What one company does is in no report of another; operators get sums of all, and no people."""
    async with service.client("pass24-agent") as client:
        await register(client, level="normal", criterion="мешает работать")
    async with service.client("intervale-admin") as client:
        assert (await client.get("/v1/reports/queue-age")).json()["total"] is None
        assert (await client.get("/v1/reports/attainment")).json()["items"] == []
    async with service.client("operator") as client:
        found = (await client.get("/v1/operator/reports/attainment?by=target")).json()["items"]
        assert {one["tenant"]: bool(one["items"]) for one in found} == {
            "intervale": False,
            "pass24": True,
            "telemedhelp": False,
        }
        table = await client.get("/v1/operator/reports/attainment?by=target&format=csv&lang=en")
        assert {row["tenant"] for row in csv.DictReader(io.StringIO(table.text))} == {"pass24"}
        assert (await client.get("/v1/operator/reports/attainment?by=agent")).status_code == 400
        assert (await client.get("/v1/reports/attainment")).status_code == 403


async def test_what_cannot_be_reported_is_refused(sqlite_service: Service) -> None:
    """Unknown dimensions and forms are malformed; spans that are none are invalid, with their field."""
    async with sqlite_service.client("pass24-agent") as client:
        for query in ("by=nothing", "format=pdf", "first_month=2026-13", "by=month,month,x", "from=2026-01"):
            assert (await client.get(f"/v1/reports/attainment?{query}")).status_code == 400, query
        for query in ("first_month=2026-05&last_month=2026-04", "first_month=1000-01", "last_month=9999-12"):
            answer = await client.get(f"/v1/reports/attainment?{query}")
            assert (answer.status_code, answer.json()["type"]) == (422, "urn:helpdesk:problem:invalid"), query
        for query in ("first_day=2026-02-30", "first_day=2020-01-01", "last_day=0001-01-01"):
            assert (await client.get(f"/v1/reports/ledger?{query}")).status_code == 422, query


async def test_a_months_report_for_a_client(service: Service) -> None:
    """Only the client's tickets, as data, as a list and as a page without scripts that asks for nothing outside."""
    async with service.client("pass24-agent") as client:
        for organisation in ("ООО Ромашка", "ООО Василёк", "ООО Ромашка"):
            await register(client, level="normal", criterion="мешает", organisation=organisation)
        whole = (await client.get("/v1/reports/sla")).json()
        one = (await client.get("/v1/reports/sla", params={"organisation": "ООО Ромашка"})).json()
        assert (whole["received"], one["received"]) == (3, 2)
        assert one["total"]["limit"]["running"] == 2 * whole["total"]["limit"]["running"] // 3 > 0
        page = await client.get("/v1/reports/sla", params={"organisation": "ООО Ромашка", "format": "html"})
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "ООО Ромашка" in page.text
        assert "Василёк" not in page.text
        table = await client.get("/v1/reports/sla?format=csv&lang=en")
        assert table.text.startswith("number,subject,organisation,target,clause")
        assert (await client.get("/v1/reports/sla?month=2026-13")).status_code == 400
    async with service.client("intervale-admin") as client:
        assert (await client.get("/v1/reports/sla")).json()["received"] == 0


async def test_listing_a_confidential_companys_tickets_in_a_report_is_a_reading(sqlite_service: Service) -> None:
    """The month's report and the comparison name tickets; the sums alone do not."""
    async with sqlite_service.client("operator") as client:
        path = "/v1/operator/tenants/pass24/confidential"
        assert (await put(client, path, json={"on": True, "cause": "договор"})).status_code == 200
    async with sqlite_service.client("pass24-admin") as client:
        for report in ("attainment", "sla", "comparison"):
            assert (await client.get(f"/v1/reports/{report}")).status_code == 200
        found = (await client.get("/v1/audit?act=ticket.read")).json()["items"]
        assert sorted(each["data"]["way"] for each in found) == [
            "GET /v1/reports/comparison", "GET /v1/reports/sla",
        ]  # fmt: skip
