//! The core against time walked step by step through the civil clock, on random zones, hours, dates and pauses.
//!
//! Everything civil sits on multiples of ten minutes, so a step of ten minutes is short enough; the instants asked about
//! sit anywhere.

use _slacore::amount::{AfterHours, Amount, ClosingEdge, DayEnd, DayTerm, Skip};
use _slacore::calendar::Calendar;
use _slacore::civil::{DAY, SECOND, weekday};
use _slacore::due::deadline;
use _slacore::error::Kind;
use _slacore::hours::{DateKind, DateRule, Hours, Schedule};
use _slacore::pauses::Pause;
use _slacore::zone::Zone;
use proptest::collection::vec;
use proptest::prelude::*;

const STEP: i64 = 600 * SECOND;
const FIRST: i32 = 20_000;
const DAYS: i32 = 40;

/// Day, code of its kind, hours, seconds cut from their end.
type Dated = (i32, Option<u8>, Option<Vec<(i64, i64)>>, u32);

/// A calendar as plain data, and what a walk needs to know of it.
#[derive(Clone, Debug)]
struct Plain {
    initial: i32,
    changes: Vec<(i64, i32)>,
    weekly: Vec<Vec<(i64, i64)>>,
    dates: Vec<Dated>,
}

impl Plain {
    fn compiled(&self) -> Option<Calendar> {
        let hours = |pairs: &Vec<(i64, i64)>| Hours::new(pairs).unwrap();
        let weekly: [Hours; 7] = std::array::from_fn(|day| hours(&self.weekly[day]));
        let rule = |(day, kind, pairs, shortened): &Dated| {
            let kind = kind.map(|code| DateKind::from_code(code).unwrap());
            (*day, DateRule { kind, hours: pairs.as_ref().map(hours), shortened: *shortened })
        };
        let dates = self.dates.iter().map(rule).collect();
        let schedule = Schedule::new(weekly, dates, FIRST, FIRST + DAYS - 1).unwrap();
        match Calendar::new(Zone::new(self.initial, &self.changes).unwrap(), schedule) {
            Ok(calendar) => Some(calendar),
            Err(refusal) => {
                assert_eq!(refusal.kind(), Kind::NoWorkingTime);
                None
            }
        }
    }

    fn local(&self, at: i64) -> (i32, i64) {
        let second = at.div_euclid(SECOND);
        let offset = self.changes.iter().rfind(|change| change.0 <= second).map_or(self.initial, |change| change.1);
        let label = second + i64::from(offset);
        (i32::try_from(label.div_euclid(DAY)).unwrap(), label.rem_euclid(DAY))
    }

    /// A day's hours; none on a day that is not known, into which a change may reach over the last known midnight.
    fn hours(&self, day: i32) -> Vec<(i64, i64)> {
        if !(FIRST..FIRST + DAYS).contains(&day) {
            return Vec::new();
        }
        let rule = self.dates.iter().rfind(|rule| rule.0 == day);
        let mut hours = rule.and_then(|rule| rule.2.clone()).unwrap_or_else(|| self.weekly[weekday(day)].clone());
        if let (Some(last), Some(rule)) = (hours.last_mut(), rule) {
            last.1 -= i64::from(rule.3);
            if last.1 <= last.0 {
                hours.pop();
            }
        }
        hours
    }

    fn kind(&self, day: i32) -> u8 {
        let rule = self.dates.iter().rfind(|rule| rule.0 == day).and_then(|rule| rule.1);
        rule.unwrap_or(u8::from(weekday(day) >= 5))
    }

    fn is_open(&self, at: i64) -> bool {
        let (day, second) = self.local(at);
        self.hours(day).iter().any(|&(a, b)| a <= second && second < b)
    }

