//! Clocks of many tickets at once: the same as each alone.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use _slacore::amount::Amount;
use _slacore::batch::NONE;
use _slacore::civil::DAY;
use _slacore::clock::{
    Event, Log, Moment, OnChange, Outcome, Outset, Program, Repeat, Scratch, State, UNRATED, fold_many, fold_runs,
};
use _slacore::error::Kind;
use proptest::collection::vec;
use proptest::prelude::*;
use ticket::*;

mod ticket;

const OUTSET: Outset = Outset { level: None, line: None, now: 200 };

fn bare<'a>(offsets: &'a [AtomicI64], at: &'a [AtomicI64], codes: &'a [AtomicI64]) -> Log<'a> {
    Log { offsets, at, codes, counts_from: None, levels: None, lines: None, channels: None }
}

proptest! {
    #[test]
    fn many_tickets_fold_as_each_alone(
        tickets in vec(vec((0..9_i64, 0..256_u64, -1..=130_i64), 0..8), 0..12), threads in 0..3_usize
    ) {
        let programs = [
            Program { on_change: OnChange::FromChange, ..program(15) },
            Program { repeat: Repeat::Last, levels: 6 | UNRATED, goal: Some(Amount::Elapsed { us: 7 }), ..program(12) },
        ];
        let wide = |values: Vec<i64>| values.into_iter().map(AtomicI64::new).collect::<Vec<_>>();
        let mut logs: Vec<Vec<Event>> = Vec::new();
        let (mut at, mut codes, mut levels, mut offsets) = (vec![], vec![], vec![], vec![0]);
        for ticket in &tickets {
            let mut clock = 100;
            let mut log = vec![];
            for (gap, code, level) in ticket {
                clock += gap;
                let set = (*level >= 0).then_some(u8::try_from(level % 64).unwrap_or(0));
                log.push(Event { level: set, first_level: *level >= 0 && level & 64 != 0, ..event(clock, *code) });
                at.push(clock);
                codes.push(i64::try_from(*code).unwrap());
                levels.push(*level);
            }
            logs.push(log);
            offsets.push(i64::try_from(at.len()).unwrap());
        }
        let cells = tickets.len() * programs.len();
        let out: Vec<Vec<AtomicI64>> = (0..5).map(|_| wide(vec![0; cells])).collect();
        let outcome = Outcome { state: &out[0], due: &out[1], goal: &out[2], elapsed: &out[3], paused: &out[4] };
        let columns = (wide(offsets), wide(at), wide(codes), wide(levels));
        let log = Log { levels: Some(&columns.3), ..bare(&columns.0, &columns.1, &columns.2) };
        prop_assert_eq!(fold_many(&programs, log, OUTSET, outcome, threads), Ok(0));
        for (number, events) in logs.iter().enumerate() {
            for (which, program) in programs.iter().enumerate() {
                let mut scratch = Scratch::default();
                let first = events.first().map_or(200, |event| event.at);
                scratch.fold(program, events, Moment { request_from: first, level: None, line: None, now: 200 });
                let last = scratch.runs().iter().rfind(|run| program.is_for(run)).copied();
                let expected = last.map_or([NONE; 5], |run| {
                    let standing = program.state(&run, scratch.pauses_of(&run), 200).unwrap();
                    let or_none = |value: Option<i64>| value.unwrap_or(NONE);
                    [i64::from(standing.state as u8), or_none(standing.due), or_none(standing.goal), standing.elapsed, standing.paused]
                });
                let cell = number * programs.len() + which;
                prop_assert_eq!(out.iter().map(|column| column[cell].load(Relaxed)).collect::<Vec<_>>(), expected);
            }
        }
    }
}

