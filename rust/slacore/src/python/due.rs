//! Amounts and deadlines at the border.

use pyo3::prelude::*;

use crate::amount::{AfterHours, Amount, ClosingEdge, DayEnd, DayTerm, Skip};
use crate::due::{self, Deadline};
use crate::error::{Error, Kind, Result};
use crate::pauses::Pause;
use crate::python::calendar::Calendar;

/// `(due, counted, counted_us, dates)`.
type Plain = (Option<i64>, Vec<(i64, i64)>, i64, Vec<i32>);

/// An amount from its codes; the façade owns the names.
pub fn amount(unit: u8, value: i64, counting: u8) -> Result<Amount> {
    let days = || {
        u32::try_from(value).map_err(|_| Error::new(Kind::BadAmount, format!("{value} days: need 1 to {}", u32::MAX)))
    };
    let has = |bit: u8| counting & bit != 0;
    let end = if has(8) { DayEnd::Midnight } else { DayEnd::Close };
    Ok(match unit {
        0 => {
            Amount::Working { us: value, edge: if has(64) { ClosingEdge::NextOpen } else { ClosingEdge::SameInstant } }
        }
        1 => Amount::Elapsed { us: value },
        2 => Amount::WorkingDays {
            n: days()?,
            term: if has(2) {
                DayTerm::BusinessHours
            } else if has(1) {
                DayTerm::SameDay
            } else {
                DayTerm::NextDay
            },
            after: if has(4) { AfterHours::NextOpen } else { AfterHours::EventDate },
            end,
        },
        3 => Amount::DaysWithoutWeekends {
            n: days()?,
            skip: if has(16) { Skip::Weekends } else { Skip::WeekendsAndHolidays },
            roll: has(32),
            end,
        },
        4 => Amount::CalendarDays { n: days()?, roll: has(32), end },
        _ => return Err(Error::new(Kind::BadAmount, format!("no unit has code {unit}"))),
    })
}

/// Pauses from pairs.
pub fn pauses(pairs: &[(i64, Option<i64>)]) -> Vec<Pause> {
    pairs.iter().map(|&(from, to)| Pause { from, to }).collect()
}

#[pyfunction]
#[pyo3(signature = (calendar, start, unit, value, counting, pauses))]
pub fn deadline(
    calendar: Option<&Bound<'_, Calendar>>,
    start: i64,
    unit: u8,
    value: i64,
    counting: u8,
    pauses: Vec<(i64, Option<i64>)>,
) -> PyResult<Plain> {
    let found: Deadline =
        due::deadline(calendar.map(|c| &*c.get().core), start, amount(unit, value, counting)?, &self::pauses(&pauses))?;
    let counted_us = found.counted_us();
    Ok((found.due, found.counted, counted_us, found.dates))
}
