"""A company's clients through the API: what gives them a right to support, and who calls."""

from typing import Any

import httpx2
import pytest
from tests.integration.api.conftest import PHONE_OF_PASS24, Service
from tests.integration.api.test_calls import CALL
from tests.integration.api.test_tickets import register
from tests.support.seen import put

pytestmark = pytest.mark.anyio

RANDOM = "01a20111-bd0d-7fe6-a566-370977be7e7d"


async def add(client: httpx2.AsyncClient, path: str, **body: Any) -> str:
    """Add a thing; return its id."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def add_client(client: httpx2.AsyncClient, number: str = "+7 916 123-45-67") -> tuple[str, str]:
    """Add an organisation and its person, known by a number and a mail address; return their ids."""
    organisation = await add(client, "/v1/organisations", name="ООО «Берёза»")
    addresses = [
        {"channel_kind": "phone", "address": number},
        {"channel_kind": "email", "address": "Person@Client.example"},
    ]
    contact = await add(
        client, "/v1/contacts", name="Пётр Зайцев", organisation_id=organisation, authorised=True, addresses=addresses
    )
    return organisation, contact


async def test_an_organisation_is_shown_with_all_that_is_known_of_it(service: Service) -> None:
    """Contacts with canonical addresses, contracts, equipment, products, entitlement; found by part of its name."""
    async with service.client("pass24-admin") as client:
        organisation, contact = await add_client(client)
        path = f"/v1/organisations/{organisation}"
        await add(client, f"{path}/contracts", kind="client", first_day="2020-01-01", number="1")
        ended = await add(client, f"{path}/contracts", kind="client", first_day="2020-01-01")
        assert (await put(client, f"{path}/contracts/{ended}/end", json={"last_day": "2021-01-01"})).status_code == 200
        piece = await add(client, f"{path}/equipment", name="Шлагбаум", warranty_until="2099-01-01")
        shown = (await client.get(path)).json()["equipment"]
        assert [each["under_warranty"] for each in shown] == [False], "the act of acceptance begins the warranty"
        body = {"name": "Шлагбаум", "accepted_on": "2020-01-01", "act_number": "7", "warranty_until": "2099-01-01"}
        wrong = await put(client, f"{path}/equipment/{piece}", json={**body, "warranty_until": "2019-12-31"})
        assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "warranty_until"), wrong.text
        assert (await put(client, f"{path}/equipment/{piece}", json=body)).status_code == 200
        assert (await put(client, f"{path}/products/app", json={"version": "2.1"})).status_code == 200
        shown = (await client.get(path)).json()
        assert [each["id"] for each in shown["contacts"]] == [contact]
        assert [each["address"] for each in shown["contacts"][0]["addresses"]] == [
            "person@client.example", "+79161234567",
        ]  # fmt: skip
        assert sorted(each["in_force"] for each in shown["contracts"]) == [False, True]
        assert [(each["accepted_on"], each["under_warranty"]) for each in shown["equipment"]] == [("2020-01-01", True)]
        assert [(each["product"], each["version"]) for each in shown["products"]] == [("app", "2.1")]
        entitlement = shown["entitlement"]
        assert (entitlement["checked"], entitlement["entitled"], entitlement["bases"]) == (
            True, True, ["client", "acceptance_act"],
        )  # fmt: skip
        for word, count in (("БЕРЕЗА", 1), ("берёз", 1), ("осина", 0), ("100%", 0)):
            found = (await client.get("/v1/organisations", params={"search": word})).json()["items"]
            assert len(found) == count, word


async def test_of_two_who_replace_the_same_the_second_is_told(sqlite_service: Service) -> None:
    """All that is kept of an organisation has its version: equipment, contracts' ends and product versions too."""
    async with sqlite_service.client("pass24-admin") as client:
        organisation, _ = await add_client(client)
        path = f"/v1/organisations/{organisation}"
        contract = await add(client, f"{path}/contracts", kind="client", first_day="2020-01-01")
        piece = await add(client, f"{path}/equipment", name="Шлагбаум")
        seen = (await client.get(path)).headers["etag"]
        for place, body in (
            (f"{path}/equipment/{piece}", {"name": "Ворота"}),
            (f"{path}/contracts/{contract}/end", {"last_day": "2027-01-01"}),
            (f"{path}/products/app", {"version": "2.2"}),
        ):
            first = await client.put(place, json=body, headers={"If-Match": seen})
            second = await client.put(place, json=body, headers={"If-Match": seen})
            assert (first.status_code, second.status_code) == (200, 412), place
            assert second.json()["current_version"] == first.json()["version"]
            seen = first.headers["etag"]


