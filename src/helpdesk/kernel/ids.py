"""Identifiers: UUID version 7 (RFC 9562), so that keys sort by the time they were made."""

import os
import threading
import time
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_BYTES = 8
_RANDOM_MASK = (1 << 62) - 1
_POOL_BYTES = 512
"""Random bytes fetched at once: each call of the system would give up Python's lock."""
_NANOSECONDS_IN_MILLISECOND = 1_000_000


class _Source:
    """What identifiers are made of: strictly rising stamps, and random numbers."""

    def __init__(self) -> None:
        self._last = 0
        self._pool = b""
        self._lock = threading.Lock()

    def next(self) -> tuple[int, int]:
        """Return milliseconds (48 bits) with their 4,096ths (12 bits), and 62 random bits."""
        milliseconds, rest = divmod(time.time_ns(), _NANOSECONDS_IN_MILLISECOND)
        stamp = milliseconds << 12 | (rest << 12) // _NANOSECONDS_IN_MILLISECOND
        with self._lock:
            self._last = stamp = max(stamp, self._last + 1)
            pool = self._pool or os.urandom(_POOL_BYTES)
            self._pool = pool[_RANDOM_BYTES:]
        return stamp, int.from_bytes(pool[:_RANDOM_BYTES]) & _RANDOM_MASK

    def forget(self) -> None:
        """Take no random bytes that another process may take too."""
        self._pool = b""


_source = _Source()
os.register_at_fork(after_in_child=_source.forget)


def new_id() -> UUID:
    """Return a fresh UUIDv7, greater than every earlier one of this process (RFC 9562, 6.2, method 3)."""
    stamp, noise = _source.next()
    return UUID(int=stamp >> 12 << 80 | _VERSION | (stamp & 0xFFF) << 64 | _VARIANT | noise)
