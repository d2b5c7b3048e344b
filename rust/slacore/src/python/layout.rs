//! `CPython`'s `datetime` objects, read where they lie.
//!
//! The stable ABI has no access to their fields, and asking each by its name costs more than all the rest of a call. So
//! their layout, the same from `CPython` 3.7 on, is declared here, and believed only after the running interpreter's own
//! objects have been found to have it; otherwise the caller takes the portable way.

use std::ffi::c_int;

use pyo3::ffi::{self, PyObject, PyTypeObject};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// The beginning of the C interface that the `datetime` module exports.
#[repr(C)]
struct Exported {
    date: *mut PyTypeObject,
    datetime: *mut PyTypeObject,
    time: *mut PyTypeObject,
    delta: *mut PyTypeObject,
    tzinfo: *mut PyTypeObject,
    utc: *mut PyObject,
    make_date: *const (),
    make: unsafe extern "C" fn(
        c_int,
        c_int,
        c_int,
        c_int,
        c_int,
        c_int,
        c_int,
        *mut PyObject,
        *mut PyTypeObject,
    ) -> *mut PyObject,
}

/// A `datetime` with a `tzinfo`.
#[repr(C)]
struct Moment {
    head: PyObject,
    hash: isize,
    has_zone: u8,
    /// Year (two bytes), month, day, hour, minute, second, microsecond (three), high bytes first.
    data: [u8; 10],
    fold: u8,
    zone: *mut PyObject,
}

/// A `timedelta`.
#[repr(C)]
struct Delta {
    head: PyObject,
    hash: isize,
    days: c_int,
    seconds: c_int,
    microseconds: c_int,
}

