"""Takes a mail apart into its leaves: linear, bounded in depth and number, without copying the mail."""

import binascii
from collections.abc import Iterator
from email.message import Message

from msgspec import Struct

from helpdesk_channel_email.caps import DEPTH_LIMIT, PART_LIMIT, Field, Oversize, read_fields

_LONGEST_BOUNDARY = 200
_DESCRIBING = ("content-type", "content-disposition", "content-transfer-encoding")


class Leaf(Struct, frozen=True):
    """A part that is not a multipart: what it is, how it is shown, and its decoded bytes."""

    content_type: str
    charset: str | None
    disposition: str
    filename: str
    within: str
    """The subtype of the multipart around it (``alternative``, ``mixed``, …), or ``""``."""
    group: int
    """Number of the multipart around it; leaves of one ``alternative`` share it."""
    content: bytes


class Kind(Struct, frozen=True):
    """What a part's own headers say it is."""

    content_type: str
    charset: str | None
    boundary: str | None
    report_type: str
    disposition: str
    filename: str
    encoding: str


def describe(fields: list[Field]) -> Kind:
    """Read Content-Type, Content-Disposition and the transfer encoding; what cannot be read is plain text."""
    message = Message()
    for field in fields:
        if field.name in _DESCRIBING and field.name not in message:
            message[field.name] = field.value.decode("utf-8", "replace").replace("\r", "").replace("\n", "")
    try:
        filename = message.get_filename() or ""
        report_type = message.get_param("report-type") or ""
        return Kind(
            content_type=message.get_content_type(),
            charset=message.get_content_charset(),
            boundary=message.get_boundary(),
            report_type=report_type.lower() if isinstance(report_type, str) else "",
            disposition=(message.get_content_disposition() or ""),
            filename=filename,
            encoding=str(message.get("content-transfer-encoding", "")).strip().lower(),
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return Kind("text/plain", None, None, "", "", "", "")


def leaves(data: bytes, fields: list[Field], body: int) -> Iterator[Leaf]:
    """Yield the leaves of the mail in ``data`` in their order. Attached mails (message/rfc822) are leaves: not opened.

    Raises:
        Oversize: deeper than 20, or more than 200 parts, or a part's headers pass the limits.
    """
    parts = groups = 0
    stack = [(fields, body, len(data), 0, "", 0)]
    while stack:
        fields, start, end, depth, within, group = stack.pop()
        kind = describe(fields)
        if kind.content_type.startswith("multipart/") and kind.boundary:
            if depth == DEPTH_LIMIT:
                raise Oversize(f"more than {DEPTH_LIMIT} levels of parts")
            groups += 1
            children = []
            for child_start, child_end in _between(data, start, end, kind.boundary):
                parts += 1
                if parts > PART_LIMIT:
                    raise Oversize(f"more than {PART_LIMIT} parts")
                child_fields, child_body = read_fields(data, child_start, child_end)
                subtype = kind.content_type.partition("/")[2]
                children.append((child_fields, min(child_body, child_end), child_end, depth + 1, subtype, groups))
            stack.extend(reversed(children))
        else:
            content_type = "text/plain" if kind.content_type.startswith("multipart/") else kind.content_type
            content = _decoded(data[start:end], kind.encoding)
            yield Leaf(content_type, kind.charset, kind.disposition, kind.filename, within, group, content)


def _between(data: bytes, start: int, end: int, boundary: str) -> Iterator[tuple[int, int]]:
    """Yield where the parts between the delimiters lie; an unclosed last part ends with the whole."""
    delimiter = b"--" + boundary.encode("utf-8", "surrogateescape")[:_LONGEST_BOUNDARY]
    opened = None
    position = data.find(delimiter, start, end)
    while position >= 0:
        after = position + len(delimiter)
        line_end = data.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end
        rest = data[after : min(line_end, after + 100)].strip()
        if (position == start or data[position - 1] == 0x0A) and (not rest or rest == b"--"):
            if opened is not None:
                yield opened, max(opened, _before_line_break(data, position))
            if rest:
                return
            opened = min(line_end + 1, end)
            after = max(after, opened - 1)
        position = data.find(delimiter, after, end)
    if opened is not None:
        yield opened, end


def _before_line_break(data: bytes, position: int) -> int:
    if data[position - 2 : position] == b"\r\n":
        return position - 2
    return position - 1


def _decoded(content: bytes, encoding: str) -> bytes:
    """Undo the transfer encoding; what is not in it stays as it is."""
    try:
        if encoding == "base64":
            try:
                return binascii.a2b_base64(content)
            except binascii.Error:
                return binascii.a2b_base64(content + b"==")
        if encoding == "quoted-printable":
            return binascii.a2b_qp(content)
    except binascii.Error:
        pass
    return content
