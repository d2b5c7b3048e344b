"""The channel's settings: each a paragraph, read once and checked when listener or sender is made."""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from helpdesk.contracts.settings import PluginSettings

SETTINGS: Mapping[str, str] = {
    "HELPDESK_EMAIL_LISTEN": (
        "Where the SMTP server listens: host:port; port 0 takes any free one, the log says which. `off` for no SMTP "
        "server. Put a mail server of yours before it on a public network. Default: 127.0.0.1:2525."
    ),
    "HELPDESK_EMAIL_LMTP_LISTEN": (
        "Where the LMTP server listens: host:port. LMTP answers for each recipient by itself, so prefer it where your "
        "mail server speaks it. Default: off."
    ),
    "HELPDESK_EMAIL_HOSTNAME": "The name with which the servers and the sender greet. Default: localhost.",
    "HELPDESK_EMAIL_TLS_CERT": (
        "A PEM file with the certificate chain; with it the SMTP server offers STARTTLS. Default: none."
    ),
    "HELPDESK_EMAIL_TLS_KEY": "The PEM file with the certificate's key. Default: the certificate's file.",
    "HELPDESK_EMAIL_AUTHSERV_ID": (
        "The name under which your own mail server writes Authentication-Results (RFC 8601). A sender counts as "
        "authenticated only when the topmost header of that name says dmarc=pass for the domain in From. Your server "
        "must remove foreign headers of its own name. Default: none, so nobody is authenticated by mail."
    ),
    "HELPDESK_EMAIL_TRUSTED_RELAYS": (
        "Addresses or networks, separated by blanks, whose Authentication-Results are believed; mail from elsewhere "
        "is taken in as unauthenticated. Default: 127.0.0.0/8 ::1."
    ),
    "HELPDESK_EMAIL_PARSERS": "How many processes read mails, 1 to 16. Default: 2.",
    "HELPDESK_EMAIL_CONNECTIONS": (
        "How many connections are served at once, 1 to 5000; more are told to come back. Default: 200."
    ),
    "HELPDESK_EMAIL_SMTP_URL": (
        "Where outgoing mail goes: smtp://[user:password@]host[:port], with STARTTLS where the server offers it, or "
        "smtps:// for TLS from the start; ?starttls=always or ?starttls=never to insist. Default: none, so no mail "
        "is sent."
    ),
    "HELPDESK_EMAIL_TIMEOUT_SECONDS": "How long one sending may take, 1 to 600 seconds. Default: 30.",
    "HELPDESK_EMAIL_PLUS_ADDRESSES": (
        "`yes` if mail to support+anything@ reaches support@: then the reply address carries the ticket's token, and "
        "replies thread even where a mail program drops References. Default: no."
    ),
}

_DEFAULTS = {
    "LISTEN": "127.0.0.1:2525",
    "LMTP_LISTEN": "off",
    "HOSTNAME": "localhost",
    "TRUSTED_RELAYS": "127.0.0.0/8 ::1",
    "PARSERS": "2",
    "CONNECTIONS": "200",
    "TIMEOUT_SECONDS": "30",
    "PLUS_ADDRESSES": "no",
}

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ListenerConfig(Struct, frozen=True):
    """What the receiving side needs."""

    smtp: tuple[str, int] | None
    lmtp: tuple[str, int] | None
    hostname: str
    tls: tuple[str, str] | None
    authserv_id: str
    trusted: tuple[Network, ...]
    parsers: int
    connections: int

    def trusts(self, host: str) -> bool:
        """Say whether Authentication-Results from the peer at ``host`` are believed."""
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self.trusted)


class SenderConfig(Struct, frozen=True):
    """What the sending side needs."""

    host: str
    port: int
    tls: bool
    starttls: bool | None
    user: str | None
    password: str | None
    hostname: str
    timeout_seconds: float
    plus_addresses: bool


def listener_config(settings: Mapping[str, Any]) -> ListenerConfig:
    """Read the receiving side's settings.

    Raises:
        ValueError: a setting is not valid; the text names it.
    """
    given = _given(settings)
    certificate = given.text("TLS_CERT")
    return ListenerConfig(
        smtp=_endpoint(given, "LISTEN"),
        lmtp=_endpoint(given, "LMTP_LISTEN"),
        hostname=given.text("HOSTNAME"),
        tls=(certificate, given.text("TLS_KEY") or certificate) if certificate else None,
        authserv_id=given.text("AUTHSERV_ID"),
        trusted=_networks(given.text("TRUSTED_RELAYS")),
        parsers=given.number("PARSERS", 1, 16),
        connections=given.number("CONNECTIONS", 1, 5_000),
    )


def sender_config(settings: Mapping[str, Any]) -> SenderConfig | None:
    """Read the sending side's settings; None where no server is named.

    Raises:
        ValueError: a setting is not valid; the text names it, without a password.
    """
    given = _given(settings)
    url = given.text("SMTP_URL")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("HELPDESK_EMAIL_SMTP_URL is not an address") from None
    query = parts.query or "starttls=auto"
    modes: dict[str, bool | None] = {"starttls=auto": None, "starttls=always": True, "starttls=never": False}
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or query not in modes:
        raise ValueError(
            "HELPDESK_EMAIL_SMTP_URL must be smtp[s]://[user:password@]host[:port][?starttls=always|never]"
        )
    tls = parts.scheme == "smtps"
    return SenderConfig(
        host=parts.hostname,
        port=port or (465 if tls else 25),
        tls=tls,
        starttls=False if tls else modes[query],
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        hostname=given.text("HOSTNAME"),
        timeout_seconds=given.number("TIMEOUT_SECONDS", 1, 600),
        plus_addresses=given.yes("PLUS_ADDRESSES"),
    )


def _given(settings: Mapping[str, Any]) -> PluginSettings:
    return PluginSettings(settings, "HELPDESK_EMAIL_", _DEFAULTS)


def _endpoint(given: PluginSettings, name: str) -> tuple[str, int] | None:
    return None if given.text(name) == "off" else given.endpoint(name, or_else=" or off")


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(word, strict=False) for word in text.split())
    except ValueError as error:
        raise ValueError(f"HELPDESK_EMAIL_TRUSTED_RELAYS: {error}") from error
