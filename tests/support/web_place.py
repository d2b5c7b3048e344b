"""The web channel before a gateway, as its tests put it: sites, a browser, tokens made beforehand."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from helpdesk.contracts.channels import Gateway
from helpdesk.testing.gateway import FakeGateway
from helpdesk_channel_web import formtoken
from helpdesk_channel_web.channel import WebChannel
from helpdesk_channel_web.listener import WebListener

SITE, OTHER, NOBODYS = "www.siroca.com", "other.example", "nobodys.example"
SECRET = "canary-" + "s" * 40
PAGE = "https://www.siroca.com"


def settings(**other: str) -> dict[str, str]:
    """Return the settings of three sites, the last of which is nobody's."""
    base = {"SITES": f"{SITE} {OTHER} {NOBODYS}", "SECRET": SECRET, "LISTEN": "127.0.0.1:0", "FORM_SECONDS": "0"}
    return {f"HELPDESK_WEB_{name}": value for name, value in {**base, **other}.items()}


def token(site: str = SITE, number: bytes | None = None, *, age: int = 10) -> str:
    """Return a form's token that was handed out ``age`` seconds ago."""
    return formtoken.make(SECRET.encode(), site, int(time.time()) - age, number)


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
        self.gateway = FakeGateway({("web", SITE), ("web", OTHER)})
        self.client = httpx2.AsyncClient()

    @asynccontextmanager
    async def open(self, **other: str) -> AsyncIterator["Place"]:
        """Open the door."""
        async with listening(self.gateway, settings(**other)) as listener:
            url = f"http://127.0.0.1:{listener.port}"
            async with httpx2.AsyncClient(base_url=url, timeout=30) as self.client:
                yield self

    async def send(self, site: str = SITE, **fields: str) -> httpx2.Response:
        """Send a form as JSON."""
        body = {"text": "Не работает", "token": token(site), **fields}
        return await self.client.post(f"/forms/{site}", json=body)

    async def post(self, content: bytes, kind: str, **headers: str) -> httpx2.Response:
        """Send a body as it is."""
        return await self.client.post(f"/forms/{SITE}", content=content, headers={"content-type": kind, **headers})


def multipart(*parts: tuple[str, str | None, bytes], boundary: str = "b0undary") -> tuple[bytes, str]:
    """Return a multipart of (name, file's name, content), and its content type."""
    lines: list[Any] = []
    for name, filename, content in parts:
        named = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
        lines += [f"--{boundary}\r\nContent-Disposition: {named}\r\n\r\n".encode(), content, b"\r\n"]
    return b"".join([*lines, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"
