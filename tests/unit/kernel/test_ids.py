"""Identifiers sort by the time they were made, also within one millisecond, and say which version they are."""

import time
from concurrent.futures import ThreadPoolExecutor

from helpdesk.kernel.ids import new_id


def test_ids_rise_strictly_within_a_process() -> None:
    """The order of making is the order of keys."""
    made = [new_id() for _ in range(5_000)]
    assert made == sorted(set(made))


def test_ids_of_many_threads_are_distinct() -> None:
    """No two threads get the same."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: new_id(), range(4_000)))
    assert len(set(made)) == len(made)


def test_an_id_is_a_version_7_uuid_of_the_present_millisecond() -> None:
    """RFC 9562: version and variant in their places, Unix milliseconds in front."""
    before = time.time_ns() // 1_000_000
    made = new_id()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1_000
