"""Keyed queues: what falls due next, and what to work on next.

A key is an id's 16 bytes (``UUID.bytes``), held at most once. The order is total, so two queues with the same contents
pop the same sequence however they were filled:

* ``TimerQueue``: by the due instant (microseconds), then by key;
* ``WorkQueue``: by an order of one to six integers compared one after the other, smaller first (say expedited, the
  level's rank, due), then by the arrival instant, then by key. Re-keying keeps the arrival.

A queue proposes, the database decides: nothing here is durable, and what is popped may have changed meanwhile. Both
may be called from any thread; a call in bulk lets the other threads run.

Columns, for the calls in bulk, are anything with a buffer: keys one after the other (``bytes``), instants and orders as
signed 64-bit integers (``array("q")``, a NumPy array of ``int64``), orders row after row. A call in bulk that raises
has changed nothing.

::

    SlaError
    ├── DuplicateKey     pushed, but queued already
    ├── UnknownKey       re-keyed or removed, but not queued
    ├── BadKey           not 16 bytes
    ├── BadOrder         another width than the queue was declared with; declared with none or more than six
    ├── BadColumn        columns that do not fit together
    └── QueueFull        2**31 keys
"""

from helpdesk._slacore import (
    BadColumn,
    BadKey,
    BadOrder,
    DuplicateKey,
    QueueFull,
    TimerQueue,
    UnknownKey,
    WorkQueue,
)

__all__ = [
    "BadColumn",
    "BadKey",
    "BadOrder",
    "DuplicateKey",
    "QueueFull",
    "TimerQueue",
    "UnknownKey",
    "WorkQueue",
]