#[test]
fn every_run_of_many_tickets_stands_in_a_row() {
    let wide = |values: &[i64]| values.iter().copied().map(AtomicI64::new).collect::<Vec<_>>();
    let programs = [
        Program { repeat: Repeat::Each, lines: 0b100, ..program(10) },
        Program { repeat: Repeat::Last, channels: 0b10, goal: Some(Amount::Elapsed { us: 7 }), ..program(50) },
        Program { from_request: true, levels: 0b10, ..program(30) },
    ];
    let (start, stop) = (START.cast_signed(), STOP.cast_signed());
    let columns = [
        wide(&[0, 3, 3, 4]),
        wide(&[100, 105, 107, 400]),
        wide(&[start, start, stop, start]),
        wide(&[95, 105, 107, 400]),
        wide(&[-1, 64 + 3, 1, 1]),
        wide(&[-1, -1, -1, 0]),
        wide(&[1, -1, -1, 1]),
    ];
    let [offsets, at, codes, counts_from, levels, lines, channels] = &columns;
    let log = Log {
        counts_from: Some(counts_from),
        levels: Some(levels),
        lines: Some(lines),
        channels: Some(channels),
        ..bare(offsets, at, codes)
    };
    let rows = fold_runs(&programs, log, Outset { level: Some(1), line: Some(2), now: 200 }).unwrap();
    let (met, over, cancelled) = (State::Met as i64, State::Breached as i64, State::Cancelled as i64);
    let found: Vec<[i64; 7]> = (0..rows.ticket.len())
        .map(|row| {
            let columns = [&rows.ticket, &rows.program, &rows.seq, &rows.state, &rows.due, &rows.goal, &rows.requests];
            columns.map(|column| column[row])
        })
        .collect();
    let expected = [
        [0, 0, 0, over, 105, NONE, 1],
        [0, 0, 1, met, 115, NONE, 2],
        [0, 1, 0, cancelled, 145, 102, 1],
        // Looked at as of its only event, which is later than now.
        [2, 1, 0, State::Running as i64, 450, 407, 1],
        [2, 2, 0, State::Running as i64, 430, NONE, 1],
    ];
    assert_eq!(found, expected);
    let short = Log { counts_from: Some(&counts_from[..3]), ..log };
    assert_eq!(fold_runs(&programs, short, OUTSET).map_err(|e| e.kind()), Err(Kind::BadColumn));
    for refused in [Log { lines: Some(&lines[..3]), ..log }, Log { channels: Some(&lines[..3]), ..log }] {
        assert_eq!(fold_runs(&programs, refused, OUTSET).map_err(|e| e.kind()), Err(Kind::BadColumn));
    }
}

#[test]
fn columns_of_events_that_do_not_fit_are_refused() {
    let wide = |values: &[i64]| values.iter().copied().map(AtomicI64::new).collect::<Vec<_>>();
    let (two, one) = (wide(&[0, 0]), wide(&[0]));
    let fold =
        |offsets: &[i64], at: &[AtomicI64], codes: &[AtomicI64], levels: Option<&[AtomicI64]>, out: &[AtomicI64]| {
            let outcome = Outcome { state: out, due: out, goal: out, elapsed: out, paused: out };
            let offsets = wide(offsets);
            let log = Log { levels, ..bare(&offsets, at, codes) };
            fold_many(&[program(1)], log, Outset { now: DAY, ..OUTSET }, outcome, 1).map_err(|e| e.kind())
        };
    assert_eq!(fold(&[0, 2], &two, &two, Some(&two), &one), Ok(0));
    assert_eq!(fold(&[0, 1, 2], &two, &two, None, &two), Ok(0));
    for refused in [
        fold(&[0, 3], &two, &two, None, &one),
        fold(&[1, 0], &two, &two, None, &one),
        fold(&[-1, 2], &two, &two, None, &one),
        fold(&[0, 2], &two, &one, None, &one),
        fold(&[0, 2], &two, &two, Some(&one), &one),
        fold(&[0, 2], &two, &two, None, &two),
    ] {
        assert_eq!(refused, Err(Kind::BadColumn));
    }
}
