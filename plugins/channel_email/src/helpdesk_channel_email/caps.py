"""What is done to a mail before anything parses it: its size is bounded, and its identity is taken.

Everything here is linear in the mail's length and safe to run in the service's own process.
"""

import hashlib
import re

from msgspec import Struct

MESSAGE_LIMIT = 25 * 1024 * 1024
"""Bytes of a whole mail."""
RECIPIENT_LIMIT = 100
HEADER_LIMIT = 8 * 1024
"""Bytes of one header; the rest of a longer one is cut off."""
BLOCK_LIMIT = 64 * 1024
"""Bytes of all headers of one part, after each was cut."""
RAW_BLOCK_LIMIT = 1024 * 1024
"""Bytes of all headers of one part, before."""
FIELD_LIMIT = 500
DEPTH_LIMIT = 20
PART_LIMIT = 200

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_FIELD_NAME = re.compile(rb"[!-9;-~]{1,100}(?=[ \t]*:)")
# What every copy of a mail shares, whatever way it came: relays add and change other headers.
_LASTING = frozenset(
    b"from to cc subject date message-id in-reply-to references content-type content-transfer-encoding".split()
)


class Oversize(ValueError):
    """A mail passes a limit that makes it unreadable; the text says which."""


class Field(Struct, frozen=True):
    """One header: its name in lower case, its raw value (cut to the limit), and whether something was cut."""

    name: str
    value: bytes
    cut: bool


def read_fields(data: bytes, start: int, end: int) -> tuple[list[Field], int]:
    """Return the headers of ``data[start:end]``, each cut to 8 KB, and where the body begins.

    Lines that are no headers are passed over.

    Raises:
        Oversize: more than 500 headers, or more than 64 KB of them after cutting, or more than 1 MB before.
    """
    block_end, body = _header_block(data, start, end)
    fields: list[Field] = []
    total = 0
    for name, raw in _unfold(data[start:block_end]):
        if len(fields) == FIELD_LIMIT:
            raise Oversize(f"more than {FIELD_LIMIT} headers")
        cut = len(raw) > HEADER_LIMIT
        value = _shorten(raw) if cut else raw
        total += len(name) + len(value)
        if total > BLOCK_LIMIT:
            raise Oversize(f"more than {BLOCK_LIMIT} bytes of headers")
        fields.append(Field(name.lower().decode("ascii"), value, cut))
    return fields, body


def fingerprint(data: bytes) -> str:
    """Return a digest that every copy of the same mail shares, and no other mail.

    It covers the body and the headers that relays leave alone; Received, Return-Path and the like are left out, so a
    mail that is delivered again by another way is the same mail. Another body or subject under a used Message-ID is
    another mail.
    """
    digest = hashlib.sha256()
    try:
        block_end, body = _header_block(data, 0, len(data))
    except Oversize:
        return hashlib.sha256(data).hexdigest()
    for name, value in _unfold(data[:block_end]):
        if name.lower() in _LASTING:
            digest.update(name.lower() + b":" + b" ".join(value.split()) + b"\n")
    digest.update(b"\n")
    digest.update(memoryview(data)[body:])
    return digest.hexdigest()


def _header_block(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return where the headers of ``data[start:end]`` end and where the body begins."""
    if data.startswith((b"\r\n", b"\n"), start, end):
        return start, start + (2 if data.startswith(b"\r", start) else 1)
    found = _END_OF_HEADERS.search(data, start, min(end, start + RAW_BLOCK_LIMIT))
    if found is not None:
        return found.start(), found.end()
    if end - start > RAW_BLOCK_LIMIT:
        raise Oversize(f"more than {RAW_BLOCK_LIMIT} bytes of headers")
    return end, end


def _unfold(block: bytes) -> list[tuple[bytes, bytes]]:
    """Return the block's fields: name, value with its folding kept."""
    fields: list[tuple[bytes, list[bytes]]] = []
    for line in block.split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if fields:
                fields[-1][1].append(line)
            continue
        name = _FIELD_NAME.match(line)
        if name is not None:
            fields.append((name[0], [line[line.index(b":") + 1 :]]))
            if len(fields) > FIELD_LIMIT:
                break
    return [(name, b"\n".join(lines).strip()) for name, lines in fields]


def _shorten(value: bytes) -> bytes:
    """Cut a header at the last blank before the limit, so that no encoded word is cut in two."""
    value = value[:HEADER_LIMIT]
    blank = max(value.rfind(b" "), value.rfind(b"\n"), value.rfind(b"\t"))
    return value[:blank] if blank > HEADER_LIMIT // 2 else value
