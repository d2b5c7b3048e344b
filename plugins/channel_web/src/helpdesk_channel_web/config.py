"""The channel's settings: each a paragraph, read once and checked when the listener is made."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.settings import MASK, PluginSettings
from helpdesk_channel_web.address import normalise

SETTINGS: Mapping[str, str] = {
    "HELPDESK_WEB_SITES": (
        "The sites whose visitors are served, separated by blanks: host, or host=origin,origin with the origins of the "
        "pages that may ask from a browser, e.g. www.siroca.com=https://www.siroca.com,https://siroca.com. The hosts "
        "are the addresses that regulations list for the form. Without origins: https://host. Default: none, so the "
        "channel rests."
    ),
    "HELPDESK_WEB_SECRET": (
        "Signs the token that a form is handed out with: at least 32 characters, the same for all instances, never "
        "shown. A new one makes forms that are open in browsers ask for a new token. Default: none; needed with "
        "HELPDESK_WEB_SITES."
    ),
    "HELPDESK_WEB_LISTEN": (
        "Where browsers' requests arrive: host:port; port 0 takes any free one. Put a reverse proxy with TLS in "
        "front. Default: 127.0.0.1:8444."
    ),
    "HELPDESK_WEB_USERS": (
        "Which sites say who is signed in there, each with the secret that it signs its users' tokens with: "
        "host=secret, separated by blanks; each secret of at least 32 characters, never shown. A site named twice has "
        "an old secret and a new one. Default: none, so there are forms alone."
    ),
    "HELPDESK_WEB_COPIES": (
        "Sites whose signed-in users get what people write to them by mail too, at the address that the site says it "
        "has verified; separated by blanks. Default: none."
    ),
    "HELPDESK_WEB_FORM_SECONDS": (
        "How long a form must have been open before it is taken, 0 to 60 seconds: nobody writes faster, robots do. "
        "Default: 3."
    ),
    "HELPDESK_WEB_FILE_MEGABYTES": (
        "How much a message's files may have together, 0 to 25 MB; with more it is refused. Default: 20."
    ),
}

_DEFAULTS = {"LISTEN": "127.0.0.1:8444", "FORM_SECONDS": "3", "FILE_MEGABYTES": "20"}
_SECRET = re.compile(r"[!-~]{32,512}")


class Site(Struct, frozen=True):
    """One site of a company."""

    host: str
    """The address that the regulation lists."""
    origins: frozenset[str]
    """Of the pages that may ask from a browser."""
    secrets: tuple[bytes, ...] = ()
    """Any of which the site signs its users' tokens with; none: nobody signs in there."""
    copies: bool = False
    """Whether its users get copies by mail."""

    def __repr__(self) -> str:
        return f"Site({self.host!r}, {MASK})"


class Config(Struct, frozen=True):
    """What the listener needs. Its secrets are in nothing that is shown."""

    sites: Mapping[str, Site]
    """By host."""
    secret: bytes
    listen: tuple[str, int]
    form_seconds: int
    file_bytes: int

    def __repr__(self) -> str:
        return f"Config({sorted(self.sites)}, {MASK})"


def read_config(settings: Mapping[str, Any]) -> Config:
    """Read the settings.

    Raises:
        ValueError: one is not valid; the text names it, and shows no secret.
    """
    given = PluginSettings(settings, "HELPDESK_WEB_", _DEFAULTS)
    sites, secret = _sites(given.text("SITES")), given.text("SECRET")
    if (sites or secret) and not _SECRET.fullmatch(secret):
        raise ValueError("HELPDESK_WEB_SECRET must be 32 to 512 printable ASCII characters without blanks")
    _add_users(sites, given.text("USERS"))
    _add_copies(sites, given.text("COPIES"))
    return Config(
        sites=sites,
        secret=secret.encode(),
        listen=given.endpoint("LISTEN"),
        form_seconds=given.number("FORM_SECONDS", 0, 60),
        file_bytes=given.number("FILE_MEGABYTES", 0, 25) * 1024 * 1024,
    )


def _sites(text: str) -> dict[str, Site]:
    found: dict[str, Site] = {}
    for place, word in enumerate(text.split(), 1):
        name, _, listed = word.partition("=")
        host = _host(name)
        if not host:
            raise ValueError(f"HELPDESK_WEB_SITES: entry {place} is not host or host=origin,origin")
        if host in found:
            raise ValueError(f"HELPDESK_WEB_SITES names {host} twice")
        origins = [_origin(each, host) for each in listed.split(",") if each] or [f"https://{host}"]
        found[host] = Site(host, frozenset(origins))
    return found


def _add_users(sites: dict[str, Site], text: str) -> None:
    """Put the secrets to their sites."""
    for place, word in enumerate(text.split(), 1):
        name, _, secret = word.partition("=")
        site = sites.get(name.lower())
        if site is None or not _SECRET.fullmatch(secret):
            raise ValueError(f"HELPDESK_WEB_USERS: entry {place} is not host=secret of one of HELPDESK_WEB_SITES")
        sites[site.host] = replace(site, secrets=(*site.secrets, secret.encode()))


def _add_copies(sites: dict[str, Site], text: str) -> None:
    for name in text.split():
        site = sites.get(name.lower())
        if site is None or not site.secrets:
            raise ValueError(f"HELPDESK_WEB_COPIES: {name} is none of HELPDESK_WEB_USERS")
        sites[site.host] = replace(site, copies=True)


def _host(name: str) -> str:
    """Return a host in lower case; empty where it is none, or more than that."""
    try:
        host = normalise(name)
    except ValueError:
        return ""
    return host if host == name.lower() and "@" not in host and ":" not in host else ""


def _origin(text: str, host: str) -> str:
    """Return an origin as browsers send it."""
    try:
        parts = urlsplit(text)
        named, port = parts.hostname, parts.port
    except ValueError:
        named, port = None, None
    rest = named is None or parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if rest or parts.scheme not in {"https", "http"}:
        raise ValueError(f"HELPDESK_WEB_SITES: an origin of {host} is not https://host[:port]")
    standard = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{named}" + (f":{port}" if port not in {None, standard} else "")
