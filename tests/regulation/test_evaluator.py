"""The evaluator: who is let in, at which level, in which order; how clocks run, stop, wait and end."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.kernel.instants import DAY, HOUR, MINUTE
from helpdesk.regulation.examining.replay import _instant as at
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import take_snapshot
from helpdesk.regulation.loading.loader import load_package

POLICIES = Path(__file__).parents[2] / "policies"
TUESDAY = at("2026-03-17T10:00:00+03:00")
HOLIDAY = at("2026-02-23T11:00:00+03:00")


@pytest.fixture(scope="module")
def evaluators() -> dict[str, Evaluator]:
    found = {}
    for name in ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24"):
        package = load_package(POLICIES / name)
        found[name] = Evaluator(take_snapshot(package, parameters=package.example))
    return found


def log(channel: str, *happened: tuple[int, Happened, dict[str, Any]], start: int = TUESDAY) -> tuple[Entry, ...]:
    entries = [
        Entry(1, start, Happened.RECEIVED, "t", {"channel": channel}),
        Entry(2, start, Happened.REGISTERED, "t"),
    ]
    for seq, (after, what, data) in enumerate(happened, 3):
        entries.append(Entry(seq, start + after, what, "t", data))
    return tuple(entries)


def rated(level: str) -> tuple[int, Happened, dict[str, Any]]:
    return (0, Happened.LEVEL_SET, {"level": level, "before": None})


def by_name(clocks: tuple[ClockView, ...], name: str) -> list[ClockView]:
    return [clock for clock in clocks if clock.name == name]


@pytest.mark.parametrize(
    ("company", "kind", "address", "chat", "accepted", "channel", "clause"),
    [
        ("telemedhelp", "email", "Support@Telemed.help", "", True, "email", "6.1"),
        ("telemedhelp", "phone", "+74950000000", "", False, "phone", "6.1"),
        ("telemedhelp", "telegram", "@any", "private", False, "telegram", "6.5"),
        ("telemedhelp", "fax", "1", "", False, "fax", "6.1"),
        ("siroca", "phone", "+996 755 979 805", "", True, "phone", "2.1"),
        ("siroca", "phone", "+996755000000", "", False, "phone", "2.2"),
        ("siroca", "email", "sales@siroca.com", "", False, "other_email", "2.2"),
        ("siroca", "telegram", "@Siroca_Technology_bot", "private", True, "telegram_bot", "2.1"),
        ("siroca", "telegram", "@Siroca_Technology_bot", "group", False, "group_chat", "2.2"),
        ("siroca", "telegram", "@somebody", "private", False, "telegram_personal", "2.2"),
        ("pass24", "phone", "+74953242442", "", True, "phone", "3.1"),
        (
            "specpromdesign",
            "telegram",
            "@specpromdesign_example_bot",
            "private",
            True,
            "messenger",
            "Способы обращения",
        ),
        ("intervale", "web", "helpdesk.intervale.ru", "", True, "helpdesk", "2.1"),
    ],
)
def test_only_the_named_addresses_are_official(
    company: str,
    kind: str,
    address: str,
    chat: str,
    accepted: bool,
    channel: str,
    clause: str,
    evaluators: dict[str, Evaluator],
) -> None:
    found = evaluators[company].admit(channel_kind=kind, address=address, chat_kind=chat, at=TUESDAY)
    assert (found.accepted, found.channel, found.clause) == (accepted, channel, clause)
    assert found.accepted or (found.reason and found.hint_ru and found.hint_en)


def test_on_a_public_holiday_pass24_takes_mail_only(evaluators: dict[str, Evaluator]) -> None:
    """Clause 1.2; a weekend and a moved day off are no public holidays."""
    pass24 = evaluators["pass24"]
    saturday, moved = at("2026-03-14T11:00:00+03:00"), at("2025-12-31T11:00:00+03:00")
    assert not pass24.admit_by_name("phone", HOLIDAY).accepted
    assert pass24.admit_by_name("phone", HOLIDAY).clause == "1.2"
    assert pass24.admit_by_name("email", HOLIDAY).accepted
    assert pass24.admit_by_name("phone", saturday).accepted
    assert pass24.admit_by_name("phone", moved).accepted


def test_a_deferred_request_counts_from_the_next_opening() -> None:
    package = load_package(POLICIES / "pass24")
    evaluator = Evaluator(take_snapshot(package, readings={"holiday_channel_policy": "defer"}))
    admission = evaluator.admit_by_name("phone", HOLIDAY)
    assert (admission.accepted, admission.counts_from) == (True, at("2026-02-24T09:00:00+03:00"))


def test_levels_come_most_urgent_first_and_unknown_ones_are_refused(evaluators: dict[str, Evaluator]) -> None:
    assert [level.id for level in evaluators["siroca"].levels()] == ["1", "2", "3", "4"]
    assert evaluators["siroca"].initial_level(None) is None
    assert evaluators["pass24"].initial_level(None) == "normal"
    assert evaluators["telemedhelp"].initial_level(None) is None
    with pytest.raises(Invalid):
        evaluators["siroca"].initial_level("5")
    with pytest.raises(Invalid):
        evaluators["telemedhelp"].initial_level("high")


def test_siroca_serves_by_level_then_by_arrival(evaluators: dict[str, Evaluator]) -> None:
    """Clause 2.5 demands the order; taking one out of turn does not change it."""
    key = evaluators["siroca"].order_key
    late_urgent = key(level="1", expedited=False, received_at=9, due=None)
    early_low = key(level="4", expedited=True, received_at=1, due=2)
    assert late_urgent < early_low
    assert key(level="4", expedited=False, received_at=1, due=None) < key(
        level="4", expedited=False, received_at=2, due=0
    )


def test_telemedhelp_serves_by_arrival_but_for_the_expedited(evaluators: dict[str, Evaluator]) -> None:
    key = evaluators["telemedhelp"].order_key
    assert key(level=None, expedited=True, received_at=9, due=None) < key(
        level=None, expedited=False, received_at=1, due=None
    )


def test_a_human_answer_in_time_meets_the_reaction_and_the_letter_does_not(evaluators: dict[str, Evaluator]) -> None:
    telemed = evaluators["telemedhelp"]
    letter = log("email", (1, Happened.ACKNOWLEDGED, {}))
    assert by_name(telemed.clocks(letter, TUESDAY + 2), "reaction")[0].state is ClockState.RUNNING
    answered = (*letter, Entry(4, TUESDAY + 4 * MINUTE, Happened.ANSWER_SENT, "t"))
    met = by_name(telemed.clocks(answered, TUESDAY + HOUR), "reaction")[0]
    assert (met.state, met.stopped_at, met.elapsed_us) == (ClockState.MET, TUESDAY + 4 * MINUTE, 4 * MINUTE)


def test_at_the_due_instant_the_time_is_used_up(evaluators: dict[str, Evaluator]) -> None:
    telemed = evaluators["telemedhelp"]
    request = log("email")
    due = TUESDAY + 5 * MINUTE
    assert by_name(telemed.clocks(request, due - 1), "reaction")[0].state is ClockState.RUNNING
    assert by_name(telemed.clocks(request, due), "reaction")[0].state is ClockState.BREACHED
    late = log("email", (5 * MINUTE, Happened.ANSWER_SENT, {}))
    assert by_name(telemed.clocks(late, due), "reaction")[0].state is ClockState.BREACHED


def test_each_further_message_has_a_clock_of_its_own_by_its_own_channel(evaluators: dict[str, Evaluator]) -> None:
    """Clause 2.4; one answer stops them all."""
    written = log(
        "chat",
        (HOUR, Happened.CLIENT_MESSAGE, {"channel": "chat"}),
        (HOUR + MINUTE, Happened.CLIENT_MESSAGE, {"channel": "email"}),
        (HOUR + 3 * MINUTE, Happened.ANSWER_SENT, {}),
    )
    clocks = by_name(evaluators["telemedhelp"].clocks(written, TUESDAY + DAY), "reaction_followup")
    assert [(clock.seq, clock.due, clock.state) for clock in clocks] == [
        (0, TUESDAY + HOUR + 10 * MINUTE, ClockState.MET),
        (1, TUESDAY + HOUR + 6 * MINUTE, ClockState.MET),
    ]


def test_specpromdesign_reacts_by_naming_the_engineer(evaluators: dict[str, Evaluator]) -> None:
    for data, state in (({"names_engineer": False}, ClockState.RUNNING), ({"names_engineer": True}, ClockState.MET)):
        told = log("phone", rated("critical"), (HOUR, Happened.NOTICE_SENT, data))
        clocks = evaluators["specpromdesign"].clocks(told, TUESDAY + HOUR)
        assert by_name(clocks, "reaction")[0].state is state


def test_no_promise_of_a_solution_is_said_as_such(evaluators: dict[str, Evaluator]) -> None:
    clock = by_name(evaluators["telemedhelp"].clocks(log("email"), TUESDAY), "resolution")[0]
    assert (clock.kind, clock.due, clock.clause) == (ClockKind.NONE, None, "2.3")


def test_a_mean_is_never_breached_by_one_request(evaluators: dict[str, Evaluator]) -> None:
    clock = by_name(evaluators["siroca"].clocks(log("email"), TUESDAY + DAY), "reaction")[0]
    assert (clock.kind, clock.state) == (ClockKind.AVERAGE, ClockState.RUNNING)


def test_an_unrated_request_has_no_term_of_solution_yet(evaluators: dict[str, Evaluator]) -> None:
    assert by_name(evaluators["siroca"].clocks(log("email"), TUESDAY), "resolution") == []


def test_disagreement_goes_on_with_the_time_already_used(evaluators: dict[str, Evaluator]) -> None:
    """Clause 3.7: between completion and disagreement no time passes for support."""
    story = log(
        "phone",
        rated("1"),
        (2 * HOUR, Happened.RESOLVED, {}),
        (5 * HOUR, Happened.DISAGREED, {}),
    )
    clock = by_name(evaluators["siroca"].clocks(story, TUESDAY + 6 * HOUR), "resolution")[0]
    assert (clock.due, clock.elapsed_us, clock.paused_us) == (TUESDAY + 8 * HOUR, 3 * HOUR, 3 * HOUR)


def test_silence_for_a_day_closes_and_disagreement_cancels_that(evaluators: dict[str, Evaluator]) -> None:
    done = log("phone", rated("1"), (HOUR, Happened.RESOLVED, {}))
    term = by_name(evaluators["siroca"].clocks(done, TUESDAY + 25 * HOUR), "auto_close")[0]
    assert (term.state, term.then) == (ClockState.EXPIRED, "close:confirmed_by_silence")
    disagreed = (*done, Entry(5, TUESDAY + 2 * HOUR, Happened.DISAGREED, "t"))
    term = by_name(evaluators["siroca"].clocks(disagreed, TUESDAY + 25 * HOUR), "auto_close")[0]
    assert term.state is ClockState.CANCELLED


def test_one_unanswered_request_is_not_enough_to_close(evaluators: dict[str, Evaluator]) -> None:
    """Clause 3.6 speaks of repeated requests; the term runs from the last of them."""
    asked = log("email", rated("3"), (HOUR, Happened.QUESTION_SENT, {}))
    assert by_name(evaluators["siroca"].clocks(asked, TUESDAY + HOUR), "client_no_reply")[0].then == "ask_again"
    again = (*asked, Entry(5, TUESDAY + DAY, Happened.QUESTION_SENT, "t"))
    first, second = by_name(evaluators["siroca"].clocks(again, TUESDAY + DAY), "client_no_reply")
    assert (first.state, second.state, second.then) == (
        ClockState.CANCELLED,
        ClockState.RUNNING,
        "close:no_answer",
    )


def test_the_goal_is_capped_by_the_limit(evaluators: dict[str, Evaluator]) -> None:
    late = at("2026-03-16T16:00:00+03:00")
    clock = by_name(evaluators["pass24"].clocks(log("email", rated("low"), start=late), late), "resolution")[0]
    assert clock.goal == clock.due


def test_a_pause_that_lasts_leaves_no_deadline_and_one_after_the_end_changes_nothing(
    evaluators: dict[str, Evaluator],
) -> None:
    waiting = log("email", rated("high"), (HOUR, Happened.PAUSED, {"reason": "waiting_client"}))
    clock = by_name(evaluators["pass24"].clocks(waiting, TUESDAY + DAY), "resolution")[0]
    assert (clock.state, clock.due, clock.elapsed_us) == (ClockState.PAUSED, None, HOUR)
    done = log(
        "email",
        rated("high"),
        (HOUR, Happened.RESOLVED, {}),
        (2 * HOUR, Happened.PAUSED, {"reason": "waiting_client"}),
    )
    clock = by_name(evaluators["pass24"].clocks(done, TUESDAY + DAY), "resolution")[0]
    assert (clock.state, clock.due) == (ClockState.MET, TUESDAY + 4 * HOUR)


def test_a_level_raised_after_the_reaction_does_not_judge_it_again(evaluators: dict[str, Evaluator]) -> None:
    story = log(
        "email",
        rated("low"),
        (3 * HOUR, Happened.NOTICE_SENT, {"names_engineer": True}),
        (4 * HOUR, Happened.LEVEL_SET, {"level": "critical", "before": "low"}),
    )
    clock = by_name(evaluators["specpromdesign"].clocks(story, TUESDAY + 5 * HOUR), "reaction")[0]
    assert clock.state is ClockState.MET


@pytest.mark.parametrize(
    ("first", "then", "after", "under", "agent"),
    [
        ("2", "1", 6, "1", "анна"), (None, "2", 9, "2", "анна"), (None, "1", 6, "1", "анна"),
        ("2", "1", 4, "1", "борис"), ("1", "2", 6, "2", "борис"),
    ],
)  # fmt: skip
def test_a_breach_is_one_of_the_level_whose_promise_was_broken(
    evaluators: dict[str, Evaluator], first: str | None, then: str, after: int, under: str, agent: str
) -> None:
    """Rated, or rated higher, after the due instant that follows: at the new level, in whoever's hands it was then."""
    story = log(
        "phone",
        *([] if first is None else [rated(first)]),
        (HOUR, Happened.ASSIGNED, {"agent": "анна"}),
        (after * HOUR, Happened.LEVEL_SET, {"level": then, "before": first}),
        (after * HOUR, Happened.ASSIGNED, {"agent": "борис"}),
    )
    found = evaluators["siroca"].clocked(story, TUESDAY + DAY)
    clock = next(each for each in found if each.view.name == "resolution")
    assert clock.view.state is ClockState.BREACHED
    assert (clock.under.level, clock.under.agent) == (under, agent)