async def test_what_cannot_be_kept_is_told(service: Service) -> None:
    """A namesake, another's address, a basis that the regulation does not name, days the wrong way round, nobody."""
    async with service.client("pass24-admin") as client:
        organisation, _ = await add_client(client)
        again = await client.post("/v1/organisations", json={"name": "ооо  «береза»"})
        assert again.status_code == 409
        taken = {"name": "Другой", "addresses": [{"channel_kind": "phone", "address": "8 916 123 45 67"}]}
        assert (await client.post("/v1/contacts", json=taken)).status_code == 409
        path = f"/v1/organisations/{organisation}/contracts"
        for body, field in (
            ({"kind": "licence", "first_day": "2026-01-01"}, "kind"),
            ({"kind": "client", "first_day": "2026-01-02", "last_day": "2026-01-01"}, "last_day"),
        ):
            answer = await client.post(path, json=body)
            assert (422, [field]) == (answer.status_code, [error["path"] for error in answer.json()["errors"]])
        assert (await client.post(path, json={"kind": "client", "first_day": "2026-02-30"})).status_code == 400
        unauthorised = await client.post("/v1/contacts", json={"name": "Некто", "authorised": True})
        assert unauthorised.status_code == 422
        assert (await put(client, f"/v1/organisations/{organisation}/suspension", json={})).status_code == 409
        for missing in (f"/v1/organisations/{RANDOM}", f"/v1/contacts/{RANDOM}"):
            assert (await client.get(missing)).status_code == 404


async def test_a_change_meant_for_another_version_is_refused(service: Service) -> None:
    """If-Match guards organisations and persons; the answer tells the version that is stored."""
    async with service.client("pass24-admin") as client:
        organisation, contact = await add_client(client)
        for path, body in (
            (f"/v1/organisations/{organisation}", {"name": "ООО «Клён»"}),
            (f"/v1/contacts/{contact}", {"name": "Иван Зайцев", "addresses": []}),
        ):
            assert (await client.get(path)).headers["etag"] == '"1"'
            assert (await client.put(path, json=body, headers={"If-Match": '"1"'})).headers["etag"] == '"2"'
            late = await client.put(path, json=body, headers={"If-Match": '"1"'})
            assert (late.status_code, late.json()["current_version"]) == (412, 2)


async def test_a_write_with_a_key_happens_once(service: Service) -> None:
    """The same key with the same request gives the same answer; with another one it is refused."""
    async with service.client("pass24-admin") as client:
        headers = {"Idempotency-Key": "once"}
        first, again = [await client.post("/v1/organisations", json={"name": "А"}, headers=headers) for _ in range(2)]
        assert (201, first.content) == (again.status_code, again.content)
        other = await client.post("/v1/organisations", json={"name": "Б"}, headers=headers)
        assert other.status_code == 422


