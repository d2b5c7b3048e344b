//! Instants, days and labels: microseconds since the Unix epoch, day numbers since 1970-01-01, seconds of a day.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "parts of dates in the years 1 to 9999 fit their types"
)]

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

/// The day number of 0000-03-01.
const MARCH_OF_YEAR_0: i32 = -719_468;

/// `0` for Monday to `6` for Sunday.
#[must_use]
pub fn weekday(day: i32) -> usize {
    usize::try_from((i64::from(day) + 3).rem_euclid(7)).unwrap_or(0)
}

/// Year, month and day of a day number (proleptic Gregorian), of the nearest one in the years 1 to 9999.
///
/// The arithmetic is Neri and Schneider's (Euclidean affine functions, 2022), in years that begin in March.
#[must_use]
pub fn date_of(day: i32) -> (i32, u8, u8) {
    let number = day.clamp(FIRST_DAY, LAST_DAY).abs_diff(MARCH_OF_YEAR_0);
    let quarters = 4 * number + 3;
    let (century, of_century) = (quarters / 146_097, quarters % 146_097);
    let product = 2_939_745 * u64::from(of_century | 3);
    let year = 100 * century + (product >> 32) as u32;
    let of_year = (product as u32) / 2_939_745 / 4;
    let parts = 2_141 * of_year + 197_913;
    let (month, day) = (parts >> 16, (parts & 0xFFFF) / 2_141 + 1);
    let next_year = of_year >= 306;
    let month = if next_year { month - 12 } else { month };
    ((year + u32::from(next_year)) as i32, month as u8, day as u8)
}

/// The day number of a date in the years 1 to 9999 (the inverse of [`date_of`]).
#[must_use]
pub fn day_of(year: i32, month: u8, day: u8) -> i32 {
    let before_march = month <= 2;
    let year = year.unsigned_abs() - u32::from(before_march);
    let month = u32::from(month) + if before_march { 12 } else { 0 };
    let century = year / 100;
    let days = 1_461 * year / 4 - century + century / 4 + (979 * month - 2_919) / 32 + u32::from(day) - 1;
    MARCH_OF_YEAR_0 + days as i32
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
