//! Business calendars, SLA clocks and keyed queues.

/// The crate's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg(feature = "python")]
mod python;
