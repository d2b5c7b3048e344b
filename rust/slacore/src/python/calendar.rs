//! `Calendar` at the border: converts, calls, converts back.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::batch::{self, Ask};
use crate::calendar;
use crate::civil::SECOND;
use crate::error::{Error, Kind, Result};
use crate::hours::{DateKind, DateRule, Hours, Schedule};
use crate::python::columns::Wide;
use crate::python::datetimes;
use crate::zone::Zone;

type Pairs = Vec<(i64, i64)>;
/// Day number, kind's code, hours, seconds cut.
type PlainDate = (i32, Option<u8>, Option<Pairs>, u32);

/// A compiled calendar with the versions it was made from.
#[pyclass(frozen, subclass, module = "helpdesk._slacore")]
pub struct Calendar {
    pub core: Arc<calendar::Calendar>,
    #[pyo3(get)]
    id: String,
    #[pyo3(get)]
    zone: String,
    #[pyo3(get)]
    tzdata: String,
}

impl Calendar {
    /// Many rows; the interpreter is let go while they are answered.
    fn many(
        &self,
        py: Python<'_>,
        ask: Ask,
        a: &Bound<'_, PyAny>,
        b: &Bound<'_, PyAny>,
        out: &Bound<'_, PyAny>,
        threads: usize,
    ) -> PyResult<usize> {
        let (a, b, out) =
            (Wide::of(a, "first column", false)?, Wide::of(b, "second column", false)?, Wide::of(out, "out", true)?);
        let (a, b, out) = (a.rows(), b.rows(), out.rows());
        Ok(py.detach(|| batch::rows(&self.core, ask, a, b, out, threads))?)
    }
}

#[pymethods]
impl Calendar {
    #[new]
    #[pyo3(signature = (*, id, zone, tzdata, initial_offset_s, changes, weekly, dates, first_day, last_day))]
    #[expect(clippy::too_many_arguments, reason = "named in Python, where they are a record")]
    fn new(
        id: String,
        zone: String,
        tzdata: String,
        initial_offset_s: i32,
        changes: Vec<(i64, i32)>,
        weekly: [Pairs; 7],
        dates: Vec<PlainDate>,
        first_day: i32,
        last_day: i32,
    ) -> PyResult<Self> {
        let changes: Vec<(i64, i32)> =
            changes.into_iter().map(|(at, offset)| whole_seconds(at).map(|at| (at, offset))).collect::<Result<_>>()?;
        let mut week: [Hours; 7] = std::array::from_fn(|_| Hours::default());
        for (hours, intervals) in week.iter_mut().zip(&weekly) {
            *hours = Hours::new(intervals)?;
        }
        let dates = dates
            .into_iter()
            .map(|(day, kind, hours, shortened)| {
                let rule = DateRule {
                    kind: kind.map(DateKind::from_code).transpose()?,
                    hours: hours.map(|h| Hours::new(&h)).transpose()?,
                    shortened,
                };
                Ok((day, rule))
            })
            .collect::<Result<_>>()?;
        let schedule = Schedule::new(week, dates, first_day, last_day)?;
        let core = calendar::Calendar::new(Zone::new(initial_offset_s, &changes)?, schedule)?;
        Ok(Self { core: Arc::new(core), id, zone, tzdata })
    }

    fn add(&self, start: &Bound<'_, PyAny>, amount_us: i64) -> PyResult<Py<PyAny>> {
        let due = self.core.add(datetimes::instant(start)?, amount_us)?;
        datetimes::aware(start.py(), due)
    }

    #[pyo3(signature = (starts_us, amounts_us, out_us, threads = 0))]
    fn add_many(
        &self,
        py: Python<'_>,
        starts_us: &Bound<'_, PyAny>,
        amounts_us: &Bound<'_, PyAny>,
        out_us: &Bound<'_, PyAny>,
        threads: usize,
    ) -> PyResult<usize> {
        self.many(py, Ask::Add, starts_us, amounts_us, out_us, threads)
    }

    #[pyo3(signature = (a_us, b_us, out_us, threads = 0))]
    fn between_many(
        &self,
        py: Python<'_>,
        a_us: &Bound<'_, PyAny>,
        b_us: &Bound<'_, PyAny>,
        out_us: &Bound<'_, PyAny>,
        threads: usize,
    ) -> PyResult<usize> {
        self.many(py, Ask::Between, a_us, b_us, out_us, threads)
    }

    fn add_us(&self, start_us: i64, amount_us: i64) -> PyResult<i64> {
        Ok(self.core.add(start_us, amount_us)?)
    }

    fn between_us(&self, a_us: i64, b_us: i64) -> PyResult<i64> {
        Ok(self.core.between(a_us, b_us)?)
    }

    fn is_open_us(&self, at_us: i64) -> PyResult<bool> {
        Ok(self.core.is_open(at_us)?)
    }

    fn next_open_us(&self, at_us: i64) -> PyResult<i64> {
        Ok(self.core.next_open(at_us)?)
    }

    fn intervals_us(&self, a_us: i64, b_us: i64) -> PyResult<Vec<(i64, i64)>> {
        Ok(self.core.intervals(a_us, b_us)?)
    }

    fn kind_of_day(&self, day: i32) -> PyResult<&'static str> {
        Ok(self.core.on(day)?.1.name())
    }

    fn hours_of_day(&self, day: i32) -> PyResult<Vec<(u32, u32)>> {
        Ok(self.core.on(day)?.0.intervals().to_vec())
    }

    fn midnight_us(&self, day: i32) -> PyResult<i64> {
        if !(crate::civil::FIRST_DAY..=crate::civil::LAST_DAY).contains(&day) {
            return Err(Error::new(Kind::Overflow, format!("day {day} lies outside the years 1 to 9999")).into());
        }
        Ok(self.core.wall(day, 0))
    }

    fn day_of_us(&self, at_us: i64) -> i32 {
        self.core.local_date(at_us)
    }

    fn offset_s(&self, at_us: i64) -> i32 {
        self.core.zone().offset_at(at_us.div_euclid(SECOND))
    }

    fn local_iso(&self, at_us: i64) -> PyResult<String> {
        Ok(self.core.local_iso(crate::civil::checked(at_us)?))
    }

    #[getter]
    fn known_us(&self) -> (i64, i64) {
        self.core.known()
    }

    #[getter]
    fn interval_count(&self) -> usize {
        self.core.line().intervals()
    }

    fn heap_bytes(&self) -> (usize, usize) {
        self.core.heap_bytes()
    }
}

fn whole_seconds(at: i64) -> Result<i64> {
    if at.rem_euclid(SECOND) != 0 {
        return Err(Error::new(Kind::BadZone, format!("transition at {at} us: need whole seconds")));
    }
    Ok(at.div_euclid(SECOND))
}
