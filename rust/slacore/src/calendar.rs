//! A compiled calendar: the schedule laid over the zone's clock, and the questions it answers by look-up.

use crate::civil::{DAY, SECOND, iso};
use crate::compile::open_line;
use crate::days::Days;
use crate::error::{Error, Kind, Result};
use crate::hours::{DateKind, Hours, Schedule};
use crate::line::{Line, Look, Visit};
use crate::zone::Zone;

/// Which dates a term in days counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Dates with working hours.
    Working,
    /// All but weekends, moved days off and public holidays.
    NeitherWeekendsNorHolidays,
    /// All but weekends and moved days off; a holiday counts unless it falls on a Saturday or Sunday.
    NoWeekends,
}

/// Working time of one zone and one schedule. Instants are microseconds since the epoch, dates day numbers.
///
/// An instant is open if the local date's hours contain the local time of day; open time is elapsed time, so a
/// repeated local hour counts twice and a skipped one not at all.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: Zone,
    schedule: Schedule,
    line: Line,
    /// The known range, as instants.
    begins: i64,
    ends: i64,
    working: Days,
    no_weekends: Days,
    neither: Days,
}

/// Counted dates in a row.
#[derive(Debug, Clone, Copy)]
pub struct Dates<'a> {
    set: &'a Days,
    first: i32,
    rank: u32,
    n: u32,
    last: i32,
}

impl Dates<'_> {
    /// The last of them.
    #[must_use]
    pub fn last(&self) -> i32 {
        self.last
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = i32> + Clone + '_ {
        (self.rank..self.rank + self.n)
            .filter_map(|rank| self.set.select(rank))
            .map(|position| self.first + count(position))
    }
}

impl Calendar {
    /// Compiles a schedule over a zone.
    ///
    /// # Errors
    /// [`Kind::NoWorkingTime`] if it is never open; [`Kind::BadZone`] if the zone's clock runs backwards over the range.
    pub fn new(zone: Zone, schedule: Schedule) -> Result<Self> {
        let begins = zone.wall(i64::from(schedule.first()) * DAY);
        let ends = zone.wall((i64::from(schedule.last()) + 1) * DAY);
        if begins >= ends {
            return Err(Error::new(Kind::BadZone, "the known range is empty on this zone's clock"));
        }
        let span =
            u32::try_from(ends - begins).map_err(|_| Error::new(Kind::BadRange, "the known range is too long"))?;
        let line = open_line(&zone, &schedule, begins, span)
            .ok_or_else(|| Error::new(Kind::NoWorkingTime, "the calendar is never open in its known range"))?;
        let set = |counted| schedule.dates_where(|week, hours, kind| counts(counted, week, hours, kind));
        Ok(Self {
            line,
            begins: begins * SECOND,
            ends: ends * SECOND,
            working: set(Counted::Working),
            no_weekends: set(Counted::NoWeekends),
            neither: set(Counted::NeitherWeekendsNorHolidays),
            zone,
            schedule,
        })
    }

    /// The zone's clock.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// What the civil calendar says.
    #[must_use]
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The compiled time line, from [`Calendar::known`]'s first instant.
    #[must_use]
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// The known range: its first instant, and the instant that ends it.
    #[must_use]
    pub fn known(&self) -> (i64, i64) {
        (self.begins, self.ends)
    }

    /// The length of the known range, microseconds.
    #[must_use]
    pub fn span(&self) -> u64 {
        (self.ends - self.begins).unsigned_abs()
    }

    /// The earliest instant with `amount` open time since `start`; `start` itself for an amount of 0.
    ///
    /// # Errors
    /// [`Kind::BadAmount`] below 0; [`Kind::BeyondCalendar`] if `start` or the answer lies outside the known range.
    #[inline]
    pub fn add(&self, start: i64, amount: i64) -> Result<i64> {
        if amount <= 0 {
            return if amount == 0 { Ok(start) } else { Err(negative(amount)) };
        }
        let at = self.relative(start)?;
        let reached = self.line.with_view(Advance { at, amount: amount.unsigned_abs(), whole: self.line.whole() });
        match reached {
            Some(t) => Ok(self.begins + signed(t)),
            None => Err(self.schedule.beyond(&format!("{amount} us of working time from {}", self.local_iso(start)))),
        }
    }

