//! Clocks: what each event does to a run, and how a run stands, checked against time walked microsecond by microsecond.

use _slacore::amount::{AfterHours, Amount, ClosingEdge, DayEnd, DayTerm};
use _slacore::calendar::Calendar;
use _slacore::civil::SECOND;
use _slacore::clock::{
    Ending, Event, Moment, OnChange, Program, Promise, Repeat, Run, Scratch, Standing, State, UNRATED,
};
use _slacore::error::Kind;
use _slacore::hours::{Hours, Schedule};
use _slacore::pauses::Pause;
use _slacore::zone::Zone;
use proptest::collection::vec;
use proptest::prelude::*;
use ticket::*;

mod ticket;

fn rated(at: i64, level: u8, first_level: bool) -> Event {
    Event { level: Some(level), first_level, ..event(at, 0) }
}

fn runs(program: &Program<Box<Calendar>>, events: &[Event], now: i64) -> Vec<(Run, Standing, Vec<Pause>)> {
    let mut scratch = Scratch::default();
    scratch.fold(program, events, Moment { request_from: -5, level: None, line: None, now });
    let runs = scratch.runs().to_vec();
    runs.into_iter()
        .map(|run| {
            let pauses = scratch.pauses_of(&run).to_vec();
            (run, program.state(&run, &pauses, now).unwrap(), pauses)
        })
        .collect()
}

fn only(program: &Program<Box<Calendar>>, events: &[Event], now: i64) -> (Run, Standing) {
    let found = runs(program, events, now);
    assert_eq!(found.len(), 1, "{found:?}");
    (found[0].0, found[0].1.clone())
}

/// State, due, elapsed, paused, over since.
fn figures(standing: &Standing) -> (State, Option<i64>, i64, i64, Option<i64>) {
    (standing.state, standing.due, standing.elapsed, standing.paused, standing.over_since)
}

#[test]
fn nothing_runs_before_its_start() {
    assert!(runs(&program(10), &[event(0, STOP), event(1, WAIT), event(2, RESUME)], 9).is_empty());
}

#[test]
fn the_instant_of_the_due_time_is_over() {
    let stands = |stop: Option<i64>, now: i64| {
        let mut events = vec![event(100, START)];
        events.extend(stop.map(|at| event(at, STOP)));
        figures(&only(&program(10), &events, now).1)
    };
    assert_eq!(stands(None, 109), (State::Running, Some(110), 9, 0, None));
    assert_eq!(stands(None, 110), (State::Breached, Some(110), 10, 0, Some(110)));
    assert_eq!(stands(Some(109), 200), (State::Met, Some(110), 9, 0, None));
    assert_eq!(stands(Some(110), 200), (State::Breached, Some(110), 10, 0, Some(110)));
    let cancelled = only(&program(10), &[event(100, START), event(105, CANCEL)], 200);
    assert_eq!(figures(&cancelled.1), (State::Cancelled, Some(110), 5, 0, None));
    assert_eq!((cancelled.0.ending, cancelled.0.end, cancelled.0.ended_at), (Ending::Cancelled, Some(1), Some(105)));
    let heard = only(&program(10), &[event(0, START), event(3, WAIT), event(5, HEAR)], 5);
    assert_eq!((heard.1.state, heard.1.due), (State::Running, Some(12)));
    let both = only(&program(10), &[event(100, START), event(105, CANCEL | STOP)], 200);
    assert_eq!(both.0.ending, Ending::Stopped);
}

#[test]
fn what_is_promised_says_what_overdue_means() {
    let events = [event(0, START), event(50, STOP)];
    for (promise, state, over) in [
        (Promise::Limit, State::Breached, Some(10)),
        (Promise::Term, State::Expired, Some(10)),
        (Promise::Average, State::Met, None),
    ] {
        let (_, standing) = only(&Program { promise, ..program(10) }, &events, 60);
        assert_eq!((standing.state, standing.over_since), (state, over));
    }
    let (_, unknown) = only(&Program { amount: None, ..program(0) }, &events[..1], 60);
    assert_eq!((unknown.state, unknown.due, unknown.elapsed), (State::Running, None, 0));
}

