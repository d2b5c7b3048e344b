//! Dates, labels, zones and schedules: the civil side, checked date by date and label by label.

use _slacore::amount::{Amount, DayEnd};
use _slacore::calendar::Calendar;
use _slacore::civil::{
    DAY, EARLIEST, FIRST_DAY, LAST_DAY, LATEST, SECOND, checked, date_of, day_of, iso, iso_date, plus, weekday,
};
use _slacore::due::deadline;
use _slacore::error::{Error, Kind};
use _slacore::hours::DateKind::{MovedOff, Weekend, WorkingDay, WorkingWeekend};
use _slacore::hours::{DateKind, DateRule, Hours, Schedule};
use _slacore::zone::{Segment, Zone};

fn length_of_month(year: i32, month: u8) -> u8 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> Kind {
    result.unwrap_err().kind()
}

#[test]
fn every_day_from_year_one_to_9999_has_its_date() {
    let (mut date, mut week) = ((1, 1, 1), 0);
    for day in FIRST_DAY..=LAST_DAY {
        assert_eq!(date_of(day), date);
        assert_eq!(day_of(date.0, date.1, date.2), day);
        assert_eq!(weekday(day), week);
        week = if week == 6 { 0 } else { week + 1 };
        date = match date {
            (year, 12, 31) => (year + 1, 1, 1),
            (year, month, last) if last == length_of_month(year, month) => (year, month + 1, 1),
            (year, month, day) => (year, month, day + 1),
        };
    }
    assert_eq!(date, (10_000, 1, 1));
}

#[test]
fn instants_are_written_as_iso_8601() {
    assert_eq!(iso_date(0), "1970-01-01");
    assert_eq!(iso(0, 0), "1970-01-01T00:00:00+00:00");
    assert_eq!(iso(-1, 0), "1969-12-31T23:59:59.999999+00:00");
    assert_eq!(iso(1_774_746_001 * SECOND + 5, 3 * 3600), "2026-03-29T04:00:01.000005+03:00");
    assert_eq!(iso((20 * 3600 + 59 * 60 + 58) * SECOND, -34_200), "1970-01-01T11:29:58-09:30");
    assert_eq!(iso(0, 9_017), "1970-01-01T02:30:17+02:30:17");
    assert_eq!(iso(EARLIEST, 0), "0001-01-01T00:00:00+00:00");
    assert_eq!(iso(LATEST, 0), "9999-12-31T23:59:59.999999+00:00");
}

#[test]
fn nothing_lies_before_year_one_or_after_9999() {
    assert_eq!((checked(EARLIEST), checked(LATEST)), (Ok(EARLIEST), Ok(LATEST)));
    assert_eq!((kind(checked(EARLIEST - 1)), kind(checked(LATEST + 1))), (Kind::Overflow, Kind::Overflow));
    assert_eq!((plus(LATEST, 0), plus(5, 6)), (Ok(LATEST), Ok(11)));
    assert_eq!((kind(plus(LATEST, 1)), kind(plus(1, i64::MAX))), (Kind::Overflow, Kind::Overflow));
}

#[test]
fn a_zone_shows_each_label_where_its_clock_first_shows_it() {
    // Forward by an hour at 1000 h, back by half an hour at 2000 h.
    let hour = 3600;
    let zone = Zone::new(3600, &[(1000 * hour, 7200), (2000 * hour, 5400)]).unwrap();
    assert_eq!((zone.offset_at(1000 * hour - 1), zone.offset_at(1000 * hour)), (3600, 7200));
    assert_eq!((zone.offset_at(2000 * hour - 1), zone.offset_at(2000 * hour), zone.changes()), (7200, 5400, 2));
    for label in (990 * hour..1010 * hour).chain(1990 * hour..2010 * hour).step_by(60) {
        let shown = (label - 7200..=label - 3600).find(|&at| at + i64::from(zone.offset_at(at)) == label);
        // Skipped labels are read with the offset before the change.
        assert_eq!(zone.wall(label), shown.unwrap_or(label - hour), "{label}");
    }
    let segments: Vec<Segment> = zone.segments(999 * hour, 2000 * hour + 1).collect();
    let expected =
        [(999 * hour, 1000 * hour, 3600), (1000 * hour, 2000 * hour, 7200), (2000 * hour, 2000 * hour + 1, 5400)];
    assert_eq!(segments, expected.map(|(from, to, offset)| Segment { from, to, offset }));
    assert_eq!(zone.segments(1000 * hour, 2000 * hour).count(), 1);
}

#[test]
fn senseless_zones_are_refused() {
    let day = i32::try_from(DAY).unwrap();
    assert!(Zone::new(day - 1, &[(0, 1 - day)]).is_ok());
    for (initial, changes) in
        [(day, vec![]), (-day, vec![]), (0, vec![(0, day)]), (0, vec![(5, 0), (5, 60)]), (0, vec![(5, 0), (4, 60)])]
    {
        assert_eq!(kind(Zone::new(initial, &changes)), Kind::BadZone, "{initial} {changes:?}");
    }
}