def test_closing_ends_what_still_runs(evaluators: dict[str, Evaluator]) -> None:
    closed = log("email", (MINUTE, Happened.CLOSED, {"outcome": "out_of_scope"}))
    assert by_name(evaluators["telemedhelp"].clocks(closed, TUESDAY + DAY), "reaction")[0].state is ClockState.CANCELLED


def test_warnings_come_at_their_share_of_the_counted_time(evaluators: dict[str, Evaluator]) -> None:
    evening = at("2026-03-17T19:57:00+03:00")
    clock = by_name(evaluators["telemedhelp"].clocks(log("chat", start=evening), evening), "reaction")[0]
    assert clock.warn_at == (at("2026-03-18T08:02:00+03:00"),)


def test_beyond_the_calendar_nothing_is_guessed(evaluators: dict[str, Evaluator]) -> None:
    far = at("2031-03-17T10:00:00+03:00")
    clock = by_name(evaluators["pass24"].clocks(log("email", rated("high"), start=far), far), "resolution")[0]
    assert (clock.kind, clock.due) == (ClockKind.LIMIT, None)
    assert clock.note


def test_a_pause_on_the_day_of_receipt_counts_nothing_of_that_day(evaluators: dict[str, Evaluator]) -> None:
    """Days are counted from midnight after the receipt, whatever is paused then (convention D4)."""
    waiting = log("email", rated("3"), (HOUR, Happened.PAUSED, {"reason": "waiting_client"}))
    clock = by_name(evaluators["siroca"].clocks(waiting, TUESDAY + 2 * DAY), "resolution")[0]
    assert (clock.state, clock.due, clock.elapsed_us) == (ClockState.PAUSED, None, 0)