#[test]
fn a_further_start_does_what_the_program_says() {
    let events = [event(0, START), event(5, START), event(7, STOP), event(9, START), event(10, 0), event(11, START)];
    let seen = |repeat: Repeat, min_gap: i64| -> Vec<(u32, i64, Ending, Option<usize>, u32)> {
        let found = runs(&Program { repeat, min_gap, ..program(100) }, &events, 20);
        found.iter().map(|(run, ..)| (run.seq, run.started_at, run.ending, run.end, run.requests)).collect()
    };
    assert_eq!(seen(Repeat::First, 0), [(0, 0, Ending::Stopped, Some(2), 1)]);
    let last = [
        (0, 0, Ending::Cancelled, Some(1), 1),
        (1, 5, Ending::Stopped, Some(2), 2),
        (2, 9, Ending::Cancelled, Some(5), 1),
        (3, 11, Ending::Open, None, 2),
    ];
    assert_eq!(seen(Repeat::Last, 2), last);
    assert_eq!(seen(Repeat::Last, 3).iter().map(|run| run.4).collect::<Vec<_>>(), [1, 2, 1, 1]);
    let each = [
        (0, 0, Ending::Stopped, Some(2), 1),
        (1, 5, Ending::Stopped, Some(2), 2),
        (2, 9, Ending::Open, None, 1),
        (3, 11, Ending::Open, None, 2),
    ];
    assert_eq!(seen(Repeat::Each, 0), each);
}

#[test]
fn time_counts_from_where_the_program_says() {
    let deferred = Event { counts_from: 40, ..event(30, START) };
    assert_eq!(only(&program(10), &[deferred], 45).1.due, Some(50));
    let request = Program { from_request: true, ..program(10) };
    assert_eq!(only(&request, &[deferred], 45).1.due, Some(5));
}

#[test]
fn a_run_that_goes_on_does_not_count_the_time_between() {
    let events = [event(0, START), event(4, STOP), event(9, RESUME), event(12, RESUME)];
    let (run, standing) = only(&program(10), &events, 13);
    assert_eq!((run.ending, run.end, run.ended_at), (Ending::Open, None, None));
    assert_eq!(figures(&standing), (State::Running, Some(15), 8, 5, None));
    // An event that both ends and resumes ends.
    let (run, _) = only(&program(10), &[event(0, START), event(4, STOP), event(9, RESUME | STOP)], 13);
    assert_eq!(run.ended_at, Some(4));
}

#[test]
fn a_level_changes_the_deadline_as_the_reading_says() {
    let events = [event(0, START), rated(3, 2, true), rated(30, 1, false), event(50, STOP), rated(60, 4, false)];
    for (on_change, from, due) in
        [(OnChange::FromStart, 0, 20), (OnChange::FromChange, 30, 50), (OnChange::FromStartNotBeforeChange, 0, 30)]
    {
        let (run, standing) = only(&Program { on_change, ..program(20) }, &events, 70);
        assert_eq!((run.level, run.change, run.changed_at), (Some(1), Some(2), Some(30)));
        assert_eq!((standing.counted_from, standing.due), (from, Some(due)));
    }
    let (run, standing) = only(&Program { on_change: OnChange::FromChange, ..program(20) }, &events[..2], 10);
    assert_eq!((run.level, run.change, standing.due), (Some(2), None, Some(20)));
}

#[test]
fn a_program_is_for_its_levels_lines_and_channels() {
    let (run, _) = only(&program(1), &[event(0, START)], 0);
    let levels = |levels: u64, level: Option<u8>| Program { levels, ..program(1) }.is_for(&Run { level, ..run });
    assert!(levels(0, None) && levels(0, Some(62)) && levels(0b100, Some(2)) && levels(UNRATED, None));
    assert!(
        !levels(0b100, Some(1)) && !levels(0b100, None) && !levels(UNRATED, Some(2)) && !levels(u64::MAX, Some(64))
    );
    let narrow = Program { lines: 0b10, channels: 0b1000, ..program(1) };
    let fits = |line: Option<u8>, channel: Option<u8>| narrow.is_for(&Run { line, channel, ..run });
    assert!(fits(Some(1), Some(3)));
    assert!(!fits(None, Some(3)) && !fits(Some(0), Some(3)) && !fits(Some(1), None) && !fits(Some(1), Some(2)));
}

#[test]
fn a_run_is_of_the_line_that_stood_at_its_end_and_of_the_channel_of_its_start() {
    let handed = |at: i64, line: u8| Event { line: Some(line), ..event(at, 0) };
    let events =
        [Event { channel: Some(4), ..event(0, START) }, handed(1, 2), event(2, STOP), handed(3, 5), event(4, START)];
    let found = runs(&Program { repeat: Repeat::Each, ..program(10) }, &events, 9);
    assert_eq!(
        found.iter().map(|(run, ..)| (run.line, run.channel)).collect::<Vec<_>>(),
        [(Some(2), Some(4)), (Some(5), None)]
    );
    let mut scratch = Scratch::default();
    scratch.fold(&program(10), &events[..1], Moment { request_from: 0, level: None, line: Some(7), now: 9 });
    assert_eq!(scratch.runs()[0].line, Some(7));
}

