//! The same questions for columns of rows. No row allocates, no row is walked, no branch depends on a
//! row's data, save for rows without an answer.
//!
//! Columns are slices of atomics, read and written with `Relaxed`: they are memory of a caller who may share it, or
//! give one column as input and output. A row that cannot be answered gives [`NONE`] and is counted.

#![allow(clippy::inline_always, reason = "a dozen instructions inside loops over millions of rows")]
#![allow(
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "instants before the known range wrap to large ones"
)]

mod sort;

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::Relaxed};

use crate::batch::sort::Sorter;
use crate::calendar::Calendar;
use crate::error::{Error, Kind, Result};
use crate::line::{Look, Visit};

/// What a row without an answer gets: the calendar does not know, or the amount is below zero.
pub const NONE: i64 = i64::MIN;

/// Rows from which on another thread is worth its start.
const ROWS_A_THREAD: usize = 1 << 15;
/// Rows sorted by calendar at a time, where there are few calendars.
const BLOCK: usize = 1 << 17;
/// Rows of one calendar in a row that are worth a call of their own.
const ROWS_A_STRETCH: usize = 16;

/// A column of 64-bit integers.
pub type Column<'a> = &'a [AtomicI64];
/// A column of row or calendar numbers.
pub type Numbers<'a> = &'a [AtomicU32];

/// What is asked of every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// `a` is a start, `b` an amount of working time: when is it used up?
    Add,
    /// How much working time lies in `[a, b)`?
    Between,
}

/// Answers every row on one calendar; yields how many had no answer.
///
/// `threads` of 0 uses what the machine has, where there are rows enough.
///
/// # Errors
/// [`Kind::BadColumn`] for columns of unequal length.
pub fn rows(
    calendar: &Calendar,
    ask: Ask,
    a: Column<'_>,
    b: Column<'_>,
    out: Column<'_>,
    threads: usize,
) -> Result<usize> {
    same_length(&[a.len(), b.len(), out.len()])?;
    Ok(spread(a.len(), ROWS_A_THREAD, threads, |from, to| {
        one(calendar, ask, &a[from..to], &b[from..to], &out[from..to])
    }))
}

/// Answers every row on the calendar that `which` says; yields how many had no answer.
///
/// # Errors
/// [`Kind::BadColumn`] for columns of unequal length or a calendar's number that there is not.
pub fn rows_by_calendar(
    calendars: &[&Calendar],
    ask: Ask,
    which: Numbers<'_>,
    a: Column<'_>,
    b: Column<'_>,
    out: Column<'_>,
    threads: usize,
) -> Result<usize> {
    same_length(&[which.len(), a.len(), b.len(), out.len()])?;
    let sorted = in_stretches(which, calendars.len())?;
    Ok(spread(a.len(), ROWS_A_THREAD, threads, |from, to| {
        let work = if sorted { by_stretches } else { by_sorting };
        work(calendars, ask, &which[from..to], &a[from..to], &b[from..to], &out[from..to])
    }))
}

/// Whether the rows come in stretches of one calendar that are worth a call each.
///
/// # Errors
/// [`Kind::BadColumn`] for a calendar's number that there is not.
fn in_stretches(which: Numbers<'_>, calendars: usize) -> Result<bool> {
    let mut stretches = 0;
    let mut from = 0;
    while from < which.len() && stretches <= which.len() / ROWS_A_STRETCH {
        check(which[from].load(Relaxed), calendars)?;
        stretches += 1;
        from += stretch(&which[from..]);
    }
    which[from..].iter().try_for_each(|number| check(number.load(Relaxed), calendars))?;
    Ok(from == which.len())
}

fn check(number: u32, calendars: usize) -> Result<()> {
    if number as usize >= calendars {
        return Err(Error::new(Kind::BadColumn, format!("calendar number {number}: there are {calendars} calendars")));
    }
    Ok(())
}

/// How many rows from the first on, which there is, have its number.
pub(crate) fn stretch(which: Numbers<'_>) -> usize {
    let number = which[0].load(Relaxed);
    // Whole blocks first, without a branch for each row.
    let alike = |block: &&[AtomicU32]| block.iter().fold(0, |odd, w| odd | (w.load(Relaxed) ^ number)) == 0;
    let rows = which.chunks_exact(ROWS_A_STRETCH).take_while(alike).count() * ROWS_A_STRETCH;
    // At least one, even if somebody changes the column meanwhile.
    (rows + which[rows..].iter().take_while(|w| w.load(Relaxed) == number).count()).max(1)
}

/// For rows that come in long stretches of one calendar.
fn by_stretches(
    calendars: &[&Calendar],
    ask: Ask,
    which: Numbers<'_>,
    a: Column<'_>,
    b: Column<'_>,
    out: Column<'_>,
) -> usize {
    let mut refused = 0;
    let mut from = 0;
    while from < which.len() {
        let to = from + stretch(&which[from..]);
        let calendar = calendars[which[from].load(Relaxed) as usize];
        refused += one(calendar, ask, &a[from..to], &b[from..to], &out[from..to]);
        from = to;
    }
    refused
}