async def test_suspension_refuses_the_new_and_is_undone(service: Service) -> None:
    """Intervale 2.6: a suspended organisation's new request is answered 422 with the clause; the old ticket goes on."""
    async with service.client("intervale-admin") as client:
        organisation, _ = await add_client(client)
        path = f"/v1/organisations/{organisation}"
        number = await register(client, organisation="ООО «Берёза»")
        suspended = await put(client, f"{path}/suspension", json={"why": "не оплачено"})
        assert suspended.status_code == 200
        assert (await put(client, f"{path}/suspension", json={})).status_code == 409
        entitlement = (await client.get(path)).json()["entitlement"]
        assert (entitlement["entitled"], entitlement["clause"]) == (False, "2.6")
        body = {"subject": "Не работает", "organisation": "ООО «Берёза»", "requester": "x"}
        refused = await client.post("/v1/tickets", json=body)
        assert (refused.status_code, refused.json()["clause"]) == (422, "2.6")
        reply = await client.post(f"/v1/tickets/{number}/replies", json={"kind": "answer", "text": "Готово"})
        assert reply.status_code == 201
        assert (await client.delete(f"{path}/suspension")).status_code == 200
        assert (await client.post("/v1/tickets", json=body)).status_code == 201


async def test_a_caller_is_known_by_the_number(service: Service) -> None:
    """Who calls, of which organisation, entitled or not, what is open, what is promised; the phone agent finds them."""
    async with service.client("pass24-admin") as admin:
        organisation, contact = await add_client(admin)
    async with service.client("phone") as client:
        assert (await client.post("/v1/calls", json=CALL)).status_code == 201
        params = {"dialled": PHONE_OF_PASS24}
        shown = (await client.get("/v1/callers/+79161234567", params=params)).json()
        assert (shown["contact"]["id"], shown["organisation"]["id"]) == (contact, organisation)
        assert [(ticket["number"], ticket["subject"]) for ticket in shown["open_tickets"]] == [(1, CALL["summary"])]
        assert (shown["promise"]["tenant"], shown["promise"]["official"]) == ("pass24", True)
        assert shown["entitlement"]["checked"]
        stranger = (await client.get("/v1/callers/+79990000000", params=params)).json()
        assert (stranger["contact"], stranger["organisation"], stranger["open_tickets"]) == (None, None, [])
        header = {"Helpdesk-Tenant": "pass24"}
        names = ("зайц", "БЕРЕЗ", "зайцев пётр", "Петp ЗAЙЦ", "берез петр")  # Latin p and A among the Cyrillic
        for word in (*names, "123-45", "8 916 123 45 67", "8 916 1", "person@"):
            found = (await client.get("/v1/callers", params={"search": word}, headers=header)).json()["items"]
            assert [each["id"] for each in found] == [contact], word
        assert (await client.get("/v1/callers", params={"search": "лисиц"}, headers=header)).json()["items"] == []
        assert (await client.get("/v1/callers/+79161234567")).status_code == 400
        ticket = (await client.get("/v1/tickets/1", headers=header)).json()["requester"]
        assert (ticket["organisation"], ticket["contact"]) == ("ООО «Берёза»", "person@client.example")


async def test_what_is_no_caller_s_number_is_refused(sqlite_service: Service) -> None:
    """A mistyped number is no stranger; whatever a telephone system shows of a caller may be asked about."""
    async with sqlite_service.client("pass24-agent") as client:
        for wrong in ("hello", "+7916", "person@client.example", "1" * 40, "8 916"):
            answer = await client.get(f"/v1/callers/{wrong}")
            problem = answer.json()
            places = [error["path"] for error in problem.get("errors", ())]
            assert (wrong, answer.status_code, places) == (wrong, 422, ["path.e164"])
        for right in ("8 (916) 123-45-67", "101", "*62", "Anonymous", "unknown", "sip:100@pbx.example"):
            assert (right, (await client.get(f"/v1/callers/{right}")).status_code) == (right, 200)


