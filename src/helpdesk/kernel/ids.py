"""Identifiers: UUID version 7 (RFC 9562), so that keys sort by the time they were made."""

import secrets
import time
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id() -> UUID:
    """Return a fresh UUIDv7: 48 bits of wall-clock milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    return UUID(int=milliseconds << 80 | _VERSION | (random >> 62) << 64 | _VARIANT | random & ((1 << 62) - 1))
