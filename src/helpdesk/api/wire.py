"""Answers written straight to the wire, for the layers that stand outside Litestar."""

import asyncio
from contextlib import suppress

from litestar.types import Receive, Send

from helpdesk.api import problems
from helpdesk.api.problems import Headers, Problem

_LINGER_SECONDS = 30.0
"""How long what is still being sent is read away."""


async def respond(send: Send, problem: Problem, headers: Headers, unread: Receive | None = None) -> None:
    """Send ``problem`` as the whole answer.

    ``unread``: gives the rest of a request that is not taken. It is thrown away before the answer ends: a connection
    that is closed upon unread bytes is reset (RFC 9112, 9.6); who sends first and reads then would not see the answer.
    """
    body = problems.encode(problem)
    fields = [(b"content-type", problems.MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    fields += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": fields})
    if unread is not None:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await _throw_away(unread)
        body = b""
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _throw_away(unread: Receive) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while (message := await unread())["type"] == "http.request" and message.get("more_body"):
                pass
