//! When an amount is used up, and what was counted: one computation gives both.

use crate::amount::{AfterHours, Amount, ClosingEdge, DayEnd, DayTerm, Skip};
use crate::calendar::{Calendar, Counted};
use crate::civil::{DAY, SECOND, checked, iso_date, plus};
use crate::error::{Error, Kind, Result};
use crate::pauses::{Pause, Stretches, sorted};

/// A due instant with its derivation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deadline {
    /// `None`: a pause that never ended stopped the clock before the amount was used up.
    pub due: Option<i64>,
    /// What was counted, UTC `[from, to)`: open and not paused; for a term to midnight, the counted dates themselves.
    pub counted: Vec<(i64, i64)>,
    /// For a term in days: the dates counted.
    pub dates: Vec<i32>,
}

impl Deadline {
    /// The length of what was counted, microseconds.
    #[must_use]
    pub fn counted_us(&self) -> i64 {
        self.counted.iter().map(|(from, to)| to - from).sum()
    }
}

/// Who follows a computation: a deadline that keeps everything, or nobody.
pub trait Trace {
    /// Counting begins at this instant, whatever is paused then.
    fn begins(&mut self, _: i64) {}
    /// A clock ran on `measure` in `[from, to)`.
    ///
    /// # Errors
    /// As [`Measure::intervals`].
    fn ran(&mut self, measure: Measure<'_>, from: i64, to: i64) -> Result<()>;
    /// These dates were counted; `whole` if it is they, and not working time, that make up the term.
    fn dates(&mut self, calendar: &Calendar, dates: impl Iterator<Item = i32> + Clone, whole: bool);
}

/// Follows nothing.
#[derive(Debug, Clone, Copy)]
pub struct Untraced;

impl Trace for Untraced {
    fn ran(&mut self, _: Measure<'_>, _: i64, _: i64) -> Result<()> {
        Ok(())
    }

    fn dates(&mut self, _: &Calendar, _: impl Iterator<Item = i32> + Clone, _: bool) {}
}

impl Trace for Deadline {
    fn ran(&mut self, measure: Measure<'_>, from: i64, to: i64) -> Result<()> {
        self.counted.extend(measure.intervals(from, to)?);
        Ok(())
    }

    fn dates(&mut self, calendar: &Calendar, dates: impl Iterator<Item = i32> + Clone, whole: bool) {
        self.dates = dates.collect();
        if !whole {
            return;
        }
        for &day in &self.dates {
            let (from, to) = (calendar.wall(day, 0), calendar.wall(day, DAY));
            match self.counted.last_mut() {
                Some(before) if before.1 == from => before.1 = to,
                _ if from < to => self.counted.push((from, to)),
                _ => {}
            }
        }
    }
}

/// What time is measured on: a calendar's working time, or all time.
#[derive(Debug, Clone, Copy)]
pub enum Measure<'a> {
    /// Round the clock.
    Elapsed,
    /// Working time.
    Working(&'a Calendar),
}

impl Measure<'_> {
    /// The earliest instant with `amount` counted since `start`.
    ///
    /// # Errors
    /// As [`Calendar::add`]; [`Kind::Overflow`] past the year 9999.
    pub fn add(self, start: i64, amount: i64) -> Result<i64> {
        match self {
            Self::Working(calendar) => calendar.add(start, amount),
            Self::Elapsed if amount < 0 => {
                Err(Error::new(Kind::BadAmount, format!("amount {amount} us: need 0 or more")))
            }
            Self::Elapsed => plus(checked(start)?, amount),
        }
    }

    /// What counts in `[a, b)`.
    ///
    /// # Errors
    /// As [`Calendar::between`]; [`Kind::Overflow`] outside the years 1 to 9999.
    pub fn between(self, a: i64, b: i64) -> Result<i64> {
        match self {
            Self::Working(calendar) => calendar.between(a, b),
            Self::Elapsed => Ok(checked(b)? - checked(a)?),
        }
    }

    /// The stretches that count in `[a, b)`.
    ///
    /// # Errors
    /// As [`Measure::between`].
    pub fn intervals(self, a: i64, b: i64) -> Result<Vec<(i64, i64)>> {
        match self {
            Self::Working(calendar) => calendar.intervals(a, b),
            Self::Elapsed => Ok(if checked(a)? < checked(b)? { vec![(a, b)] } else { Vec::new() }),
        }
    }

    /// What counts in `[start, end)` outside `pauses`, which are in the order they begin.
    ///
    /// # Errors
    /// As [`Measure::between`].
    pub fn counted(self, start: i64, end: i64, pauses: &[Pause]) -> Result<i64> {
        let mut total = 0;
        for (from, to) in Stretches::new(start, pauses) {
            if from >= end {
                break;
            }
            total += self.between(from, to.map_or(end, |to| to.min(end)))?;
        }
        Ok(total)
    }
}

/// When `amount` from `start` is used up, with everything that was counted.
///
/// # Errors
/// [`Kind::BadAmount`] for an amount below 0 or of no days, or a unit that needs a calendar where there is none;
/// [`Kind::BeyondCalendar`], [`Kind::BadPause`], [`Kind::Overflow`].
pub fn deadline(calendar: Option<&Calendar>, start: i64, amount: Amount, pauses: &[Pause]) -> Result<Deadline> {
    let mut trace = Deadline::default();
    trace.due = used_up(calendar, start, amount, &sorted(pauses)?, &mut trace)?;
    Ok(trace)
}

