"""The web channel before a gateway, as its tests put it: sites, a browser, tokens made beforehand."""

import base64
import hmac
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import msgspec

from helpdesk.contracts.channels import Gateway
from helpdesk.testing.gateway import FakeGateway
from helpdesk_channel_web import formtoken
from helpdesk_channel_web.channel import WebChannel
from helpdesk_channel_web.listener import WebListener

SITE, OTHER, NOBODYS = "www.siroca.com", "other.example", "nobodys.example"
SECRET = "canary-" + "s" * 40
SIGNING = {SITE: "canary-of-siroca-" + "u" * 32, OTHER: "canary-of-other-" + "u" * 32, NOBODYS: "x" * 32}
PAGE = "https://www.siroca.com"


def settings(**other: str) -> dict[str, str]:
    """Return the settings of three sites, the last of which is nobody's."""
    users = " ".join(f"{site}={secret}" for site, secret in SIGNING.items())
    base = {"SITES": " ".join(SIGNING), "USERS": users, "SECRET": SECRET, "LISTEN": "127.0.0.1:0", "FORM_SECONDS": "0"}
    if "SITES" in other:
        base["USERS"] = ""
    return {f"HELPDESK_WEB_{name}": value for name, value in {**base, **other}.items()}


def token(site: str = SITE, number: bytes | None = None, *, age: int = 10) -> str:
    """Return a form's token that was handed out ``age`` seconds ago."""
    return formtoken.make(SECRET.encode(), site, int(time.time()) - age, number)


def signed(site: str = SITE, subject: str = "17", *, secret: str = "", header: bytes = b"", **claims: Any) -> str:
    """Return the token by which a site says who is signed in; a claim of None is left out."""
    said = {"sub": subject, "aud": site, "exp": int(time.time()) + 300, **claims}
    payload = msgspec.json.encode({name: value for name, value in said.items() if value is not None})
    head = b".".join(map(_base64, (header or b'{"alg":"HS256","typ":"JWT"}', payload)))
    signature = hmac.digest((secret or SIGNING.get(site, "?")).encode(), head, "sha256")
    return b".".join((head, _base64(signature))).decode()


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


@asynccontextmanager
async def listening(gateway: Gateway, given: Mapping[str, str]) -> AsyncIterator[WebListener]:
    """Run a listener before ``gateway``."""
    listener = WebChannel().listener(given)
    assert listener is not None
    await listener.start(gateway)
    try:
        yield listener
    finally:
        await listener.stop()


class Place:
    """A gateway with our sites, and a browser at the door."""

    def __init__(self) -> None:
        self.gateway = FakeGateway({(kind, site) for kind in ("web", "chat") for site in (SITE, OTHER)})
        self.client = httpx2.AsyncClient()

    @asynccontextmanager
    async def open(self, **other: str) -> AsyncIterator["Place"]:
        """Open the door."""
        self.client = httpx2.AsyncClient(timeout=30)
        async with self.client, listening(self.gateway, settings(**other)) as listener:
            self.client.base_url = httpx2.URL(f"http://127.0.0.1:{listener.port}")
            yield self

    async def send(self, site: str = SITE, **fields: str) -> httpx2.Response:
        """Send a form as JSON."""
        body = {"text": "Не работает", "token": token(site), **fields}
        return await self.client.post(f"/forms/{site}", json=body)

    async def say(
        self, text: str = "Не работает", *, site: str = SITE, where: str = "chats", by: str = "17", **fields: str
    ) -> httpx2.Response:
        """Send a signed-in user's message."""
        body = {"id": "m1", "text": text, **fields}
        return await self.client.post(f"/{where}/{site}/messages", json=body, headers=bearer(signed(site, by)))

    async def letters(self, by: str = "17", *, site: str = SITE, where: str = "chats", **query: Any) -> Any:
        """Read a signed-in user's letters."""
        headers = bearer(signed(site, by))
        answer = await self.client.get(f"/{where}/{site}/letters", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, content: bytes, kind: str, **headers: str) -> httpx2.Response:
        """Send a body as it is."""
        return await self.client.post(f"/forms/{SITE}", content=content, headers={"content-type": kind, **headers})


def bearer(token: str) -> dict[str, str]:
    """Return the header that shows a token."""
    return {"authorization": f"Bearer {token}"}


def multipart(*parts: tuple[str, str | None, bytes], boundary: str = "b0undary") -> tuple[bytes, str]:
    """Return a multipart of (name, file's name, content), and its content type."""
    lines: list[Any] = []
    for name, filename, content in parts:
        named = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
        lines += [f"--{boundary}\r\nContent-Disposition: {named}\r\n\r\n".encode(), content, b"\r\n"]
    return b"".join([*lines, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"
