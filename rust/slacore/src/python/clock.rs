//! Clocks at the border.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::calendar;
use crate::clock::{
    Ending, Event, Log, Moment, OnChange, Outcome, Program, Promise, Repeat, Run, Scratch, Standing, fold_many,
};
use crate::due::Deadline;
use crate::error::{Error, Kind, Result};
use crate::pauses::Pause;
use crate::python::calendar::Calendar;
use crate::python::columns::Wide;
use crate::python::due::amount;

/// Unit, value, counting conventions.
type PlainAmount = (u8, i64, u8);
/// At, counts from, codes, level, whether it is the first.
type PlainEvent = (i64, i64, u64, Option<u8>, bool);
/// Counted, its length, dates.
type Traced = (Vec<(i64, i64)>, i64, Vec<i32>);

/// A target or a term, compiled.
#[pyclass(frozen, module = "helpdesk._slacore")]
pub struct ClockProgram(Program<Arc<calendar::Calendar>>);

#[pymethods]
impl ClockProgram {
    #[new]
    #[pyo3(signature = (
        *, starts, stops, resumes, cancels, pauses, repeat, from_request, min_gap_us, levels, on_change, promise, amount,
        goal, goal_cap, calendar
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
        on_change: u8,
        promise: u8,
        amount: Option<PlainAmount>,
        goal: Option<PlainAmount>,
        goal_cap: bool,
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
            calendar: calendar.map(|c| Arc::clone(&c.get().core)),
        }))
    }
}

/// One run of a clock, as it stands, with its derivation.
#[pyclass(frozen, get_all, module = "helpdesk._slacore")]
pub struct ClockRun {
    seq: u32,
    start: usize,
    started_at: i64,
    ending: u8,
    end: Option<usize>,
    ended_at: Option<i64>,
    requests: u32,
    level: Option<u8>,
    change: Option<usize>,
    state: u8,
    counted_from: i64,
    goal: Option<i64>,
    goal_capped: bool,
    due: Option<i64>,
    over_since: Option<i64>,
    elapsed: i64,
    paused: i64,
    beyond: Option<String>,
    pauses: Vec<(i64, Option<i64>)>,
    limit_trace: Traced,
    goal_trace: Traced,
}

#[pyfunction]
pub fn fold_clocks(
    programs: Vec<Bound<'_, ClockProgram>>,
    events: Vec<PlainEvent>,
    request_from: i64,
    level: Option<u8>,
    now: i64,
) -> PyResult<Vec<Vec<ClockRun>>> {
    let events: Vec<Event> = events
        .into_iter()
        .map(|(at, counts_from, codes, level, first_level)| Event { at, counts_from, codes, level, first_level })
        .collect();
    let moment = Moment { request_from, level, now };
    let mut scratch = Scratch::default();
    let folded = programs.iter().map(|program| {
        let program = &program.get().0;
        scratch.fold(program, &events, moment);
        let runs: Vec<Run> = scratch.runs().iter().filter(|run| program.is_for(run.level)).copied().collect();
        runs.iter()
            .map(|run| {
                let pauses = scratch.pauses_of(run);
                let (standing, limit, goal) = program.explain(run, pauses, now)?;
                Ok(plain(run, standing, pauses, limit, goal))
            })
            .collect::<Result<Vec<ClockRun>>>()
    });
    Ok(folded.collect::<Result<Vec<_>>>()?)
}

fn plain(run: &Run, standing: Standing, pauses: &[Pause], limit: Deadline, goal: Deadline) -> ClockRun {
    let traced = |trace: Deadline| (trace.counted_us(), trace.counted, trace.dates);
    let (limit, goal) = (traced(limit), traced(goal));
    ClockRun {
        seq: run.seq,
        start: run.start,
        started_at: run.started_at,
        ending: match run.ending {
            Ending::Open => 0,
            Ending::Stopped => 1,
            Ending::Cancelled => 2,
        },
        end: run.end,
        ended_at: run.ended_at,
        requests: run.requests,
        level: run.level,
        change: run.change,
        state: standing.state as u8,
        counted_from: standing.counted_from,
        goal: standing.goal,
        goal_capped: standing.goal_capped,
        due: standing.due,
        over_since: standing.over_since,
        elapsed: standing.elapsed,
        paused: standing.paused,
        beyond: standing.beyond.map(|error| error.to_string()),
        pauses: pauses.iter().map(|p| (p.from, p.to)).collect(),
        limit_trace: (limit.1, limit.0, limit.2),
        goal_trace: (goal.1, goal.0, goal.2),
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
    let (offsets, at) = (Wide::of(offsets, "offsets", false)?, Wide::of(at, "at", false)?);
    let codes = Wide::of(codes, "codes", false)?;
    let levels = levels.map(|levels| Wide::of(levels, "levels", false)).transpose()?;
    let (state, due) = (Wide::of(state, "state", true)?, Wide::of(due, "due", true)?);
    let (goal, elapsed) = (Wide::of(goal, "goal", true)?, Wide::of(elapsed, "elapsed", true)?);
    let paused = Wide::of(paused, "paused", true)?;
    let log =
        Log { offsets: offsets.rows(), at: at.rows(), codes: codes.rows(), levels: levels.as_ref().map(Wide::rows) };
    let out = Outcome {
        state: state.rows(),
        due: due.rows(),
        goal: goal.rows(),
        elapsed: elapsed.rows(),
        paused: paused.rows(),
    };
    Ok(py.detach(|| fold_many(&programs, log, now, out, threads))?)
}
