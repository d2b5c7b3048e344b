//! Clocks at the border.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::calendar;
use crate::clock::{
    Ending, Event, Log, Moment, OnChange, Outcome, Outset, Program, Promise, Repeat, Run, Scratch, Standing, fold_many,
    fold_runs,
};
use crate::due::Deadline;
use crate::error::{Error, Kind, Result};
use crate::pauses::Pause;
use crate::python::calendar::Calendar;
use crate::python::columns::Wide;
use crate::python::due::amount;

/// Unit, value, counting conventions.
type PlainAmount = (u8, i64, u8);
/// At, counts from, codes, level, whether it is the first, line, channel.
type PlainEvent = (i64, i64, u64, Option<u8>, bool, Option<u8>, Option<u8>);
/// Counted, its length, dates.
type Traced = (Vec<(i64, i64)>, i64, Vec<i32>);

/// A target or a term, compiled.
#[pyclass(frozen, module = "helpdesk._slacore")]
pub struct ClockProgram(Program<Arc<calendar::Calendar>>);

#[pymethods]
impl ClockProgram {
    #[new]
    #[pyo3(signature = (
        *, starts, stops, resumes, cancels, pauses, repeat, from_request, min_gap_us, levels, lines, channels, on_change,
        promise, amount, goal, goal_cap, shares, calendar
    ))]
    #[expect(clippy::too_many_arguments, reason = "named in Python, where they are a record")]
    fn new(
        starts: u64,
        stops: u64,
        resumes: u64,
        cancels: u64,
        pauses: Vec<(u64, u64)>,
        repeat: u8,
        from_request: bool,
        min_gap_us: i64,
        levels: u64,
        lines: u64,
        channels: u64,
        on_change: u8,
        promise: u8,
        amount: Option<PlainAmount>,
        goal: Option<PlainAmount>,
        goal_cap: bool,
        shares: Vec<u8>,
        calendar: Option<&Bound<'_, Calendar>>,
    ) -> PyResult<Self> {
        let of = |plain: Option<PlainAmount>| plain.map(|(u, v, c)| self::amount(u, v, c)).transpose();
        let unknown = |what: &str, code: u8| Error::new(Kind::BadProgram, format!("no {what} has code {code}"));
        if starts == 0 {
            return Err(Error::new(Kind::BadProgram, "nothing starts the clock").into());
        }
        Ok(Self(Program {
            starts,
            stops,
            resumes,
            cancels,
            pauses,
            repeat: match repeat {
                0 => Repeat::First,
                1 => Repeat::Last,
                2 => Repeat::Each,
                code => return Err(unknown("repetition", code).into()),
            },
            from_request,
            min_gap: min_gap_us,
            levels,
            lines,
            channels,
            on_change: match on_change {
                0 => OnChange::FromStart,
                1 => OnChange::FromChange,
                2 => OnChange::FromStartNotBeforeChange,
                code => return Err(unknown("reading of a change", code).into()),
            },
            promise: match promise {
                0 => Promise::Limit,
                1 => Promise::Term,
                2 => Promise::Average,
                code => return Err(unknown("promise", code).into()),
            },
            amount: of(amount)?,
            goal: of(goal)?,
            goal_cap,
            shares,
            calendar: calendar.map(|c| Arc::clone(&c.get().core)),
        }))
    }
}

/// Number, start, started at, ending, end, ended at, requests, level, change.
type PlainRun = (u32, usize, i64, u8, Option<usize>, Option<i64>, u32, Option<u8>, Option<usize>);
/// State, counted from, goal, whether capped, due, over since, elapsed, paused, warnings, why beyond.
type PlainStanding = (u8, i64, Option<i64>, bool, Option<i64>, Option<i64>, i64, i64, Vec<i64>, Option<String>);
/// From, to.
type PlainPause = (i64, Option<i64>);
/// A run of a clock, how it stands, its pauses, the derivations of its limit and its goal.
type ClockRun = (PlainRun, PlainStanding, Vec<PlainPause>, Option<Traced>, Option<Traced>);

#[pyfunction]
#[pyo3(signature = (programs, events, request_from, level, line, now, traced))]
pub fn fold_clocks(
    programs: Vec<Bound<'_, ClockProgram>>,
    events: Vec<PlainEvent>,
    request_from: i64,
    level: Option<u8>,
    line: Option<u8>,
    now: i64,
    traced: bool,
) -> PyResult<Vec<Vec<ClockRun>>> {
    let events: Vec<Event> = events
        .into_iter()
        .map(|(at, counts_from, codes, level, first_level, line, channel)| Event {
            at,
            counts_from,
            codes,
            level,
            first_level,
            line,
            channel,
        })
        .collect();
    let moment = Moment { request_from, level, line, now };
    let mut scratch = Scratch::default();
    let folded = programs.iter().map(|program| {
        let program = &program.get().0;
        scratch.fold(program, &events, moment);
        let runs: Vec<Run> = scratch.runs().iter().filter(|run| program.is_for(run)).copied().collect();
        runs.iter()
            .map(|run| {
                let pauses = scratch.pauses_of(run);
                if traced {
                    let (standing, limit, goal) = program.explain(run, pauses, now)?;
                    Ok(plain(run, standing, pauses, Some(limit), Some(goal)))
                } else {
                    Ok(plain(run, program.state(run, pauses, now)?, pauses, None, None))
                }
            })
            .collect::<Result<Vec<ClockRun>>>()
    });
    Ok(folded.collect::<Result<Vec<_>>>()?)
}

