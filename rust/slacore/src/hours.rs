//! Hours of a day, kinds of dates, and the schedule: what the civil calendar says about each date.

use std::ops::Range;
use std::slice::from_ref;

use crate::civil::{DAY, FIRST_DAY, LAST_DAY, iso_date, weekday};
use crate::days::Days;
use crate::error::{Error, Kind, Result};

/// The open intervals of one day: local seconds `[a, b)`, ascending, not overlapping, `b` at most 86,400 ("24:00").
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hours(Box<[(u32, u32)]>);

impl Hours {
    /// Checked hours.
    ///
    /// # Errors
    /// [`Kind::BadHours`]: an interval outside `[0, 86400]`, reversed, empty, or not after the one before it.
    pub fn new(intervals: &[(i64, i64)]) -> Result<Self> {
        let mut end = 0;
        let mut checked = Vec::with_capacity(intervals.len());
        for &(a, b) in intervals {
            if a < 0 || b > DAY || a >= b {
                return Err(Error::new(Kind::BadHours, format!("hours [{a}, {b}) s: need 0 <= from < to <= 86400")));
            }
            if a < end {
                return Err(Error::new(
                    Kind::BadHours,
                    format!("hours [{a}, {b}) s begin before the interval before them ends ({end} s)"),
                ));
            }
            end = b;
            checked.push((narrow(a), narrow(b)));
        }
        Ok(Self(checked.into()))
    }

    /// These hours with the last interval ending `seconds` earlier; it is dropped when nothing is left of it, the
    /// others stay as they are.
    #[must_use]
    pub fn shortened(&self, seconds: u32) -> Self {
        let mut intervals = self.0.to_vec();
        if let Some(last) = intervals.last_mut() {
            last.1 = last.1.saturating_sub(seconds);
            if last.1 <= last.0 {
                intervals.pop();
            }
        }
        Self(intervals.into())
    }

    /// The intervals.
    #[must_use]
    pub fn intervals(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_empty()
    }

    /// The local second at which the last interval ends.
    #[must_use]
    pub fn closing(&self) -> Option<u32> {
        self.0.last().map(|last| last.1)
    }

    /// Nominal length in seconds.
    #[must_use]
    pub fn length(&self) -> i64 {
        self.0.iter().map(|&(a, b)| i64::from(b) - i64::from(a)).sum()
    }
}

fn narrow(second: i64) -> u32 {
    u32::try_from(second).unwrap_or(0)
}

/// What a date is, whatever its hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum DateKind {
    /// An ordinary working day.
    WorkingDay = 0,
    /// Saturday or Sunday.
    Weekend = 1,
    /// A Saturday or Sunday decreed a working day.
    WorkingWeekend = 2,
    /// A public holiday.
    Holiday = 3,
    /// A day off moved here by decree.
    MovedOff = 4,
}

impl DateKind {
    /// The kind of this code.
    ///
    /// # Errors
    /// [`Kind::BadHours`] for an unknown code.
    pub fn from_code(code: u8) -> Result<Self> {
        Ok(match code {
            0 => Self::WorkingDay,
            1 => Self::Weekend,
            2 => Self::WorkingWeekend,
            3 => Self::Holiday,
            4 => Self::MovedOff,
            _ => return Err(Error::new(Kind::BadHours, format!("no kind of date has code {code}"))),
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WorkingDay => "working_day",
            Self::Weekend => "weekend",
            Self::WorkingWeekend => "working_weekend",
            Self::Holiday => "holiday",
            Self::MovedOff => "moved_off",
        }
    }
}

/// What is said about one date beyond the weekly hours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DateRule {
    /// `None`: by the day of the week.
    pub kind: Option<DateKind>,
    /// `None`: the weekly hours.
    pub hours: Option<Hours>,
    /// Seconds cut from the end of the day's last interval.
    pub shortened: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Override {
    day: i32,
    pattern: u16,
    kind: DateKind,
}

/// Dates in a row, and the hours they have in turn.
#[derive(Debug, Clone)]
pub struct Stretch<'a> {
    /// The dates.
    pub days: Range<i32>,
    /// Whose hours follow one another, the first after the last: a week's, or a single date's.
    hours: &'a [Hours],
    /// Which of them are the first date's.
    turn: usize,
}

impl Stretch<'_> {
    /// Calls `visit` with each date and its hours, ascending.
    #[inline]
    pub fn each(&self, mut visit: impl FnMut(i32, &Hours)) {
        let mut turn = self.turn;
        for day in self.days.clone() {
            visit(day, &self.hours[turn]);
            turn = if turn + 1 == self.hours.len() { 0 } else { turn + 1 };
        }
    }
}

/// Weekly hours, dated overrides, and the range of dates they are known for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Distinct days; the first seven are Monday to Sunday.
    patterns: Vec<Hours>,
    overrides: Box<[Override]>,
    first: i32,
    last: i32,
}

impl Schedule {
    /// The longest known range, in days: what 32 bits of seconds can hold.
    pub const LONGEST: i32 = 49_000;