    /// Open time in `[a, b)`; below 0 for `b` before `a`.
    ///
    /// # Errors
    /// [`Kind::BeyondCalendar`] if either lies outside the known range.
    #[inline]
    pub fn between(&self, a: i64, b: i64) -> Result<i64> {
        let (a, b) = (self.relative(a)?, self.relative(b)?);
        Ok(self.spent(b) - self.spent(a))
    }

    /// Whether the instant is open: `[opening, closing)`.
    ///
    /// # Errors
    /// [`Kind::BeyondCalendar`] outside the known range, whose last instant is not part of it.
    pub fn is_open(&self, at: i64) -> Result<bool> {
        let t = self.relative(at)?;
        if at == self.ends {
            return Err(self.schedule.beyond(&self.local_iso(at)));
        }
        Ok(self.line.interval(self.line.first_ending_after(t)).is_some_and(|(start, _)| start <= t))
    }

    /// The instant itself where it is open, else the next opening.
    ///
    /// # Errors
    /// [`Kind::BeyondCalendar`] if there is none in the known range.
    pub fn next_open(&self, at: i64) -> Result<i64> {
        let t = self.relative(at)?;
        match self.line.interval(self.line.first_ending_after(t)) {
            Some((start, _)) => Ok(self.begins + signed(start.max(t))),
            None => Err(self.schedule.beyond(&format!("the next opening after {}", self.local_iso(at)))),
        }
    }

    /// The open intervals, clipped to `[a, b)`.
    ///
    /// # Errors
    /// [`Kind::BeyondCalendar`] if either lies outside the known range.
    pub fn intervals(&self, a: i64, b: i64) -> Result<Vec<(i64, i64)>> {
        let (a, b) = (self.relative(a)?, self.relative(b)?);
        Ok((self.line.first_ending_after(a)..)
            .map_while(|number| self.line.interval(number))
            .take_while(|&(start, _)| start < b)
            .map(|(start, end)| (self.begins + signed(start.max(a)), self.begins + signed(end.min(b))))
            .filter(|(from, to)| from < to)
            .collect())
    }

    /// Hours and kind of a date.
    ///
    /// # Errors
    /// [`Kind::BeyondCalendar`] outside the known range.
    pub fn on(&self, day: i32) -> Result<(&Hours, DateKind)> {
        self.schedule.on(day)
    }

    /// The instant of a date's closing; `None` for a closed date.
    ///
    /// # Errors
    /// [`Kind::BeyondCalendar`] outside the known range.
    pub fn closing(&self, day: i32) -> Result<Option<i64>> {
        let (hours, _) = self.schedule.on(day)?;
        Ok(hours.closing().map(|second| self.wall(day, i64::from(second))))
    }

    /// The instant of a date's local second (86,400 is 24:00): the first occurrence of a repeated label; a skipped
    /// one is read with the offset before the change.
    #[must_use]
    pub fn wall(&self, day: i32, second: i64) -> i64 {
        self.zone.wall(i64::from(day) * DAY + second) * SECOND
    }

    /// The local date of an instant.
    #[must_use]
    pub fn local_date(&self, at: i64) -> i32 {
        let second = at.div_euclid(SECOND);
        let local = second + i64::from(self.zone.offset_at(second));
        i32::try_from(local.div_euclid(DAY)).unwrap_or(i32::MAX)
    }

    /// ISO 8601 of an instant in the calendar's own offset.
    #[must_use]
    pub fn local_iso(&self, at: i64) -> String {
        iso(at, self.zone.offset_at(at.div_euclid(SECOND)))
    }

