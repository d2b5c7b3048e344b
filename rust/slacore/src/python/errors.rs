//! Every refusal of the core as a Python exception: one class per kind. All translation is here.

use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::{Error, Kind};

create_exception!(helpdesk._slacore, SlaError, PyValueError, "Time that cannot be computed as asked.");
create_exception!(
    helpdesk._slacore,
    BadZone,
    SlaError,
    "Zone transitions that are no zone: out of order, not whole seconds, an offset of a day or more."
);
create_exception!(
    helpdesk._slacore,
    BadHours,
    SlaError,
    "Hours that are no hours: reversed, empty, overlapping, outside the day."
);
create_exception!(
    helpdesk._slacore,
    BadRange,
    SlaError,
    "A known range that is reversed, outside the years 1 to 9999, or too long."
);
create_exception!(helpdesk._slacore, NoWorkingTime, SlaError, "The calendar is never open where it must be.");
create_exception!(
    helpdesk._slacore,
    BeyondCalendar,
    SlaError,
    "The question or its answer lies outside what the calendar knows."
);
create_exception!(helpdesk._slacore, BadAmount, SlaError, "An amount below zero, of no days, or without its calendar.");
create_exception!(helpdesk._slacore, BadPause, SlaError, "A pause that ends before it begins.");
create_exception!(helpdesk._slacore, OutOfTime, SlaError, "The answer lies outside the years 1 to 9999.");
create_exception!(
    helpdesk._slacore,
    BadColumn,
    SlaError,
    "Columns that do not fit: not contiguous 64-bit integers, of unequal length, or read-only where written to."
);
create_exception!(helpdesk._slacore, BadProgram, SlaError, "A clock's program or its events make no sense.");
create_exception!(helpdesk._slacore, NaiveInstant, SlaError, "A wall-clock reading without a zone names no instant.");

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error.kind() {
            Kind::BadZone => BadZone::new_err(message),
            Kind::BadHours => BadHours::new_err(message),
            Kind::BadRange => BadRange::new_err(message),
            Kind::NoWorkingTime => NoWorkingTime::new_err(message),
            Kind::BeyondCalendar => BeyondCalendar::new_err(message),
            Kind::BadAmount => BadAmount::new_err(message),
            Kind::BadPause => BadPause::new_err(message),
            Kind::Overflow => OutOfTime::new_err(message),
            Kind::BadColumn => BadColumn::new_err(message),
            Kind::BadProgram => BadProgram::new_err(message),
        }
    }
}

/// Adds the classes to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("SlaError", py.get_type::<SlaError>())?;
    module.add("BadZone", py.get_type::<BadZone>())?;
    module.add("BadHours", py.get_type::<BadHours>())?;
    module.add("BadRange", py.get_type::<BadRange>())?;
    module.add("NoWorkingTime", py.get_type::<NoWorkingTime>())?;
    module.add("BeyondCalendar", py.get_type::<BeyondCalendar>())?;
    module.add("BadAmount", py.get_type::<BadAmount>())?;
    module.add("BadPause", py.get_type::<BadPause>())?;
    module.add("OutOfTime", py.get_type::<OutOfTime>())?;
    module.add("BadColumn", py.get_type::<BadColumn>())?;
    module.add("BadProgram", py.get_type::<BadProgram>())?;
    module.add("NaiveInstant", py.get_type::<NaiveInstant>())
}
