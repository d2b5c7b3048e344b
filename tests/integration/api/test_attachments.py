"""Files over HTTP: any bytes in, given out to be saved only, within the company only."""

import hashlib
from urllib.parse import quote

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register

pytestmark = pytest.mark.anyio

PAGE = b"<!doctype html><script>alert(1)</script>"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


async def test_a_file_is_put_listed_and_given_out_to_be_saved(service: Service) -> None:
    """The same bytes come back, under the cleaned name, as what they are, in headers that let nothing run."""
    async with service.client("telemedhelp-agent") as client:
        number = await register(client, channel_kind="email", requester="c@client.example")
        url = f"/v1/tickets/{number}/attachments"
        put = await client.post(url, params={"name": "../отчёт за\u202e год.png"}, content=PAGE)
        assert put.status_code == 201
        shown = put.json()["attachment"]
        assert (shown["name"], shown["content_type"], shown["state"]) == ("отчёт за год.png", "text/html", "kept")
        assert shown["sha256"] == hashlib.sha256(PAGE).hexdigest()
        assert (await client.get(f"/v1/tickets/{number}")).headers["etag"] == put.headers["etag"]
        assert (await client.get(url)).json() == {"items": [shown]}
        given = await client.get(put.headers["location"])
        assert given.content == PAGE
        assert given.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('отчёт за год.png')}"
        assert given.headers["content-type"].startswith("text/html")
        assert given.headers["x-content-type-options"] == "nosniff"
        assert given.headers["content-security-policy"] == "default-src 'none'; sandbox"
        reply = {"kind": "notice", "text": "Смотрите вложение", "attachments": [shown["id"]]}
        sent = await client.post(f"/v1/tickets/{number}/replies", json=reply)
        assert sent.status_code == 201
        letters = (await client.get(f"/v1/tickets/{number}/messages")).json()["items"]
        assert [each["id"] for each in letters[-1]["attachments"]] == [shown["id"]]
        assert (await client.post(f"/v1/tickets/{number}/replies", json=reply)).status_code == 422


async def test_what_is_not_accepted_is_kept_aside(sqlite_service: Service) -> None:
    """The answer says so, with the clause; the file is not given out."""
    async with sqlite_service.client("intervale-agent") as client:
        number = await register(client)
        url = f"/v1/tickets/{number}/attachments"
        put = await client.post(url, params={"name": "a.png"}, content=b"MZ" + bytes(100))
        shown = put.json()["attachment"]
        assert (put.status_code, shown["state"], shown["clause"]) == (201, "quarantined", "5.4")
        assert (await client.get(put.headers["location"])).status_code == 409


async def test_putting_is_a_write_like_any_other(sqlite_service: Service) -> None:
    """The key stands for the bytes; a version may be demanded; limits and nonsense are refused."""
    async with sqlite_service.client("intervale-agent") as client:
        number = await register(client)
        url, name = f"/v1/tickets/{number}/attachments", {"name": "a.png"}
        key = {"Idempotency-Key": "f1"}
        first = await client.post(url, params=name, content=PNG, headers=key)
        again = await client.post(url, params=name, content=PNG, headers=key)
        assert (first.status_code, again.json()) == (201, first.json())
        assert (await client.post(url, params=name, content=PNG[:-1], headers=key)).status_code == 422
        assert (await client.post(url, params=name, content=PNG, headers={"If-Match": '"1"'})).status_code == 412
        assert (await client.post(url, content=PNG)).status_code == 400
        assert (await client.post("/v1/tickets/777777/attachments", params=name, content=PNG)).status_code == 404
        assert len((await client.get(url)).json()["items"]) == 1


async def test_another_company_reaches_no_file(sqlite_service: Service) -> None:
    """Neither by its own ticket of the same number nor by the file's id."""
    async with sqlite_service.client("intervale-agent") as client:
        number = await register(client)
        put = await client.post(f"/v1/tickets/{number}/attachments", params={"name": "a.png"}, content=PNG)
    async with sqlite_service.client("pass24-agent") as client:
        assert await register(client) == number
        assert (await client.get(put.headers["location"])).status_code == 404
        assert (await client.get(f"/v1/tickets/{number}/attachments")).json() == {"items": []}
