//! The border to Python: converts, calls, converts back; never computes.

use pyo3::prelude::*;

#[pymodule]
fn _slacore(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", crate::VERSION)
}
