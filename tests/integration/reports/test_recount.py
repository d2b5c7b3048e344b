"""What reports say is what a slow recount from the logs says, whatever happened and however it is broken down."""

import asyncio
import csv
import io
import shutil
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from tests.integration.editions.conftest import edited
from tests.integration.sim.test_same_as_feeding import BEGIN, Town, history

from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.messages import Outcome
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.tickets.links import ChangedTogether, merge
from helpdesk.desk.upkeep.refolding import check_clocks, rebuild_clocks
from helpdesk.domain.linking import MERGED
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import HOUR, MINUTE, SECOND, to_datetime
from helpdesk.queries.reports.attainment import DIMENSIONS, attainment
from helpdesk.queries.reports.averages import averages
from helpdesk.queries.reports.pictures import to_svg
from helpdesk.queries.reports.sla import sla_report
from helpdesk.queries.reports.sla_forms import breach_table, to_html
from helpdesk.queries.reports.stock import ledger_balance, queue_age
from helpdesk.queries.reports.tables import Report, tabulate, to_csv
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.sla.averages import Period
from helpdesk.store.histories import read_histories
from helpdesk.store.schema import clocks, ledger, tickets

FIND = Directory().of
ZONE = ZoneInfo("Europe/Moscow")
MEAN = """\
[[targets]]
name = "first_word"
average = "{amount}"
calendar = "office"
population = "accepted"
period = "{period}"
starts_on = ["registered"]
stops_on = ["answer_sent", "question_sent"]
clause = "5.1"

[[targets]]
name = "not_given"
within = "unknown"
starts_on = ["registered"]
stops_on = ["resolved"]
clause = "5.2"

[numbering]"""

Told = list[tuple[Ticket, ClockView, "Then"]]


class Then(NamedTuple):
    """What held when a promise was decided, or holds now."""

    level: str | None
    line: str | None
    agent: str | None
    channel: str