def test_what_is_known_stands_though_the_calendar_ends_before_now(evaluators: dict[str, Evaluator]) -> None:
    """Neither a pause nor a breach becomes unknown because the present lies beyond the calendar (convention E6)."""
    far = at("2031-03-17T10:00:00+03:00")
    running = log("email", rated("high"))
    clock = by_name(evaluators["pass24"].clocks(running, far), "resolution")[0]
    assert (clock.state, clock.due, clock.note) == (ClockState.BREACHED, TUESDAY + 4 * HOUR, "")
    waiting = log("email", rated("high"), (HOUR, Happened.PAUSED, {"reason": "waiting_client"}))
    clock = by_name(evaluators["pass24"].clocks(waiting, far), "resolution")[0]
    assert (clock.state, clock.due, clock.elapsed_us) == (ClockState.PAUSED, None, HOUR)
    assert clock.note.startswith("waiting")


def test_equal_logs_give_equal_views_and_explanations(evaluators: dict[str, Evaluator]) -> None:
    story = log("email", rated("3"), (HOUR, Happened.QUESTION_SENT, {}))
    for clock in evaluators["siroca"].clocks(story, TUESDAY + 2 * HOUR):
        explained = evaluators["siroca"].explain(story, clock.name, clock.seq, TUESDAY + 2 * HOUR)
        assert explained.text_ru
        assert explained.text_en
        assert (explained.due is None) == (clock.due is None)
    with pytest.raises(NotFound):
        evaluators["siroca"].explain(story, "nothing", 0, TUESDAY)


