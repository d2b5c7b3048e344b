//! Aware datetimes to instants and back.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::civil::{DAY, SECOND, checked, date_of, day_of};
use crate::python::errors::NaiveInstant;
use crate::python::layout::{Layout, Zoned, layout};

/// The instant of an aware datetime, exactly.
pub fn instant(moment: &Bound<'_, PyAny>) -> PyResult<i64> {
    match layout(moment.py()).map(|layout| quick(layout, moment)) {
        Some(Some(found)) => found,
        _ => portable(moment),
    }
}

/// The aware datetime of an instant, in UTC, exactly.
pub fn aware(py: Python<'_>, at: i64) -> PyResult<Py<PyAny>> {
    let at = checked(at)?;
    let day = at.div_euclid(DAY * SECOND);
    let date = date_of(i32::try_from(day).unwrap_or(i32::MAX));
    let micro = at - day * (DAY * SECOND);
    match layout(py) {
        Some(layout) => layout.make(py, date, micro),
        None => names(py)?.make(py, date, micro),
    }
}

/// `None`: not an object that can be read where it lies.
fn quick(layout: &Layout, moment: &Bound<'_, PyAny>) -> Option<PyResult<i64>> {
    let (reading, zoned) = layout.reading(moment)?;
    let (year, month, day) = reading.date;
    let local = i64::from(day_of(year, month, day)) * (DAY * SECOND) + reading.micro;
    match zoned {
        Zoned::Naive => Some(Err(naive(moment))),
        Zoned::Utc => Some(Ok(local)),
        Zoned::Other => match moment.call_method0(intern!(moment.py(), "utcoffset")) {
            Ok(offset) if offset.is_none() => Some(Err(naive(moment))),
            Ok(offset) => layout.delta(&offset).map(|offset| Ok(local - offset)),
            Err(error) => Some(Err(error)),
        },
    }
}

fn naive(moment: &Bound<'_, PyAny>) -> PyErr {
    NaiveInstant::new_err(format!("{moment} has no zone"))
}

struct Names {
    datetime: Py<PyAny>,
    utc: Py<PyAny>,
    epoch: Py<PyAny>,
}

static NAMES: PyOnceLock<Names> = PyOnceLock::new();

fn names(py: Python<'_>) -> PyResult<&Names> {
    NAMES.get_or_try_init(py, || {
        let module = py.import("datetime")?;
        let datetime = module.getattr("datetime")?;
        let utc = module.getattr("timezone")?.getattr("utc")?;
        let known = PyDict::new(py);
        known.set_item("tzinfo", &utc)?;
        let epoch = datetime.call((1970, 1, 1), Some(&known))?;
        Ok(Names { datetime: datetime.unbind(), utc: utc.unbind(), epoch: epoch.unbind() })
    })
}

impl Names {
    fn make(&self, py: Python<'_>, (year, month, day): (i32, u8, u8), micro: i64) -> PyResult<Py<PyAny>> {
        let second = micro / SECOND;
        let time = (second / 3600, second / 60 % 60, second % 60, micro % SECOND);
        self.datetime.call1(py, (year, month, day, time.0, time.1, time.2, time.3, self.utc.bind(py)))
    }
}

/// By the names of things: for subclasses, and for interpreters whose objects lie otherwise.
fn portable(moment: &Bound<'_, PyAny>) -> PyResult<i64> {
    let py = moment.py();
    if moment.call_method0(intern!(py, "utcoffset"))?.is_none() {
        return Err(naive(moment));
    }
    let delta = moment.sub(names(py)?.epoch.bind(py))?;
    let days: i64 = delta.getattr(intern!(py, "days"))?.extract()?;
    let seconds: i64 = delta.getattr(intern!(py, "seconds"))?.extract()?;
    let micro: i64 = delta.getattr(intern!(py, "microseconds"))?.extract()?;
    Ok((days * DAY + seconds) * SECOND + micro)
}
