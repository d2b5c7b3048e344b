//! Aware datetimes to instants and back.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::civil::{SECOND, date_of};
use crate::python::errors::NaiveInstant;

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

/// The instant of an aware datetime.
pub fn instant(moment: &Bound<'_, PyAny>) -> PyResult<i64> {
    let py = moment.py();
    let names = names(py)?;
    if moment.call_method0("utcoffset")?.is_none() {
        return Err(NaiveInstant::new_err(format!("{moment} has no zone")));
    }
    let delta = moment.sub(names.epoch.bind(py))?;
    let days: i64 = delta.getattr("days")?.extract()?;
    let seconds: i64 = delta.getattr("seconds")?.extract()?;
    let micro: i64 = delta.getattr("microseconds")?.extract()?;
    Ok((days * crate::civil::DAY + seconds) * SECOND + micro)
}

/// The aware datetime of an instant, in UTC.
pub fn aware(py: Python<'_>, at: i64) -> PyResult<Py<PyAny>> {
    let names = names(py)?;
    let at = crate::civil::checked(at)?;
    let (second, micro) = (at.div_euclid(SECOND), at.rem_euclid(SECOND));
    let (day, second) = (second.div_euclid(crate::civil::DAY), second.rem_euclid(crate::civil::DAY));
    let (y, m, d) = date_of(i32::try_from(day).unwrap_or(i32::MAX));
    names.datetime.call1(py, (y, m, d, second / 3600, second / 60 % 60, second % 60, micro, names.utc.bind(py)))
}
