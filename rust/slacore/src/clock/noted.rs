//! What is noted while a limit is counted: where counting begins, and what ran, for the shares that warn.

use crate::calendar::Calendar;
use crate::civil::DAY;
use crate::due::{Measure, Trace};
use crate::error::Result;

/// What ran for a limit, stretch by stretch: whether on working time, from when, how much.
#[derive(Default)]
pub(super) struct Legs(Vec<(bool, i64, i64)>);

impl Legs {
    /// When a share of the whole, percent, has run.
    pub(super) fn reach(&self, calendar: Option<&Calendar>, share: u8) -> Result<Option<i64>> {
        let whole: i64 = self.0.iter().map(|leg| leg.2).sum();
        // In two parts, so that no product leaves 64 bits.
        let mut left = whole / 100 * i64::from(share) + whole % 100 * i64::from(share) / 100;
        for (working, from, length) in &self.0 {
            if left <= *length {
                let measure = calendar.filter(|_| *working).map_or(Measure::Elapsed, Measure::Working);
                return measure.add(*from, left).map(Some);
            }
            left -= length;
        }
        Ok(None)
    }
}

/// Notes where counting begins, a term in days with its first day whatever is paused, and what ran.
pub(super) struct Noted<'t, T> {
    pub(super) first: Option<i64>,
    pub(super) legs: Option<Legs>,
    pub(super) inner: &'t mut T,
}

impl<T: Trace> Trace for Noted<'_, T> {
    fn begins(&mut self, at: i64) {
        self.first.get_or_insert(at);
    }

    fn ran(&mut self, measure: Measure<'_>, from: i64, to: i64) -> Result<()> {
        if let Some(legs) = &mut self.legs {
            legs.0.push((matches!(measure, Measure::Working(_)), from, measure.between(from, to)?));
        }
        self.inner.ran(measure, from, to)
    }

    fn dates(&mut self, calendar: &Calendar, dates: impl Iterator<Item = i32> + Clone, whole: bool) {
        if let (true, Some(day)) = (whole, dates.clone().next()) {
            self.first.get_or_insert(calendar.wall(day, 0));
            if let Some(legs) = &mut self.legs {
                legs.0.extend(dates.clone().map(|day| {
                    let from = calendar.wall(day, 0);
                    (false, from, calendar.wall(day, DAY) - from)
                }));
            }
        }
        self.inner.dates(calendar, dates, whole);
    }
}
