"""The carrier's settings and its file: which of our numbers' callers get SMS, from whom, through which gateway."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import phonenumbers
from msgspec import Struct

from helpdesk.contracts.settings import MASK, PluginSettings
from helpdesk.webcalls.addresses import normalise
from helpdesk_notifier_sms.gateway import Gateway

SETTINGS: Mapping[str, str] = {
    "HELPDESK_SMS_FILE": (
        "The file (TOML) that names the gateways and which of our telephone numbers' callers are written to through "
        "which; plugins/notifier_sms/README.md describes it. Read once, at start, by every instance. Default: none, "
        "so nobody gets an SMS."
    ),
    "HELPDESK_SMS_SECRETS": (
        "The gateways' secrets, separated by blanks: gateway=secret, by the names in the file. Never shown. Default: "
        "none."
    ),
    "HELPDESK_SMS_MOST_SEGMENTS": (
        "How many SMS one letter may take, 1 to 10; what a person wrote is cut to fit. One takes 160 characters of the "
        "GSM alphabet or 70 of any other, such as Russian; each of several 153 or 67. Default: 4."
    ),
    "HELPDESK_SMS_TIMEOUT_SECONDS": "How long one call of a gateway may take, 1 to 25 seconds. Default: 15.",
    "HELPDESK_SMS_ALLOW_LOOPBACK": (
        "`yes` lets gateways be on this machine (127.0.0.1, localhost), by http too: for development, or for a modem's "
        "own program. Default: no."
    ),
}
_DEFAULTS = {"MOST_SEGMENTS": "4", "TIMEOUT_SECONDS": "15"}
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}")
_NAME = re.compile(r"[a-z0-9_-]{1,32}")
_SENDER = re.compile(r"[A-Za-z0-9._ -]{0,15}")
_MOST_BYTES = 1024 * 1024


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers of ours, and how their callers are written to."""

    numbers: tuple[str, ...]
    """In E.164, as the regulation's telephone channel has them."""
    gateway: str
    sender: str = ""
    """The name that the SMS comes from, as it was agreed with the gateway; empty: the gateway's own."""
    reaches: tuple[str, ...] = ()
    """How numbers that are written to begin, e.g. ``+7``; none: as ours do, by their country's code."""

    def prefixes(self, number: str) -> tuple[str, ...]:
        """Return how numbers begin that callers of ``number`` are written to at."""
        return self.reaches or (f"+{phonenumbers.parse(number).country_code}",)


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    gateways: dict[str, dict[str, Any]]
    lines: list[Line]


class Route(Struct, frozen=True):
    """How callers of one number of ours are written to. Its secret is in nothing that is shown."""

    name: str
    """The gateway's."""
    gateway: Gateway
    sender: str
    prefixes: tuple[str, ...]
    secret: str

    def __repr__(self) -> str:
        return f"Route({self.name!r}, {self.sender!r}, {self.prefixes!r}, {MASK})"


class Config(Struct, frozen=True):
    """What a carriage is made of."""

    routes: Mapping[str, Route]
    """By our number."""
    most_segments: int
    timeout_seconds: int
    allow_loopback: bool


def read_config(settings: Mapping[str, Any]) -> Config | None:
    """Read the settings and the file; None where no file is named.

    Raises:
        ValueError: something is not valid; the text names it, and shows no secret.
    """
    given = PluginSettings(settings, "HELPDESK_SMS_", _DEFAULTS)
    most, seconds = given.number("MOST_SEGMENTS", 1, 10), given.number("TIMEOUT_SECONDS", 1, 25)
    inside = given.yes("ALLOW_LOOPBACK")
    secrets = _secrets(given.text("SECRETS"))
    path = given.text("FILE")
    if not path:
        return None
    found = _read(Path(path))
    gateways = {name: _gateway(name, given, inside) for name, given in found.gateways.items()}
    unknown = sorted(set(secrets) - set(gateways))
    if unknown:
        raise ValueError("HELPDESK_SMS_SECRETS names a gateway that the file does not")
    routes: dict[str, Route] = {}
    for line in found.lines:
        gateway = gateways.get(line.gateway)
        if gateway is None:
            raise ValueError(f"HELPDESK_SMS_FILE: a line names the gateway {line.gateway[:40]!r}, which is not there")
        if not _SENDER.fullmatch(line.sender) or not all(map(_PREFIX.fullmatch, line.reaches)) or not line.numbers:
            raise ValueError(f"HELPDESK_SMS_FILE: numbers, sender or reaches of a line of {line.gateway} are not valid")
        for number in line.numbers:
            if not _E164.fullmatch(number) or number in routes:
                raise ValueError(f"HELPDESK_SMS_FILE: {number[:20]!r} is no number in E.164, or is there twice")
            secret = secrets.get(line.gateway, "")
            routes[number] = Route(line.gateway, gateway, line.sender, line.prefixes(number), secret)
    return Config(routes, most, seconds, inside)


@cache
def profiles() -> Mapping[str, Mapping[str, Any]]:
    """Return the descriptions of gateways that come with the plugin, by name."""
    folder = files("helpdesk_notifier_sms") / "profiles"
    found = [each for each in folder.iterdir() if each.name.endswith(".toml")]
    return {each.name.removesuffix(".toml"): msgspec.toml.decode(each.read_text("utf-8")) for each in found}


def _gateway(name: str, given: Mapping[str, Any], inside: bool) -> Gateway:
    where = f"HELPDESK_SMS_FILE: the gateway {name[:40]!r}"
    if not _NAME.fullmatch(name):
        raise ValueError(f"{where} is not named by small letters, digits, - and _")
    own = dict(given)
    profile = own.pop("profile", "")
    base = profiles().get(str(profile), {}) if profile else {}
    if profile and not base:
        raise ValueError(f"{where} names no profile: there are {', '.join(sorted(profiles()))}")
    merged = {**base, **own}
    if isinstance(own.get("fields"), dict):
        merged["fields"] = {**base.get("fields", {}), **own["fields"]}
    try:
        gateway = msgspec.convert(merged, Gateway)
        gateway.check()
        normalise(gateway.url, allow_loopback=inside)
    except msgspec.ValidationError as problem:
        raise ValueError(f"{where}: {problem}") from None
    except ValueError as problem:
        raise ValueError(f"{where}: {problem}") from None
    return gateway


def _read(path: Path) -> _File:
    try:
        with path.open("rb") as opened:
            content = opened.read(_MOST_BYTES)
        return msgspec.toml.decode(content, type=_File)
    except OSError as problem:
        raise ValueError(f"HELPDESK_SMS_FILE cannot be read: {type(problem).__name__}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"HELPDESK_SMS_FILE is not valid: {problem}") from None


def _secrets(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, word in enumerate(text.split(), 1):
        name, equals, secret = word.partition("=")
        if not equals or not secret or not _NAME.fullmatch(name) or name in found or not secret.isascii():
            raise ValueError(f"HELPDESK_SMS_SECRETS: entry {place} is not gateway=secret, or is there twice")
        found[name] = secret
    return found
