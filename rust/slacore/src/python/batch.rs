//! Columns of questions to many calendars, at the border: the interpreter is let go while they are answered.

use pyo3::prelude::*;

use crate::batch::{self, Ask};
use crate::python::calendar::Calendar;
use crate::python::columns::{Narrow, Wide};
use crate::sweep::{self, Clocks};

type Calendars<'py> = Vec<Bound<'py, Calendar>>;

#[pyfunction]
#[pyo3(signature = (calendars, which, between, a, b, out, threads = 0))]
#[expect(clippy::too_many_arguments, reason = "columns of one table")]
pub fn rows_by_calendar(
    py: Python<'_>,
    calendars: Calendars<'_>,
    which: &Bound<'_, PyAny>,
    between: bool,
    a: &Bound<'_, PyAny>,
    b: &Bound<'_, PyAny>,
    out: &Bound<'_, PyAny>,
    threads: usize,
) -> PyResult<usize> {
    let which = Narrow::of(which, "which", false)?;
    let (a, b, out) =
        (Wide::of(a, "first column", false)?, Wide::of(b, "second column", false)?, Wide::of(out, "out", true)?);
    let cores: Vec<_> = calendars.iter().map(|c| &*c.get().core).collect();
    let (which, a, b, out) = (which.rows(), a.rows(), b.rows(), out.rows());
    let ask = if between { Ask::Between } else { Ask::Add };
    Ok(py.detach(|| batch::rows_by_calendar(&cores, ask, which, a, b, out, threads))?)
}

#[pyfunction]
pub fn come_due(py: Python<'_>, due: &Bound<'_, PyAny>, now: i64, out: &Bound<'_, PyAny>) -> PyResult<usize> {
    let (due, out) = (Wide::of(due, "due", false)?, Narrow::of(out, "out", true)?);
    let (due, out) = (due.rows(), out.rows());
    Ok(py.detach(|| sweep::come_due(due, now, out))?)
}

#[pyfunction]
#[pyo3(signature = (calendars, which, since, left, now, out))]
pub fn used_up(
    py: Python<'_>,
    calendars: Calendars<'_>,
    which: Option<&Bound<'_, PyAny>>,
    since: &Bound<'_, PyAny>,
    left: &Bound<'_, PyAny>,
    now: i64,
    out: &Bound<'_, PyAny>,
) -> PyResult<usize> {
    let which = which.map(|which| Narrow::of(which, "which", false)).transpose()?;
    let (since, left) = (Wide::of(since, "since", false)?, Wide::of(left, "left", false)?);
    let out = Narrow::of(out, "out", true)?;
    let cores: Vec<_> = calendars.iter().map(|c| &*c.get().core).collect();
    let clocks = Clocks { since: since.rows(), left: left.rows() };
    let (which, out) = (which.as_ref().map(Narrow::rows), out.rows());
    Ok(py.detach(|| sweep::used_up(&cores, which, clocks, now, out))?)
}
