//! A ticket's codes, a rule that listens to all of them, and what happens to it.

use _slacore::amount::Amount;
use _slacore::calendar::Calendar;
use _slacore::clock::{Event, OnChange, Program, Promise, Repeat};

pub const START: u64 = 1;
pub const STOP: u64 = 2;
pub const RESUME: u64 = 4;
pub const CANCEL: u64 = 8;
pub const WAIT: u64 = 16;
pub const HEAR: u64 = 32;
pub const UPDATE: u64 = 64;
pub const UPDATED: u64 = 128;

pub fn program(us: i64) -> Program<Box<Calendar>> {
    Program {
        starts: START,
        stops: STOP,
        resumes: RESUME,
        cancels: CANCEL,
        pauses: vec![(WAIT, HEAR), (UPDATE, UPDATED)],
        repeat: Repeat::First,
        from_request: false,
        min_gap: 0,
        levels: 0,
        lines: 0,
        channels: 0,
        on_change: OnChange::FromStart,
        promise: Promise::Limit,
        amount: Some(Amount::Elapsed { us }),
        goal: None,
        goal_cap: true,
        shares: vec![],
        calendar: None,
    }
}

pub fn event(at: i64, codes: u64) -> Event {
    Event { at, counts_from: at, codes, level: None, first_level: false, line: None, channel: None }
}