/// When `amount` from `start` is used up; `pauses` are in the order they begin, `trace` follows what is counted.
///
/// # Errors
/// As [`deadline`].
pub fn used_up(
    calendar: Option<&Calendar>,
    start: i64,
    amount: Amount,
    pauses: &[Pause],
    trace: &mut impl Trace,
) -> Result<Option<i64>> {
    if let Amount::Elapsed { us } = amount {
        return run(Measure::Elapsed, start, us, pauses, trace);
    }
    let Some(calendar) = calendar else {
        return Err(Error::new(Kind::BadAmount, "only elapsed time can be counted without a calendar"));
    };
    let date = calendar.local_date(start);
    match amount {
        Amount::Elapsed { us } => run(Measure::Elapsed, start, us, pauses, trace),
        Amount::Working { us, edge } => {
            let due = run(Measure::Working(calendar), start, us, pauses, trace)?;
            match edge {
                ClosingEdge::SameInstant => Ok(due),
                ClosingEdge::NextOpen => due.map(|due| calendar.next_open(due)).transpose(),
            }
        }
        Amount::WorkingDays { n, term: DayTerm::BusinessHours, .. } => {
            let us = calendar.schedule().nominal_day().checked_mul(i64::from(some_days(n)?) * SECOND);
            let us = us.ok_or_else(|| Error::new(Kind::Overflow, format!("{n} working days are too many")))?;
            run(Measure::Working(calendar), start, us, pauses, trace)
        }
        Amount::WorkingDays { n, term, after, end } => {
            some_days(n)?;
            let start = match after {
                AfterHours::EventDate => start,
                AfterHours::NextOpen => calendar.next_open(start)?,
            };
            let date = calendar.local_date(start);
            let same = term == DayTerm::SameDay && calendar.closing(date)?.is_some_and(|closing| start < closing);
            let dates = calendar.days_after(if same { date - 1 } else { date }, n, Counted::Working)?;
            trace.dates(calendar, dates.iter(), end == DayEnd::Midnight);
            let first = if same { start } else { calendar.wall(date, DAY) };
            ended(calendar, first, dates.last(), end, pauses, trace)
        }
        Amount::DaysWithoutWeekends { n, skip, roll, end } => {
            let counted = match skip {
                Skip::WeekendsAndHolidays => Counted::NeitherWeekendsNorHolidays,
                Skip::Weekends => Counted::NoWeekends,
            };
            let dates = calendar.days_after(date, some_days(n)?, counted)?;
            trace.dates(calendar, dates.iter(), end == DayEnd::Midnight);
            let last = if roll { calendar.rolled(dates.last())? } else { dates.last() };
            ended(calendar, calendar.wall(date, DAY), last, end, pauses, trace)
        }
        Amount::CalendarDays { n, roll, end } => {
            let last = i32::try_from(some_days(n)?).ok().and_then(|n| date.checked_add(n));
            let last =
                last.filter(|last| *last <= calendar.schedule().last() && date + 1 >= calendar.schedule().first());
            let last = last.ok_or_else(|| calendar.schedule().beyond(&format!("day {n} after the event")))?;
            trace.dates(calendar, date + 1..=last, end == DayEnd::Midnight);
            let last = if roll { calendar.rolled(last)? } else { last };
            ended(calendar, calendar.wall(date, DAY), last, end, pauses, trace)
        }
    }
}

fn some_days(n: u32) -> Result<u32> {
    if n == 0 {
        return Err(Error::new(Kind::BadAmount, "a term of 0 days: need 1 or more"));
    }
    Ok(n)
}

/// Runs a clock from `start` for `amount` with pauses. A pause that begins at the very due instant comes too late.
fn run(measure: Measure<'_>, start: i64, amount: i64, pauses: &[Pause], trace: &mut impl Trace) -> Result<Option<i64>> {
    if amount == 0 {
        return Ok(Some(start));
    }
    let mut left = amount;
    for (from, to) in Stretches::new(start, pauses) {
        let reached = measure.add(from, left);
        let Some(to) = to else {
            let due = reached?;
            trace.ran(measure, from, due)?;
            return Ok(Some(due));
        };
        match reached {
            Ok(due) if due <= to => {
                trace.ran(measure, from, due)?;
                return Ok(Some(due));
            }
            Err(refusal) if refusal.kind() == Kind::BadAmount => return Err(refusal),
            _ => {
                left -= measure.between(from, to)?;
                trace.ran(measure, from, to)?;
            }
        }
    }
    Ok(None)
}

/// A term in days that ends on `last`.
///
/// To midnight, pauses move nothing. To closing, it is the working time from `first` to the closing of the last day, run
/// with pauses.
fn ended(
    calendar: &Calendar,
    first: i64,
    last: i32,
    end: DayEnd,
    pauses: &[Pause],
    trace: &mut impl Trace,
) -> Result<Option<i64>> {
    trace.begins(first);
    if end == DayEnd::Midnight {
        return checked(calendar.wall(last, DAY)).map(Some);
    }
    let Some(closing) = calendar.closing(last)? else {
        return Err(Error::new(
            Kind::NoWorkingTime,
            format!("{} is closed all day, it has no closing", iso_date(last)),
        ));
    };
    let measure = Measure::Working(calendar);
    if pauses.is_empty() {
        trace.ran(measure, first, closing)?;
        return Ok(Some(closing));
    }
    run(measure, first, measure.between(first, closing)?, pauses, trace)
}