async def test_an_unknown_author_is_flagged_and_identified(service: Service) -> None:
    """TelemedHelp 6.7: the flag stands on the ticket until an agent says who asks; then the log tells of it."""
    async with service.client("telemedhelp-admin") as client:
        _, contact = await add_client(client)
        body = {"subject": "Не работает", "channel_kind": "email", "requester": "someone@else.example"}
        number = (await client.post("/v1/tickets", json=body)).json()["number"]
        assert (await client.get(f"/v1/tickets/{number}")).json()["flags"] == ["identification_required"]
        for nobody in ({}, {"contact_id": RANDOM}, {"organisation": "ООО «Осина»"}):
            assert (await put(client, f"/v1/tickets/{number}/identity", json=nobody)).status_code == 422
        done = await put(client, f"/v1/tickets/{number}/identity", json={"contact_id": contact})
        assert done.status_code == 200
        shown = (await client.get(f"/v1/tickets/{number}")).json()
        assert (shown["flags"], shown["requester"]["name"], shown["requester"]["organisation"]) == (
            [], "Пётр Зайцев", "ООО «Берёза»",
        )  # fmt: skip
        events = (await client.get(f"/v1/tickets/{number}/events")).json()["items"]
        assert "identified" in [event["what"] for event in events]


async def test_another_company_s_clients_are_as_if_there_were_none(service: Service) -> None:
    """By id a foreign client and none are told alike; searches and callers find nothing of them."""
    async with service.client("intervale-admin") as client:
        organisation, contact = await add_client(client)
    async with service.client("pass24-admin") as client:
        for path, own in (("/v1/organisations", organisation), ("/v1/contacts", contact)):
            foreign, nothing = await client.get(f"{path}/{own}"), await client.get(f"{path}/{RANDOM}")
            assert (foreign.status_code, foreign.content) == (404, nothing.content)
            assert (await put(client, f"{path}/{own}", json={"name": "Моё"})).status_code == 404
            assert (await client.get(path)).json()["items"] == []
        shown = (await client.get("/v1/callers/+79161234567")).json()
        assert (shown["contact"], shown["entitlement"]["checked"]) == (None, False)
        assert (
            await client.post("/v1/contacts", json={"name": "X", "organisation_id": organisation})
        ).status_code == 422
        await add_client(client)


async def test_an_address_is_verified_once_and_stays_so(service: Service) -> None:
    """How it was made sure of is audited; a change of the person keeps since when; another's address is not touched."""
    async with service.client("telemedhelp-admin") as client:
        mail = {"channel_kind": "email", "address": "Person@Client.example", "verified": False}
        contact = await add(client, "/v1/contacts", name="Пётр Зайцев", addresses=[mail])
        path = f"/v1/contacts/{contact}"
        body = {"channel_kind": "email", "address": "person@client.example", "how": "перезвонили"}
        stranger = await client.post(f"{path}/verification", json={**body, "address": "other@client.example"})
        assert stranger.status_code == 422
        assert (await client.post(f"{path}/verification", json=body)).status_code == 200
        again = await client.post(f"{path}/verification", json=body)
        assert (again.status_code, again.json()["current_version"]) == (409, 2)
        acts = (await client.get("/v1/audit", params={"act": "contact.verify"})).json()["items"]
        assert [(act["about"], act["data"]["how"]) for act in acts] == [(f"contact:{contact}", "перезвонили")]
        kept = {"name": "Пётр З.", "addresses": [{**mail, "verified": True}]}
        assert (await put(client, path, json=kept)).status_code == 200
        assert (await client.get(path)).json()["addresses"][0]["verified"] is True
        gone = await client.delete(path, headers={"If-Match": '"2"'})
        assert (gone.status_code, gone.json()["current_version"]) == (412, 3)
        assert (await client.delete(path, headers={"If-Match": '"3"'})).status_code == 200
        assert (await client.get(path)).status_code == 404
        again = await client.post("/v1/contacts", json={"name": "Другой", "addresses": [mail]})
        assert again.status_code == 201  # the address is free again


