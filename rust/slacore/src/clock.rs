//! Clocks: what a regulation promises, folded from what happened to a ticket.
//!
//! A program says which events start, stop, resume, cancel and pause a clock, and how long it may run. Its fold over a
//! ticket's events gives the clock's runs, each with its state, its deadline and what was counted. The fold is pure:
//! equal events, program and `now` give equal results.

use crate::amount::Amount;
use crate::calendar::Calendar;
use crate::civil::DAY;
use crate::due::{Deadline, Measure, Trace, Untraced, used_up};
use crate::error::{Error, Kind, Result};
use crate::pauses::Pause;

mod columns;
mod fold;
mod noted;

pub use columns::{Log, Outcome, Outset, Rows, fold_many, fold_runs};
pub use fold::{Ending, Run, Scratch};

use noted::{Legs, Noted};

/// A set of event codes: bit `n` is code `n`.
pub type Codes = u64;

/// One thing that happened to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When, microseconds.
    pub at: i64,
    /// From when it counts, where that is not `at` (a request taken in outside hours).
    pub counts_from: i64,
    /// All that it is, as codes.
    pub codes: Codes,
    /// The level it sets.
    pub level: Option<u8>,
    /// Whether it sets the level for the first time, which changes none.
    pub first_level: bool,
    /// The line it hands the ticket to.
    pub line: Option<u8>,
    /// The channel it came by.
    pub channel: Option<u8>,
}

/// What becomes of a clock that starts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Nothing: the first start counts.
    First,
    /// It restarts: the run that is on is cancelled, the last start counts.
    Last,
    /// Another run begins beside the others.
    Each,
}

/// What a change of level does to a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnChange {
    /// The level's amount, from the original start.
    FromStart,
    /// The level's amount, from the change.
    FromChange,
    /// From the original start, but never due before the change.
    FromStartNotBeforeChange,
}

/// What it means that the time is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// A breach.
    Limit,
    /// An expiry.
    Term,
    /// Nothing on one ticket: the mean over a period is what is promised.
    Average,
}

/// A target or a term, compiled.
#[derive(Debug, Clone)]
pub struct Program<C> {
    /// What starts it.
    pub starts: Codes,
    /// What fulfils it.
    pub stops: Codes,
    /// What lets a run that ended go on; the time between does not count.
    pub resumes: Codes,
    /// What makes it moot.
    pub cancels: Codes,
    /// For each reason that pauses it (or whose time is excluded): what begins and what ends the pause.
    pub pauses: Vec<(Codes, Codes)>,
    /// What becomes of a further start.
    pub repeat: Repeat,
    /// Whether its time counts from the request's, whatever started it.
    pub from_request: bool,
    /// How far apart starts must lie to count as separate requests, microseconds.
    pub min_gap: i64,
    /// The levels it is for (bit `n` is level `n`, [`UNRATED`] none); 0 for all.
    pub levels: u64,
    /// The lines it is for, likewise.
    pub lines: u64,
    /// The channels by which its start may have come, likewise.
    pub channels: u64,
    /// What a change of level does.
    pub on_change: OnChange,
    /// What it means that the time is used up.
    pub promise: Promise,
    /// How long it may run; `None` where nobody knows.
    pub amount: Option<Amount>,
    /// How long it should run.
    pub goal: Option<Amount>,
    /// Whether the goal is never later than the limit.
    pub goal_cap: bool,
    /// At which shares of the amount to warn, percent.
    pub shares: Vec<u8>,
    /// What its working time is measured on.
    pub calendar: Option<C>,
}

/// The bit of [`Program::levels`] for a ticket that nobody rated; of lines and channels, for one that has none.
pub const UNRATED: u64 = 1 << 63;

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Time counts.
    Running = 0,
    /// A pause is on.
    Paused = 1,
    /// Stopped before its time was used up.
    Met = 2,
    /// Its time was used up first.
    Breached = 3,
    /// A term whose time was used up.
    Expired = 4,
    /// Made moot.
    Cancelled = 5,
}

/// One run of a clock, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// How it stands.
    pub state: State,
    /// From when its time counts.
    pub counted_from: i64,
    /// The goal, capped where the program says so.
    pub goal: Option<i64>,
    /// Whether the limit capped the goal.
    pub goal_capped: bool,
    /// When its time is used up.
    pub due: Option<i64>,
    /// Since when it has been breached or expired.
    pub over_since: Option<i64>,
    /// What has counted, microseconds, as far as the calendar knows.
    pub elapsed: i64,
    /// How long it was paused, microseconds.
    pub paused: i64,
    /// When its shares are used up, those before it is due.
    pub warnings: Vec<i64>,
    /// Why there is no due instant though there is an amount: the calendar does not reach so far.
    pub beyond: Option<Error>,
}

/// What a fold is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// When the request's own time begins.
    pub request_from: i64,
    /// The level before anybody rated.
    pub level: Option<u8>,
    /// The line that a ticket begins on.
    pub line: Option<u8>,
    /// The instant at which the clocks are looked at; no event is later.
    pub now: i64,
}

impl<C: AsRef<Calendar>> Program<C> {
    /// Whether the program is for the level, the line and the channel of a run.
    #[must_use]
    pub fn is_for(&self, run: &Run) -> bool {
        among(self.levels, run.level) && among(self.lines, run.line) && among(self.channels, run.channel)
    }