    /// The first instant whose label is `second` of `day`; where a change skips it, where the clock before the change would
    /// have shown it.
    fn shown(&self, day: i32, second: i64) -> i64 {
        let label = i64::from(day) * DAY + second;
        let labelled = |at: i64| {
            let (day, second) = self.local(at);
            i64::from(day) * DAY + second
        };
        let near = label * SECOND - 15 * 3600 * SECOND;
        let steps = || (0..180).map(|k| near + k * STEP);
        steps().find(|&at| labelled(at) == label).unwrap_or_else(|| {
            let before = steps().find(|&at| labelled(at) < label && label < labelled(at + STEP)).unwrap();
            before + (label - labelled(before)) * SECOND
        })
    }
}

fn paused(at: i64, pauses: &[Pause]) -> bool {
    pauses.iter().any(|p| p.from <= at && p.to.is_none_or(|to| at < to))
}

/// The steps from `start` to `end`: to the next multiple of ten minutes, and to where a pause begins or ends.
fn steps(start: i64, end: i64, pauses: &[Pause]) -> Vec<(i64, i64)> {
    let mut edges: Vec<i64> = pauses.iter().flat_map(|p| [Some(p.from), p.to]).flatten().collect();
    edges.extend((start.div_euclid(STEP)..=end.div_euclid(STEP)).map(|k| k * STEP));
    edges.extend([start, end]);
    edges.retain(|edge| (start..=end).contains(edge));
    edges.sort_unstable();
    edges.dedup();
    edges.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

fn walked(plain: &Plain, a: i64, b: i64) -> i64 {
    steps(a, b, &[]).into_iter().filter(|step| plain.is_open(step.0)).map(|(from, to)| to - from).sum()
}

/// When `amount` is used up, and what counted; `None` if it is not by `end`.
fn walked_due(
    open: impl Fn(i64) -> bool,
    start: i64,
    amount: i64,
    pauses: &[Pause],
    end: i64,
) -> (Option<i64>, Vec<(i64, i64)>) {
    let mut left = amount;
    let mut counted: Vec<(i64, i64)> = Vec::new();
    if left == 0 {
        return (Some(start), counted);
    }
    for (from, to) in steps(start, end, pauses) {
        if open(from) && !paused(from, pauses) {
            let to = to.min(from + left);
            left -= to - from;
            match counted.last_mut() {
                Some(last) if last.1 == from => last.1 = to,
                _ => counted.push((from, to)),
            }
            if left == 0 {
                return (Some(to), counted);
            }
        }
    }
    (None, counted)
}

fn merged(counted: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (from, to) in counted {
        match merged.last_mut() {
            Some(last) if last.1 == from => last.1 = to,
            _ => merged.push((from, to)),
        }
    }
    merged
}

fn hours() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop_oneof![
        2 => Just(Vec::new()),
        2 => Just(vec![(0, 86_400)]),
        6 => vec(0..=144_i64, 2..=6).prop_map(|mut edges| {
            edges.sort_unstable();
            edges.dedup();
            edges.chunks_exact(2).map(|pair| (pair[0] * 600, pair[1] * 600)).collect()
        }),
    ]
}

prop_compose! {
    fn plain()(
        initial in -12..=14_i32,
        // At most one change in ten days, of up to three hours either way.
        shifts in vec((0..10_i64, 0..144_i64, -18..=18_i32), 0..=4),
        weekly in vec(hours(), 7),
        dates in vec((0..DAYS, proptest::option::of(0..5_u8), proptest::option::of(hours()), prop_oneof![Just(0), 0..=40_u32]), 0..8),
    ) -> Plain {
        let begins = i64::from(FIRST) * DAY;
        let mut offset = initial * 3600;
        let changes = shifts.into_iter().enumerate().map(|(k, (day, step, shift))| {
            offset = (offset + shift * 600).clamp(-14 * 3600, 14 * 3600);
            let tens = i64::try_from(k).unwrap() * 10;
            (begins + (tens + day) * DAY + step * 600, offset)
        }).collect();
        let dates = dates.into_iter().map(|(day, kind, hours, cut)| (FIRST + day, kind, hours, cut * 600)).collect();
        Plain { initial: initial * 3600, changes, weekly, dates }
    }
}