#[test]
fn the_limit_caps_the_goal_where_the_program_says_so() {
    let goal = |us: i64, goal_cap: bool| {
        let goal = Some(Amount::Elapsed { us });
        let (_, standing) = only(&Program { goal, goal_cap, ..program(10) }, &[event(0, START)], 5);
        (standing.goal, standing.goal_capped)
    };
    assert_eq!([goal(9, true), goal(10, true)], [(Some(9), false), (Some(10), false)]);
    assert_eq!([goal(11, true), goal(11, false)], [(Some(10), true), (Some(11), false)]);
}

fn office(days: i32) -> Box<Calendar> {
    let weekly = std::array::from_fn(|_| Hours::new(&[(9 * 3600, 18 * 3600)]).unwrap());
    Box::new(Calendar::new(Zone::new(0, &[]).unwrap(), Schedule::new(weekly, vec![], 0, days - 1).unwrap()).unwrap())
}

#[test]
fn working_time_is_measured_on_the_calendar() {
    let hour = 3600 * SECOND;
    let working = Amount::Working { us: 2 * hour, edge: ClosingEdge::SameInstant };
    let program = Program { amount: Some(working), calendar: Some(office(30)), ..program(0) };
    let events = [event(17 * hour, START), event(17 * hour + 5, WAIT), event(17 * hour + 9, HEAR)];
    let (_, standing) = only(&program, &events, 24 * hour);
    assert_eq!(figures(&standing), (State::Running, Some(34 * hour + 4), hour - 4, 4, None));
    let mut scratch = Scratch::default();
    scratch.fold(&program, &events, Moment { request_from: 0, level: None, line: None, now: 24 * hour });
    let run = scratch.runs()[0];
    let (stands, limit, goal) = program.explain(&run, scratch.pauses_of(&run), 24 * hour).unwrap();
    assert_eq!(stands, standing);
    assert_eq!((limit.counted_us(), goal.counted_us()), (2 * hour, 0));
    let beyond =
        Program { amount: Some(Amount::Working { us: 400 * hour, edge: ClosingEdge::SameInstant }), ..program };
    let (_, standing) = only(&beyond, &events, 24 * hour);
    assert_eq!((standing.state, standing.due, standing.elapsed), (State::Running, None, 0));
    assert_eq!(standing.beyond.map(|refusal| refusal.kind()), Some(Kind::BeyondCalendar));
}

#[test]
fn a_term_in_days_counts_from_its_first_day() {
    let hour = 3600 * SECOND;
    for (end, due, elapsed) in [(DayEnd::Close, 42, 2), (DayEnd::Midnight, 48, 2)] {
        let amount = Amount::WorkingDays { n: 1, term: DayTerm::NextDay, after: AfterHours::EventDate, end };
        let program = Program { amount: Some(amount), calendar: Some(office(30)), ..program(0) };
        let (_, standing) = only(&program, &[event(10 * hour, START)], 35 * hour);
        assert_eq!((standing.due, standing.elapsed), (Some(due * hour), elapsed * hour));
        assert_eq!(only(&program, &[event(10 * hour, START)], 12 * hour).1.elapsed, 0);
    }
}

#[test]
fn a_pause_before_the_first_day_of_a_term_counts_nothing() {
    let hour = 3600 * SECOND;
    for end in [DayEnd::Close, DayEnd::Midnight] {
        let amount = Amount::WorkingDays { n: 1, term: DayTerm::NextDay, after: AfterHours::EventDate, end };
        let program = Program { amount: Some(amount), calendar: Some(office(30)), ..program(0) };
        let (_, standing) = only(&program, &[event(10 * hour, START), event(12 * hour, WAIT)], 50 * hour);
        assert_eq!((standing.state == State::Paused, standing.elapsed), (end == DayEnd::Close, 0));
    }
}

