//! What the core refuses, and why: one kind per reason, one exception class per kind at the border.

use std::fmt;

/// Why an input was refused. The border turns each kind into one exception class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Zone transitions that are no zone: out of order, not whole seconds, an offset beyond a day.
    BadZone,
    /// Hours that are no hours: reversed, empty, overlapping, outside the day.
    BadHours,
    /// A known range that is no range: reversed, or longer than the core can index.
    BadRange,
    /// The calendar is never open.
    NoWorkingTime,
    /// The question or its answer lies outside what the calendar knows.
    BeyondCalendar,
    /// An amount that is no amount: negative, or no days at all.
    BadAmount,
    /// A pause that ends before it begins.
    BadPause,
    /// The answer lies outside the years 1 to 9999.
    Overflow,
    /// Columns that do not fit together: lengths, types, read-only output.
    BadColumn,
    /// A clock's program or its events make no sense.
    BadProgram,
}

/// A refusal: its kind and a message that names the value and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
}

impl Error {
    /// A refusal of this kind.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Why the input was refused.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The core's results.
pub type Result<T> = std::result::Result<T, Error>;