/// Calendars that are open at some time, with instants in their range anywhere and on the edges of steps.
fn asked() -> impl Strategy<Value = (Plain, Vec<i64>)> {
    let instant = prop_oneof![0..=i64::from(DAYS) * 144, 0..=i64::from(DAYS) * 144];
    let instant = (instant, prop_oneof![2 => Just(0), 1 => -1..=1_i64, 1 => 0..STEP]);
    (plain(), vec(instant, 6)).prop_filter_map("never open", |(plain, rows)| {
        let (begins, ends) = plain.compiled()?.known();
        let rows = rows.into_iter().map(|(step, odd)| (begins + step * STEP + odd).clamp(begins, ends)).collect();
        Some((plain, rows))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn open_time_is_what_a_walk_counts((plain, at) in asked()) {
        let calendar = plain.compiled().unwrap();
        let (begins, ends) = calendar.known();
        let (a, b) = (at[0].min(at[1]), at[0].max(at[1]));
        let counted = walked(&plain, a, b);
        prop_assert_eq!(calendar.between(a, b), Ok(counted));
        prop_assert_eq!(calendar.between(b, a), Ok(-counted));
        let stretches = walked_due(|at| plain.is_open(at), a, i64::MAX / 2, &[], b).1;
        prop_assert_eq!(merged(calendar.intervals(a, b).unwrap()), stretches);
        for &at in &at {
            if at < ends {
                prop_assert_eq!(calendar.is_open(at), Ok(plain.is_open(at)));
            }
            let opening = steps(at, ends, &[]).into_iter().map(|step| step.0).find(|&at| plain.is_open(at));
            prop_assert_eq!(calendar.next_open(at).ok(), opening);
            prop_assert_eq!(calendar.local_date(at), plain.local(at).0);
        }
        for outside in [begins - 1, ends + 1] {
            prop_assert_eq!(calendar.between(a, outside).map_err(|e| e.kind()), Err(Kind::BeyondCalendar));
            prop_assert_eq!(calendar.is_open(outside).map_err(|e| e.kind()), Err(Kind::BeyondCalendar));
        }
        prop_assert!(calendar.is_open(ends).is_err());
    }

    #[test]
    fn advancing_and_measuring_undo_each_other((plain, at) in asked(), amount in 0..9 * DAY * SECOND, part in 0..=100_i64) {
        let calendar = plain.compiled().unwrap();
        let (start, ends) = (at[0], calendar.known().1);
        let (due, _) = walked_due(|at| plain.is_open(at), start, amount, &[], ends);
        prop_assert_eq!(calendar.add(start, amount).ok(), due);
        if let Some(due) = due {
            prop_assert_eq!(calendar.between(start, due), Ok(amount));
            // In two parts it comes to the same, and less is due no later.
            let first = amount / 100 * part;
            let halfway = calendar.add(start, first).unwrap();
            prop_assert!(halfway <= due);
            prop_assert_eq!(calendar.add(halfway, amount - first).unwrap(), if amount == first { halfway } else { due });
        }
        prop_assert_eq!(calendar.add(start, -1).map_err(|e| e.kind()), Err(Kind::BadAmount));
    }

    #[test]
    fn pauses_do_not_count((plain, at) in asked(), amount in 0..3 * DAY * SECOND, endless in any::<bool>(), edge in any::<bool>()) {
        let calendar = plain.compiled().unwrap();
        let ends = calendar.known().1;
        let mut pauses: Vec<Pause> = at[1..5].chunks(2).map(|p| Pause { from: p[0].min(p[1]), to: Some(p[0].max(p[1])) }).collect();
        if endless {
            pauses.push(Pause { from: at[5], to: None });
        }
        let (due, counted) = walked_due(|at| plain.is_open(at), at[0], amount, &pauses, ends);
        let edge = if edge { ClosingEdge::NextOpen } else { ClosingEdge::SameInstant };
        let found = deadline(Some(&calendar), at[0], Amount::Working { us: amount, edge }, &pauses);
        if due.is_none() && !endless {
            prop_assert_eq!(found.map_err(|e| e.kind()), Err(Kind::BeyondCalendar));
        } else if let (Some(due), ClosingEdge::NextOpen) = (due, edge) {
            prop_assert_eq!(found.ok().and_then(|f| f.due), calendar.next_open(due).ok());
        } else {
            let found = found.unwrap();
            prop_assert_eq!(found.due, due);
            prop_assert_eq!(merged(found.counted.clone()), counted);
            prop_assert_eq!(found.counted_us(), found.counted.iter().map(|(from, to)| to - from).sum::<i64>());
        }
        let far = at[0] + 400 * DAY * SECOND;
        let elapsed = deadline(None, at[0], Amount::Elapsed { us: amount }, &pauses).unwrap();
        let (due, counted) = walked_due(|_| true, at[0], amount, &pauses, far.min(ends + 4 * DAY * SECOND));
        prop_assert_eq!((elapsed.due, merged(elapsed.counted)), (due, counted));
    }

    #[test]
    fn terms_in_days_count_dates((plain, at) in asked(), n in 1..9_u32, pick in 0..64_u8) {
        let calendar = plain.compiled().unwrap();
        let has = |bit: u8| pick & bit != 0;
        let (term, roll) = (if has(1) { DayTerm::SameDay } else { DayTerm::NextDay }, has(2));
        let end = if has(4) { DayEnd::Midnight } else { DayEnd::Close };
        let (skip, after) = (if has(8) { Skip::Weekends } else { Skip::WeekendsAndHolidays }, AfterHours::EventDate);
        let amount = match pick / 16 {
            0 => Amount::DaysWithoutWeekends { n, skip, roll, end },
            1 => Amount::CalendarDays { n, roll, end },
            _ => Amount::WorkingDays { n, term, after, end },
        };
        let (event, _) = plain.local(at[0]);
        let works = |day: i32| !plain.hours(day).is_empty();
        let counts = |day: i32| match amount {
            Amount::DaysWithoutWeekends { .. } => match plain.kind(day) {
                1 | 4 => false,
                3 => skip == Skip::Weekends && weekday(day) < 5,
                _ => true,
            },
            Amount::CalendarDays { .. } => true,
            _ => works(day),
        };
        let closing = |day: i32| plain.hours(day).last().map(|last| plain.shown(day, last.1));
        let same = matches!(amount, Amount::WorkingDays { term: DayTerm::SameDay, .. })
            && closing(event).is_some_and(|closing| at[0] < closing);
        let later = (event + 1..FIRST + DAYS).filter(|day| counts(*day));
        let dates: Vec<i32> = same.then_some(event).into_iter().chain(later).take(n as usize).collect();
        let mut last = dates.last().copied().filter(|_| dates.len() == n as usize);
        if roll && !matches!(amount, Amount::WorkingDays { .. }) {
            last = last.and_then(|last| (last..FIRST + DAYS).find(|day| works(*day)));
        }
        let shown = |day: i32| if end == DayEnd::Midnight { Some(plain.shown(day, DAY)) } else { closing(day) };
        let found = deadline(Some(&calendar), at[0], amount, &[]);
        match last {
            None => prop_assert!(found.is_err()),
            Some(last) if end == DayEnd::Close && !works(last) => {
                prop_assert_eq!(found.map_err(|e| e.kind()), Err(Kind::NoWorkingTime));
            }
            Some(last) => if let Ok(found) = found {
                prop_assert_eq!((found.due, found.dates), (shown(last), dates));
            }
        }
    }
}
