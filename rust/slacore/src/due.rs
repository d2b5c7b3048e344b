//! When an amount is used up, and what was counted: one computation gives both.

use crate::amount::{AfterHours, Amount, ClosingEdge, DayEnd, DayTerm, Skip};
use crate::calendar::{Calendar, Counted};
use crate::civil::{DAY, checked, plus};
use crate::error::{Error, Kind, Result};
use crate::pauses::{Pause, running};

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
}

/// The due instant, if there is one, and the stretches in which the clock ran.
pub type Run = (Option<i64>, Vec<(i64, i64)>);

/// Runs a clock from `start` for `amount` with pauses: the due instant and the stretches in which it ran.
///
/// A pause that begins at the very due instant comes too late.
///
/// # Errors
/// [`Kind::BeyondCalendar`], [`Kind::BadAmount`], [`Kind::BadPause`], [`Kind::Overflow`].
pub fn run(measure: Measure<'_>, start: i64, amount: i64, pauses: &[Pause]) -> Result<Run> {
    let stretches = running(start, pauses)?;
    if amount == 0 {
        return Ok((Some(start), Vec::new()));
    }
    let mut left = amount;
    let mut ran = Vec::with_capacity(stretches.len());
    for (from, to) in stretches {
        let reached = measure.add(from, left);
        let Some(to) = to else {
            let due = reached?;
            ran.push((from, due));
            return Ok((Some(due), ran));
        };
        match reached {
            Ok(due) if due <= to => {
                ran.push((from, due));
                return Ok((Some(due), ran));
            }
            Err(refusal) if refusal.kind() == Kind::BadAmount => return Err(refusal),
            _ => {
                left -= measure.between(from, to)?;
                ran.push((from, to));
            }
        }
    }
    Ok((None, ran))
}

/// When `amount` from `start` is used up, with everything that was counted.
///
/// # Errors
/// [`Kind::BadAmount`] for an amount below 0 or of no days, or a unit that needs a calendar where there is none; else as
/// [`run`].
pub fn deadline(calendar: Option<&Calendar>, start: i64, amount: Amount, pauses: &[Pause]) -> Result<Deadline> {
    if let Amount::Elapsed { us } = amount {
        return timed(Measure::Elapsed, start, us, pauses);
    }
    let Some(calendar) = calendar else {
        return Err(Error::new(Kind::BadAmount, "only elapsed time can be counted without a calendar"));
    };
    match amount {
        Amount::Elapsed { us } => timed(Measure::Elapsed, start, us, pauses),
        Amount::Working { us, edge } => {
            let mut result = timed(Measure::Working(calendar), start, us, pauses)?;
            if edge == ClosingEdge::NextOpen {
                result.due = result.due.map(|due| calendar.next_open(due)).transpose()?;
            }
            Ok(result)
        }
        Amount::WorkingDays { n, term: DayTerm::BusinessHours, .. } => {
            let days = i64::from(some_days(n)?);
            let us = calendar.schedule().nominal_day().checked_mul(days * crate::civil::SECOND);
            let us = us.ok_or_else(|| Error::new(Kind::Overflow, format!("{n} working days are too many")))?;
            timed(Measure::Working(calendar), start, us, pauses)
        }
        Amount::WorkingDays { n, term, after, end } => {
            some_days(n)?;
            let start = match after {
                AfterHours::EventDate => start,
                AfterHours::NextOpen => calendar.next_open(start)?,
            };
            let date = calendar.local_date(start);
            let same = term == DayTerm::SameDay && calendar.closing(date)?.is_some_and(|closing| start < closing);
            let dates = if same {
                let mut dates = vec![date];
                dates.extend(calendar.days_after(date, n - 1, Counted::Working)?);
                dates
            } else {
                calendar.days_after(date, n, Counted::Working)?
            };
            let last = dates[dates.len() - 1];
            ended(calendar, if same { Some(start) } else { None }, date, dates, last, end, pauses)
        }
        Amount::DaysWithoutWeekends { n, skip, roll, end } => {
            let date = calendar.local_date(start);
            let counted = match skip {
                Skip::WeekendsAndHolidays => Counted::NeitherWeekendsNorHolidays,
                Skip::Weekends => Counted::NoWeekends,
            };
            let dates = calendar.days_after(date, some_days(n)?, counted)?;
            let last = dates[dates.len() - 1];
            let last = if roll { calendar.rolled(last)? } else { last };
            ended(calendar, None, date, dates, last, end, pauses)
        }
        Amount::CalendarDays { n, roll, end } => {
            let date = calendar.local_date(start);
            let last = i32::try_from(some_days(n)?).ok().and_then(|n| date.checked_add(n));
            let last = last.filter(|last| *last <= calendar.schedule().last());
            let last = last.ok_or_else(|| calendar.schedule().beyond(&format!("day {n} after the event")))?;
            let dates = (date + 1..=last).collect();
            let last = if roll { calendar.rolled(last)? } else { last };
            ended(calendar, None, date, dates, last, end, pauses)
        }
    }
}

fn some_days(n: u32) -> Result<u32> {
    if n == 0 {
        return Err(Error::new(Kind::BadAmount, "a term of 0 days: need 1 or more"));
    }
    Ok(n)
}

fn timed(measure: Measure<'_>, start: i64, us: i64, pauses: &[Pause]) -> Result<Deadline> {
    let (due, ran) = run(measure, start, us, pauses)?;
    let mut counted = Vec::new();
    for (from, to) in ran {
        counted.extend(measure.intervals(from, to)?);
    }
    Ok(Deadline { due, counted, dates: Vec::new() })
}

/// A term in days that ends on `last`.
///
/// To midnight, pauses move nothing. To closing, it is the working time from the first counted day's midnight (from
/// `start` where the day of the event counts) to the closing of the last, run with pauses.
fn ended(
    calendar: &Calendar,
    start: Option<i64>,
    date: i32,
    dates: Vec<i32>,
    last: i32,
    end: DayEnd,
    pauses: &[Pause],
) -> Result<Deadline> {
    if end == DayEnd::Midnight {
        let mut counted: Vec<(i64, i64)> = Vec::new();
        for &day in &dates {
            let (from, to) = (calendar.wall(day, 0), calendar.wall(day, DAY));
            match counted.last_mut() {
                Some(before) if before.1 == from => before.1 = to,
                _ if from < to => counted.push((from, to)),
                _ => {}
            }
        }
        return Ok(Deadline { due: Some(checked(calendar.wall(last, DAY))?), counted, dates });
    }
    let first = start.unwrap_or_else(|| calendar.wall(date, DAY));
    let Some(closing) = calendar.closing(last)? else {
        return Err(Error::new(
            Kind::NoWorkingTime,
            format!("{} is closed all day, it has no closing", crate::civil::iso_date(last)),
        ));
    };
    if pauses.is_empty() {
        return Ok(Deadline { due: Some(closing), counted: calendar.intervals(first, closing)?, dates });
    }
    let budget = calendar.between(first, closing)?;
    let ran = timed(Measure::Working(calendar), first, budget, pauses)?;
    Ok(Deadline { dates, ..ran })
}