#[test]
fn senseless_hours_are_refused() {
    assert!(Hours::new(&[(0, 1), (1, DAY)]).is_ok());
    for bad in [vec![(-1, 5)], vec![(0, DAY + 1)], vec![(5, 5)], vec![(6, 5)], vec![(0, 5), (4, 6)]] {
        assert_eq!(kind(Hours::new(&bad)), Kind::BadHours, "{bad:?}");
    }
    let hours = Hours::new(&[(10, 20), (30, 50)]).unwrap();
    assert_eq!((hours.length(), hours.closing(), hours.is_closed()), (30, Some(50), false));
    assert_eq!(hours.shortened(19).intervals(), [(10, 20), (30, 31)]);
    assert_eq!(hours.shortened(20).intervals(), [(10, 20)]);
    assert_eq!(hours.shortened(99).intervals(), [(10, 20)]);
    assert!(Hours::default().shortened(5).is_closed());
}

#[test]
fn a_schedule_says_what_each_date_is() {
    let open = |a, b| Hours::new(&[(a, b)]).unwrap();
    let week: [Hours; 7] = std::array::from_fn(|day| if day < 5 { open(0, 100) } else { Hours::default() });
    let rule = |kind, hours, shortened| DateRule { kind, hours, shortened };
    // Day 4 is a Monday.
    let dates = vec![
        (6, rule(Some(DateKind::Holiday), Some(Hours::default()), 0)),
        (9, rule(Some(DateKind::WorkingWeekend), Some(open(0, 100)), 40)),
        (5, rule(None, None, 30)),
        (6, rule(Some(DateKind::MovedOff), Some(open(0, 7)), 0)),
        (10, rule(None, None, 0)),
    ];
    let schedule = Schedule::new(week, dates, 4, 13).unwrap();
    assert_eq!((schedule.first(), schedule.last(), schedule.nominal_day()), (4, 13, 100));
    let lengths = [100, 70, 7, 100, 100, 60, 0, 100, 100, 100];
    let kinds = [
        WorkingDay,
        WorkingDay,
        MovedOff,
        WorkingDay,
        WorkingDay,
        WorkingWeekend,
        Weekend,
        WorkingDay,
        WorkingDay,
        WorkingDay,
    ];
    for (number, day) in (4..=13).enumerate() {
        let (hours, kind) = schedule.on(day).unwrap();
        assert_eq!((hours.length(), kind), (lengths[number], kinds[number]), "{day}");
    }
    for from in 4..=13 {
        for to in from..=13 {
            let mut seen = Vec::new();
            for stretch in schedule.stretches(from, to) {
                stretch.each(|day, hours| seen.push((day, hours.length())));
            }
            let expected: Vec<_> = (from..=to).map(|day| (day, schedule.on(day).unwrap().0.length())).collect();
            assert_eq!(seen, expected);
        }
    }
    assert_eq!((kind(schedule.on(3)), kind(schedule.on(14))), (Kind::BeyondCalendar, Kind::BeyondCalendar));
}

#[test]
fn dates_are_counted_by_the_week_and_by_their_own_rules() {
    let week: [Hours; 7] =
        std::array::from_fn(|day| if day % 3 == 0 { Hours::new(&[(0, 9)]).unwrap() } else { Hours::default() });
    for length in [1, 2, 63, 64, 65, 127, 128, 400] {
        for first in 0..7 {
            let last = first + length - 1;
            // One rule before the known dates, one after, and some on and between their edges.
            let ruled = [first - 1, first, first + 62, first + 63, first + 64, first + 200, last, last + 1];
            let rule = |open: bool| DateRule {
                kind: Some(DateKind::Holiday),
                hours: Some(if open { Hours::new(&[(5, 6)]).unwrap() } else { Hours::default() }),
                shortened: 0,
            };
            let dates = ruled.iter().enumerate().map(|(number, day)| (*day, rule(number % 2 == 0))).collect();
            let schedule = Schedule::new(week.clone(), dates, first, last).unwrap();
            let open = |day| !schedule.on(day).unwrap().0.is_closed();
            let set = schedule.dates_where(|_, hours, _| !hours.is_closed());
            let wanted: Vec<usize> =
                (0..usize::try_from(length).unwrap()).filter(|k| open(first + i32::try_from(*k).unwrap())).collect();
            let found: Vec<usize> = (0..set.total()).filter_map(|rank| set.select(rank)).collect();
            assert_eq!(found, wanted, "{first} {length}");
            for position in 0..=usize::try_from(length).unwrap() + 70 {
                assert_eq!(set.below(position) as usize, wanted.iter().filter(|k| **k < position).count());
            }
            let weekday_of =
                |wanted: usize| schedule.dates_where(|week, _, kind| week == wanted && kind != DateKind::Holiday);
            for week in 0..7 {
                let found: Vec<usize> = (0..).map_while(|rank| weekday_of(week).select(rank)).collect();
                assert!(found.iter().all(|k| weekday(first + i32::try_from(*k).unwrap()) == week), "{first} {length}");
            }
        }
    }
}

