"""The door: which site a request is for, whether its page may ask, and who answers it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from helpdesk.contracts.channels import Gateway
from helpdesk_channel_web import formtoken
from helpdesk_channel_web.accept import hand_in, set_aside
from helpdesk_channel_web.answers import Answer, later, nobody, of_bad_body, problem, told
from helpdesk_channel_web.bodies import BadBody, Receive, read_body, told_length
from helpdesk_channel_web.config import Config, Site
from helpdesk_channel_web.forms import TOKEN_FIELD, TRAP_FIELD, field_of, inbound, trapped
from helpdesk_channel_web.origins import METHODS, allowed, preflight, with_origin

Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Mapping[bytes, bytes]

MOST_AT_ONCE = 256
"""Messages being read and taken in at once; who comes beside them is asked to come again."""
MOST_BYTES_AT_ONCE = 256 * 1024 * 1024
"""How much those may have together."""
_FORMS = "forms"


class WebDoor:
    """An ASGI application: ``/forms/<site>``."""

    def __init__(self, config: Config, gateway: Gateway) -> None:
        self._config = config
        self._gateway = gateway
        self._taking: list[int] = []
        """The lengths of what is being taken in."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers: Headers = dict(scope["headers"])
        answer = await self._answer(scope["method"], scope["path"], headers, receive)
        always = (
            (b"content-length", str(len(answer.body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        )
        start = {"type": "http.response.start", "status": answer.status, "headers": [*answer.headers, *always]}
        await send(start)
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    async def _answer(self, method: str, path: str, headers: Headers, receive: Receive) -> Answer:
        where, _, host = path.strip("/").partition("/")
        site = self._config.sites.get(unquote(host).lower())
        if where != _FORMS or site is None:
            return nobody()
        origin = headers.get(b"origin")
        if not allowed(site, origin):
            return problem(403, "origin", "Pages of this origin may not ask here.")
        return with_origin(await self._judged(method, site, headers, receive), origin)

    async def _judged(self, method: str, site: Site, headers: Headers, receive: Receive) -> Answer:
        match method:
            case "OPTIONS":
                return preflight()
            case "GET":
                return self._handed_out(site)
            case "POST":
                try:
                    return await self._within_bounds(headers, lambda: self._form(site, headers, receive))
                except BadBody as error:
                    return of_bad_body(error)
        answer = problem(405, "method", "Ask with GET or POST.")
        return Answer(answer.status, answer.body, (*answer.headers, (b"allow", METHODS)))

    async def _within_bounds(self, headers: Headers, work: Callable[[], Awaitable[Answer]]) -> Answer:
        length = told_length(headers)
        if len(self._taking) >= MOST_AT_ONCE or sum(self._taking) + length > MOST_BYTES_AT_ONCE:
            return later()
        self._taking.append(length)
        try:
            return await work()
        finally:
            self._taking.remove(length)

    def _handed_out(self, site: Site) -> Answer:
        token = formtoken.make(self._config.secret, site.host, int(time.time()))
        seconds = {"wait_seconds": self._config.form_seconds, "valid_seconds": formtoken.VALID_SECONDS}
        return told(200, token=token, trap=TRAP_FIELD, **seconds)

    async def _form(self, site: Site, headers: Headers, receive: Receive) -> Answer:
        body = await read_body(headers, receive, self._config.file_bytes)
        token, now = body.fields.get(TOKEN_FIELD, ""), int(time.time())
        try:
            number = formtoken.read(self._config.secret, site.host, token, now, self._config.form_seconds)
        except formtoken.BadToken as error:
            return problem(422, error.code, str(error), {TOKEN_FIELD: "ask for a token with GET"})
        message = inbound(body, site.host, number)
        if trapped(body):
            work = set_aside(self._gateway, message, "a field that people do not see was filled in")
        else:
            work = hand_in(self._gateway, message, field_of)
        return await asyncio.shield(work)
