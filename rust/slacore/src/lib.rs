//! Business calendars, SLA clocks and keyed queues.
//!
//! The crate knows no names, no `now`, no I/O. Instants are microseconds since the Unix epoch (`i64`), dates are day
//! numbers since 1970-01-01 (`i32`), hours are local seconds of a day. Senseless input is refused with a
//! [`error::Kind`]; nothing loops, wraps or panics on it.
#![cfg_attr(not(feature = "python"), forbid(unsafe_code))]

pub mod amount;
pub mod batch;
pub mod calendar;
pub mod civil;
pub mod clock;
pub mod compile;
pub mod days;
pub mod due;
pub mod error;
pub mod hours;
pub mod line;
pub mod pauses;
pub mod queue;
pub mod sweep;
pub mod zone;

/// The crate's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg(feature = "python")]
mod python;