#[test]
fn senseless_ranges_are_refused() {
    let made = |first, last| Schedule::new(std::array::from_fn(|_| Hours::default()), vec![], first, last);
    assert!(made(5, 5).is_ok());
    assert!(made(0, Schedule::LONGEST - 1).is_ok());
    assert!(made(FIRST_DAY + 1, FIRST_DAY + 1).is_ok());
    assert!(made(LAST_DAY - 1, LAST_DAY - 1).is_ok());
    for (first, last) in [(6, 5), (0, Schedule::LONGEST), (FIRST_DAY, 0), (LAST_DAY, LAST_DAY)] {
        assert_eq!(kind(made(first, last)), Kind::BadRange, "{first} {last}");
    }
}

#[test]
fn kinds_have_codes_and_names() {
    let names = ["working_day", "weekend", "working_weekend", "holiday", "moved_off"];
    for (code, name) in (0..).zip(names) {
        assert_eq!(DateKind::from_code(code).unwrap().name(), name);
    }
    assert_eq!(kind(DateKind::from_code(5)), Kind::BadHours);
}

#[test]
fn a_date_that_the_clock_skips_is_counted_but_has_no_time() {
    // The clock goes from 24:00 of day 9 to 00:00 of day 11, as in Samoa in 2011.
    let midnight = 10 * DAY + 10 * 3600;
    let zone = Zone::new(-10 * 3600, &[(midnight, 14 * 3600)]).unwrap();
    let always = std::array::from_fn(|_| Hours::new(&[(0, DAY)]).unwrap());
    let calendar = Calendar::new(zone, Schedule::new(always, vec![], 0, 20).unwrap()).unwrap();
    let amount = |n| Amount::CalendarDays { n, roll: false, end: DayEnd::Midnight };
    let event = (midnight - 3600) * SECOND;
    let one = deadline(Some(&calendar), event, amount(1), &[]).unwrap();
    assert_eq!((one.due, one.counted, one.dates), (Some(midnight * SECOND), vec![], vec![10]));
    let two = deadline(Some(&calendar), event, amount(2), &[]).unwrap();
    let day = (midnight * SECOND, (midnight + DAY) * SECOND);
    assert_eq!((two.due, two.counted, two.dates), (Some(day.1), vec![day], vec![10, 11]));
}

#[test]
fn a_clock_may_change_more_often_than_a_calendar_opens() {
    let changes: Vec<(i64, i32)> = (0..20).map(|k| (3600 * i64::from(k), 60 * (k % 2))).collect();
    let week = std::array::from_fn(|_| Hours::new(&[(0, DAY)]).unwrap());
    let calendar = Calendar::new(Zone::new(0, &changes).unwrap(), Schedule::new(week, vec![], 0, 0).unwrap()).unwrap();
    let (begins, ends) = calendar.known();
    assert_eq!((calendar.between(begins, ends), calendar.line().intervals()), (Ok(ends - begins), 1));
}

#[test]
fn memory_grows_with_what_a_calendar_is_made_of() {
    let made = |dates: i32, changes: i64| {
        let week = std::array::from_fn(|_| Hours::new(&[(0, 3600)]).unwrap());
        let rule = DateRule { kind: Some(DateKind::Holiday), ..DateRule::default() };
        let dates = (0..dates).map(|day| (day, rule.clone())).collect();
        let changes: Vec<(i64, i32)> = (0..changes).map(|k| (-999_999 + k, 0)).collect();
        Calendar::new(Zone::new(0, &changes).unwrap(), Schedule::new(week, dates, 0, 99).unwrap()).unwrap().heap_bytes()
    };
    let (plain, dated, changed) = (made(0, 0), made(50, 0), made(0, 50));
    // A hundred intervals of eight bytes, and an index each way of two bytes for one or two buckets an interval.
    assert!((1200..=1600).contains(&plain.0), "{plain:?}");
    // Three sets of a hundred dates, and the days of the week.
    assert!((230..=500).contains(&(plain.1 - plain.0)), "{plain:?}");
    assert_eq!((dated.0, changed.0), (plain.0, plain.0));
    assert!((50 * 8..=50 * 32).contains(&(dated.1 - plain.1)), "{plain:?} {dated:?}");
    assert_eq!(changed.1 - plain.1, 50 * 16);
}
