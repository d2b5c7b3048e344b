//! Compilation: a schedule's local hours laid over a zone's clock.

use crate::civil::DAY;
use crate::hours::Schedule;
use crate::line::{Builder, Line};
use crate::zone::Zone;

/// The schedule's hours as a line of UTC seconds from `begins`; `None` if it is never open.
///
/// Each stretch of one offset shows a range of local labels; an interval is cut to the labels the stretch shows. Thus
/// a repeated label is open twice, a skipped one never, and an interval with an edge inside a change comes out right.
#[must_use]
pub fn open_line(zone: &Zone, schedule: &Schedule, begins: i64, span: u32) -> Option<Line> {
    let mut line = Builder::with_room(schedule.most_intervals() + zone.changes());
    for segment in zone.segments(begins, begins + i64::from(span)) {
        let (shown, hidden) = (segment.from + i64::from(segment.offset), segment.to + i64::from(segment.offset));
        let from = date_at(shown).max(schedule.first());
        let to = date_at(hidden - 1).min(schedule.last());
        // Of a label shown, the seconds since `begins`: they lie in `0..=span`.
        let since = |label: i64| narrow(label - i64::from(segment.offset) - begins);
        for stretch in schedule.stretches(from, to) {
            let (first, last) = (i64::from(stretch.days.start) * DAY, i64::from(stretch.days.end) * DAY);
            if shown <= first && last <= hidden {
                // Nothing to cut: most dates by far.
                let mut midnight = since(first);
                stretch.each(|_, hours| {
                    for &(a, b) in hours.intervals() {
                        line.push(midnight + a, midnight + b);
                    }
                    midnight += narrow(DAY);
                });
            } else {
                stretch.each(|day, hours| {
                    let midnight = i64::from(day) * DAY;
                    for &(a, b) in hours.intervals() {
                        let (a, b) = ((midnight + i64::from(a)).max(shown), (midnight + i64::from(b)).min(hidden));
                        if a < b {
                            line.push(since(a), since(b));
                        }
                    }
                });
            }
        }
    }
    line.finish(span)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a span has 32 bits")]
fn narrow(second: i64) -> u32 {
    second as u32
}

fn date_at(local: i64) -> i32 {
    i32::try_from(local.div_euclid(DAY)).unwrap_or(i32::MAX)
}
