//! What the queues refuse, as Python exceptions: one class per kind.

use pyo3::create_exception;
use pyo3::prelude::*;

use crate::python::errors::{BadColumn, SlaError};
use crate::queue::QueueError;

create_exception!(helpdesk._slacore, DuplicateKey, SlaError, "The key is queued already; re-key it or put it.");
create_exception!(helpdesk._slacore, UnknownKey, SlaError, "The key is not queued.");
create_exception!(helpdesk._slacore, BadKey, SlaError, "A key that is not 16 bytes long.");
create_exception!(
    helpdesk._slacore,
    BadOrder,
    SlaError,
    "An order of another width than the queue was declared with, or a width that no queue can have."
);
create_exception!(helpdesk._slacore, QueueFull, SlaError, "The queue holds as many keys as it can.");

impl From<QueueError> for PyErr {
    fn from(error: QueueError) -> Self {
        let message = error.to_string();
        match error {
            QueueError::DuplicateKey(_) => DuplicateKey::new_err(message),
            QueueError::UnknownKey(_) => UnknownKey::new_err(message),
            QueueError::WrongWidth { .. } | QueueError::UnsupportedWidth(_) => BadOrder::new_err(message),
            QueueError::UnequalColumns { .. } => BadColumn::new_err(message),
            QueueError::Full => QueueFull::new_err(message),
        }
    }
}

/// Adds the classes to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("DuplicateKey", py.get_type::<DuplicateKey>())?;
    module.add("UnknownKey", py.get_type::<UnknownKey>())?;
    module.add("BadKey", py.get_type::<BadKey>())?;
    module.add("BadOrder", py.get_type::<BadOrder>())?;
    module.add("QueueFull", py.get_type::<QueueFull>())
}
