//! Columns against single calls: every row of a batch or a sweep is what one call says.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::Relaxed};

use _slacore::batch::{Ask, NONE, rows, rows_by_calendar};
use _slacore::calendar::Calendar;
use _slacore::civil::{DAY, SECOND};
use _slacore::error::Kind;
use _slacore::hours::{Hours, Schedule};
use _slacore::sweep::{Clocks, come_due, used_up};
use _slacore::zone::Zone;
use proptest::collection::vec;
use proptest::prelude::*;

const HOUR: i64 = 3600;

fn calendar(hours: &[(i64, i64)], days: i32, changes: &[(i64, i32)]) -> Calendar {
    let weekly = std::array::from_fn(|day| if day < 6 { Hours::new(hours).unwrap() } else { Hours::default() });
    Calendar::new(Zone::new(3600, changes).unwrap(), Schedule::new(weekly, vec![], 0, days - 1).unwrap()).unwrap()
}

/// One of each form of index: one key a bucket, two, many; and one too long for 16 bits.
fn calendars() -> &'static [Calendar] {
    static MADE: OnceLock<Vec<Calendar>> = OnceLock::new();
    MADE.get_or_init(made)
}

fn made() -> Vec<Calendar> {
    let near: Vec<(i64, i32)> = (0..4_i32).map(|k| (200 * HOUR + i64::from(k) * 3, 3600 + k % 2)).collect();
    let cut = |at: i64| [(at, 3600 - 600), (at + 3000, 3600)];
    vec![
        calendar(&[(9 * HOUR, 18 * HOUR)], 90, &[]),
        calendar(&[(9 * HOUR, 13 * HOUR), (14 * HOUR, 18 * HOUR)], 90, &[(500 * HOUR, 7200), (900 * HOUR, 3600)]),
        calendar(&[(0, 6 * HOUR), (22 * HOUR, DAY)], 90, &cut(200 * HOUR)),
        calendar(&[(0, DAY)], 90, &near),
        calendar(&[(1, 2), (3 * HOUR, 3 * HOUR + 1), (5 * HOUR, 9 * HOUR)], 90, &near),
        calendar(&[(HOUR, 2 * HOUR), (3 * HOUR, 3 * HOUR + 5)], 40_000, &[]),
    ]
}

fn wide(values: &[i64]) -> Vec<AtomicI64> {
    values.iter().copied().map(AtomicI64::new).collect()
}

fn narrow(values: &[u32]) -> Vec<AtomicU32> {
    values.iter().copied().map(AtomicU32::new).collect()
}

fn read(column: &[AtomicI64]) -> Vec<i64> {
    column.iter().map(|value| value.load(Relaxed)).collect()
}

fn single(calendar: &Calendar, ask: Ask, a: i64, b: i64) -> i64 {
    match ask {
        Ask::Add => calendar.add(a, b),
        Ask::Between => calendar.between(a, b),
    }
    .unwrap_or(NONE)
}

/// Hours since the calendars begin, their edges among them: all but the last know 2,160.
fn hours() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -1..=2200_i64, 1 => Just(0), 1 => Just(2160)]
}

proptest! {
    #[test]
    fn a_row_is_what_a_call_says(
        questions in vec((0..6_u32, hours(), -2..=2_i64, prop_oneof![3 => 0..400_i64, 2 => hours()], -2..=2_i64), 1..80),
        add in any::<bool>(),
    ) {
        let calendars = calendars();
        let all: Vec<&Calendar> = calendars.iter().collect();
        let ask = if add { Ask::Add } else { Ask::Between };
        let which: Vec<u32> = questions.iter().map(|q| q.0).collect();
        let a: Vec<i64> = questions.iter().map(|q| (q.1 * HOUR - HOUR) * SECOND + q.2).collect();
        let shift = if add { 0 } else { HOUR };
        let b: Vec<i64> = questions.iter().map(|q| (q.3 * HOUR - shift) * SECOND + q.4).collect();
        let expected: Vec<i64> = (0..a.len()).map(|i| single(all[which[i] as usize], ask, a[i], b[i])).collect();
        let refused = expected.iter().filter(|answer| **answer == NONE).count();
        let out = wide(&vec![7; a.len()]);
        prop_assert_eq!(rows_by_calendar(&all, ask, &narrow(&which), &wide(&a), &wide(&b), &out, 0), Ok(refused));
        prop_assert_eq!(read(&out), expected);
        for calendar in all {
            let expected: Vec<i64> = a.iter().zip(&b).map(|(a, b)| single(calendar, ask, *a, *b)).collect();
            let refused = expected.iter().filter(|answer| **answer == NONE).count();
            prop_assert_eq!(rows(calendar, ask, &wide(&a), &wide(&b), &out, 1), Ok(refused));
            prop_assert_eq!(read(&out), expected);
        }
    }

    #[test]
    fn a_sweep_finds_the_clocks_whose_time_is_used_up(
        clocks in vec((0..5_u32, -3..2160_i64, 0..20_i64, 0..200_i64), 1..80), now in 0..2150_i64, odd in -1..=1_i64
    ) {
        let calendars = calendars();
        let all: Vec<&Calendar> = calendars.iter().collect();
        let mut clocks = clocks;
        clocks.sort_by_key(|clock| clock.0 / 2); // stretches of one calendar, and some that are not
        let at = |hours: i64| if hours < 0 { NONE } else { (hours * HOUR - HOUR).max(-HOUR) * SECOND };
        let now = (now * HOUR - HOUR) * SECOND + odd.max(0);
        let since: Vec<i64> = clocks.iter().map(|clock| at(clock.1)).collect();
        let left: Vec<i64> = clocks.iter().map(|clock| (clock.3 - clock.2) * HOUR * SECOND).collect();
        let columns = (wide(&since), wide(&left));
        let clocks_of = Clocks { since: &columns.0, left: &columns.1 };
        let out = narrow(&vec![0; clocks.len()]);
        let found = |count: usize| out[..count].iter().map(|row| row.load(Relaxed) as usize).collect::<Vec<_>>();
        let over = |calendar: &Calendar, row: usize| {
            since[row] != NONE && calendar.between(since[row], now).unwrap() >= left[row]
        };
        let which: Vec<u32> = clocks.iter().map(|clock| clock.0).collect();
        let expected: Vec<usize> = (0..clocks.len()).filter(|&row| over(all[which[row] as usize], row)).collect();
        let count = used_up(&all, Some(&narrow(&which)), clocks_of, now, &out).unwrap();
        prop_assert_eq!(found(count), expected);
        let expected: Vec<usize> = (0..clocks.len()).filter(|&row| over(all[1], row)).collect();
        let count = used_up(&all[1..], None, clocks_of, now, &out).unwrap();
        prop_assert_eq!(found(count), expected);
        let expected: Vec<usize> = (0..clocks.len()).filter(|&row| since[row] != NONE && since[row] <= now).collect();
        let count = come_due(&columns.0, now, &out).unwrap();
        prop_assert_eq!(found(count), expected);
    }
}

