"""The headers that make a write safe to repeat and safe against somebody else's: Idempotency-Key and If-Match."""

import hashlib
import re

import msgspec

from helpdesk.api.doors import NEW_HEADER, VERSION_HEADER, AnyRequest
from helpdesk.api.problems import Malformed
from helpdesk.domain.commands import Idempotency

KEY_HEADER = "Idempotency-Key"

_KEY = re.compile(r"[!-~]{1,200}")
_VERSION = re.compile(r'"([0-9]{1,15})"')


def idempotency_of(request: AnyRequest) -> Idempotency | None:
    """Return the request's idempotency key with the request's hash, None where it has no key.

    The hash covers method, path and the decoded body, so spaces and the order of keys make no difference.

    Raises:
        Malformed: the header comes twice or is not 1 to 200 visible ASCII characters.
    """
    given = _single(request, KEY_HEADER)
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        raise Malformed(
            "The key cannot be used.", fields={f"header.{KEY_HEADER}": "must be 1 to 200 visible characters"}
        )
    body = msgspec.json.encode(request.scope["state"].get("given"), order="sorted")
    target = f"{request.method} {request.scope['path'].rstrip('/')}\n".encode()
    return Idempotency(given, hashlib.sha256(target + body).digest())


def expected_version(request: AnyRequest) -> int | None:
    """Return the version that ``If-Match`` names, None where it is not given or ``*`` (which no PUT gets here with).

    Raises:
        Malformed: it is neither a quoted version nor ``*``.
    """
    given = _single(request, VERSION_HEADER)
    if given is None or given == "*":
        return None
    match = _VERSION.fullmatch(given)
    if match is None:
        raise Malformed("The version cannot be read.", fields={f"header.{VERSION_HEADER}": 'must be like "7", quoted'})
    return int(match[1])


def only_if_new(request: AnyRequest) -> bool:
    """Say whether ``If-None-Match: *`` wants the thing put only where there is none.

    Raises:
        Malformed: it is another than ``*``, or ``If-Match`` is given too.
    """
    given = _single(request, NEW_HEADER)
    if given is None:
        return False
    if given != "*" or _single(request, VERSION_HEADER) is not None:
        raise Malformed("The condition cannot be read.", fields={f"header.{NEW_HEADER}": "must be * and stand alone"})
    return True


def etag(version: int) -> str:
    """Return the entity tag of a version."""
    return f'"{version}"'


def _single(request: AnyRequest, header: str) -> str | None:
    values = request.headers.getall(header, [])
    if len(values) > 1:
        raise Malformed("A header comes twice.", fields={f"header.{header}": "comes twice"})
    return values[0] if values else None
