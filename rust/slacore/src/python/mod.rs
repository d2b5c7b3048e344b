//! The border to Python: converts, calls, converts back; never computes.

#![allow(clippy::needless_pass_by_value, reason = "arguments are converted into owned values here")]

use pyo3::prelude::*;

mod batch;
mod calendar;
mod clock;
mod columns;
mod datetimes;
mod due;
mod errors;
mod layout;
mod queue;
mod queue_errors;

#[pymodule]
fn _slacore(module: &Bound<'_, PyModule>) -> PyResult<()> {
    errors::register(module)?;
    queue_errors::register(module)?;
    module.add_class::<queue::TimerQueue>()?;
    module.add_class::<queue::WorkQueue>()?;
    module.add_class::<calendar::Calendar>()?;
    module.add_function(wrap_pyfunction!(due::deadline, module)?)?;
    module.add_function(wrap_pyfunction!(batch::rows_by_calendar, module)?)?;
    module.add_function(wrap_pyfunction!(batch::come_due, module)?)?;
    module.add_function(wrap_pyfunction!(batch::used_up, module)?)?;
    module.add_class::<clock::ClockProgram>()?;
    module.add_function(wrap_pyfunction!(clock::fold_clocks, module)?)?;
    module.add_function(wrap_pyfunction!(clock::fold_many_clocks, module)?)?;
    module.add_function(wrap_pyfunction!(clock::fold_runs_of_clocks, module)?)?;
    module.add("NONE_US", crate::batch::NONE)?;
    module.add("__version__", crate::VERSION)
}