#[test]
fn what_is_due_stands_though_the_calendar_ends_before_now() {
    let hour = 3600 * SECOND;
    let working = Amount::Working { us: 2 * hour, edge: ClosingEdge::SameInstant };
    let program = Program { amount: Some(working), calendar: Some(office(2)), ..program(0) };
    let (_, over) = only(&program, &[event(10 * hour, START)], 999 * hour);
    assert_eq!(figures(&over), (State::Breached, Some(12 * hour), 17 * hour, 0, Some(12 * hour)));
    let (_, waits) = only(&program, &[event(10 * hour, START), event(11 * hour, WAIT)], 999 * hour);
    assert_eq!(figures(&waits), (State::Paused, None, hour, 988 * hour, None));
    assert_eq!((over.beyond, waits.beyond), (None, None));
}

#[test]
fn warnings_come_when_their_share_is_used_up() {
    let hour = 3600 * SECOND;
    let warned = |program: Program<Box<Calendar>>, events: &[Event]| -> Vec<i64> {
        only(&Program { shares: vec![25, 50, 99], ..program }, events, 99 * hour).1.warnings
    };
    let (begin, wait, hear) = (event(0, START), event(30, WAIT), event(40, HEAR));
    assert_eq!(warned(program(100), &[begin]), [25, 50, 99]);
    assert_eq!(warned(program(100), &[begin, wait, hear]), [25, 60, 109]);
    assert_eq!(warned(program(100), &[begin, wait]), []);
    // Half of the whole is used up exactly when the pause begins.
    assert_eq!(warned(program(60), &[begin, wait, hear]), [15, 30, 69]);
    let four = Amount::Working { us: 4 * hour, edge: ClosingEdge::SameInstant };
    let office = |amount: Amount| Program { amount: Some(amount), calendar: Some(office(30)), ..program(0) };
    let begin = event(16 * hour, START);
    assert_eq!(warned(office(four), &[begin])[..2], [17 * hour, 18 * hour]);
    let day = |end: DayEnd| Amount::WorkingDays { n: 1, term: DayTerm::NextDay, after: AfterHours::EventDate, end };
    assert_eq!(warned(office(day(DayEnd::Close)), &[begin])[..2], [35 * hour + hour / 4, 37 * hour + hour / 2]);
    assert_eq!(warned(office(day(DayEnd::Midnight)), &[begin])[..2], [30 * hour, 36 * hour]);
    // A change of level that moves the due instant brings warnings no later than it.
    let moved = Program { on_change: OnChange::FromChange, ..program(100) };
    assert_eq!(warned(moved, &[event(0, START), rated(7, 1, false)]), [32, 57, 106]);
    let beyond = Amount::Working { us: 999 * hour, edge: ClosingEdge::SameInstant };
    assert_eq!(warned(office(beyond), &[begin]), []);
}

proptest! {
    #[test]
    fn a_run_stands_as_a_walk_says(
        acts in vec((0..4_i64, prop_oneof![Just(WAIT), Just(HEAR), Just(UPDATE), Just(UPDATED), Just(WAIT | UPDATED), Just(0)]), 0..10),
        stop in proptest::option::of(0..4_i64), us in 1..25_i64, later in 0..8_i64,
    ) {
        let mut at = 10;
        let mut events = vec![event(at, START)];
        for (gap, codes) in acts {
            at += gap;
            events.push(event(at, codes));
        }
        if let Some(gap) = stop {
            at += gap;
            events.push(event(at, STOP));
        }
        let now = at + later;
        let end = if stop.is_some() { at } else { now };
        // Is the clock paused in [t, t + 1), as all events up to t leave it?
        let is_paused = |t: i64| [(WAIT, HEAR), (UPDATE, UPDATED)].iter().any(|(begin, finish)| {
            let mut waits = false;
            for event in events.iter().filter(|event| event.at <= t) {
                waits = event.codes & begin != 0 || (waits && event.codes & finish == 0);
            }
            waits
        });
        let counted: Vec<i64> = (10..end).filter(|t| !is_paused(*t)).collect();
        let over = usize::try_from(us).ok().and_then(|us| counted.get(us - 1)).map(|last| last + 1);
        let (_, standing) = only(&program(us), &events, now);
        prop_assert_eq!(standing.elapsed, i64::try_from(counted.len()).unwrap());
        prop_assert_eq!(standing.paused, end - 10 - standing.elapsed);
        prop_assert_eq!(standing.over_since, over);
        let state = match (over, stop) {
            (Some(_), _) => State::Breached,
            (None, Some(_)) => State::Met,
            (None, None) if is_paused(now) => State::Paused,
            (None, None) => State::Running,
        };
        prop_assert_eq!(standing.state, state);
        if over.is_none() && stop.is_none() {
            let left = us - standing.elapsed;
            prop_assert_eq!(standing.due, if state == State::Paused { None } else { Some(now + left) });
        }
    }
}
