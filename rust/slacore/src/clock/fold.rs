//! The fold itself: events to runs. No calendar, no amounts.

use super::{Event, Moment, Program, Repeat};
use crate::pauses::Pause;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It has not.
    Open,
    /// What was promised was done.
    Stopped,
    /// Something made it moot.
    Cancelled,
}

/// One run of a clock: from an event that starts it to one that ends it, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Its number on the ticket, from 0.
    pub seq: u32,
    /// The number of the event that started it.
    pub start: usize,
    /// From when its time counts.
    pub started_at: i64,
    /// How it ended.
    pub ending: Ending,
    /// The number of the event that ended it.
    pub end: Option<usize>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// How many starts, this one included, lie far enough apart.
    pub requests: u32,
    /// The level that stands (or stood at its end).
    pub level: Option<u8>,
    /// The line that the ticket is (or was at its end) on.
    pub line: Option<u8>,
    /// The channel that its start came by.
    pub channel: Option<u8>,
    /// The number of the last event before its end that changed the level.
    pub change: Option<usize>,
    /// When that was.
    pub changed_at: Option<i64>,
    /// When its start happened.
    pub began: i64,
}

/// Memory of a fold, kept between folds.
#[derive(Debug, Default)]
pub struct Scratch {
    runs: Vec<Run>,
    pauses: Vec<Pause>,
    /// From when each reason has been waiting.
    waiting: Vec<Option<i64>>,
    /// (run, from a stop, to the resumption).
    gaps: Vec<(u32, Pause)>,
    own: Vec<Pause>,
}

impl Scratch {
    /// The runs of the last fold, in the order they began.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The pauses of a run, in the order they begin; one still open when the run ended ends with it.
    pub fn pauses_of(&mut self, run: &Run) -> &[Pause] {
        self.own.clear();
        self.own.extend(self.gaps.iter().filter(|(seq, _)| *seq == run.seq).map(|(_, gap)| *gap));
        match run.ended_at {
            None => self.own.extend_from_slice(&self.pauses),
            Some(end) => self.own.extend(
                self.pauses
                    .iter()
                    .filter(|p| p.from < end)
                    .map(|p| Pause { from: p.from, to: Some(p.to.map_or(end, |to| to.min(end))) }),
            ),
        }
        self.own.sort_unstable_by_key(|p| (p.from, p.to.unwrap_or(i64::MAX)));
        &self.own
    }

    /// Folds `events`, which are in the order they happened, into the runs of `program`.
    pub fn fold<C>(&mut self, program: &Program<C>, events: &[Event], moment: Moment) {
        self.runs.clear();
        self.pauses.clear();
        self.gaps.clear();
        self.waiting.clear();
        self.waiting.resize(program.pauses.len(), None);
        let pausing = program.pauses.iter().fold(0, |all, (begin, end)| all | begin | end);
        let ending = program.stops | program.cancels;
        let interesting = program.starts | program.resumes | ending | pausing;
        let mut rated = Rated { level: moment.level, line: moment.line, change: None };
        for (number, event) in events.iter().enumerate() {
            if event.codes & interesting != 0 {
                if event.codes & pausing != 0 {
                    self.pause(program, event);
                }
                if event.codes & ending != 0 {
                    let how = if event.codes & program.stops != 0 { Ending::Stopped } else { Ending::Cancelled };
                    for run in self.runs.iter_mut().filter(|run| run.ending == Ending::Open) {
                        run.finish(how, number, event, rated);
                    }
                } else if event.codes & program.resumes != 0 {
                    self.resume(event);
                }
                if event.codes & program.starts != 0 {
                    self.begin(program, number, event, moment, rated);
                }
            }
            if event.level.is_some() {
                rated.level = event.level;
                if !event.first_level {
                    rated.change = Some((number, event.at));
                }
            }
            rated.line = event.line.or(rated.line);
        }
        for run in self.runs.iter_mut().filter(|run| run.ending == Ending::Open) {
            run.rate(rated);
        }
        self.pauses.extend(self.waiting.iter().flatten().map(|&from| Pause { from, to: None }));
    }

    fn pause<C>(&mut self, program: &Program<C>, event: &Event) {
        for (waiting, (begin, end)) in self.waiting.iter_mut().zip(&program.pauses) {
            if event.codes & begin != 0 {
                waiting.get_or_insert(event.at);
            } else if event.codes & end != 0 {
                self.pauses.extend(waiting.take().map(|from| Pause { from, to: Some(event.at.max(from)) }));
            }
        }
    }

    fn resume(&mut self, event: &Event) {
        if let Some(run) = self.runs.last_mut() {
            if let Some(since) = run.ended_at.take() {
                self.gaps.push((run.seq, Pause { from: since, to: Some(event.at.max(since)) }));
                run.ending = Ending::Open;
                run.end = None;
            }
        }
    }

    fn begin<C>(&mut self, program: &Program<C>, number: usize, event: &Event, moment: Moment, rated: Rated) {
        let mut requests = 1;
        if let Some(last) = self.runs.last_mut() {
            if program.repeat == Repeat::First {
                return;
            }
            if last.ending == Ending::Open {
                requests = last.requests + u32::from(event.at - last.began >= program.min_gap);
                if program.repeat == Repeat::Last {
                    last.finish(Ending::Cancelled, number, event, rated);
                }
            }
        }
        self.runs.push(Run {
            seq: u32::try_from(self.runs.len()).unwrap_or(u32::MAX),
            start: number,
            started_at: if program.from_request { moment.request_from } else { event.counts_from },
            ending: Ending::Open,
            end: None,
            ended_at: None,
            requests,
            level: rated.level,
            line: rated.line,
            channel: event.channel,
            change: None,
            changed_at: None,
            began: event.at,
        });
    }
}

/// How a ticket is rated, and by whom it is worked on, after some of its events.
#[derive(Debug, Clone, Copy)]
struct Rated {
    level: Option<u8>,
    line: Option<u8>,
    /// The event that last changed the level, and when.
    change: Option<(usize, i64)>,
}

impl Run {
    fn finish(&mut self, how: Ending, number: usize, event: &Event, rated: Rated) {
        self.ending = how;
        self.end = Some(number);
        self.ended_at = Some(event.at);
        self.rate(rated);
    }

    fn rate(&mut self, rated: Rated) {
        (self.level, self.line) = (rated.level, rated.line);
        self.change = rated.change.map(|c| c.0);
        self.changed_at = rated.change.map(|c| c.1);
    }
}
