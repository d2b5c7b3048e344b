//! Instants, days and labels: microseconds since the Unix epoch, day numbers since 1970-01-01, seconds of a day.

use crate::error::{Error, Kind, Result};

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Seconds in a nominal day.
pub const DAY: i64 = 86_400;
/// The first instant of year 1, microseconds.
pub const EARLIEST: i64 = -62_135_596_800 * SECOND;
/// The last microsecond of year 9999.
pub const LATEST: i64 = 253_402_300_800 * SECOND - 1;
/// The day number of 0001-01-01.
pub const FIRST_DAY: i32 = -719_162;
/// The day number of 9999-12-31.
pub const LAST_DAY: i32 = 2_932_896;

/// `0` for Monday to `6` for Sunday.
#[must_use]
pub fn weekday(day: i32) -> usize {
    usize::try_from((i64::from(day) + 3).rem_euclid(7)).unwrap_or(0)
}

/// Year, month and day of a day number (proleptic Gregorian; the algorithm is Howard Hinnant's `civil_from_days`).
#[must_use]
pub fn date_of(day: i32) -> (i32, u8, u8) {
    let z = i64::from(day) + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let d = doy - (153 * mp + 2) / 5 + 1;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    let y = yoe + era * 400 + i64::from(m <= 2);
    (i32::try_from(y).unwrap_or(i32::MAX), u8::try_from(m).unwrap_or(0), u8::try_from(d).unwrap_or(0))
}

/// The day number of a date (the inverse of [`date_of`]).
#[must_use]
pub fn day_of(year: i32, month: u8, day: u8) -> i32 {
    let y = i64::from(year) - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let m = i64::from(month);
    let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + i64::from(day) - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    i32::try_from(era * 146_097 + doe - 719_468).unwrap_or(i32::MAX)
}

/// ISO 8601 of an instant under an offset in seconds; the fraction only where there is one.
#[must_use]
pub fn iso(instant: i64, offset: i32) -> String {
    let local = instant.div_euclid(SECOND) + i64::from(offset);
    let date = iso_date(i32::try_from(local.div_euclid(DAY)).unwrap_or(i32::MAX));
    let second = local.rem_euclid(DAY);
    let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    let fraction = match instant.rem_euclid(SECOND) {
        0 => String::new(),
        micro => format!(".{micro:06}"),
    };
    let sign = if offset < 0 { '-' } else { '+' };
    let shift = offset.unsigned_abs();
    let odd = match shift % 60 {
        0 => String::new(),
        seconds => format!(":{seconds:02}"),
    };
    format!("{date}T{time}{fraction}{sign}{:02}:{:02}{odd}", shift / 3600, shift / 60 % 60)
}

/// ISO 8601 of a day number.
#[must_use]
pub fn iso_date(day: i32) -> String {
    let (y, m, d) = date_of(day);
    format!("{y:04}-{m:02}-{d:02}")
}

/// The instant itself, if it lies in the years 1 to 9999.
///
/// # Errors
/// [`Kind::Overflow`] outside them.
pub fn checked(instant: i64) -> Result<i64> {
    if (EARLIEST..=LATEST).contains(&instant) {
        Ok(instant)
    } else {
        Err(Error::new(Kind::Overflow, format!("instant {instant} us lies outside the years 1 to 9999")))
    }
}

/// `instant + amount` (microseconds), inside the years 1 to 9999.
///
/// # Errors
/// [`Kind::Overflow`] outside them.
pub fn plus(instant: i64, amount: i64) -> Result<i64> {
    match instant.checked_add(amount) {
        Some(sum) => checked(sum),
        None => Err(Error::new(Kind::Overflow, format!("{instant} us + {amount} us lies outside the years 1 to 9999"))),
    }
}
