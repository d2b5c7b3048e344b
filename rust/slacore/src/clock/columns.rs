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
    /// From when each counts. Without it, from when it happened.
    pub counts_from: Option<Column<'a>>,
    /// The level each sets, plus 64 if it is the ticket's first; below 0 none. Without it no event sets one.
    pub levels: Option<Column<'a>>,
    /// The line each hands the ticket to; below 0 none.
    pub lines: Option<Column<'a>>,
    /// The channel each came by; below 0 none.
    pub channels: Option<Column<'a>>,
}

/// How every ticket begins, and when all are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Outset {
    /// The level before anybody rated.
    pub level: Option<u8>,
    /// The line that a ticket begins on.
    pub line: Option<u8>,
    /// The instant at which the clocks are looked at, or a ticket's last event where that is later.
    pub now: i64,
}

/// Runs of many tickets' clocks as they stand, a row each: ticket by ticket, program by program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    /// The ticket.
    pub ticket: Vec<i64>,
    /// The program.
    pub program: Vec<i64>,
    /// The run's number on the ticket.
    pub seq: Vec<i64>,
    /// [`super::State`].
    pub state: Vec<i64>,
    /// When its time is used up; [`NONE`] for never.
    pub due: Vec<i64>,
    /// Its goal; [`NONE`] for none.
    pub goal: Vec<i64>,
    /// How many starts, this one included, lie far enough apart.
    pub requests: Vec<i64>,
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

/// Folds every ticket's events under every program and writes how the last runs stand; yields how many clocks their
/// calendar does not know. A request's own time begins when its first event counts.
///
/// # Errors
/// [`Kind::BadColumn`] for columns that do not fit together.
pub fn fold_many<C: AsRef<Calendar> + Sync>(
    programs: &[Program<C>],
    log: Log<'_>,
    outset: Outset,
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
            let moment = outset.of(&events);
            for (number, program) in programs.iter().enumerate() {
                beyond +=
                    usize::from(one(program, &mut scratch, &events, moment, &out, ticket * programs.len() + number));
            }
        }
        beyond
    }))
}

/// Folds every ticket's events under every program and yields how each run of theirs stands.
///
/// # Errors
/// [`Kind::BadColumn`] for columns that do not fit together; else as [`Program::stand`].
pub fn fold_runs<C: AsRef<Calendar>>(programs: &[Program<C>], log: Log<'_>, outset: Outset) -> Result<Rows> {
    let bounds = checked_offsets(&log)?;
    let (mut scratch, mut events, mut rows) = (Scratch::default(), Vec::new(), Rows::default());
    for (ticket, pair) in (0_i64..).zip(bounds.windows(2)) {
        read(&log, pair[0]..pair[1], &mut events);
        let moment = outset.of(&events);
        for (number, program) in (0_i64..).zip(programs) {
            scratch.fold(program, &events, moment);
            for index in 0..scratch.runs().len() {
                let run = scratch.runs()[index];
                if !program.is_for(&run) {
                    continue;
                }
                let standing = program.state(&run, scratch.pauses_of(&run), moment.now)?;
                rows.ticket.push(ticket);
                rows.program.push(number);
                rows.seq.push(run.seq.into());
                rows.state.push(i64::from(standing.state as u8));
                rows.due.push(standing.due.unwrap_or(NONE));
                rows.goal.push(standing.goal.unwrap_or(NONE));
                rows.requests.push(run.requests.into());
            }
        }
    }
    Ok(rows)
}

impl Outset {
    /// What a ticket with these events is folded by.
    fn of(self, events: &[Event]) -> Moment {
        Moment {
            request_from: events.first().map_or(self.now, |event| event.counts_from),
            level: self.level,
            line: self.line,
            now: events.last().map_or(self.now, |event| event.at.max(self.now)),
        }
    }
}

/// The offsets, ascending and inside the columns.
fn checked_offsets(log: &Log<'_>) -> Result<Vec<usize>> {
    let rows = log.at.len();
    let others = [Some(log.codes), log.counts_from, log.levels, log.lines, log.channels];
    if others.iter().flatten().any(|column| column.len() != rows) {
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
        let small = |column: Option<Column<'_>>| column.and_then(|c| u8::try_from(c[row].load(Relaxed)).ok());
        let level = small(log.levels);
        Event {
            at,
            counts_from: log.counts_from.map_or(at, |column| column[row].load(Relaxed)),
            codes: u64::from_ne_bytes(log.codes[row].load(Relaxed).to_ne_bytes()),
            level: level.map(|level| level & 63),
            first_level: level.is_some_and(|level| level & 64 != 0),
            line: small(log.lines),
            channel: small(log.channels),
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
    let last = scratch.runs().iter().rev().find(|run| program.is_for(run)).copied();
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
