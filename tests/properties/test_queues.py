"""The queues against a sorted list: whatever is done to both, they hold the same and pop the same."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.sla.queues import DuplicateKey, TimerQueue, UnknownKey, WorkQueue

KEYS = st.integers(0, 30).map(lambda number: (number << 64 | number % 3).to_bytes(16, "big"))
INSTANTS = st.integers(-3, 9) | st.integers(-(2**63), 2**63 - 1)
ACTS = st.lists(
    st.tuples(st.sampled_from(["push", "rekey", "put", "remove", "pop", "pop_due"]), KEYS, INSTANTS), max_size=60
)


def _first(model: dict[bytes, int]) -> list[tuple[bytes, int]]:
    return sorted(model.items(), key=lambda entry: (entry[1], entry[0]))


@given(ACTS)
def test_a_timer_queue_is_a_sorted_list(acts: list[tuple[str, bytes, int]]) -> None:
    """After any calls, the queue holds what the list holds and names the same first."""
    queue, model = TimerQueue(), dict[bytes, int]()
    for act, key, instant in acts:
        known = key in model
        try:
            match act:
                case "push":
                    queue.push(key, instant)
                    assert not known
                    model[key] = instant
                case "rekey":
                    queue.rekey(key, instant)
                    assert known
                    model[key] = instant
                case "put":
                    queue.put(key, instant)
                    model[key] = instant
                case "remove":
                    assert queue.remove(key) == model.pop(key)
                case "pop":
                    expected = _first(model)[:1]
                    assert queue.pop() == (expected[0] if expected else None)
                    for popped, _ in expected:
                        del model[popped]
                case _:
                    due = [entry for entry in _first(model) if entry[1] <= instant]
                    assert queue.pop_due(instant) == due
                    for popped, _ in due:
                        del model[popped]
        except DuplicateKey:
            assert (act, known) == ("push", True)
        except UnknownKey:
            assert known is False
            assert act in {"rekey", "remove"}
        assert len(queue) == len(model)
        assert queue.peek() == next(iter(_first(model)), None)
    assert queue.snapshot() == _first(model)


@given(st.dictionaries(KEYS, INSTANTS), st.data())
def test_columns_do_what_single_calls_do(model: dict[bytes, int], data: st.DataObject) -> None:
    """A call in bulk leaves the queue as the same calls one by one would."""
    one, many = TimerQueue(), TimerQueue()
    for key, instant in model.items():
        one.push(key, instant)
    many.push_many(b"".join(model), array("q", model.values()))
    moved = data.draw(st.lists(st.sampled_from(sorted(model)), unique=True)) if model else []
    instants = [data.draw(INSTANTS) for _ in moved]
    for key, instant in zip(moved, instants, strict=True):
        one.rekey(key, instant)
    many.rekey_many(b"".join(moved), array("q", instants))
    assert many.snapshot() == one.snapshot() == _first(model | dict(zip(moved, instants, strict=True)))


@given(
    st.integers(1, 6).flatmap(
        lambda width: st.lists(st.tuples(KEYS, st.tuples(*[st.integers(-1, 2)] * width), st.integers(0, 2)), min_size=1)
    ),
    st.data(),
)
def test_work_goes_by_order_then_arrival_then_key(
    rows: list[tuple[bytes, tuple[int, ...], int]], data: st.DataObject
) -> None:
    """The order is that of sorting by (order, arrival, key), also after keys were moved."""
    work, model = WorkQueue(len(rows[0][1])), dict[bytes, tuple[tuple[int, ...], int]]()
    for key, order, arrival in rows:
        work.put(key, order, arrival)
        model[key] = (order, arrival)
    for key in data.draw(st.lists(st.sampled_from(sorted(model)))):
        order = data.draw(st.sampled_from(rows))[1]
        work.rekey(key, order)
        model[key] = (order, model[key][1])
    expected = sorted((order, arrival, key) for key, (order, arrival) in model.items())
    assert work.snapshot() == [(key, order, arrival) for order, arrival, key in expected]
    assert [work.pop() for _ in expected] == [key for _, _, key in expected]
