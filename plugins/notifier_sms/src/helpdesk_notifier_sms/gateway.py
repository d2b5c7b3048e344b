"""An SMS gateway that speaks HTTPS, described as data: what it is asked, and what its answer means."""

import base64
import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.webcalls.call import Answer

LARGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read."""
_PLACE = re.compile(r"\{([a-z_0-9]*)\}")
_IN_FIELDS = frozenset({"to", "digits", "text", "id", "sender", "secret", "secret_base64"})
_IN_HEADERS = frozenset({"id", "sender", "secret", "secret_base64"})
_IN_PATHS = frozenset({"digits", "id"})
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_UNFIT = re.compile(r"[^\w .:+-]")
_CODE_LIMIT = 60
_ID_LIMIT = 100


class Gateway(Struct, frozen=True, forbid_unknown_fields=True):
    """What a gateway is asked and what it answers. ``{…}`` stand for what differs from message to message."""

    url: str
    fields: dict[str, Any]
    """What is sent; a field that comes out empty is left out. May nest, as JSON."""
    method: Literal["POST", "GET"] = "POST"
    encode: Literal["form", "json"] = "form"
    """How fields are sent by POST; by GET they stand in the address."""
    headers: dict[str, str] = {}
    success: dict[str, str | int | bool] = {}
    """Paths into the answer and what stands there where the message was taken; ``""``: nothing does. None: any 2xx."""
    message_id: str = ""
    """The path of the gateway's own id; empty: it gives none."""
    error: tuple[str, ...] = ()
    """Paths of the code that says why not; the first that leads to something counts."""
    never: tuple[str | int, ...] = ()
    """Codes after which another try would end the same: no such number, a text that is not let through."""
    never_statuses: tuple[int, ...] = (400, 422)
    """The same by the answer's status. All other codes and statuses are worth another try."""

    def check(self) -> None:
        """Look at what can be seen without sending.

        Raises:
            ValueError: a place is not known where it stands, or a header is none; says which, and shows no value.
        """
        if _PLACE.search(self.url):
            raise ValueError("its url must hold no {…}: what stands in an address is easily logged")
        if not self.fields:
            raise ValueError("it has no fields")
        _demand("fields", _texts(self.fields), _IN_FIELDS)
        for name, value in self.headers.items():
            _demand(f"headers.{name}", [value], _IN_HEADERS)
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                raise ValueError(f"headers.{name[:64]!r} is no header of printable ASCII")
        _demand("paths", [*self.success, self.message_id, *self.error], _IN_PATHS)

    def request(self, given: Mapping[str, str]) -> tuple[str, dict[str, str], bytes]:
        """Return the address to call, the headers and the body."""
        known = {**given, "secret_base64": base64.b64encode(given["secret"].encode()).decode()}
        headers = {name: _filled(value, known) for name, value in self.headers.items()}
        fields = _sent(self.fields, known)
        if self.encode == "json" and self.method == "POST":
            return self.url, {**headers, "content-type": "application/json"}, msgspec.json.encode(fields)
        pairs = urlencode({name: _plain(value) for name, value in fields.items()})
        if self.method == "GET":
            return f"{self.url}{'&' if '?' in self.url else '?'}{pairs}", headers, b""
        return self.url, {**headers, "content-type": "application/x-www-form-urlencoded"}, pairs.encode()

    def judge(self, answer: Answer, given: Mapping[str, str]) -> str:
        """Return the gateway's id of a message that it took; where it gives none, the status.

        Raises:
            TemporaryFailure: it did not take the message, or its answer cannot be read.
            PermanentFailure: it never will.
        """
        if answer.status in self.never_statuses:
            raise PermanentFailure(f"the gateway answered {answer.status}")
        if not answer.is_success:
            pause = answer.retry_after_seconds
            raise TemporaryFailure(f"the gateway answered {answer.status}", retry_after_seconds=pause)
        if not self.success and not self.message_id:
            return str(answer.status)
        try:
            said = msgspec.json.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise TemporaryFailure("the gateway's answer cannot be read") from None
        if any(_plain(_dug(said, path, given)) != _plain(wanted) for path, wanted in self.success.items()):
            code = next((found for path in self.error if (found := _plain(_dug(said, path, given)))), "")
            shown = _UNFIT.sub("", code)[:_CODE_LIMIT] or "without a code"
            failure = PermanentFailure if code in map(_plain, self.never) else TemporaryFailure
            raise failure(f"the gateway refused it: {shown}")
        return _UNFIT.sub("", _plain(_dug(said, self.message_id, given)))[:_ID_LIMIT] or str(answer.status)


def _demand(where: str, texts: list[str], known: frozenset[str]) -> None:
    for text in texts:
        for place in _PLACE.findall(text):
            if place not in known:
                names = ", ".join(f"{{{name}}}" for name in sorted(known))
                raise ValueError(f"{where}: {{{place}}} is not known there; known are {names}")


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []


def _filled(text: str, given: Mapping[str, str]) -> str:
    """Return ``text`` with its places filled; what fills them is not looked at again."""
    return _PLACE.sub(lambda place: given[place[1]], text)


def _sent(value: Any, given: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _filled(value, given)
    if isinstance(value, dict):
        filled = {name: _sent(each, given) for name, each in value.items()}
        return {name: each for name, each in filled.items() if each != ""}
    return [_sent(each, given) for each in value] if isinstance(value, list) else value


def _dug(said: Any, path: str, given: Mapping[str, str]) -> Any:
    """Return what a path with dots leads to, None where it leads nowhere; numbers count a list's places from 0."""
    for step in _filled(path, given).split(".") if path else ():
        if isinstance(said, dict):
            said = said.get(step)
        elif isinstance(said, list) and step.isdigit() and int(step[:9]) < len(said):
            said = said[int(step[:9])]
        else:
            return None
    return said if path else None


def _plain(value: Any) -> str:
    """Return a value as both sides are compared: as text, true and false as JSON has them."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