def test_a_deadline_is_explained_by_the_text_s_words_and_somebody_s_clock(evaluators: dict[str, Evaluator]) -> None:
    """A calendar is called what the text calls it, not by our name for it; instants are by a clock that is named."""
    told = evaluators["pass24"].explain(log("email", rated("high")), "resolution", 0, TUESDAY)
    assert "4 рабочих часа по календарю «рабочее время поддержки». Отсчёт с 17.03.2026 10:00 по Москве." in told.text_ru
    assert "in the calendar 'support working time'. Counted from 17.03.2026 10:00 Moscow time." in told.text_en
    told = evaluators["siroca"].explain(log("email", rated("1")), "resolution", 0, TUESDAY)
    assert (told.calendar, "календар" in told.text_ru) == ("", False)  # elapsed time, yet by Bishkek's clock
    assert "Отсчёт с 17.03.2026 13:00 по Бишкеку." in told.text_ru
    assert "Counted from 17.03.2026 13:00 Bishkek time." in told.text_en


def test_a_calendar_without_a_title_is_the_company_s(tmp_path: Path) -> None:
    """Its zone is named where it is not the one by which instants are told: Polar Ferry boards in Vladivostok."""
    shutil.copytree(POLICIES / "polarferry", tmp_path / "ferry")
    (file,) = (tmp_path / "ferry" / "editions").iterdir()
    file.write_text("".join(re.sub(r"^title_.*\n", "", line) for line in file.open(encoding="utf-8")), "utf-8")
    evaluator = Evaluator(take_snapshot(load_package(tmp_path / "ferry")))
    for line, zone in (("booking", ""), ("boarding", " (Asia/Vladivostok)")):
        story = log("phone", rated("ordinary"), (0, Happened.LINE_SET, {"line": line}))
        told = evaluator.explain(story, "reaction", 0, TUESDAY)
        assert f"по рабочему календарю компании{zone}. Отсчёт с 17.03.2026 09:00 по часовому поясу" in told.text_ru
        assert f"in the company's working calendar{zone}. Counted from 17.03.2026 09:00 Kaliningrad" in told.text_en