    /// The first `n` counted dates after `day`; `n` is 1 or more.
    ///
    /// # Errors
    /// [`Kind::BeyondCalendar`] if `day` or the last of them is not known.
    pub fn days_after(&self, day: i32, n: u32, counted: Counted) -> Result<Dates<'_>> {
        let set = match counted {
            Counted::Working => &self.working,
            Counted::NoWeekends => &self.no_weekends,
            Counted::NeitherWeekendsNorHolidays => &self.neither,
        };
        // The day before the first known one is good enough to count from: nothing is asked of it.
        let position = usize::try_from(i64::from(day) + 1 - i64::from(self.schedule.first()))
            .map_err(|_| self.schedule.beyond(&crate::civil::iso_date(day)))?;
        let rank = set.below(position);
        let last = rank.checked_add(n).and_then(|end| set.select(end.checked_sub(1)?));
        match last {
            Some(last) => {
                Ok(Dates { set, first: self.schedule.first(), rank, n, last: self.schedule.first() + count(last) })
            }
            None => Err(self.schedule.beyond(&format!("day {n} after {}", crate::civil::iso_date(day)))),
        }
    }

    /// The date itself where it is a working day, else the next working day.
    ///
    /// # Errors
    /// [`Kind::BeyondCalendar`] if there is none in the known range.
    pub fn rolled(&self, day: i32) -> Result<i32> {
        Ok(self.days_after(day - 1, 1, Counted::Working)?.last())
    }

    /// Bytes on the heap: the time line's, and all there is.
    #[must_use]
    pub fn heap_bytes(&self) -> (usize, usize) {
        let line = self.line.heap_bytes();
        let days = self.working.heap_bytes() + self.no_weekends.heap_bytes() + self.neither.heap_bytes();
        let zone = self.zone.changes() * size_of::<(i64, i32)>();
        (line, line + days + zone + self.schedule.heap_bytes())
    }

    fn spent(&self, t: u64) -> i64 {
        signed(self.line.with_view(Spent(t)))
    }

    #[inline]
    fn relative(&self, at: i64) -> Result<u64> {
        if (self.begins..=self.ends).contains(&at) {
            Ok((at - self.begins).unsigned_abs())
        } else {
            Err(self.schedule.beyond(&iso(at.clamp(crate::civil::EARLIEST, crate::civil::LATEST), 0)))
        }
    }
}

/// Whether a date of the day `week` of the week (0 for Monday) is counted.
fn counts(counted: Counted, week: usize, hours: &Hours, kind: DateKind) -> bool {
    let weekend = matches!(kind, DateKind::Weekend | DateKind::MovedOff) || (kind == DateKind::Holiday && week >= 5);
    match counted {
        Counted::Working => !hours.is_closed(),
        Counted::NoWeekends => !weekend,
        Counted::NeitherWeekendsNorHolidays => !weekend && kind != DateKind::Holiday,
    }
}

struct Spent(u64);

impl Visit for Spent {
    type Output = u64;
    #[inline]
    fn visit<L: Look>(self, look: L) -> u64 {
        look.spent(self.0)
    }
}

struct Advance {
    at: u64,
    amount: u64,
    whole: u64,
}

impl Visit for Advance {
    type Output = Option<u64>;
    #[inline]
    fn visit<L: Look>(self, look: L) -> Option<u64> {
        let open = look.spent(self.at).checked_add(self.amount)?;
        (open <= self.whole).then(|| look.reach(open))
    }
}

/// A distance from the base as a signed number: it is below 2^52 by the longest range.
#[allow(clippy::cast_possible_wrap, reason = "distances are far below 2^63")]
fn signed(distance: u64) -> i64 {
    distance as i64
}

fn negative(amount: i64) -> Error {
    Error::new(Kind::BadAmount, format!("amount {amount} us: need 0 or more"))
}

fn count(position: usize) -> i32 {
    i32::try_from(position).unwrap_or(i32::MAX)
}