@pytest.fixture(scope="module", params=[("month", "40 elapsed minutes"), ("week", "2 working hours")])
def town(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """A company with goals, limits, a mean and a time not given, over the turn of a month; merged tickets too."""
    period, amount = request.param
    folder = tmp_path_factory.mktemp(period)
    shutil.copy(sqlite_template, folder / "town.db")
    mean = MEAN.format(period=period, amount=amount)
    made = Town(f"sqlite:///{folder}/town.db", edited(folder / "policy", ("[numbering]", mean)))
    turn = datetime(2026, 4, 1, tzinfo=ZONE)
    shift = round(turn.timestamp() * 1e6) - BEGIN - 36 * HOUR
    made.now += shift
    steps = [(at + shift, place, what) for seed in (1, 2, 3) for at, place, what in _placed(seed)]
    asyncio.run(_feed(made, sorted(steps, key=lambda step: step[0])))
    yield made
    made.database.close()


def _placed(seed: int) -> list[Any]:
    return [(at, place + 100 * seed, what) for at, place, what in history(seed)]


async def _feed(town: Town, steps: list[Any]) -> None:
    for step in steps:
        await town.do(step)
    last = steps[-1][0]
    for place in range(3):  # whatever became of the others: these run
        await town.do((last + place * MINUTE, 900 + place, "mail"))
    numbers = []
    for minute in (3, 4):  # one matter, written about twice
        await town.do((last + minute * MINUTE, 950, "mail"))
        numbers.append(town.numbers[950])
    merging = partial(merge, resources=town.desk.resources, number=numbers[1], into=numbers[0], expected_version=None)
    await town.desk.keep(town.agent, merging, ChangedTogether, None)
    await town.go_to(last + 5 * MINUTE)


def told(town: Town) -> Told:
    """Every clock of every ticket, folded from its log as of now, with what held when its promise was decided."""

    def work(session) -> Told:  # type: ignore[no-untyped-def]
        found = []
        for past in read_histories(session, limit=10_000):
            judge, now = FIND(session, past.ticket.snapshot_hash), max(session.now, past.log[-1].at)
            found += [(past.ticket, view, then(judge, past.log, view, now)) for view in judge.clocks(past.log, now)]
        return found

    return town.database.read_now(town.agent, work)


def then(judge: Evaluator, log: Sequence[Entry], view: ClockView, now: int) -> Then:
    """Walk the log anew for one clock, up to what decided it: its end, or its due instant if that came first."""
    if view.started_at is None:
        return Then(None, None, None, "")
    derived = judge.derived(log, view.name, view.seq, now)
    run = derived.run
    assert run is not None
    if view.state is ClockState.BREACHED:
        past = [entry for entry in log if entry.at < (view.due or 0)]
    elif run.end is not None:
        past = [*log[: run.end.seq]]
    else:
        past = [*log]
    edition = judge.edition
    level, line, agent = edition.rating.default if edition.rating else None, edition.lines[0].name, None
    for entry in past:
        if entry.what is Happened.LEVEL_SET:
            level = entry.data["level"]
        elif entry.what is Happened.LINE_SET:
            line = entry.data["line"]
        elif entry.what in {Happened.ASSIGNED, Happened.UNASSIGNED}:
            agent = entry.data["agent"] if entry.what is Happened.ASSIGNED else None
    if view.state is ClockState.BREACHED and derived.rule.levels and level not in derived.rule.levels:
        given = [entry.data["level"] for entry in log[len(past) :] if entry.what is Happened.LEVEL_SET]
        level = next(each for each in given if each in derived.rule.levels)
    came = run.start.data.get("channel") if run.start.what is Happened.CLIENT_MESSAGE else log[0].data["channel"]
    return Then(level, line, agent, came or log[0].data["channel"])


def local_day(instant: int | None) -> date:
    assert instant is not None
    return to_datetime(instant).astimezone(ZONE).date()


def group_of(ticket: Ticket, view: ClockView, held: Then, by: tuple[str, ...]) -> tuple[str | None, ...]:
    values = {
        "target": view.name, "level": held.level, "line": held.line, "channel": held.channel, "agent": held.agent,
        "organisation": ticket.organisation, "month": f"{local_day(view.started_at):%Y-%m}",
    }  # fmt: skip
    return tuple(values[each] or None for each in by)


def counts_as(ticket: Ticket, view: ClockView) -> str:
    if view.state is ClockState.CANCELLED:
        return "merged" if ticket.outcome == MERGED else "closed"
    if view.kind is ClockKind.UNKNOWN:
        return "unknown"
    return {"met": "met", "breached": "breached"}.get(view.state.value, "running")


def goal_counts_as(view: ClockView, now: int) -> str | None:
    if view.goal is None:
        return None
    if view.goal <= (view.stopped_at or now):
        return "missed"
    if view.state is ClockState.CANCELLED:
        return "excluded"
    return "met" if view.stopped_at is not None else "running"


@pytest.mark.parametrize("by", [DIMENSIONS, ("target", "month"), ("agent",), ("month", "level"), ()])
def test_attainment_is_a_recount(town: Town, by: tuple[str, ...]) -> None:
    """Every group, every count and every percentage, goal and limit apart; the parts sum up to all clocks there are."""
    report = town.database.read_now(town.agent, lambda s: attainment(s, FIND, by=by))
    limits: dict[Any, Counter[str]] = {}
    goals: dict[Any, Counter[str]] = {}
    promised = [
        (ticket, view, held) for ticket, view, held in told(town)
        if view.kind in {ClockKind.LIMIT, ClockKind.UNKNOWN} and view.started_at is not None
    ]  # fmt: skip
    for ticket, view, held in promised:
        key, goal = group_of(ticket, view, held, by), goal_counts_as(view, town.now)
        limits.setdefault(key, Counter())[counts_as(ticket, view)] += 1
        goals.setdefault(key, Counter())[goal or ""] += 1
    assert {tuple(line.by.values()) for line in report.items} == limits.keys()
    for line in report.items:
        kept, counted = line.limit, limits[tuple(line.by.values())]
        aimed, goal_counts = line.goal, goals[tuple(line.by.values())]
        assert (kept.met, kept.breached, kept.running) == (counted["met"], counted["breached"], counted["running"])
        assert kept.excluded_because == {why: counted[why] for why in ("merged", "closed", "unknown") if counted[why]}
        assert kept.met + kept.breached + kept.running + kept.excluded == counted.total()
        decided = kept.met + kept.breached
        assert kept.attainment == (None if not decided else pytest.approx(100 * kept.met / decided, abs=0.01))
        assert (kept.attainment == 100) == (kept.breached == 0 and bool(decided))
        assert (aimed.met, aimed.missed, aimed.running, aimed.excluded) == tuple(
            goal_counts[state] for state in ("met", "missed", "running", "excluded")
        )
    total = report.total.limit
    assert total.met + total.breached + total.running + total.excluded == len(promised)
    assert total.excluded_because["merged"] > 0
    assert min(total.met, total.breached, total.running) > 0


def test_a_promise_is_counted_where_it_was_decided(town: Town) -> None:
    """Levels, lines and agents that changed after a promise was decided change nothing in what is counted."""
    moved = [(ticket, held) for ticket, view, held in told(town) if view.kind is ClockKind.LIMIT]
    for now, then_ in (("level", "level"), ("line", "line"), ("assignee", "agent")):
        assert any(getattr(ticket, now) != getattr(held, then_) for ticket, held in moved), now


def test_an_altered_circumstance_is_found_and_written_anew(town: Town) -> None:
    """``verify-clocks`` compares what held then with the logs too, and rebuilding gives the report its figures back."""
    dims = ("level", "line", "agent", "channel")
    before = town.database.read_now(town.agent, lambda s: attainment(s, FIND, by=dims))
    spoil = update(clocks).where(clocks.c.name == "resolution", clocks.c.decided_at.is_not(None))
    spoil = spoil.values(decided_line="nowhere", decided_agent="nobody", channel="smoke")
    town.database.write_now(town.agent, lambda s: s.connection.execute(spoil).close())
    checked = town.database.read_now(town.agent, lambda s: check_clocks(s, FIND, limit=10_000))
    assert checked is not None
    assert {one.what for one in checked.differences} == {"clock"}
    for ticket in checked.differing:
        assert town.database.write_now(town.agent, lambda s, t=ticket: rebuild_clocks(s, FIND, t))  # type: ignore[misc]
    assert town.database.read_now(town.agent, lambda s: attainment(s, FIND, by=dims)).items == before.items


def test_months_are_the_companys_own(town: Town) -> None:
    """A clock that starts in Moscow's April belongs to April, though it is March in UTC; a span leaves out the rest."""
    report = town.database.read_now(town.agent, lambda s: attainment(s, FIND, by=("month",)))
    assert [line.by["month"] for line in report.items] == ["2026-03", "2026-04"]
    april = town.database.read_now(
        town.agent, lambda s: attainment(s, FIND, first_month="2026-04", last_month="2026-05", by=("month",))
    )
    assert april.items == report.items[1:]
    begins = datetime(2026, 4, 1, tzinfo=ZONE).timestamp() * SECOND
    assert any(begins <= (view.started_at or 0) < begins + 3 * HOUR for _, view, _ in told(town))


def test_means_are_a_recount_and_say_what_is_left(town: Town) -> None:
    """Counted, open and excluded clocks of every period, their sums, and the mean that the rest may have."""
    report = town.database.read_now(town.agent, lambda s: averages(s, FIND))
    found: dict[date, list[ClockView]] = {}
    for _, view, _ in told(town):
        if view.kind is ClockKind.AVERAGE:
            found.setdefault(Period(report.items[0].period).first_of(local_day(view.started_at)), []).append(view)
    assert [line.first_day for line in report.items] == sorted(found)
    for line in report.items:
        views = found[line.first_day]
        stopped = [view.elapsed_us for view in views if view.state is ClockState.MET]
        open_ = [view.elapsed_us for view in views if view.state in {ClockState.RUNNING, ClockState.PAUSED}]
        assert (line.counted, line.open, line.counted + line.open + line.excluded) == (
            len(stopped), len(open_), len(views),
        )  # fmt: skip
        assert line.mean_seconds == (sum(stopped) // len(stopped) // SECOND if stopped else None)
        assert line.open_seconds == sum(open_) // SECOND
        promised = line.promised_seconds * SECOND
        if open_:
            assert line.rest_mean_seconds is not None
            # With this mean the promise is kept, with a second more it is not.
            for mean, kept in ((line.rest_mean_seconds, True), (line.rest_mean_seconds + 1, False)):
                whole = sum(stopped) + mean * SECOND * len(open_)
                assert (whole <= promised * len(views[: len(stopped) + len(open_)])) is kept
            assert line.state == (
                "keepable" if sum(stopped + open_) <= promised * (len(stopped) + len(open_)) else "failing"
            )
        elif line.last_day < local_day(town.now):
            assert line.state == ("kept" if sum(stopped) <= promised * len(stopped) else "missed")
    assert sum(line.open for line in report.items) > 0
    running = [line for line in report.items if line.last_day >= local_day(town.now)]
    assert any(line.expected > 0 for line in running)
    assert not any(line.expected for line in report.items if line not in running)


def test_the_queues_age_is_a_recount(town: Town) -> None:
    """Percentiles by nearest rank over the unclosed tickets of each group; the oldest by its number."""
    report = town.database.read_now(town.agent, lambda s: queue_age(s, by=("line", "state")))
    past = town.database.read_now(town.agent, lambda s: read_histories(s, limit=10_000))
    open_ = [one.ticket for one in past if one.ticket.closed_at is None]
    assert report.total is not None
    assert report.total.count == sum(line.count for line in report.items) == len(open_)
    for line in report.items:
        group = [one for one in open_ if (one.line, one.state.value) == tuple(line.by.values())]
        ages = sorted((town.now - one.received_at) // SECOND for one in group)
        assert line.count == len(ages)
        for share, value in ((50, line.p50_seconds), (90, line.p90_seconds), (95, line.p95_seconds)):
            below = [age for age in ages if age < value]
            assert 100 * len(below) < share * len(ages) <= 100 * len([age for age in ages if age <= value])
        oldest = min(group, key=lambda one: (one.received_at, one.number))
        assert (line.oldest.number, line.oldest_seconds) == (oldest.number, ages[-1])


def test_the_ledger_balances(town: Town) -> None:
    """Received is the sum of the outcomes, per channel and day; a line whose outcome nobody knows shows."""
    report = town.database.read_now(
        town.agent, lambda s: ledger_balance(s, FIND, first_day="2026-03-01", last_day="2026-04-30")
    )
    lines = town.database.read_now(town.agent, lambda s: s.connection.execute(ledger.select()).all())
    assert report.balanced
    assert report.received == len(lines) == sum(report.outcomes.values())
    days = Counter((line.day, line.channel_kind) for line in lines)
    assert {(line.day, line.channel_kind): line.received for line in report.items} == days
    assert report.outcomes[Outcome.TICKET] == 77
    assert all(str(local_day(line.received_at)) == line.day for line in lines)


def test_tables_and_pictures_say_the_same(town: Town) -> None:
    """CSV has a row for each group with the report's counts; the picture is well-formed and has them in words."""
    report = town.database.read_now(town.agent, lambda s: attainment(s, FIND, by=("target", "level", "month")))
    table = tabulate([report])
    rows = list(csv.reader(io.StringIO(to_csv(table, lang="en"))))
    assert rows[0][:5] == ["tenant", "target", "level", "month", "met"]
    assert [(row[1], row[2] or None, row[3], int(row[4]), int(row[5])) for row in rows[1:]] == [
        (*line.by.values(), line.limit.met, line.limit.breached) for line in report.items
    ]
    reports: list[Report] = [
        report,
        town.database.read_now(town.agent, lambda s: averages(s, FIND)),
        town.database.read_now(town.agent, queue_age),
        town.database.read_now(town.agent, lambda s: ledger_balance(s, FIND, last_day="2026-04-30")),
    ]
    for each in reports:
        for lang in ("ru", "en"):
            root = ET.fromstring(to_svg([each], lang=lang))
            space = "{http://www.w3.org/2000/svg}"
            assert (root.get("role"), root.get("lang")) == ("img", lang)
            named = (root.get("aria-labelledby") or "").split()
            assert [root.find(f"{space}{tag}").get("id") for tag in ("title", "desc")] == named  # type: ignore[union-attr]
            assert len(root.findall(f"{space}g")) == len(each.items)
            assert {element.tag.removeprefix(space) for element in root.iter()} <= {
                "svg", "title", "desc", "defs", "pattern", "rect", "circle", "text", "g", "line",
            }  # fmt: skip


_SPAN = ("first_month", "last_month")


def test_the_months_report_lists_every_breach_and_exclusion(town: Town) -> None:
    """What is broken and what is not counted, each with clause and moment, as often as the sums say; per client too."""
    report = town.database.read_now(town.agent, lambda s: sla_report(s, FIND, month="2026-03"))
    kept = town.database.read_now(
        town.agent, lambda s: attainment(s, FIND, first_month="2026-03", last_month="2026-03")
    )
    assert (report.total, report.zone, report.over) == (kept.total, "Europe/Moscow", True)
    assert len(report.breaches) == kept.total.limit.breached > 0
    assert len(report.exclusions) == kept.total.limit.excluded > 0
    for one in report.breaches:
        assert one.clause
        assert one.due is not None
        assert one.stopped_at is None or one.stopped_at >= one.due
        assert one.over_seconds is not None
    assert {one.counted_as for one in report.exclusions} <= {"merged", "closed", "unknown"}
    assert sum(line.kept.limit.breached for line in report.promises) == len(report.breaches)
    nobody = town.database.read_now(
        town.agent, lambda s: sla_report(s, FIND, month="2026-03", organisation="ООО Никто")
    )
    assert (nobody.received, nobody.breaches, nobody.promises, nobody.means) == (0, (), (), ())
    empty = town.database.read_now(town.agent, lambda s: sla_report(s, FIND, month="2024-02"))
    assert (empty.received, empty.total.limit.attainment, empty.breaches) == (0, None, ())
    for each in (report, nobody, empty):
        for lang in ("ru", "en"):
            page = to_html(each, lang=lang)
            assert page.count("<table>") == page.count("</table>")
            assert "<script" not in page
            ET.fromstring(page.partition("\n")[2].replace('<meta charset="utf-8">', ""))
    assert "Отчёт о соблюдении сроков поддержки: март 2026" in to_html(report)
    with pytest.raises(Invalid):
        town.database.read_now(town.agent, lambda s: sla_report(s, FIND, month="2026-13"))


def test_a_subject_is_no_formula_and_no_markup(town: Town) -> None:
    """What clients write into a subject reaches spreadsheets and pages as the text it is."""
    evil = update(tickets).values(subject='=HYPERLINK("http://x")<script>alert(1)</script>')
    town.database.write_now(town.agent, lambda s: s.connection.execute(evil).close())
    report = town.database.read_now(town.agent, lambda s: sla_report(s, FIND, month="2026-03"))
    page = to_html(report)
    assert "<script" not in page
    assert "&lt;script" in page
    rows = list(csv.DictReader(io.StringIO(to_csv(breach_table(report), lang="en"))))
    assert len(rows) == len(report.breaches) + len(report.exclusions)
    assert all(row["subject"].startswith("'=") for row in rows)