fn plain(run: &Run, standing: Standing, pauses: &[Pause], limit: Option<Deadline>, goal: Option<Deadline>) -> ClockRun {
    let traced = |trace: Deadline| {
        let length = trace.counted_us();
        (trace.counted, length, trace.dates)
    };
    let ending = match run.ending {
        Ending::Open => 0,
        Ending::Stopped => 1,
        Ending::Cancelled => 2,
    };
    let run = (run.seq, run.start, run.started_at, ending, run.end, run.ended_at, run.requests, run.level, run.change);
    let standing = (
        standing.state as u8,
        standing.counted_from,
        standing.goal,
        standing.goal_capped,
        standing.due,
        standing.over_since,
        standing.elapsed,
        standing.paused,
        standing.warnings,
        standing.beyond.map(|error| error.to_string()),
    );
    let pauses = pauses.iter().map(|p| (p.from, p.to)).collect();
    (run, standing, pauses, limit.map(traced), goal.map(traced))
}

/// Events of many tickets, held while they are read.
struct Columns {
    offsets: Wide,
    at: Wide,
    codes: Wide,
    counts_from: Option<Wide>,
    levels: Option<Wide>,
    lines: Option<Wide>,
    channels: Option<Wide>,
}

impl Columns {
    /// Offsets, at, codes; then those that may be absent: counts from, levels, lines, channels.
    fn of(needed: [&Bound<'_, PyAny>; 3], others: [Option<&Bound<'_, PyAny>>; 4]) -> PyResult<Self> {
        let held = |other: Option<&Bound<'_, PyAny>>, name| other.map(|other| Wide::of(other, name, false)).transpose();
        Ok(Self {
            offsets: Wide::of(needed[0], "offsets", false)?,
            at: Wide::of(needed[1], "at", false)?,
            codes: Wide::of(needed[2], "codes", false)?,
            counts_from: held(others[0], "counts_from")?,
            levels: held(others[1], "levels")?,
            lines: held(others[2], "lines")?,
            channels: held(others[3], "channels")?,
        })
    }

    fn log(&self) -> Log<'_> {
        Log {
            offsets: self.offsets.rows(),
            at: self.at.rows(),
            codes: self.codes.rows(),
            counts_from: self.counts_from.as_ref().map(Wide::rows),
            levels: self.levels.as_ref().map(Wide::rows),
            lines: self.lines.as_ref().map(Wide::rows),
            channels: self.channels.as_ref().map(Wide::rows),
        }
    }
}

#[pyfunction]
#[pyo3(signature = (programs, offsets, at, codes, levels, now, state, due, goal, elapsed, paused, threads = 0))]
#[expect(clippy::too_many_arguments, reason = "columns of two tables")]
pub fn fold_many_clocks(
    py: Python<'_>,
    programs: Vec<Bound<'_, ClockProgram>>,
    offsets: &Bound<'_, PyAny>,
    at: &Bound<'_, PyAny>,
    codes: &Bound<'_, PyAny>,
    levels: Option<&Bound<'_, PyAny>>,
    now: i64,
    state: &Bound<'_, PyAny>,
    due: &Bound<'_, PyAny>,
    goal: &Bound<'_, PyAny>,
    elapsed: &Bound<'_, PyAny>,
    paused: &Bound<'_, PyAny>,
    threads: usize,
) -> PyResult<usize> {
    let programs: Vec<_> = programs.iter().map(|program| program.get().0.clone()).collect();
    let events = Columns::of([offsets, at, codes], [None, levels, None, None])?;
    let (state, due) = (Wide::of(state, "state", true)?, Wide::of(due, "due", true)?);
    let (goal, elapsed) = (Wide::of(goal, "goal", true)?, Wide::of(elapsed, "elapsed", true)?);
    let paused = Wide::of(paused, "paused", true)?;
    let out = Outcome {
        state: state.rows(),
        due: due.rows(),
        goal: goal.rows(),
        elapsed: elapsed.rows(),
        paused: paused.rows(),
    };
    let outset = Outset { level: None, line: None, now };
    Ok(py.detach(|| fold_many(&programs, events.log(), outset, out, threads))?)
}

/// Ticket, program, number of the run, state, due, goal, requests.
type PlainRows = (Vec<i64>, Vec<i64>, Vec<i64>, Vec<i64>, Vec<i64>, Vec<i64>, Vec<i64>);

#[pyfunction]
#[pyo3(signature = (programs, offsets, at, codes, counts_from, levels, lines, channels, level, line, now))]
#[expect(clippy::too_many_arguments, reason = "the columns of a table")]
pub fn fold_runs_of_clocks(
    py: Python<'_>,
    programs: Vec<Bound<'_, ClockProgram>>,
    offsets: &Bound<'_, PyAny>,
    at: &Bound<'_, PyAny>,
    codes: &Bound<'_, PyAny>,
    counts_from: Option<&Bound<'_, PyAny>>,
    levels: Option<&Bound<'_, PyAny>>,
    lines: Option<&Bound<'_, PyAny>>,
    channels: Option<&Bound<'_, PyAny>>,
    level: Option<u8>,
    line: Option<u8>,
    now: i64,
) -> PyResult<PlainRows> {
    let programs: Vec<_> = programs.iter().map(|program| program.get().0.clone()).collect();
    let events = Columns::of([offsets, at, codes], [counts_from, levels, lines, channels])?;
    let rows = py.detach(|| fold_runs(&programs, events.log(), Outset { level, line, now }))?;
    Ok((rows.ticket, rows.program, rows.seq, rows.state, rows.due, rows.goal, rows.requests))
}