#[test]
fn threads_and_blocks_cut_the_rows_without_a_gap() {
    let calendars = calendars();
    let all: Vec<&Calendar> = calendars.iter().collect();
    let count = 3 * (1 << 15) + 12_345;
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i64::try_from(state % below).unwrap()
    };
    let a: Vec<i64> = (0..count).map(|_| random(2100 * 3600) * SECOND).collect();
    let b: Vec<i64> = (0..count).map(|_| random(100 * 3600) * SECOND).collect();
    let which: Vec<u32> = (0..count).map(|_| u32::try_from(random(6)).unwrap()).collect();
    let one: Vec<i64> = a.iter().zip(&b).map(|(a, b)| single(all[0], Ask::Add, *a, *b)).collect();
    let many: Vec<i64> = (0..count).map(|i| single(all[which[i] as usize], Ask::Add, a[i], b[i])).collect();
    let (a, b, which, out) = (wide(&a), wide(&b), narrow(&which), wide(&vec![0; count]));
    for threads in [0, 1, 2, 3, 64] {
        let refused = rows(all[0], Ask::Add, &a, &b, &out, threads).unwrap();
        assert_eq!(
            (refused, read(&out)),
            (one.iter().filter(|answer| **answer == NONE).count(), one.clone()),
            "{threads}"
        );
        let refused = rows_by_calendar(&all, Ask::Add, &which, &a, &b, &out, threads).unwrap();
        assert_eq!((refused, read(&out)), (many.iter().filter(|answer| **answer == NONE).count(), many.clone()));
    }
}

#[test]
fn a_long_sweep_is_many_single_questions() {
    // Rows enough for a calendar's steps to be made, clocks before, in and after every interval, some standing still.
    // In the last two several intervals begin so near each other that they share a bucket.
    let near = [
        calendar(&[(0, 1), (2, 3), (7 * HOUR, 9 * HOUR)], 90, &[]),
        calendar(&[(0, 1), (2, 3), (4, 5), (7 * HOUR, 9 * HOUR)], 90, &[]),
    ];
    for calendar in calendars()[..5].iter().chain(&near) {
        let (begins, ends) = calendar.known();
        for now in [begins, begins + 900 * HOUR * SECOND + 1, ends] {
            let since: Vec<i64> =
                (begins..=ends).step_by(1_700_000_000).flat_map(|at| [at, NONE]).chain([ends]).collect();
            let left: Vec<i64> = (0..).map(|row| (row % 400 - 50) * HOUR * SECOND / 2).take(since.len()).collect();
            let used: Vec<i64> = since.iter().map(|at| calendar.between(*at, now).unwrap_or(i64::MIN)).collect();
            // Every third clock has just what it has used, every other third a microsecond more.
            let left: Vec<i64> = left
                .iter()
                .zip(&used)
                .enumerate()
                .map(|(row, (left, used))| match row % 3 {
                    0 => *left,
                    more => used.saturating_add(i64::try_from(more).unwrap() - 1),
                })
                .collect();
            let out = narrow(&vec![0; since.len()]);
            let columns = (wide(&since), wide(&left));
            let count = used_up(&[calendar], None, Clocks { since: &columns.0, left: &columns.1 }, now, &out).unwrap();
            let found: Vec<usize> = out[..count].iter().map(|row| row.load(Relaxed) as usize).collect();
            let expected: Vec<usize> =
                (0..since.len()).filter(|row| since[*row] != NONE && used[*row] >= left[*row]).collect();
            assert_eq!(found, expected);
            for unknown in [begins - 1, ends + 1, i64::MAX, NONE + 1] {
                columns.0[77].store(unknown, Relaxed);
                let refused = used_up(&[calendar], None, Clocks { since: &columns.0, left: &columns.1 }, now, &out);
                assert_eq!(refused.unwrap_err().kind(), Kind::BeyondCalendar);
            }
        }
    }
}

