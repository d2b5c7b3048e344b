"""A snapshot is the whole of what a ticket is judged by: immutable, hashed, complete."""

import hashlib
from pathlib import Path

import pytest

from helpdesk.contracts.clocks import ClockKind
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import Snapshot, take_snapshot
from helpdesk.regulation.loading.loader import Package, load_package

POLICIES = Path(__file__).parents[2] / "policies"
AT = 1_772_000_000_000_000


def package(name: str) -> Package:
    return load_package(POLICIES / name)


def log(level: str) -> tuple[Entry, ...]:
    return (
        Entry(1, AT, Happened.RECEIVED, "t", {"channel": "email"}),
        Entry(2, AT, Happened.REGISTERED, "t"),
        Entry(3, AT, Happened.LEVEL_SET, "t", {"level": level, "before": None}),
    )


def test_the_same_choice_gives_the_same_bytes_and_their_hash() -> None:
    one, two = (take_snapshot(package("siroca")) for _ in range(2))
    assert one == two
    assert one.hash == hashlib.sha256(one.to_json()).hexdigest()


def test_it_survives_the_database() -> None:
    taken = take_snapshot(package("siroca"))
    assert taken == Snapshot.from_json(taken.to_json())


def test_a_reading_changes_the_hash_and_the_deadline() -> None:
    plain, other = (
        take_snapshot(package("siroca"), readings=readings) for readings in ({}, {"auto_close_base": "business"})
    )
    assert plain.hash != other.hash
    resolved = (*log("3"), Entry(4, AT + 1, Happened.RESOLVED, "t"))
    dues = [Evaluator(snapshot).clocks(resolved, AT + 2)[-1].due for snapshot in (plain, other)]
    assert dues[0] == AT + 1 + 86_400_000_000
    assert dues[1] is not None
    assert dues[1] > dues[0]


def test_a_required_parameter_blocks_activation_and_says_what_is_missing() -> None:
    with pytest.raises(Invalid, match="contacts") as refused:
        take_snapshot(package("specpromdesign"))
    assert "phone, email and messenger" in refused.value.fields["parameters.contacts"]


def test_an_optional_parameter_left_out_leaves_the_deadline_unknown_with_its_clause() -> None:
    clocks = Evaluator(take_snapshot(package("intervale"))).clocks(log("highest"), AT)
    assert [(clock.name, clock.kind, clock.due, clock.clause) for clock in clocks] == [
        ("resolution", ClockKind.UNKNOWN, None, "4.2")
    ]


def test_the_clients_term_needs_no_office_hours() -> None:
    answered = (*log("highest"), Entry(4, AT, Happened.ANSWER_SENT, "t"))
    term = Evaluator(take_snapshot(package("intervale"))).clocks(answered, AT)[-1]
    assert (term.name, term.kind) == ("client_reply", ClockKind.TERM)
    assert term.due is not None


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"readings": {"no_such": "x"}}, "no reading"),
        ({"readings": {"auto_close_base": "whenever"}}, "business"),
        ({"readings": {"extra_dates": {"2026-13-40": []}}}, "2026-13-40"),
        ({"readings": {"extra_dates": "soon"}}, "extra_dates"),
        ({"parameters": {"no_such": 1}}, "no such parameter"),
        ({"edition_id": "1999"}, "no edition"),
        ({"at": 0}, "in force"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(choice: dict[str, object], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        take_snapshot(package("siroca"), **choice)  # type: ignore[arg-type]


def test_what_is_not_a_snapshot_is_refused() -> None:
    for content in (b"", b"{}", b"[1]", b'{"format":1}'):
        with pytest.raises(Invalid):
            Snapshot.from_json(content)
