//! Sweeps over many running clocks: which have come due, by stored instants or computed anew.

#![allow(clippy::needless_bitwise_bool, reason = "no branch may depend on a row's data")]

use std::sync::atomic::Ordering::Relaxed;

use crate::batch::{Column, NONE, Numbers, same_length};
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
    for (row, due) in (0_u32..).zip(due) {
        let due = due.load(Relaxed);
        out[found].store(row, Relaxed);
        found += usize::from((due <= now) & (due != NONE));
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
    let mut found = Found { out, count: 0, unknown: 0 };
    match which {
        None => {
            let first = opened.first().ok_or_else(|| Error::new(Kind::BadColumn, "no calendar"))?;
            first.calendar.line().with_view(Stretch { opened: *first, clocks, rows: 0..rows, found: &mut found });
        }
        Some(which) => {
            let mut from = 0;
            while from < rows {
                // A stretch of one calendar's rows is swept at once; sorted rows have long ones.
                let number = which[from].load(Relaxed);
                let length = which[from..].iter().take_while(|w| w.load(Relaxed) == number).count().max(1);
                let opened = opened
                    .get(number as usize)
                    .ok_or_else(|| Error::new(Kind::BadColumn, format!("row {from}: no calendar {number}")))?;
                let rows = from..from + length;
                opened.calendar.line().with_view(Stretch { opened: *opened, clocks, rows, found: &mut found });
                from += length;
            }
        }
    }
    if found.unknown > 0 {
        return Err(Error::new(
            Kind::BeyondCalendar,
            format!("{} clocks run since an instant that their calendar does not know", found.unknown),
        ));
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
    unknown: usize,
}

struct Stretch<'a, 'f> {
    opened: Opened<'a>,
    clocks: Clocks<'a>,
    rows: std::ops::Range<usize>,
    found: &'f mut Found<'a>,
}

impl Visit for Stretch<'_, '_> {
    type Output = ();

    #[allow(clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "unknown instants wrap to large ones")]
    #[allow(clippy::cast_possible_truncation, reason = "rows are counted in 32 bits")]
    fn visit<L: Look>(self, look: L) {
        let begins = self.opened.calendar.known().0;
        let span = self.opened.calendar.span();
        let Found { out, mut count, mut unknown } = *self.found;
        let since = &self.clocks.since[self.rows.clone()];
        let left = &self.clocks.left[self.rows.clone()];
        for ((row, since), left) in (self.rows.start as u32..).zip(since).zip(left) {
            let since = since.load(Relaxed);
            let at = since.wrapping_sub(begins) as u64;
            let counted = self.opened.open.wrapping_sub(look.spent(at.min(span)) as i64);
            out[count].store(row, Relaxed);
            let runs = since != NONE;
            count += usize::from(runs & (counted >= left.load(Relaxed)));
            unknown += usize::from(runs & (at > span));
        }
        (self.found.count, self.found.unknown) = (count, unknown);
    }
}
