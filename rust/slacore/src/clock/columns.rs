//! Folds of many tickets' events at once.

use std::sync::atomic::Ordering::Relaxed;

use super::{Event, Moment, Program, Scratch};
use crate::batch::{Column, NONE, spread};
use crate::calendar::Calendar;
use crate::error::{Error, Kind, Result};

/// Tickets from which on another thread is worth its start.
const TICKETS_A_THREAD: usize = 1 << 11;

/// Many tickets' events, ticket after ticket, a column each.
#[derive(Debug, Clone, Copy)]
pub struct Log<'a> {
    /// Where each ticket's events begin, and where the last one's end: one more than there are tickets.
    pub offsets: Column<'a>,
    /// When each happened.
    pub at: Column<'a>,
    /// All that each is, as the bits of a [`super::Codes`].
    pub codes: Column<'a>,
    /// The level each sets, plus 64 if it is the ticket's first; below 0 none. Without it no event sets one.
    pub levels: Option<Column<'a>>,
}

/// What becomes of each program's last run on each ticket, ticket by ticket, a column each.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// [`super::State`], or [`NONE`] where the ticket has no such clock.
    pub state: Column<'a>,
    /// When its time is used up; [`NONE`] for never.
    pub due: Column<'a>,
    /// Its goal; [`NONE`] for none.
    pub goal: Column<'a>,
    /// What has counted, microseconds; [`NONE`] beyond what the calendar knows.
    pub elapsed: Column<'a>,
    /// How long it was paused, microseconds.
    pub paused: Column<'a>,
}

/// Folds every ticket's events under every program and writes how the last runs stand at `now`; yields how many clocks
/// their calendar does not know. A request's own time begins with its first event.
///
/// # Errors
/// [`Kind::BadColumn`] for columns that do not fit together.
pub fn fold_many<C: AsRef<Calendar> + Sync>(
    programs: &[Program<C>],
    log: Log<'_>,
    now: i64,
    out: Outcome<'_>,
    threads: usize,
) -> Result<usize> {
    let tickets = log.offsets.len().saturating_sub(1);
    let bounds = checked_offsets(&log)?;
    let cells = tickets * programs.len();
    let lengths = [out.state.len(), out.due.len(), out.goal.len(), out.elapsed.len(), out.paused.len()];
    if lengths.iter().any(|length| *length != cells) {
        return Err(Error::new(
            Kind::BadColumn,
            format!("outcome columns of lengths {lengths:?}: need {tickets} tickets times {} programs", programs.len()),
        ));
    }
    Ok(spread(tickets, TICKETS_A_THREAD, threads, |from, to| {
        let mut scratch = Scratch::default();
        let mut events = Vec::new();
        let mut beyond = 0;
        for ticket in from..to {
            read(&log, bounds[ticket]..bounds[ticket + 1], &mut events);
            let moment = Moment { request_from: events.first().map_or(now, |e: &Event| e.at), level: None, now };
            for (number, program) in programs.iter().enumerate() {
                beyond +=
                    usize::from(one(program, &mut scratch, &events, moment, &out, ticket * programs.len() + number));
            }
        }
        beyond
    }))
}

/// The offsets, ascending and inside the columns.
fn checked_offsets(log: &Log<'_>) -> Result<Vec<usize>> {
    let rows = log.at.len();
    if log.codes.len() != rows || log.levels.is_some_and(|levels| levels.len() != rows) {
        return Err(Error::new(Kind::BadColumn, "event columns of unequal lengths"));
    }
    let bounds: Vec<usize> =
        log.offsets.iter().map(|offset| usize::try_from(offset.load(Relaxed)).unwrap_or(usize::MAX)).collect();
    if bounds.windows(2).any(|pair| pair[0] > pair[1]) || bounds.last().is_some_and(|last| *last > rows) {
        return Err(Error::new(Kind::BadColumn, format!("offsets: need ascending row numbers up to {rows}")));
    }
    Ok(bounds)
}

fn read(log: &Log<'_>, rows: std::ops::Range<usize>, events: &mut Vec<Event>) {
    events.clear();
    events.extend(rows.map(|row| {
        let at = log.at[row].load(Relaxed);
        let set = log.levels.map_or(-1, |levels| levels[row].load(Relaxed));
        let level = u8::try_from(set).ok();
        Event {
            at,
            counts_from: at,
            codes: u64::from_ne_bytes(log.codes[row].load(Relaxed).to_ne_bytes()),
            level: level.map(|level| level & 63),
            first_level: level.is_some_and(|level| level & 64 != 0),
        }
    }));
}

/// Writes one cell; whether its calendar does not know.
fn one<C: AsRef<Calendar>>(
    program: &Program<C>,
    scratch: &mut Scratch,
    events: &[Event],
    moment: Moment,
    out: &Outcome<'_>,
    cell: usize,
) -> bool {
    scratch.fold(program, events, moment);
    let last = scratch.runs().iter().rev().find(|run| program.is_for(run.level)).copied();
    let stands = last.map(|run| {
        let pauses = scratch.pauses_of(&run);
        program.state(&run, pauses, moment.now)
    });
    let (values, beyond) = match stands {
        None => ([NONE; 5], false),
        Some(Err(_)) => ([NONE; 5], true),
        Some(Ok(standing)) => {
            let beyond = standing.beyond.is_some();
            let elapsed = if beyond { NONE } else { standing.elapsed };
            let (due, goal) = (standing.due.unwrap_or(NONE), standing.goal.unwrap_or(NONE));
            ([i64::from(standing.state as u8), due, goal, elapsed, standing.paused], beyond)
        }
    };
    for (column, value) in [out.state, out.due, out.goal, out.elapsed, out.paused].into_iter().zip(values) {
        column[cell].store(value, Relaxed);
    }
    beyond
}
