"""What a browser sends: fields and files out of JSON, a plain form or multipart, within bounds."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header

from helpdesk.contracts.filetypes import clean_name, sniff
from helpdesk.contracts.messages import Attachment

Receive = Callable[[], Awaitable[dict[str, Any]]]

LARGEST_TEXT = 512 * 1024
"""Bytes of a body without files, and of a multipart's fields together."""
MOST_FIELDS = 60
MOST_FILES = 20
BODY_SECONDS = 60.0
"""How long a body may take to arrive."""
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_FIELD_LENGTH = 10_000
_LONGER = {"text": 100_000}
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_OVERHEAD = 64 * 1024
"""Bytes of a multipart that are neither fields nor files."""


class Body(Struct, frozen=True):
    """A message as it was sent."""

    fields: Mapping[str, str]
    raw: bytes
    """The body itself; of a multipart its fields with the files' names and sizes, as JSON."""
    files: tuple[Attachment, ...] = ()


class BadBody(Exception):
    """The body cannot be taken."""

    def __init__(self, status: int, code: str, detail: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.fields = status, code, detail, dict(fields or {})


def told_length(headers: Mapping[bytes, bytes]) -> int:
    """Return how many bytes the body has, as its sender says; the server lets no more in.

    Raises:
        BadBody: nothing is said of it.
    """
    told = headers.get(b"content-length", b"")
    if not told.isdigit():
        raise BadBody(411, "length", "Say the body's length.")
    return int(told)


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, file_bytes: int) -> Body:
    """Read a request's body; ``file_bytes``: how much its files may have together.

    Raises:
        BadBody: it is too large, too slow, broken, or of another type.
    """
    try:
        kind, options = parse_options_header(headers.get(b"content-type", b"").decode("ascii"))
    except ValueError:
        kind, options = "", {}
    if options.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise BadBody(415, "content-type", "Only UTF-8 is understood.")
    multipart = kind.lower() == "multipart/form-data"
    limit = file_bytes + LARGEST_TEXT + _OVERHEAD if multipart else LARGEST_TEXT
    if told_length(headers) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            chunks = _chunks(receive, limit)
            if multipart:
                return await _read_parts(chunks, str(options.get("boundary", "")), file_bytes)
            raw = b"".join([chunk async for chunk in chunks])
    except TimeoutError:
        raise BadBody(408, "too-slow", "The body did not arrive in time.") from None
    match kind.lower():
        case "application/json":
            return Body(_checked(_of_json(raw)), raw)
        case "application/x-www-form-urlencoded":
            return Body(_checked(_of_form(raw)), raw)
    raise BadBody(415, "content-type", "Send JSON, application/x-www-form-urlencoded or multipart/form-data.")


async def _chunks(receive: Receive, limit: int) -> AsyncIterator[bytes]:
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BadBody(400, "broken", "The body broke off.")
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        yield chunk
        if not message.get("more_body", False):
            return


def _too_large(limit: int) -> BadBody:
    return BadBody(413, "too-large", f"The body has more than {limit} bytes.")


def _of_json(raw: bytes) -> dict[str, str]:
    try:
        return msgspec.json.decode(raw, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadBody(400, "malformed", "The body must be a JSON object whose values are texts.") from None


def _of_form(raw: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadBody(400, "malformed", f"The form must be UTF-8, with at most {MOST_FIELDS} fields.") from None
    return dict(pairs)


async def _read_parts(chunks: AsyncIterator[bytes], boundary: str, file_bytes: int) -> Body:
    """Read a multipart as it comes, so that no more than one copy of it is in memory."""
    parts = _Parts(file_bytes)
    try:
        with PushMultipartParser(
            boundary, max_header_size=4096, max_header_count=8, max_segment_count=MOST_FIELDS + MOST_FILES, strict=True
        ) as parser:
            async for chunk in chunks:
                for result in parser.parse(chunk):
                    parts.take(result)
    except ParserLimitReached:
        raise BadBody(413, "too-large", "The body has too many parts, or too long headers.") from None
    except (MultipartError, ValueError):
        raise BadBody(400, "malformed", "The multipart cannot be read.") from None
    return parts.body()


class _Parts:
    """Gathers what a multipart has in it."""

    def __init__(self, file_bytes: int) -> None:
        self._left = {True: file_bytes, False: LARGEST_TEXT}
        self._segment: MultipartSegment | None = None
        self._content = bytearray()
        self._fields: dict[str, str] = {}
        self._files: list[Attachment] = []

    def take(self, result: MultipartSegment | bytearray | None) -> None:
        """Take what the parser gives: a part's beginning, its content piece by piece, its end."""
        if isinstance(result, MultipartSegment):
            self._segment, self._content = result, bytearray()
            return
        assert self._segment is not None
        if result:
            is_file = self._segment.filename is not None
            self._left[is_file] -= len(result)
            if self._left[is_file] < 0:
                what = "files" if is_file else "fields"
                raise BadBody(413, "too-large", f"The {what} have too many bytes.")
            self._content += result
        elif result is None:
            self._end(self._segment, bytes(self._content))

    def _end(self, segment: MultipartSegment, content: bytes) -> None:
        if segment.filename is None:
            try:
                self._fields[segment.name] = content.decode()
            except UnicodeDecodeError:
                raise BadBody(400, "malformed", "The fields must be UTF-8.") from None
        elif content or segment.filename:  # a browser sends an empty part where no file was chosen
            self._files.append(Attachment(clean_name(segment.filename) or "file", sniff(content), content))
        if len(self._files) > MOST_FILES:
            raise BadBody(413, "too-large", f"More than {MOST_FILES} files.")

    def body(self) -> Body:
        """Return what came."""
        fields = _checked(self._fields)
        listed = [{"name": each.name, "bytes": len(each.content)} for each in self._files]
        return Body(fields, msgspec.json.encode({"fields": fields, "files": listed}), tuple(self._files))


def _checked(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields without control characters.

    Raises:
        BadBody: too many, too long, or of a name that is none.
    """
    if len(fields) > MOST_FIELDS:
        raise BadBody(422, "fields", f"More than {MOST_FIELDS} fields.")
    found: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for name, value in fields.items():
        longest = _LONGER.get(name, _FIELD_LENGTH)
        if not _FIELD_NAME.fullmatch(name):
            raise BadBody(422, "fields", "A field's name is up to 64 Latin letters, digits and underscores.")
        if len(value) > longest:
            wrong[name] = f"must have at most {longest} characters"
        found[name] = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", value.replace("\r\n", "\n").replace("\r", "\n"))
    if wrong:
        raise BadBody(422, "fields", "A field is too long.", wrong)
    return found