/// Access to `datetime` objects of the layout declared here.
pub struct Layout(&'static Exported);

// SAFETY: the exported table and what it points to live, unchanged, as long as the interpreter; it is used only with
// the interpreter attached.
unsafe impl Send for Layout {}
// SAFETY: as above.
unsafe impl Sync for Layout {}

/// A wall-clock reading: days since 1970-01-01, microseconds of the day.
pub struct Reading {
    /// Year, month, day.
    pub date: (i32, u8, u8),
    /// Microseconds since midnight.
    pub micro: i64,
}

/// What zone a `datetime` has.
#[derive(PartialEq, Eq)]
pub enum Zoned {
    /// None.
    Naive,
    /// `datetime.UTC` itself.
    Utc,
    /// Another.
    Other,
}

static LAYOUT: PyOnceLock<Option<Layout>> = PyOnceLock::new();

/// The layout, if the running interpreter has it.
pub fn layout(py: Python<'_>) -> Option<&'static Layout> {
    LAYOUT.get_or_init(py, || Layout::proven(py).unwrap_or(None)).as_ref()
}

impl Layout {
    /// Imports the table and compares it, and an object with known fields, with what Python itself says.
    fn proven(py: Python<'_>) -> PyResult<Option<Self>> {
        let module = py.import("datetime")?;
        let class = module.getattr("datetime")?;
        let utc = module.getattr("timezone")?.getattr("utc")?;
        let delta_class = module.getattr("timedelta")?;
        let sizes: (usize, usize) =
            (class.getattr("__basicsize__")?.extract()?, delta_class.getattr("__basicsize__")?.extract()?);
        if sizes != (size_of::<Moment>(), size_of::<Delta>().next_multiple_of(8)) {
            return Ok(None);
        }
        // SAFETY: the name is the documented one of the capsule; attached to the interpreter.
        let table = unsafe { ffi::PyCapsule_Import(c"datetime.datetime_CAPI".as_ptr(), 0) }.cast::<Exported>();
        // SAFETY: a capsule of that name holds a table that begins with these fields, and lives as long as the interpreter.
        let Some(table) = (unsafe { table.as_ref() }) else {
            PyErr::take(py);
            return Ok(None);
        };
        let same = table.datetime.cast() == class.as_ptr()
            && table.delta.cast() == delta_class.as_ptr()
            && table.utc == utc.as_ptr();
        if !same {
            return Ok(None);
        }
        let layout = Self(table);
        let known = PyDict::new(py);
        known.set_item("tzinfo", &utc)?;
        known.set_item("fold", 1)?;
        let moment = class.call((2001, 2, 3, 4, 5, 6, 0x07_0809), Some(&known))?;
        let delta = delta_class.call1((-3, 7, 11))?;
        let (Some((reading, zoned)), Some(offset)) = (layout.reading(&moment), layout.delta(&delta)) else {
            return Ok(None);
        };
        let right = reading.date == (2001, 2, 3)
            && reading.micro == (4 * 3600 + 5 * 60 + 6) * 1_000_000 + 0x07_0809
            && zoned == Zoned::Utc
            && offset == (-3 * 86_400 + 7) * 1_000_000 + 11
            && layout.make(py, (2001, 2, 3), 14_706_460_809)?.bind(py).eq(&moment)?;
        Ok(right.then_some(layout))
    }

    /// What a `datetime` (of this very class) shows, and its zone.
    pub fn reading(&self, moment: &Bound<'_, PyAny>) -> Option<(Reading, Zoned)> {
        // SAFETY: the type of a live object.
        if unsafe { ffi::Py_TYPE(moment.as_ptr()) } != self.0.datetime {
            return None;
        }
        // SAFETY: an object of that class has this layout, as `proven` found; `zone` lies in it only if `has_zone`, and
        // is read only then. The fields never change.
        let (has_zone, [y1, y0, month, day, hour, minute, second, u2, u1, u0]) = unsafe {
            let moment = moment.as_ptr().cast::<Moment>();
            ((*moment).has_zone, (*moment).data)
        };
        let zoned = if has_zone == 0 {
            Zoned::Naive
        // SAFETY: as above.
        } else if unsafe { (*moment.as_ptr().cast::<Moment>()).zone } == self.0.utc {
            Zoned::Utc
        } else {
            Zoned::Other
        };
        let second = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        let micro = i64::from(u2) << 16 | i64::from(u1) << 8 | i64::from(u0);
        let date = (i32::from(y1) << 8 | i32::from(y0), month, day);
        Some((Reading { date, micro: second * 1_000_000 + micro }, zoned))
    }

    /// A `timedelta` (of this very class) in microseconds.
    pub fn delta(&self, delta: &Bound<'_, PyAny>) -> Option<i64> {
        // SAFETY: the type of a live object.
        if unsafe { ffi::Py_TYPE(delta.as_ptr()) } != self.0.delta {
            return None;
        }
        // SAFETY: an object of that class has this layout, as `proven` found. The fields never change.
        let (days, seconds, micro) = unsafe {
            let delta = delta.as_ptr().cast::<Delta>();
            ((*delta).days, (*delta).seconds, (*delta).microseconds)
        };
        Some((i64::from(days) * 86_400 + i64::from(seconds)) * 1_000_000 + i64::from(micro))
    }

    /// A `datetime` in UTC.
    pub fn make(&self, py: Python<'_>, date: (i32, u8, u8), micro: i64) -> PyResult<Py<PyAny>> {
        let second = c_int::try_from(micro / 1_000_000).unwrap_or(0);
        let micro = c_int::try_from(micro % 1_000_000).unwrap_or(0);
        // SAFETY: the interpreter's own function, which checks its arguments; it returns a new reference or null with an
        // exception set.
        unsafe {
            let made = (self.0.make)(
                date.0,
                date.1.into(),
                date.2.into(),
                second / 3600,
                second / 60 % 60,
                second % 60,
                micro,
                self.0.utc,
                self.0.datetime,
            );
            Bound::from_owned_ptr_or_err(py, made).map(Bound::unbind)
        }
    }
}
