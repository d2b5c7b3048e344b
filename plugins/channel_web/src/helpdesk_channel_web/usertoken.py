"""The token by which a site says who is signed in there: a JSON Web Token (RFC 7519), signed HS256, and nothing else.

Claims: ``sub`` who it is, ``aud`` the site's host, ``exp`` until when, an hour ahead at most. Besides ``name``,
``email`` and ``email_verified``. Other algorithms, ``none`` among them, and headers that demand more are not known.
"""

import base64
import hmac
from typing import Any

import msgspec
from msgspec import Struct

from helpdesk_channel_web.address import member
from helpdesk_channel_web.config import Site

LONGEST = 4096
LONGEST_SUBJECT = 100
MOST_SECONDS = 3600
"""How long a token may be good for."""
_CLOCK_SKEW = 60


class NotSignedIn(ValueError):
    """The token does not say who is signed in."""


class _Header(Struct):
    alg: str
    crit: Any = None


class _Claims(Struct):
    sub: str
    aud: str | list[str]
    exp: float
    nbf: float = 0
    name: str = ""
    email: str = ""
    email_verified: bool = False


class Member(Struct, frozen=True):
    """Somebody whom a site signed in."""

    address: str
    """``user:<site>/<subject>``."""
    name: str
    mail: str
    """Verified by the site; else empty."""


def read(site: Site, token: str, now: float) -> Member:
    """Return who is signed in; ``now`` in seconds since 1970.

    Raises:
        NotSignedIn: the token is not the site's, is not for it, is over, or is good for too long.
    """
    head, _, signature = token.rpartition(".")
    if len(token) > LONGEST or not _signed(site, head, _decoded(signature)):
        raise NotSignedIn("The token is not signed by the site.")
    header, _, payload = head.partition(".")
    try:
        told = msgspec.json.decode(_decoded(header), type=_Header)
        claims = msgspec.json.decode(_decoded(payload), type=_Claims)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotSignedIn("The token needs sub, aud and exp.") from None
    if told.alg != "HS256" or told.crit is not None:
        raise NotSignedIn("Sign with HS256.")
    if site.host not in ([claims.aud] if isinstance(claims.aud, str) else claims.aud):
        raise NotSignedIn("The token is for another site.")
    if not now - _CLOCK_SKEW < claims.exp <= now + MOST_SECONDS + _CLOCK_SKEW or claims.nbf > now + _CLOCK_SKEW:
        raise NotSignedIn("The token is over, or good for more than an hour.")
    if not 0 < len(claims.sub) <= LONGEST_SUBJECT or not claims.sub.isprintable():
        raise NotSignedIn(f"sub must have 1 to {LONGEST_SUBJECT} printable characters.")
    mail = claims.email.strip() if claims.email_verified else ""
    return Member(member(site.host, claims.sub), " ".join(claims.name.split())[:300], mail)


def _signed(site: Site, head: str, signature: bytes) -> bool:
    """Say whether one of the site's secrets signed it; each is tried."""
    found = [hmac.compare_digest(hmac.digest(each, head.encode(), "sha256"), signature) for each in site.secrets]
    return any(found)


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
