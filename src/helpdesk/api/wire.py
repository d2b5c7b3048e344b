"""Answers written straight to the wire, for the layers that stand outside Litestar."""

from litestar.types import Send

from helpdesk.api import problems
from helpdesk.api.problems import Headers, Problem


async def respond(send: Send, problem: Problem, headers: Headers) -> None:
    """Send ``problem`` as the whole answer."""
    body = problems.encode(problem)
    fields = [(b"content-type", problems.MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    fields += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": fields})
    await send({"type": "http.response.body", "body": body, "more_body": False})