    /// A schedule known for the dates `first..=last` (day numbers); later rules for one date win.
    ///
    /// # Errors
    /// [`Kind::BadRange`]: reversed, outside the years 1 to 9999, or longer than [`Schedule::LONGEST`].
    pub fn new(weekly: [Hours; 7], dates: Vec<(i32, DateRule)>, first: i32, last: i32) -> Result<Self> {
        if first > last {
            return Err(Error::new(
                Kind::BadRange,
                format!("known from {} to {}: reversed", iso_date(first), iso_date(last)),
            ));
        }
        // One day is left at each end, so that every local midnight of the range is an instant.
        if first <= FIRST_DAY || last >= LAST_DAY {
            return Err(Error::new(
                Kind::BadRange,
                format!("known from day {first} to {last}: outside the years 1 to 9999"),
            ));
        }
        if last - first >= Self::LONGEST {
            return Err(Error::new(
                Kind::BadRange,
                format!("known from {} to {}: longer than {} days", iso_date(first), iso_date(last), Self::LONGEST),
            ));
        }
        let mut patterns = Vec::from(weekly);
        let mut overrides = Vec::with_capacity(dates.len());
        for (day, rule) in dates {
            let week = weekday(day);
            let kind = rule.kind.unwrap_or(kind_by_week(week));
            let pattern = if rule.hours.is_none() && rule.shortened == 0 {
                week
            } else {
                let hours = rule.hours.unwrap_or_else(|| patterns[week].clone());
                let hours = if rule.shortened == 0 { hours } else { hours.shortened(rule.shortened) };
                intern(&mut patterns, hours)
            };
            let pattern =
                u16::try_from(pattern).map_err(|_| Error::new(Kind::BadHours, "more than 65535 different days"))?;
            overrides.push(Override { day, pattern, kind });
        }
        // Stable: among rules for one date the last one given stays last, and wins.
        overrides.sort_by_key(|o| o.day);
        overrides.reverse();
        overrides.dedup_by_key(|o| o.day);
        overrides.reverse();
        Ok(Self { patterns, overrides: overrides.into(), first, last })
    }

    /// The first known date.
    #[must_use]
    pub fn first(&self) -> i32 {
        self.first
    }

    /// The last known date.
    #[must_use]
    pub fn last(&self) -> i32 {
        self.last
    }

    /// Hours and kind of a date.
    ///
    /// # Errors
    /// [`Kind::BeyondCalendar`] outside the known range.
    pub fn on(&self, day: i32) -> Result<(&Hours, DateKind)> {
        if !(self.first..=self.last).contains(&day) {
            return Err(self.beyond(&iso_date(day)));
        }
        Ok(match self.overrides.binary_search_by_key(&day, |o| o.day) {
            Ok(k) => {
                let found = self.overrides[k];
                (&self.patterns[usize::from(found.pattern)], found.kind)
            }
            Err(_) => (&self.patterns[weekday(day)], kind_by_week(weekday(day))),
        })
    }

    /// Cuts the dates `from..=to` (inside the known range) into stretches, ascending: dates that go by the days of the
    /// week, and single ones that have a rule.
    pub fn stretches(&self, from: i32, to: i32) -> impl Iterator<Item = Stretch<'_>> {
        let mut day = from;
        let ruled = &self.overrides[self.overrides.partition_point(|o| o.day < from)..];
        ruled.iter().take_while(move |o| o.day <= to).map(Some).chain([None]).flat_map(move |rule| {
            let until = rule.map_or(to + 1, |rule| rule.day);
            let usual = Stretch { days: day..until, hours: &self.patterns[..7], turn: weekday(day) };
            day = until + 1;
            let single = rule.map(|rule| Stretch {
                days: rule.day..day,
                hours: from_ref(&self.patterns[usize::from(rule.pattern)]),
                turn: 0,
            });
            std::iter::once(usual).chain(single)
        })
    }

    /// The known dates, as positions from the first, of which `holds` is true for the day of the week (0 for Monday),
    /// the hours and the kind. It is asked once a day of the week and once a dated rule.
    #[must_use]
    pub fn dates_where(&self, holds: impl Fn(usize, &Hours, DateKind) -> bool) -> Days {
        let weekly = std::array::from_fn(|week| holds(week, &self.patterns[week], kind_by_week(week)));
        let dated = self.overrides.iter().filter(|o| (self.first..=self.last).contains(&o.day)).map(|o| {
            let position = o.day.abs_diff(self.first) as usize;
            (position, holds(weekday(o.day), &self.patterns[usize::from(o.pattern)], o.kind))
        });
        Days::new(self.last.abs_diff(self.first) as usize + 1, weekday(self.first), weekly, dated)
    }

    /// How many intervals the known dates have, at most.
    #[must_use]
    pub fn most_intervals(&self) -> usize {
        let weeks = usize::try_from((self.last - self.first) / 7 + 1).unwrap_or(0);
        let many = |pattern: usize| self.patterns[pattern].intervals().len();
        weeks * (0..7).map(many).sum::<usize>()
            + self.overrides.iter().map(|o| many(usize::from(o.pattern))).sum::<usize>()
    }

    /// The longest day of the weekly hours, in seconds: what "a working day" means as a running clock.
    #[must_use]
    pub fn nominal_day(&self) -> i64 {
        self.patterns[..7].iter().map(Hours::length).max().unwrap_or(0)
    }

    /// The refusal of something outside the known range.
    #[must_use]
    pub fn beyond(&self, what: &str) -> Error {
        Error::new(
            Kind::BeyondCalendar,
            format!(
                "{what} lies outside what the calendar knows ({} to {})",
                iso_date(self.first),
                iso_date(self.last)
            ),
        )
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.overrides.len() * size_of::<Override>()
            + self.patterns.capacity() * size_of::<Hours>()
            + self.patterns.iter().map(|h| size_of_val(h.intervals())).sum::<usize>()
    }
}

fn kind_by_week(week: usize) -> DateKind {
    if week >= 5 { DateKind::Weekend } else { DateKind::WorkingDay }
}

fn intern(patterns: &mut Vec<Hours>, hours: Hours) -> usize {
    patterns.iter().position(|p| *p == hours).unwrap_or_else(|| {
        patterns.push(hours);
        patterns.len() - 1
    })
}