#[test]
fn time_used_up_at_closing_is_due_at_closing() {
    for calendar in calendars() {
        let (begins, ends) = calendar.known();
        let intervals = calendar.intervals(begins, ends).unwrap();
        let mut open = 0;
        for pair in intervals.windows(2) {
            open += pair[0].1 - pair[0].0;
            assert_eq!(calendar.add(begins, open), Ok(pair[0].1));
            assert_eq!(calendar.add(begins, open + 1), Ok(pair[1].0 + 1));
            assert_eq!(calendar.between(begins, pair[1].0), Ok(open));
        }
    }
}

#[test]
fn time_used_up_just_where_a_bucket_begins_is_due_at_closing() {
    // After 8,192 days of 8,192 seconds the open time is a multiple of a bucket's width, which is a power of two.
    let week = std::array::from_fn(|_| Hours::new(&[(0, 8192)]).unwrap());
    let calendar = Calendar::new(Zone::new(0, &[]).unwrap(), Schedule::new(week, vec![], 0, 8199).unwrap()).unwrap();
    for days in 1..=8200 {
        let closing = ((days - 1) * DAY + 8192) * SECOND;
        assert_eq!(calendar.add(0, days * 8192 * SECOND), Ok(closing));
        assert_eq!(calendar.between(0, closing), Ok(days * 8192 * SECOND));
    }
}

#[test]
fn a_long_calendar_answers_as_arithmetic_does() {
    // Six days of an hour and five seconds, then a day without: whole weeks from day 4, a Monday.
    let long = &calendars()[5];
    let monday = (4 * DAY - HOUR) * SECOND;
    let (day, week) = (HOUR + 5, 6 * (HOUR + 5));
    assert_eq!(long.line().intervals(), (40_000 - 5_714) * 2); // 5,714 Sundays
    for weeks in [0, 1, 50, 2_860, 5_700] {
        let at = monday + weeks * 7 * DAY * SECOND;
        assert_eq!(long.between(monday, at), Ok(weeks * week * SECOND));
        for days in 0..6 {
            let (opens, short) = (at + (days * DAY + HOUR) * SECOND, at + (days * DAY + 3 * HOUR) * SECOND);
            let before = (weeks * week + days * day) * SECOND;
            assert_eq!(long.add(monday, before + 1), Ok(opens + 1));
            assert_eq!(long.add(monday, before + HOUR * SECOND), Ok(opens + HOUR * SECOND));
            assert_eq!(long.add(monday, before + HOUR * SECOND + 1), Ok(short + 1));
            assert_eq!(long.add(monday, before + day * SECOND), Ok(short + 5 * SECOND));
            assert_eq!(long.between(monday, opens + 9), Ok(before + 9));
            assert_eq!(long.between(monday, short + 9 * SECOND), Ok(before + day * SECOND));
        }
    }
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let calendars = calendars();
    let all: Vec<&Calendar> = calendars.iter().collect();
    let (two, three, numbers) = (wide(&[0, 0]), wide(&[0, 0, 0]), narrow(&[0, 0]));
    let refused = |result: _slacore::error::Result<usize>| assert_eq!(result.unwrap_err().kind(), Kind::BadColumn);
    refused(rows(all[0], Ask::Add, &two, &three, &two, 1));
    refused(rows(all[0], Ask::Add, &two, &two, &three, 1));
    refused(rows_by_calendar(&all, Ask::Add, &numbers, &three, &three, &three, 1));
    refused(rows_by_calendar(&all, Ask::Add, &narrow(&[0, 6]), &two, &two, &two, 1));
    assert_eq!(rows_by_calendar(&all, Ask::Add, &narrow(&[0, 5]), &two, &two, &two, 1), Ok(0));
    refused(come_due(&three, 0, &numbers));
    let clocks = Clocks { since: &two, left: &two };
    refused(used_up(&all, None, Clocks { left: &three, ..clocks }, 0, &numbers));
    refused(used_up(&all, Some(&narrow(&[0, 6])), clocks, 0, &numbers));
    refused(used_up(&[], None, clocks, 0, &numbers));
    let early = wide(&[-3 * HOUR * SECOND, 0]);
    let unknown = used_up(&all, None, Clocks { since: &early, ..clocks }, 0, &numbers);
    assert_eq!(unknown.unwrap_err().kind(), Kind::BeyondCalendar);
}
