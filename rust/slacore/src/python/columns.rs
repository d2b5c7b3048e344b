//! Columns of a caller's memory, through the buffer protocol. The only place that trusts memory it did not make.

use std::sync::atomic::{AtomicI64, AtomicU32};

use pyo3::buffer::{Element, PyBuffer, PyUntypedBuffer};
use pyo3::prelude::*;

use crate::python::errors::BadColumn;

/// A buffer held for as long as its rows are used.
pub struct Held<T: Element>(Option<PyBuffer<T>>);

/// Signed 64-bit integers.
pub type Wide = Held<i64>;
/// Unsigned 32-bit integers.
pub type Narrow = Held<u32>;

impl<T: Element> Held<T> {
    /// The buffer of `object`, which has to be contiguous, of this type and, if `written`, writable.
    pub fn of(object: &Bound<'_, PyAny>, name: &str, written: bool) -> PyResult<Self> {
        let bits = size_of::<T>() * 8;
        let unfit = |error: PyErr| BadColumn::new_err(format!("{name}: need a buffer of {bits}-bit integers: {error}"));
        let buffer = PyUntypedBuffer::get(object).map_err(unfit)?;
        if buffer.item_count() == 0 {
            return Ok(Self(None)); // whose address, and so its alignment, means nothing
        }
        let buffer = buffer.into_typed::<T>().map_err(unfit)?;
        if buffer.dimensions() != 1 || !buffer.is_c_contiguous() {
            return Err(BadColumn::new_err(format!("{name}: need one contiguous dimension")));
        }
        if written && buffer.readonly() {
            return Err(BadColumn::new_err(format!("{name}: is written to, but read-only")));
        }
        Ok(Self(Some(buffer)))
    }

    fn parts(&self) -> Option<(*mut T, usize)> {
        self.0.as_ref().map(|buffer| (buffer.buf_ptr().cast(), buffer.item_count()))
    }
}

impl Wide {
    /// The rows.
    pub fn rows(&self) -> &[AtomicI64] {
        self.parts().map_or(&[], |(first, length)| {
            // SAFETY: the buffer is held as long as `self`, contiguous, aligned and of `length` 64-bit integers, as
            // `PyBuffer` and `of` checked. It may be shared: it is only read and written as atomics, whose layout is that of the integer, and
            // written only where `of` checked that it is writable.
            unsafe { std::slice::from_raw_parts(first.cast::<AtomicI64>(), length) }
        })
    }
}

impl Narrow {
    /// The rows.
    pub fn rows(&self) -> &[AtomicU32] {
        self.parts().map_or(&[], |(first, length)| {
            // SAFETY: as in `Wide::rows`, of 32-bit integers.
            unsafe { std::slice::from_raw_parts(first.cast::<AtomicU32>(), length) }
        })
    }
}
