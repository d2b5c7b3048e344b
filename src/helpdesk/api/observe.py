"""The outermost layer: a request id, one log line, the metrics, and an answer to what nobody foresaw."""

import re
import time

import structlog
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from helpdesk.api import problems
from helpdesk.api.metrics import Metrics
from helpdesk.api.wire import respond
from helpdesk.kernel.errors import HelpdeskError
from helpdesk.kernel.ids import new_id
from helpdesk.store.credentials import Credential

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_UNROUTED = "(none)"
_LEFT_OUT = "***"
_ADDRESS = re.compile(r"[^/]*[@+][^/]*")
_NUMBER = re.compile(r"[0-9 ()\-.]{7,}")

_log = structlog.get_logger("helpdesk.api")


def observed(app: ASGIApp, metrics: Metrics) -> ASGIApp:
    """Wrap ``app``: every request is counted and logged, every answer is labelled.

    The log has method, path and status; never a query or a body, and of the path no address and no telephone number.

    What ``app`` raises before its answer began becomes a problem: the service's own errors by their kind, anything
    else a 500 that shows an incident id and leaves the traceback to the log.
    """

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        request_id = str(new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 0

        async def labelled(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_labels(scope, request_id)]
            await send(message)

        try:
            await app(scope, receive, labelled)
        except (HelpdeskError, HTTPException) as error:
            if status:
                raise
            if_match = any(name in {b"if-match", b"if-none-match"} for name, _ in scope["headers"])
            rest = receive if isinstance(error, problems.TooLarge) else None
            await respond(labelled, *problems.describe(error, if_match=if_match), unread=rest)
        except Exception:
            incident = new_id()
            _log.exception("request failed", incident=str(incident), request_id=request_id)
            if status:
                raise
            await respond(labelled, *problems.unexpected(incident))
        finally:
            seconds = time.perf_counter() - began
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            template = str(scope.get("path_template", "")) or _UNROUTED
            metrics.observe(method, template, status or 499, seconds)
            told = {"method": method, "path": _logged_path(scope), "status": status, "who": _who(scope)}
            _log.info("request", **told, ms=round(seconds * 1000, 1))

    return call


def _who(scope: HTTPScope) -> str:
    """Return as whom people know who asks; empty where nobody was recognised."""
    caller = scope.get("state", {}).get("caller")
    return caller.called if isinstance(caller, Credential) else ""


def _logged_path(scope: HTTPScope) -> str:
    """Return the path without what may be a person's address or number."""
    path = scope["path"][:200]
    for value in scope.get("path_params", {}).values():
        if _NUMBER.fullmatch(str(value)):
            path = path.replace(str(value), _LEFT_OUT)
    return _ADDRESS.sub(_LEFT_OUT, path)


def _labels(scope: HTTPScope, request_id: str) -> list[tuple[bytes, bytes]]:
    labels = [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]
    if scope["path"].startswith("/v1"):
        labels.append((b"cache-control", b"no-store"))
    return labels
