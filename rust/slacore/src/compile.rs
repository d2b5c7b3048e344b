//! Compilation: a schedule's local hours laid over a zone's clock.

use crate::civil::DAY;
use crate::hours::Schedule;
use crate::zone::Zone;

/// The schedule's hours as UTC seconds from `begins`, ascending, touching ones merged.
///
/// Each stretch of one offset shows a range of local labels; an interval is cut to the labels the stretch shows. Thus
/// a repeated label is open twice, a skipped one never, and an interval with an edge inside a change comes out right.
#[must_use]
pub fn open_intervals(zone: &Zone, schedule: &Schedule, begins: i64, ends: i64) -> Vec<(u32, u32)> {
    let mut open: Vec<(u32, u32)> = Vec::new();
    for segment in zone.segments(begins, ends) {
        let offset = i64::from(segment.offset);
        let (shown, hidden) = (segment.from + offset, segment.to + offset);
        let from = date_at(shown).max(schedule.first());
        let to = date_at(hidden - 1).min(schedule.last());
        schedule.each(from, to, |day, hours, _| {
            let midnight = i64::from(day) * DAY;
            for &(a, b) in hours.intervals() {
                let start = (midnight + i64::from(a)).max(shown) - offset - begins;
                let end = (midnight + i64::from(b)).min(hidden) - offset - begins;
                // Both lie in 0..=ends - begins by the cut, which 32 bits hold by the longest range.
                if let (true, Ok(start), Ok(end)) = (start < end, u32::try_from(start), u32::try_from(end)) {
                    match open.last_mut() {
                        Some(last) if last.1 == start => last.1 = end,
                        _ => open.push((start, end)),
                    }
                }
            }
        });
    }
    open
}

fn date_at(local: i64) -> i32 {
    i32::try_from(local.div_euclid(DAY)).unwrap_or(i32::MAX)
}
