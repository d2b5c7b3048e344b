//! Sweeps over many running clocks: which have come due, by stored instants or computed anew.

#![allow(clippy::needless_bitwise_bool, reason = "no branch may depend on a row's data")]

use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;

use crate::batch::{Column, NONE, Numbers, same_length, stretch};
use crate::calendar::Calendar;
use crate::error::{Error, Kind, Result};
use crate::line::{Look, Visit};

/// Writes the numbers of the rows whose due instant has come (`due <= now`, [`NONE`] never) and yields how many.
///
/// # Errors
/// [`Kind::BadColumn`] for columns of unequal length.
pub fn come_due(due: Column<'_>, now: i64, out: Numbers<'_>) -> Result<usize> {
    same_length(&[due.len(), out.len()])?;
    let mut found = 0;
    let mut row = 0_u32;
    for due in due {
        let due = due.load(Relaxed);
        out[found].store(row, Relaxed);
        found += usize::from((due <= now) & (due != NONE));
        row = row.wrapping_add(1);
    }
    Ok(found)
}

/// What a sweep computes from, a column each.
#[derive(Debug, Clone, Copy)]
pub struct Clocks<'a> {
    /// Since when the clock runs; [`NONE`]: it stands still.
    pub since: Column<'a>,
    /// What it may count from then on, microseconds.
    pub left: Column<'a>,
}

/// Writes the numbers of the clocks whose time is used up by `now` and yields how many. Clocks run on the calendar that
/// `which` says, or all on the first.
///
/// # Errors
/// [`Kind::BadColumn`] for columns of unequal length or a calendar that there is not; [`Kind::BeyondCalendar`] if a
/// calendar does not know `now`, or an instant since which a clock runs.
pub fn used_up(
    calendars: &[&Calendar],
    which: Option<Numbers<'_>>,
    clocks: Clocks<'_>,
    now: i64,
    out: Numbers<'_>,
) -> Result<usize> {
    let rows = clocks.since.len();
    same_length(&[rows, clocks.left.len(), out.len(), which.map_or(rows, <[_]>::len)])?;
    let opened = calendars
        .iter()
        .map(|calendar| Ok(Opened { calendar, open: calendar.between(calendar.known().0, now)? }))
        .collect::<Result<Vec<_>>>()?;
    let mut found = Found { out, count: 0, unknown: false };
    match which {
        None => {
            let first = opened.first().ok_or_else(|| Error::new(Kind::BadColumn, "no calendar"))?;
            found.sweep(*first, clocks, 0..rows);
        }
        Some(which) => {
            let mut from = 0;
            while from < rows {
                // A stretch of one calendar's rows is swept at once; sorted rows have long ones.
                let number = which[from].load(Relaxed);
                let to = from + stretch(&which[from..]);
                let opened = opened
                    .get(number as usize)
                    .ok_or_else(|| Error::new(Kind::BadColumn, format!("row {from}: no calendar {number}")))?;
                found.sweep(*opened, clocks, from..to);
                from = to;
            }
        }
    }
    if found.unknown {
        return Err(Error::new(Kind::BeyondCalendar, "a clock runs since an instant that its calendar does not know"));
    }
    Ok(found.count)
}

/// A calendar with the working time before `now`.
#[derive(Clone, Copy)]
struct Opened<'a> {
    calendar: &'a Calendar,
    open: i64,
}

struct Found<'a> {
    out: Numbers<'a>,
    count: usize,
    /// Whether a clock runs since an instant that its calendar does not know.
    unknown: bool,
}

impl<'a> Found<'a> {
    /// Sweeps the clocks of these rows, all on one calendar.
    fn sweep(&mut self, opened: Opened<'a>, clocks: Clocks<'a>, rows: Range<usize>) {
        let line = opened.calendar.line();
        if let Some(steps) = line.steps(rows.len()) {
            self.pass(opened, clocks, rows, |t| steps.spent(t));
        } else {
            line.warm(rows.len());
            line.with_view(Pass { found: self, opened, clocks, rows });
        }
    }

    /// Sweeps them; `spent` says the open time before an instant, or any number past the calendar's end.
    #[allow(clippy::cast_sign_loss, reason = "unknown instants wrap to large ones")]
    #[allow(clippy::cast_possible_truncation, reason = "rows are counted in 32 bits")]
    #[inline(never)] // the loop needs every register there is
    fn pass(&mut self, opened: Opened<'_>, clocks: Clocks<'_>, rows: Range<usize>, spent: impl Fn(u64) -> i64) {
        let Opened { calendar, open } = opened;
        let (begins, span) = (calendar.known().0, calendar.span());
        let Found { out, mut count, mut unknown } = *self;
        let mut row = rows.start as u32;
        for (since, left) in clocks.since[rows.clone()].iter().zip(&clocks.left[rows]) {
            let since = since.load(Relaxed);
            let at = since.wrapping_sub(begins) as u64;
            let runs = since != NONE;
            unknown |= runs & (at > span);
            out[count].store(row, Relaxed);
            count += usize::from(runs & (open.wrapping_sub(spent(at)) >= left.load(Relaxed)));
            row = row.wrapping_add(1);
        }
        (self.count, self.unknown) = (count, unknown);
    }
}

struct Pass<'a, 'f> {
    found: &'f mut Found<'a>,
    opened: Opened<'a>,
    clocks: Clocks<'a>,
    rows: Range<usize>,
}

impl Visit for Pass<'_, '_> {
    type Output = ();

    #[allow(clippy::cast_possible_wrap, reason = "open time is below 2^52")]
    fn visit<L: Look>(self, look: L) {
        let span = self.opened.calendar.span();
        self.found.pass(self.opened, self.clocks, self.rows, |t| look.spent(t.min(span)) as i64);
    }
}
