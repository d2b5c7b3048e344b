"""The keyed queues against the C heap with a key hash, and against what a Python programmer would pick."""

import heapq
import random
from array import array
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.c_limits import Limits
from benchmarks.measure import Result, Row, Skipped, spent, turns
from iheap import PQDict
from sortedcontainers import SortedKeyList

from helpdesk.sla.queues import TimerQueue, WorkQueue

PHASES = ("push", "re-key", "pop")
_BASE = 1_700_000_000_000_000
_MONTH = 30 * 86_400 * 1_000_000
_EVER = 1 << 62

Phases = tuple[float, float, float]


@dataclass
class Load:
    """Keys of 16 bytes with due instants, and as many random keys of them to be moved elsewhere."""

    keys: list[bytes]
    dues: list[int]
    moved: list[bytes]
    moves: list[int]


def make_load(count: int) -> Load:
    """Return the same load for the same count every time."""
    chance = random.Random(20260102)
    keys = [chance.randbytes(16) for _ in range(count)]
    dues = [_BASE + chance.randrange(_MONTH) for _ in range(count)]
    return Load(
        keys,
        dues,
        [keys[chance.randrange(count)] for _ in range(count)],
        [_BASE + chance.randrange(_MONTH) for _ in keys],
    )


def queue_rows(limits: Limits | None, count: int, rounds: int) -> list[Result]:
    """Measure ``count`` keys."""
    load = make_load(count)
    return _bulk_rows(limits, load, rounds) + _single_rows(load, rounds) + _peer_rows(make_load(count // 10))


def _bulk_rows(limits: Limits | None, load: Load, rounds: int) -> list[Result]:
    group = f"queues in bulk, {len(load.keys):,} keys of 128 bits"
    against = "C 4-ary heap with key hash (64-bit keys)"
    count = len(load.keys)
    ours: dict[str, Callable[[], Phases]] = {"timers": _bulk_timers(load), "work": _bulk_work(load)}
    if limits is None:
        rows: list[Result] = [Skipped(group, "bulk calls", "no C compiler")]
    else:
        measured = _phases({**ours, "C": lambda: limits.queue(count)}, rounds)
        rows = [
            Row(group, f"{name} {phase}", measured[name][at], measured["C"][at], "ns", against, 2.0, 1.2)
            for name in ours
            for at, phase in enumerate(PHASES)
        ]
    keys, dues = b"".join(load.keys), array("q", load.dues)
    timers, work = TimerQueue(), WorkQueue(3)
    timers.push_many(keys, dues)
    work.push_many(keys, _orders(load.dues), dues)
    size = {"timers": timers.heap_bytes(), "work, order of three": work.heap_bytes()}
    rows += [
        Row(group, f"{name}: bytes a key", held / count, 80.0, "B", "the bound of 80 bytes", 1.0)
        for name, held in size.items()
    ]
    return rows


def _single_rows(load: Load, rounds: int) -> list[Result]:
    group = f"queues, one call each from Python, {len(load.keys):,} keys"
    measured = _phases({"ours": lambda: _timers_one_by_one(load), "iheap": lambda: _iheap(load)}, rounds)
    goals = ((1.0, 0.5), (0.6, 0.3), (0.8, 0.4))
    return [
        Row(group, f"timers {phase}", measured["ours"][at], measured["iheap"][at], "ns", "iheap PQDict", *goals[at])
        for at, phase in enumerate(PHASES)
    ]


def _peer_rows(load: Load) -> list[Result]:
    """The slower peers, on a tenth of the keys."""
    group = f"queues, peers, {len(load.keys):,} keys"
    peers: dict[str, Callable[[], Phases]] = {
        "heapq with lazy deletion": lambda: _heapq(load),
        "sortedcontainers": lambda: _sorted(load),
    }
    measured = _phases({"ours": lambda: _timers_one_by_one(load), **peers}, 3)
    return [
        Row(group, f"timers {phase}", measured["ours"][at], measured[peer][at], "ns", peer)
        for peer in peers
        for at, phase in enumerate(PHASES)
    ]


def _phases(sides: dict[str, Callable[[], Phases]], rounds: int) -> dict[str, Phases]:
    """The median of each phase of each side, the sides turn by turn."""
    seen: dict[str, list[Phases]] = {name: [] for name in sides}

    def timed(name: str) -> Callable[[], float]:
        def once() -> float:
            seen[name].append(sides[name]())
            return 0.0

        return once

    turns({name: timed(name) for name in sides}, rounds)
    return {
        name: tuple(sorted(column)[len(column) // 2] for column in zip(*runs, strict=True))
        for name, runs in seen.items()
    }


def _orders(dues: list[int]) -> "array[int]":
    """Orders of three: expedited or not, one of four levels, due."""
    return array("q", (part for due in dues for part in (due % 10 != 0, due % 4, due)))


def _bulk_timers(load: Load) -> Callable[[], Phases]:
    keys, dues = b"".join(load.keys), array("q", load.dues)
    moved, moves = b"".join(load.moved), array("q", load.moves)
    count = len(dues)

    def run() -> Phases:
        queue = TimerQueue()
        push = spent(lambda: queue.push_many(keys, dues), count)
        rekey = spent(lambda: queue.rekey_many(moved, moves), count)
        return push, rekey, spent(lambda: queue.pop_due_columns(_EVER), count)

    return run


def _bulk_work(load: Load) -> Callable[[], Phases]:
    keys, orders, arrivals = b"".join(load.keys), _orders(load.dues), array("q", load.moves)
    moved, moves = b"".join(load.moved), _orders(load.moves)
    count = len(arrivals)

    def run() -> Phases:
        queue = WorkQueue(3)
        push = spent(lambda: queue.push_many(keys, orders, arrivals), count)
        rekey = spent(lambda: queue.rekey_many(moved, moves), count)
        return push, rekey, spent(queue.pop_many_column, count)

    return run


def _timers_one_by_one(load: Load) -> Phases:
    queue = TimerQueue()
    push, rekey, pop = queue.push, queue.rekey, queue.pop

    def pushing() -> None:
        for key, due in zip(load.keys, load.dues, strict=True):
            push(key, due)

    def moving() -> None:
        for key, due in zip(load.moved, load.moves, strict=True):
            rekey(key, due)

    def popping() -> None:
        for _ in load.keys:
            pop()

    count = len(load.keys)
    return spent(pushing, count), spent(moving, count), spent(popping, count)


def _iheap(load: Load) -> Phases:
    queue: PQDict[bytes, int] = PQDict()

    def pushing() -> None:
        for key, due in zip(load.keys, load.dues, strict=True):
            queue[key] = due

    def moving() -> None:
        for key, due in zip(load.moved, load.moves, strict=True):
            queue[key] = due

    def popping() -> None:
        for _ in load.keys:
            queue.popitem()

    count = len(load.keys)
    return spent(pushing, count), spent(moving, count), spent(popping, count)


def _heapq(load: Load) -> Phases:
    """The recipe of the heapq documentation: stale entries stay until they come up."""
    heap, current = list[tuple[int, bytes]](), dict[bytes, int]()
    push, pop = heapq.heappush, heapq.heappop

    def pushing() -> None:
        for key, due in zip(load.keys, load.dues, strict=True):
            current[key] = due
            push(heap, (due, key))

    def moving() -> None:
        for key, due in zip(load.moved, load.moves, strict=True):
            current[key] = due
            push(heap, (due, key))

    def popping() -> None:
        while heap:
            due, key = pop(heap)
            if current.get(key) == due:
                del current[key]

    count = len(load.keys)
    return spent(pushing, count), spent(moving, count), spent(popping, count)


def _sorted(load: Load) -> Phases:
    entries, current = SortedKeyList(key=lambda entry: entry), dict[bytes, int]()

    def pushing() -> None:
        for key, due in zip(load.keys, load.dues, strict=True):
            current[key] = due
            entries.add((due, key))

    def moving() -> None:
        for key, due in zip(load.moved, load.moves, strict=True):
            entries.remove((current[key], key))
            current[key] = due
            entries.add((due, key))

    def popping() -> None:
        while entries:
            del current[entries.pop(0)[1]]

    count = len(load.keys)
    return spent(pushing, count), spent(moving, count), spent(popping, count)