    /// How a run stands at `now`; `pauses` are its own, in the order they begin. Traces limit and goal.
    ///
    /// # Errors
    /// [`Kind::BadAmount`] for an amount that needs a calendar where there is none; [`Kind::Overflow`].
    pub fn stand(
        &self,
        run: &Run,
        pauses: &[Pause],
        now: i64,
        limit: &mut impl Trace,
        goal: &mut impl Trace,
    ) -> Result<Standing> {
        let end = run.ended_at.unwrap_or(now);
        let start = match (self.on_change, run.changed_at) {
            (OnChange::FromChange, Some(at)) => at,
            _ => run.started_at,
        };
        let mut standing = Standing {
            state: State::Running,
            counted_from: start,
            goal: None,
            goal_capped: false,
            due: None,
            over_since: None,
            elapsed: 0,
            paused: 0,
            warnings: Vec::new(),
            beyond: None,
        };
        match self.count(run, pauses, start, end, &mut standing, limit, goal) {
            Err(refusal) if refusal.kind() == Kind::BeyondCalendar => {
                standing.beyond = Some(refusal);
                (standing.goal, standing.goal_capped, standing.due, standing.elapsed) = (None, false, None, 0);
                standing.warnings.clear();
            }
            Err(refusal) => return Err(refusal),
            Ok(()) => {}
        }
        standing.paused = paused(pauses, start, end);
        standing.over_since = standing.due.filter(|due| *due <= end && self.promise != Promise::Average);
        let waiting = pauses.iter().any(|p| p.from <= end && p.to.is_none_or(|to| to > end));
        standing.state = match (standing.over_since, self.promise, run.ending) {
            (Some(_), Promise::Limit, _) => State::Breached,
            (Some(_), _, _) => State::Expired,
            (None, _, Ending::Stopped) => State::Met,
            (None, _, Ending::Cancelled) => State::Cancelled,
            (None, _, Ending::Open) if waiting => State::Paused,
            (None, _, Ending::Open) => State::Running,
        };
        Ok(standing)
    }

    #[expect(clippy::too_many_arguments, reason = "one step of `stand`, apart so that a refusal leaves it at once")]
    fn count(
        &self,
        run: &Run,
        pauses: &[Pause],
        start: i64,
        end: i64,
        standing: &mut Standing,
        limit: &mut impl Trace,
        goal: &mut impl Trace,
    ) -> Result<()> {
        let calendar = self.calendar.as_ref().map(AsRef::as_ref);
        let Some(amount) = self.amount else {
            return Ok(());
        };
        let mut noted = Noted { first: None, legs: (!self.shares.is_empty()).then(Legs::default), inner: limit };
        let mut due = used_up(calendar, start, amount, pauses, &mut noted)?;
        let from = noted.first.map_or(start, |first| first.max(start));
        let legs = noted.legs;
        if let (OnChange::FromStartNotBeforeChange, Some(at)) = (self.on_change, run.changed_at) {
            due = due.map(|due| due.max(at));
        }
        standing.due = due;
        if let Some(amount) = self.goal {
            let reached = used_up(calendar, start, amount, pauses, goal)?;
            standing.goal_capped = self.goal_cap && reached.zip(due).is_some_and(|(reached, due)| reached > due);
            standing.goal = if standing.goal_capped { due } else { reached };
        }
        let measure = match (amount, calendar) {
            (Amount::Elapsed { .. }, _) | (_, None) => Measure::Elapsed,
            (_, Some(calendar)) => Measure::Working(calendar),
        };
        // The due instant stands whether or not the calendar reaches to the end.
        let end = match measure {
            Measure::Working(calendar) => end.min(calendar.wall(calendar.schedule().last(), DAY)),
            Measure::Elapsed => end,
        };
        standing.elapsed = if from < end { measure.counted(from, end, pauses)? } else { 0 };
        if let (Some(legs), Some(due)) = (legs, due) {
            for share in &self.shares {
                standing.warnings.extend(legs.reach(calendar, *share)?.filter(|at| *at < due));
            }
        }
        Ok(())
    }

    /// How a run stands, without its derivation.
    ///
    /// # Errors
    /// As [`Program::stand`].
    pub fn state(&self, run: &Run, pauses: &[Pause], now: i64) -> Result<Standing> {
        self.stand(run, pauses, now, &mut Untraced, &mut Untraced)
    }

    /// How a run stands, with what was counted for its limit and its goal.
    ///
    /// # Errors
    /// As [`Program::stand`].
    pub fn explain(&self, run: &Run, pauses: &[Pause], now: i64) -> Result<(Standing, Deadline, Deadline)> {
        let (mut limit, mut goal) = (Deadline::default(), Deadline::default());
        let standing = self.stand(run, pauses, now, &mut limit, &mut goal)?;
        Ok((standing, limit, goal))
    }
}

/// Whether a set of members holds this one; the empty set stands for all.
fn among(set: u64, member: Option<u8>) -> bool {
    set == 0 || set & member.map_or(UNRATED, |member| 1_u64.checked_shl(member.into()).unwrap_or(0)) != 0
}

/// How long `[start, end)` is paused.
fn paused(pauses: &[Pause], start: i64, end: i64) -> i64 {
    let mut total = 0;
    let mut at = start;
    for pause in pauses {
        let (from, to) = (pause.from.max(at), pause.to.map_or(end, |to| to.min(end)));
        if from < to {
            total += to - from;
            at = to;
        }
    }
    total
}
