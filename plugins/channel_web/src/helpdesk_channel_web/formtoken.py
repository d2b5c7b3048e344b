"""The token that a form is handed out with: when, for which site, and a number that makes its sending happen once.

It is 8 bytes of seconds since 1970, 16 random bytes, and the first 16 bytes of an HMAC-SHA256 over site and both, in
base64url. Nothing is kept of it: a robot may have as many as it likes, and has to wait for each.
"""

import base64
import hmac
import secrets

VALID_SECONDS = 24 * 60 * 60
"""How long a page may stay open before its form is sent."""
_CLOCK_SKEW = 60
_CONTEXT = b"helpdesk web form 1\0"
_TIME, _NUMBER, _MAC = 8, 16, 16


class BadToken(ValueError):
    """The form's token is not one of ours."""

    code = "form-token"


class TooEarly(BadToken):
    """The form was sent faster than anybody writes; send it again in a moment."""

    code = "form-too-early"


class TooLate(BadToken):
    """The form was open for too long; ask for a new token and send it again."""

    code = "form-too-late"


def make(secret: bytes, site: str, now: int, number: bytes | None = None) -> str:
    """Return a token for ``site``; ``now`` in seconds since 1970."""
    body = now.to_bytes(_TIME, "big") + (number or secrets.token_bytes(_NUMBER))
    return base64.urlsafe_b64encode(body + _mac(secret, site, body)).decode().rstrip("=")


def read(secret: bytes, site: str, token: str, now: int, least_seconds: int) -> str:
    """Return the token's number, in hex.

    Raises:
        TooEarly: it was handed out less than ``least_seconds`` ago.
        TooLate: it was handed out more than a day ago.
        BadToken: we did not make it, or not for this site.
    """
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise BadToken(_said(BadToken)) from None
    body, mac = raw[: _TIME + _NUMBER], raw[_TIME + _NUMBER :]
    if not hmac.compare_digest(mac, _mac(secret, site, body)):
        raise BadToken(_said(BadToken))
    age = now - int.from_bytes(body[:_TIME], "big")
    if age < least_seconds and age > -_CLOCK_SKEW:
        raise TooEarly(_said(TooEarly))
    if not 0 <= age <= VALID_SECONDS:
        raise TooLate(_said(TooLate))
    return body[_TIME:].hex()


def _mac(secret: bytes, site: str, body: bytes) -> bytes:
    return hmac.digest(secret, _CONTEXT + site.encode() + b"\0" + body, "sha256")[:_MAC]


def _said(kind: type[BadToken]) -> str:
    return (kind.__doc__ or "").strip()
