"""The queues as Python sees them: examples, refusals, threads. The order itself is tested against a sorted list."""

import threading
from array import array
from collections.abc import Callable
from uuid import UUID

import pytest

from helpdesk.kernel.ids import new_id
from helpdesk.sla.errors import SlaError
from helpdesk.sla.queues import (
    BadColumn,
    BadKey,
    BadOrder,
    DuplicateKey,
    TimerQueue,
    UnknownKey,
    WorkQueue,
)

A, B, C = (UUID(int=number).bytes for number in (1, 2, 3))


def test_a_timer_queue_pops_what_is_due_up_to_now_and_no_more() -> None:
    timers = TimerQueue()
    timers.push(A, 3_000)
    timers.push(B, 1_000)
    timers.push(C, 2_000)
    assert timers.peek() == (B, 1_000)
    assert timers.pop_due(2_000) == [(B, 1_000), (C, 2_000)]
    assert timers.pop_due(2_999) == []
    assert (len(timers), A in timers, B in timers, timers.get(A), timers.get(B)) == (1, True, False, 3_000, None)


def test_equal_instants_go_by_key() -> None:
    timers = TimerQueue()
    for key in (C, A, B):
        timers.push(key, 5)
    assert timers.snapshot(2) == [(A, 5), (B, 5)]
    assert [timers.pop() for _ in range(4)] == [(A, 5), (B, 5), (C, 5), None]


def test_a_key_is_moved_put_and_removed() -> None:
    timers = TimerQueue()
    timers.put(A, 10)
    timers.put(A, 20)
    timers.push(B, 15)
    timers.rekey(B, 25)
    assert timers.snapshot() == [(A, 20), (B, 25)]
    assert timers.remove(A) == 20
    timers.clear()
    assert timers.peek() is None


def test_columns_go_in_and_out_in_bulk() -> None:
    timers = TimerQueue()
    timers.push_many(A + B + C, array("q", [30, 20, 10]))
    timers.rekey_many(bytearray(C), memoryview(array("q", [40])))
    timers.remove_many(B)
    keys, dues = timers.pop_due_columns(99)
    assert (keys, list(memoryview(dues).cast("q"))) == (A + C, [30, 40])


def test_work_goes_by_order_then_arrival_and_a_moved_key_keeps_its_arrival() -> None:
    work = WorkQueue(2)
    assert work.width == 2
    work.push(A, (2, 500), 10)
    work.push(B, (1, 900), 20)
    work.push(C, (1, 900), 15)
    assert work.snapshot() == [(C, (1, 900), 15), (B, (1, 900), 20), (A, (2, 500), 10)]
    work.rekey(A, (1, 900))
    assert work.get(A) == ((1, 900), 10)
    work.put(C, (0, 0), 99)
    assert work.peek() == C
    assert [work.pop(), work.pop(), work.pop(), work.pop()] == [C, A, B, None]


def test_work_in_bulk() -> None:
    work = WorkQueue(2)
    work.push_many(A + B + C, array("q", [2, 0, 1, 0, 0, 0]), array("q", [0, 0, 0]))
    work.rekey_many(A, array("q", [0, 0]))
    work.remove_many(B)
    assert work.pop_many(1) == [A]
    assert work.pop_many_column() == C
    assert len(work) == 0


@pytest.mark.parametrize(
    ("refused", "kind"),
    [
        pytest.param(lambda timers, _: timers.push(A, 2), DuplicateKey, id="pushed twice"),
        pytest.param(lambda timers, _: timers.rekey(B, 2), UnknownKey, id="re-keyed unknown"),
        pytest.param(lambda timers, _: timers.remove(B), UnknownKey, id="removed unknown"),
        pytest.param(lambda timers, _: timers.push(b"short", 2), BadKey, id="short key"),
        pytest.param(lambda timers, _: timers.remove_many(A + b"odd"), BadKey, id="odd column of keys"),
        pytest.param(lambda timers, _: timers.push_many(B + A, array("q", [1, 2])), DuplicateKey, id="bulk duplicate"),
        pytest.param(lambda timers, _: timers.push_many(B, array("q", [1, 2])), BadColumn, id="unequal columns"),
        pytest.param(lambda timers, _: timers.push_many(B, array("d", [1.0])), BadColumn, id="floats"),
        pytest.param(lambda _, work: work.push(B, (1,), 0), BadOrder, id="narrow order"),
        pytest.param(lambda _, work: work.push(B, (1,) * 7, 0), BadOrder, id="order too wide for any queue"),
        pytest.param(lambda _, work: work.rekey(B, (1, 2)), UnknownKey, id="work unknown"),
        pytest.param(lambda _, work: work.push(A, (1, 2), 0), DuplicateKey, id="work twice"),
    ],
)
def test_a_refusal_has_its_own_class_and_changes_nothing(
    refused: Callable[[TimerQueue, WorkQueue], None], kind: type[SlaError]
) -> None:
    timers, work = TimerQueue(), WorkQueue(2)
    timers.push(A, 1)
    work.push(A, (1, 1), 1)
    with pytest.raises(SlaError) as raised:
        refused(timers, work)
    assert type(raised.value) is kind
    assert (timers.snapshot(), work.snapshot()) == ([(A, 1)], [(A, (1, 1), 1)])


@pytest.mark.parametrize("width", [0, 7])
def test_a_work_queue_takes_one_to_six_components(width: int) -> None:
    with pytest.raises(BadOrder):
        WorkQueue(width)


def test_threads_share_a_queue_and_every_key_comes_out_once() -> None:
    timers = TimerQueue()
    batches = [[new_id().bytes for _ in range(2_000)] for _ in range(4)]
    popped: list[list[bytes]] = [[] for _ in batches]

    def work(number: int) -> None:
        batch = batches[number]
        timers.push_many(b"".join(batch[:1_000]), array("q", range(1_000)))
        for due, key in enumerate(batch[1_000:]):
            timers.push(key, due)
            if due % 10 == 0:
                popped[number] += [key for key, _ in timers.pop_due(1 << 62, limit=20)]
        while (entry := timers.pop()) is not None:
            popped[number].append(entry[0])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(batches))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(key for part in popped for key in part) == sorted(key for batch in batches for key in batch)


def test_memory_is_reported_and_a_key_costs_at_most_eighty_bytes() -> None:
    timers, work = TimerQueue(), WorkQueue(3)
    count = 50_000
    keys = b"".join(number.to_bytes(16, "big") for number in range(count))
    timers.push_many(keys, array("q", range(count)))
    work.push_many(keys, array("q", range(3 * count)), array("q", range(count)))
    assert 30 <= timers.heap_bytes() / count <= 80
    assert 50 <= work.heap_bytes() / count <= 80
