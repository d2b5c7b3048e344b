"""Whatever happens to a ticket, its clocks fold, explain and agree with themselves."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from helpdesk.contracts.clocks import ClockKind, ClockState
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.instants import HOUR, MINUTE
from helpdesk.regulation.examining.replay import _instant as at
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import Snapshot, take_snapshot
from helpdesk.regulation.loading.loader import load_package
from helpdesk.sla.due import Deadline

POLICIES = Path(__file__).parents[2] / "policies"
COMPANIES = ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24", "polarferry")
START = at("2026-03-16T09:00:00+03:00")

EVENTS = [what for what in Happened if what not in {Happened.RECEIVED, Happened.REGISTERED}]


@cache
def evaluator(company: str) -> Evaluator:
    package = load_package(POLICIES / company)
    return Evaluator(take_snapshot(package, parameters=package.example))


@st.composite
def logs(draw: st.DrawFn, company: str) -> tuple[Entry, ...]:
    found = evaluator(company)
    channel = draw(st.sampled_from([rule.name for rule in found.channels]))
    levels = [level.id for level in found.levels()]
    entries = [Entry(1, START, Happened.RECEIVED, "t", {"channel": channel})]
    if draw(st.booleans()):
        entries.append(Entry(2, START, Happened.REGISTERED, "t"))
    now, before = START, None
    for what in draw(st.lists(st.sampled_from(EVENTS), max_size=14)):
        now += draw(st.integers(0, 20 * 60)) * MINUTE
        data: dict[str, object] = {}
        if what is Happened.LEVEL_SET:
            if not levels:
                continue
            data = {"level": draw(st.sampled_from(levels)), "before": before}
            before = data["level"]
        elif what in {Happened.PAUSED, Happened.RESUMED}:
            data = {"reason": draw(st.sampled_from(["waiting_client", "update", "other"]))}
        elif what is Happened.LINE_SET:
            data = {"line": draw(st.sampled_from(found.lines or ("x",)))}
        elif what is Happened.NOTICE_SENT:
            data = {"names_engineer": draw(st.booleans())}
        entries.append(Entry(len(entries) + 1, now, what, "t", data))
    return tuple(entries)


@pytest.mark.parametrize("company", COMPANIES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_log_folds_and_explains_itself(company: str, data: st.DataObject) -> None:
    found, log = evaluator(company), data.draw(logs(company))
    now = log[-1].at + data.draw(st.integers(0, 400)) * HOUR
    clocks = found.clocks(log, now)
    assert clocks == found.clocks(log, now)
    assert len({(clock.name, clock.seq) for clock in clocks}) == len(clocks)
    for clock in clocks:
        explained = found.explain(log, clock.name, clock.seq, now)
        assert (explained.due is None) == (clock.due is None)
        assert clock.state is not ClockState.BREACHED or clock.kind is ClockKind.LIMIT
        assert clock.state is not ClockState.EXPIRED or clock.kind is ClockKind.TERM
        assert clock.elapsed_us >= 0
        assert clock.paused_us >= 0
        assert all(clock.due is not None and moment < clock.due for moment in clock.warn_at)
        if clock.goal is not None and clock.due is not None and clock.kind is ClockKind.LIMIT:
            assert clock.goal <= clock.due
        if clock.state in {ClockState.BREACHED, ClockState.EXPIRED}:
            assert clock.due is not None
            assert clock.due <= (clock.stopped_at or now)


@pytest.mark.parametrize("company", COMPANIES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_the_promise_and_its_derivation_are_one_computation(company: str, data: st.DataObject) -> None:
    """Folded with its derivation a clock is the same as without; warnings lie where their share of it is counted."""
    found, log = evaluator(company), data.draw(logs(company))
    now = log[-1].at + data.draw(st.integers(0, 400)) * HOUR
    for clock in found.clocks(log, now):
        derived = found.derived(log, clock.name, clock.seq, now)
        assert derived.view == clock
        if clock.due is None or derived.deadline is None:
            assert clock.warn_at == ()
            continue
        expected = [_reached(derived.deadline, share) for share in derived.rule.shares]
        assert clock.warn_at == tuple(moment for moment in expected if moment < clock.due)


@pytest.mark.parametrize("company", COMPANIES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_many_logs_stand_as_each_alone(company: str, data: st.DataObject) -> None:
    """In columns every clock has the kind, state, deadline, goal and act that it has by itself."""
    found = evaluator(company)
    many = data.draw(st.lists(logs(company), max_size=6))
    now = START + data.draw(st.integers(0, 4000)) * HOUR
    for log, stood in zip(many, found.stand(many, now), strict=True):
        expected = [
            (view.name, view.seq, view.kind, view.state, view.goal, view.due, view.then, view.clause)
            for view in found.clocks(log, max(now, log[-1].at))
        ]
        assert sorted(map(astuple, stood), key=str) == sorted(expected, key=str)


def _reached(deadline: Deadline, share: int) -> int:
    left = deadline.counted_us * share // 100
    for since, until in deadline.counted:
        if left <= until - since:
            return since + left
        left -= until - since
    raise AssertionError("a share is less than the whole")


@pytest.mark.parametrize("company", COMPANIES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_timers_write_into_the_log_moves_no_deadline(company: str, data: st.DataObject) -> None:
    found, log = evaluator(company), data.draw(logs(company))
    written = [
        Entry(len(log) + number, log[-1].at, what, "system:timekeeper", {})
        for number, what in enumerate((Happened.WARNED, Happened.GOAL_PASSED, Happened.BREACHED, Happened.EXPIRED), 1)
    ]
    assert found.clocks(log, log[-1].at) == found.clocks((*log, *written), log[-1].at)


@pytest.mark.parametrize("company", COMPANIES)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_snapshot_read_back_judges_the_same(company: str, data: st.DataObject) -> None:
    found, log = evaluator(company), data.draw(logs(company))
    again = Evaluator(Snapshot.from_json(found.snapshot.to_json()))
    assert found.clocks(log, log[-1].at) == again.clocks(log, log[-1].at)