fn by_sorting(
    calendars: &[&Calendar],
    ask: Ask,
    which: Numbers<'_>,
    a: Column<'_>,
    b: Column<'_>,
    out: Column<'_>,
) -> usize {
    // More calendars need more rows at a time, or each would be met with a handful of them.
    let block = BLOCK.max(calendars.len() * ROWS_A_STRETCH * 4);
    let mut sorter = Sorter::new(calendars.len());
    let mut refused = 0;
    let mut from = 0;
    while from < which.len() {
        let to = which.len().min(from + block);
        sorter.gather(&which[from..to], &a[from..to], &b[from..to]);
        for (number, a, b) in sorter.groups() {
            refused += one(calendars[number], ask, a, b, a);
        }
        sorter.scatter(&which[from..to], &out[from..to]);
        from = to;
    }
    refused
}

pub(crate) fn same_length(lengths: &[usize]) -> Result<()> {
    if lengths.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(Error::new(Kind::BadColumn, format!("columns of lengths {lengths:?}: need equal ones")));
    }
    if lengths[0] > u32::MAX as usize {
        return Err(Error::new(Kind::BadColumn, format!("{} rows: at most {}", lengths[0], u32::MAX)));
    }
    Ok(())
}

/// Cuts `rows` into pieces of `worth` or more for as many threads as there may be, and adds up what the work on each yields.
pub(crate) fn spread(rows: usize, worth: usize, threads: usize, work: impl Fn(usize, usize) -> usize + Sync) -> usize {
    let limit = match threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        some => some,
    };
    let pieces = limit.min(rows / worth).max(1);
    if pieces == 1 {
        return work(0, rows);
    }
    let edge = |piece: usize| rows / pieces * piece + (rows % pieces).min(piece);
    let work = &work;
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..pieces).map(|p| scope.spawn(move || work(edge(p), edge(p + 1)))).collect();
        work(0, edge(1)) + others.into_iter().map(|other| other.join().unwrap_or_default()).sum::<usize>()
    })
}

fn one(calendar: &Calendar, ask: Ask, a: Column<'_>, b: Column<'_>, out: Column<'_>) -> usize {
    let line = calendar.line();
    line.warm(a.len());
    let rows = Rows { begins: calendar.known().0, span: calendar.span(), whole: line.whole(), a, b, out };
    match ask {
        Ask::Add => line.with_view(All::<true>(rows)),
        Ask::Between => line.with_view(All::<false>(rows)),
    }
}

#[derive(Clone, Copy)]
struct Rows<'a> {
    begins: i64,
    span: u64,
    whole: u64,
    a: Column<'a>,
    b: Column<'a>,
    out: Column<'a>,
}

struct All<'a, const ADD: bool>(Rows<'a>);

impl<const ADD: bool> Visit for All<'_, ADD> {
    type Output = usize;
    #[inline(never)]
    fn visit<L: Look>(self, look: L) -> usize {
        let rows = self.0;
        let mut refused = 0;
        for ((a, b), out) in rows.a.iter().zip(rows.b).zip(rows.out) {
            let answer = rows.answer::<ADD, L>(look, a.load(Relaxed), b.load(Relaxed));
            out.store(answer.unwrap_or_else(|| refuse(&mut refused)), Relaxed);
        }
        refused
    }
}

#[cold]
fn refuse(refused: &mut usize) -> i64 {
    *refused += 1;
    NONE
}

impl Rows<'_> {
    #[inline(always)]
    fn answer<const ADD: bool, L: Look>(&self, look: L, a: i64, b: i64) -> Option<i64> {
        if ADD { self.add(look, a, b) } else { self.between(look, a, b) }
    }

    #[inline(always)]
    fn add<L: Look>(&self, look: L, start: i64, amount: i64) -> Option<i64> {
        let at = start.wrapping_sub(self.begins) as u64;
        let amount = amount as u64;
        if at > self.span || amount > self.whole {
            return (amount == 0).then_some(start);
        }
        let open = look.spent(at).wrapping_add(amount);
        if open > self.whole {
            return None;
        }
        let reached = self.begins.wrapping_add(look.reach(open) as i64);
        Some(if amount == 0 { start } else { reached })
    }

    #[inline(always)]
    fn between<L: Look>(&self, look: L, a: i64, b: i64) -> Option<i64> {
        let from = a.wrapping_sub(self.begins) as u64;
        let to = b.wrapping_sub(self.begins) as u64;
        if from > self.span || to > self.span {
            return None;
        }
        Some((look.spent(to) as i64).wrapping_sub(look.spent(from) as i64))
    }
}
