//! The case files against the core itself: every random question, on calendars compiled from the plain specs.

use std::collections::HashMap;
use std::fs::{read, read_dir, read_to_string};
use std::path::PathBuf;

use _slacore::amount::{AfterHours, Amount, ClosingEdge, DayEnd, DayTerm, Skip};
use _slacore::calendar::Calendar;
use _slacore::civil::{DAY, SECOND, day_of};
use _slacore::due::deadline;
use _slacore::hours::{DateKind, DateRule, Hours, Schedule};
use _slacore::pauses::Pause;
use _slacore::zone::Zone;
use serde_json::Value;

/// A term that is not used up so long after its start never is.
const HORIZON: i64 = 800 * DAY * SECOND;
const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/calendar").join(name)
}

fn json(path: PathBuf) -> Value {
    serde_json::from_slice(&read(path).unwrap()).unwrap()
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

fn date(text: &str) -> i32 {
    day_of(number(&text[..4]), number(&text[5..7]), number(&text[8..10]))
}

/// Reads an instant as the case files write it: whole seconds with an offset.
fn instant(text: &str) -> i64 {
    let (clock, offset) = (&text[11..19], &text[19..]);
    let part = |text: &str, k: usize| number::<i64>(text.split(':').nth(k).unwrap());
    let seconds = part(clock, 0) * 3600 + part(clock, 1) * 60 + part(clock, 2);
    let shift = part(&offset[1..], 0) * 3600 + part(&offset[1..], 1) * 60;
    let shift = if offset.starts_with('-') { -shift } else { shift };
    (i64::from(date(text)) * DAY + seconds - shift) * SECOND
}

fn hours(intervals: &Value) -> Hours {
    let second = |text: &Value| {
        let (hour, minute) = text.as_str().unwrap().split_once(':').unwrap();
        number::<i64>(hour) * 3600 + number::<i64>(minute) * 60
    };
    let pairs: Vec<_> = intervals.as_array().unwrap().iter().map(|pair| (second(&pair[0]), second(&pair[1]))).collect();
    Hours::new(&pairs).unwrap()
}

fn calendar(plain: &Value, zones: &Value) -> Calendar {
    let zone = &zones[plain["tz"].as_str().unwrap()];
    let changes: Vec<(i64, i32)> = zone["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (change[0].as_i64().unwrap(), i32::try_from(change[1].as_i64().unwrap()).unwrap()))
        .collect();
    let initial = i32::try_from(zone["initial_offset_s"].as_i64().unwrap()).unwrap();
    let weekly = WEEK.map(|day| plain["weekly"].get(day).map_or_else(Hours::default, hours));
    let mut rules: HashMap<i32, DateRule> = HashMap::new();
    for (text, kind) in plain["closed_dates"].as_object().into_iter().flatten() {
        let kind = match kind.as_str().unwrap() {
            "holiday" => DateKind::Holiday,
            "moved_off" => DateKind::MovedOff,
            other => panic!("kind {other}"),
        };
        rules.insert(date(text), DateRule { kind: Some(kind), hours: Some(Hours::default()), shortened: 0 });
    }
    for (text, intervals) in plain["open_dates"].as_object().into_iter().flatten() {
        let rule = rules.entry(date(text)).or_default();
        rule.hours = Some(hours(intervals));
        if _slacore::civil::weekday(date(text)) >= 5 {
            rule.kind = Some(DateKind::WorkingWeekend);
        }
    }
    if plain["honour_short_days"] == true {
        for (text, minutes) in plain["short_days"].as_object().into_iter().flatten() {
            rules.entry(date(text)).or_default().shortened = u32::try_from(minutes.as_u64().unwrap() * 60).unwrap();
        }
    }
    let known = plain.get("valid").map_or((date("1996-01-01"), date("2039-12-31")), |valid| {
        (date(valid[0].as_str().unwrap()), date(valid[1].as_str().unwrap()))
    });
    let schedule = Schedule::new(weekly, rules.into_iter().collect(), known.0, known.1).unwrap();
    Calendar::new(Zone::new(initial, &changes).unwrap(), schedule).unwrap()
}

fn amount(case: &Value) -> Amount {
    let word = |key: &str| case[key].as_str().unwrap_or_default();
    let n = case["n"].as_u64().map_or(0, |n| u32::try_from(n).unwrap());
    let end = if word("day_end") == "midnight" { DayEnd::Midnight } else { DayEnd::Close };
    match word("op") {
        "add_business_days" => Amount::WorkingDays {
            n,
            term: match word("mode") {
                "same_day" => DayTerm::SameDay,
                "business_hours" => DayTerm::BusinessHours,
                _ => DayTerm::NextDay,
            },
            after: if word("after_hours") == "next_open" { AfterHours::NextOpen } else { AfterHours::EventDate },
            end,
        },
        "add_calendar_days_excluding_weekends" => Amount::DaysWithoutWeekends {
            n,
            skip: if word("skip") == "weekends" { Skip::Weekends } else { Skip::WeekendsAndHolidays },
            roll: case["roll"].as_bool().unwrap_or(true),
            end,
        },
        _ => Amount::Working { us: case["seconds"].as_i64().unwrap() * SECOND, edge: ClosingEdge::SameInstant },
    }
}

fn answer(case: &Value, calendar: &Calendar) -> Value {
    let at = |key: &str| instant(case[key].as_str().unwrap());
    match case["op"].as_str().unwrap() {
        "is_open" => calendar.is_open(at("t")).unwrap().into(),
        "business_between" => (calendar.between(at("a"), at("b")).unwrap() / SECOND).into(),
        _ => {
            let start = at("start");
            let pauses: Vec<Pause> = case["pauses"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|pause| Pause { from: instant(pause[0].as_str().unwrap()), to: pause[1].as_str().map(instant) })
                .filter(|pause| pause.to.is_none_or(|to| pause.from < to))
                .collect();
            let found = deadline(Some(calendar), start, amount(case), &pauses).unwrap();
            if let Amount::Working { us, .. } = amount(case) {
                let counted = found.counted.iter().map(|(from, to)| to - from).sum::<i64>();
                assert!(found.due.is_none() || counted == us, "{case}: counted {counted}");
                assert!(found.counted.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{case}: {:?}", found.counted);
            }
            found.due.filter(|due| *due <= start + HORIZON).map_or(Value::Null, |due| calendar.local_iso(due).into())
        }
    }
}

#[test]
fn every_random_question_comes_out_right() {
    let zones = &json(data("zones.json"))["zones"];
    let calendars: HashMap<String, Calendar> = read_dir(data("specs"))
        .unwrap()
        .map(|file| json(file.unwrap().path()))
        .map(|plain| (plain["id"].as_str().unwrap().to_owned(), calendar(&plain, zones)))
        .collect();
    let mut asked = 0;
    for file in read_dir(data("random")).unwrap() {
        for line in read_to_string(file.unwrap().path()).unwrap().lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            let expected = case.get("expected").or_else(|| case.get("expected_seconds")).unwrap();
            assert_eq!(answer(&case, &calendars[case["calendar"].as_str().unwrap()]), *expected, "{line}");
            asked += 1;
        }
    }
    assert_eq!(asked, 3240);
}
