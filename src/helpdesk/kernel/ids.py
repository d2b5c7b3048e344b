"""Identifiers: UUID version 7 (RFC 9562), so that keys sort by the time they were made."""

import secrets
import threading
import time
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_BITS = 62
_NANOSECONDS_IN_MILLISECOND = 1_000_000


class _Stamps:
    """Milliseconds (48 bits) and their 4,096ths (12 bits), strictly rising within the process."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        milliseconds, rest = divmod(time.time_ns(), _NANOSECONDS_IN_MILLISECOND)
        stamp = milliseconds << 12 | (rest << 12) // _NANOSECONDS_IN_MILLISECOND
        with self._lock:
            self._last = max(stamp, self._last + 1)
            return self._last


_stamps = _Stamps()


def new_id() -> UUID:
    """Return a fresh UUIDv7, greater than every earlier one of this process (RFC 9562, 6.2, method 3)."""
    stamp = _stamps.next()
    return UUID(int=stamp >> 12 << 80 | _VERSION | (stamp & 0xFFF) << 64 | _VARIANT | secrets.randbits(_RANDOM_BITS))
