"""Which pages may ask from a browser (CORS): those of the origins that a site names, and no others."""

from helpdesk_channel_web.answers import Answer
from helpdesk_channel_web.config import Site

METHODS = b"GET, POST, OPTIONS"
_HEADERS = b"authorization, content-type"
_REMEMBERED_SECONDS = b"600"
_VARY = (b"vary", b"origin")


def allowed(site: Site, origin: bytes | None) -> bool:
    """Say whether a request may come from there; one without an origin comes from no page."""
    return origin is None or origin.decode("latin-1") in site.origins


def with_origin(answer: Answer, origin: bytes | None) -> Answer:
    """Return the answer so that the page of an allowed origin may read it."""
    if origin is None:
        return Answer(answer.status, answer.body, (*answer.headers, _VARY))
    shown = ((b"access-control-allow-origin", origin), (b"access-control-expose-headers", b"retry-after"), _VARY)
    return Answer(answer.status, answer.body, (*answer.headers, *shown))


def preflight() -> Answer:
    """Return the answer to a browser that asks whether it may ask."""
    return Answer(
        204,
        headers=(
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", _HEADERS),
            (b"access-control-max-age", _REMEMBERED_SECONDS),
        ),
    )
