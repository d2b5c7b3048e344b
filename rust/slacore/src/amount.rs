//! Amounts of time with their counting conventions: five units, never a bare "day".

/// How a term in working days counts its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DayTerm {
    /// Day 1 is the first counted date after the local date of the event.
    #[default]
    NextDay,
    /// The date of the event is day 1 if it is a working day and the event comes before its closing.
    SameDay,
    /// No dates: N times the nominal working day, as a running clock.
    BusinessHours,
}

/// What the date of an event outside working hours is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AfterHours {
    /// Its own.
    #[default]
    EventDate,
    /// That of the next opening.
    NextOpen,
}

/// When the last day of a term ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DayEnd {
    /// At its closing.
    #[default]
    Close,
    /// At 24:00.
    Midnight,
}

/// What "calendar days without weekends" leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Skip {
    /// Weekends, moved days off, public holidays.
    #[default]
    WeekendsAndHolidays,
    /// Weekends and moved days off.
    Weekends,
}

/// Where a term of working time that runs out exactly at closing is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ClosingEdge {
    /// At closing: the earliest instant at which the time is used up.
    #[default]
    SameInstant,
    /// At the next opening.
    NextOpen,
}

/// An amount of time and how it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Amount {
    /// Microseconds of working time.
    Working {
        /// How many.
        us: i64,
        /// Where a term that runs out at closing is due.
        edge: ClosingEdge,
    },
    /// Microseconds, round the clock.
    Elapsed {
        /// How many.
        us: i64,
    },
    /// Dates with working hours.
    WorkingDays {
        /// How many.
        n: u32,
        /// Where the count begins.
        term: DayTerm,
        /// The date of an event outside hours.
        after: AfterHours,
        /// When the last day ends.
        end: DayEnd,
    },
    /// Dates without weekends.
    DaysWithoutWeekends {
        /// How many.
        n: u32,
        /// What is left out.
        skip: Skip,
        /// Whether a last day that is no working day moves to the next working day.
        roll: bool,
        /// When the last day ends.
        end: DayEnd,
    },
    /// Dates.
    CalendarDays {
        /// How many.
        n: u32,
        /// Whether a last day that is no working day moves to the next working day.
        roll: bool,
        /// When the last day ends.
        end: DayEnd,
    },
}
