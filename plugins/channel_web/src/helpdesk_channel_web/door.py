"""The door: which site a request is for, whether its page may ask, who asks, and who answers."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from helpdesk.contracts.channels import Gateway
from helpdesk_channel_web.answers import Answer, later, nobody, of_bad_body, problem
from helpdesk_channel_web.bodies import BadBody, Body, Receive, read_body, told_length
from helpdesk_channel_web.config import Config, Site
from helpdesk_channel_web.formside import FormSide
from helpdesk_channel_web.members import ACCOUNT, CHAT
from helpdesk_channel_web.memberside import MemberSide
from helpdesk_channel_web.origins import METHODS, allowed, preflight, with_origin
from helpdesk_channel_web.usertoken import Member, NotSignedIn
from helpdesk_channel_web.usertoken import read as read_user

Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Mapping[bytes, bytes]

MOST_AT_ONCE = 256
"""Messages being read and taken in at once; who comes beside them is asked to come again."""
MOST_BYTES_AT_ONCE = 256 * 1024 * 1024
"""How much those may have together."""
_KINDS = {"accounts": ACCOUNT, "chats": CHAT}


class WebDoor:
    """An ASGI application: ``/forms/<site>``, and ``/accounts/<site>`` and ``/chats/<site>`` for who is signed in."""

    def __init__(self, config: Config, gateway: Gateway) -> None:
        self._config = config
        self._forms = FormSide(config, gateway)
        self._members = MemberSide(gateway)
        self._taking: list[int] = []
        """The lengths of what is being taken in."""

    def stop(self) -> None:
        """Answer who waits for letters."""
        self._members.stop()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = await self._answer(scope, dict(scope["headers"]), receive)
        always = (
            (b"content-length", str(len(answer.body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        )
        start = {"type": "http.response.start", "status": answer.status, "headers": [*answer.headers, *always]}
        await send(start)
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    async def _answer(self, scope: Mapping[str, Any], headers: Headers, receive: Receive) -> Answer:
        where, _, rest = scope["path"].strip("/").partition("/")
        host, _, what = rest.partition("/")
        site = self._config.sites.get(unquote(host).lower())
        if site is None or not (where == "forms" or (where in _KINDS and site.secrets)):
            return nobody()
        origin = headers.get(b"origin")
        if not allowed(site, origin):
            return problem(403, "origin", "Pages of this origin may not ask here.")
        if scope["method"] == "OPTIONS":
            return with_origin(preflight(), origin)
        if where == "forms":
            return with_origin(await self._form(scope["method"], what, site, headers, receive), origin)
        try:
            member = read_user(site, _bearer(headers), time.time())
        except NotSignedIn as error:
            return with_origin(_not_signed_in(error), origin)
        return with_origin(await self._member(scope, _KINDS[where], what, site, member, receive), origin)

    async def _form(self, method: str, what: str, site: Site, headers: Headers, receive: Receive) -> Answer:
        match method, what:
            case "GET", "":
                return await self._forms.hand_out(site)
            case "POST", "":
                return await self._taken(headers, receive, lambda body: self._forms.take(site, body))
            case _, "":
                return _no_such_method()
        return nobody()

    async def _member(
        self, scope: Mapping[str, Any], kind: str, what: str, site: Site, member: Member, receive: Receive
    ) -> Answer:
        headers = dict(scope["headers"])
        match scope["method"], what.split("/"):
            case "POST", ["messages"]:
                return await self._taken(headers, receive, lambda body: self._members.take(kind, site, member, body))
            case "GET", ["letters"]:
                return await self._members.letters(kind, site, member, scope["query_string"].decode("latin-1"))
            case "GET", ["letters", letter_id, "files", place]:
                return await self._members.file(kind, site, member, letter_id, place)
            case _, ["messages" | "letters"]:
                return _no_such_method()
        return nobody()

    async def _taken(self, headers: Headers, receive: Receive, take: Callable[[Body], Awaitable[Answer]]) -> Answer:
        """Read a body within the bounds and have it taken in."""
        try:
            length = told_length(headers)
            if len(self._taking) >= MOST_AT_ONCE or sum(self._taking) + length > MOST_BYTES_AT_ONCE:
                return later()
            self._taking.append(length)
            try:
                return await take(await read_body(headers, receive, self._config.file_bytes))
            finally:
                self._taking.remove(length)
        except BadBody as error:
            return of_bad_body(error)


def _bearer(headers: Headers) -> str:
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _not_signed_in(error: NotSignedIn) -> Answer:
    answer = problem(401, "not-signed-in", str(error))
    return Answer(answer.status, answer.body, (*answer.headers, (b"www-authenticate", b"Bearer")))


def _no_such_method() -> Answer:
    answer = problem(405, "method", "This path has no such method.")
    return Answer(answer.status, answer.body, (*answer.headers, (b"allow", METHODS)))