async def test_mail_of_an_organisation_s_domain_is_the_organisation_s(service: Service) -> None:
    """Of nobody known: the ticket has the organisation and no flag (TelemedHelp 6.7); a person known goes before it."""
    async with service.client("telemedhelp-admin") as client:
        organisation = await add(client, "/v1/organisations", name="ООО «Берёза»")
        other = await add(client, "/v1/organisations", name="ООО «Дуб»")
        path = f"/v1/organisations/{organisation}"
        assert (await put(client, f"{path}/domains", json={"domains": ["@Bereza.example"]})).status_code == 200
        assert (await client.get(path)).json()["domains"] == ["bereza.example"]
        taken = await put(client, f"/v1/organisations/{other}/domains", json={"domains": ["bereza.example"]})
        assert (taken.status_code, taken.json()["current_version"]) == (409, 1)
        assert (await put(client, f"{path}/domains", json={"domains": ["no domain"]})).status_code == 422
        for sender, wanted, flags in (
            ("doctor@bereza.example", "ООО «Берёза»", False),
            ("doctor@elsewhere.example", "", True),
        ):
            body = {"subject": "x", "channel_kind": "email", "requester": sender}
            made = await client.post("/v1/tickets", json=body)
            assert made.status_code == 201, made.text
            shown = (await client.get(f"/v1/tickets/{made.json()['number']}")).json()
            told = "identification_required" in shown["flags"]
            assert (shown["requester"]["organisation"], told) == (wanted, flags)


async def test_an_organisation_is_found_by_the_name_it_had(sqlite_service: Service) -> None:
    """Tickets keep the old name; who is meant by it is known; a newcomer may take it."""
    async with sqlite_service.client("pass24-admin") as client:
        organisation = await add(client, "/v1/organisations", name="ООО «Берёза»")
        path = f"/v1/organisations/{organisation}"
        await add(client, f"{path}/contracts", kind="client", first_day="2020-01-01")
        assert (await put(client, path, json={"name": "АО «Берёза»"})).status_code == 200
        number = await register(client)
        body = {"organisation": "ооо «береза»"}
        assert (await put(client, f"/v1/tickets/{number}/identity", json=body)).status_code == 200
        assert (await client.get(f"/v1/tickets/{number}")).json()["requester"]["organisation"] == "АО «Берёза»"
        newcomer = await add(client, "/v1/organisations", name="ООО «Берёза»")
        number = await register(client)
        assert (await put(client, f"/v1/tickets/{number}/identity", json=body)).status_code == 200
        assert (await client.get(f"/v1/tickets/{number}")).json()["requester"]["organisation"] == "ООО «Берёза»"
        assert newcomer


async def test_what_was_entered_by_mistake_is_taken_away(service: Service) -> None:
    """Contract, equipment, version, organisation: each with the organisation's version; never what is referred to, and
    never the last organisation, because without any nobody's right would be checked."""
    async with service.client("pass24-admin") as client:
        organisation, contact = await add_client(client)
        path = f"/v1/organisations/{organisation}"
        contract = await add(client, f"{path}/contracts", kind="client", first_day="2020-01-01")
        piece = await add(client, f"{path}/equipment", name="Шлагбаум")
        await put(client, f"{path}/products/app", json={"version": "2.1"})
        late = await client.delete(f"{path}/contracts/{contract}", headers={"If-Match": '"1"'})
        assert (late.status_code, late.json()["current_version"]) == (412, 4)
        for place in (f"contracts/{contract}", f"equipment/{piece}", "products/app"):
            assert (await client.delete(f"{path}/{place}")).status_code == 200
            assert (await client.delete(f"{path}/{place}")).status_code == 404
        assert (await client.delete(path)).status_code == 409  # the last one
        await add(client, "/v1/organisations", name="ООО «Дуб»")
        assert (await client.delete(path)).status_code == 409  # it has a person
        assert (await client.delete(f"/v1/contacts/{contact}")).status_code == 200
        assert (await client.delete(path)).status_code == 200
        assert (await client.get(path)).status_code == 404
