"""The web channel keeps what every channel promises."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import ClassVar

import httpx2
from tests.corpus.web import hostile_forms
from tests.support.web_place import NOBODYS, OTHER, SITE, bearer, listening, multipart, settings, signed, token

from helpdesk.contracts.channels import Channel, Gateway
from helpdesk.testing.channels import Answer, ChannelContract, Deliver, ListenerContract
from helpdesk_channel_web.channel import ChatChannel, WebChannel

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
TOKEN = b"{token}"


def sent(kind: str, body: bytes) -> bytes:
    """Return a form as one piece: its type, a line's end, its body."""
    return kind.encode() + b"\n" + body


class TestWeb(ChannelContract):
    """Sites by their hosts, persons by what the site knows them by."""

    addresses: ClassVar = {
        " https://WWW.Siroca.com/ ": "www.siroca.com",
        "WWW.Siroca.com": "www.siroca.com",
        "Anna@Client.Example": "anna@client.example",
        "User-17": "User-17",
        "crm:17": "crm:17",
        "user:WWW.Siroca.com/a%40B": "user:www.siroca.com/a%40B",
    }
    no_addresses = ("two words", "a\tb", "\u2028", "x" * 401)

    def channel(self) -> Channel:
        return WebChannel()


class TestChat(TestWeb):
    """The chats on the same sites."""

    def channel(self) -> Channel:
        return ChatChannel()


class TestWebForms(ListenerContract):
    """The forms' door: 2xx means kept, or refused by the regulation and kept in the ledger."""

    ours = (SITE, OTHER)
    stranger = NOBODYS

    def kind(self) -> str:
        return "web"

    def listening(self, gateway: Gateway) -> AbstractAsyncContextManager[Deliver]:
        @asynccontextmanager
        async def serving() -> AsyncIterator[Deliver]:
            async with httpx2.AsyncClient(timeout=30) as client, listening(gateway, settings()) as listener:

                async def deliver(raw: bytes, address: str) -> Answer:
                    kind, _, body = raw.partition(b"\n")
                    number = hashlib.sha256(raw).digest()[:16]  # one page, whoever sends its form again
                    body = body.replace(TOKEN, token(address, number).encode())
                    url = f"http://127.0.0.1:{listener.port}/forms/{address}"
                    try:
                        told = await client.post(url, content=body, headers={"content-type": kind.decode("latin-1")})
                    except httpx2.HTTPError:
                        return Answer.AGAIN
                    kept = {200, 201, 202, 409}  # 409: what came first under the id is kept
                    return Answer.KEPT if told.status_code in kept else _not_kept(told.status_code)

                yield deliver

        return serving()

    def inputs(self) -> Mapping[str, bytes]:
        parts, kind = multipart(("token", None, TOKEN), ("text", None, "Снимок".encode()), ("f", "a.png", b"\x89PNG"))
        return {
            "json": sent(JSON, b'{"token":"{token}","subject":"S","text":"a","email":"anna@client.example"}'),
            "form": sent(FORM, b"token={token}&text=%D0%9D%D0%B5+%D1%80%D0%B0%D0%B1&name=Anna&steps=1"),
            "multipart": sent(kind, parts),
            "again": sent(JSON, b'{"token":"{token}","subject":"S","text":"a" ,"email":"anna@client.example"}'),
            "nul": sent(JSON, b'{"token":"{token}","text":"a\\u0000b"}'),
        }

    def hostile(self) -> Mapping[str, bytes]:
        return {name: sent(kind, body) for name, (kind, body) in hostile_forms(TOKEN).items()}


class TestWebAccounts(TestWebForms):
    """The same door for who is signed in."""

    where = "accounts"

    def kind(self) -> str:
        return {"accounts": "web", "chats": "chat"}[self.where]

    def listening(self, gateway: Gateway) -> AbstractAsyncContextManager[Deliver]:
        @asynccontextmanager
        async def serving() -> AsyncIterator[Deliver]:
            async with httpx2.AsyncClient(timeout=30) as client, listening(gateway, settings()) as listener:

                async def deliver(raw: bytes, address: str) -> Answer:
                    kind, _, body = raw.partition(b"\n")
                    url = f"http://127.0.0.1:{listener.port}/{self.where}/{address}/messages"
                    headers = {"content-type": kind.decode("latin-1"), **bearer(signed(address))}
                    try:
                        told = await client.post(url, content=body, headers=headers)
                    except httpx2.HTTPError:
                        return Answer.AGAIN
                    return Answer.KEPT if told.status_code in {201, 202, 409} else _not_kept(told.status_code)

                yield deliver

        return serving()

    def inputs(self) -> Mapping[str, bytes]:
        parts, kind = multipart(("id", None, b"m3"), ("subject", None, b"S"), ("f", "a.png", b"\x89PNG"))
        return {
            "json": sent(JSON, b'{"id":"m1","subject":"S","text":"a"}'),
            "form": sent(FORM, b"id=m2&subject=S&text=%D0%9D%D0%B5+%D1%80%D0%B0%D0%B1&steps=1"),
            "multipart": sent(kind, parts),
            "again": sent(JSON, b'{"id":"m4","subject":"S","text":"a"}'),
            "nul": sent(JSON, b'{"id":"m5","subject":"S","text":"a\\u0000b"}'),
        }

    def hostile(self) -> Mapping[str, bytes]:
        found = {name: sent(kind, body) for name, (kind, body) in hostile_forms(b"t").items()}
        return {**found, **{f"{name}, with an id": _with_id(raw) for name, raw in found.items()}}


class TestWebChats(TestWebAccounts):
    """And for chats."""

    where = "chats"


def _with_id(raw: bytes) -> bytes:
    """Return a hostile form as a message: what the form's token was is the message's id."""
    return raw.replace(b'"token"', b'"subject":"S","id"').replace(b"token=", b"subject=S&id=")


def _not_kept(status: int) -> Answer:
    return Answer.AGAIN if status == httpx2.codes.SERVICE_UNAVAILABLE else Answer.REFUSED
