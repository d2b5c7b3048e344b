//! A line spread out for a great many questions about one calendar.

#![allow(clippy::inline_always, reason = "a look-up inside loops over millions of rows")]
#![allow(clippy::cast_possible_wrap, reason = "microseconds of 32 bits of seconds; past the end any number will do")]
#![allow(clippy::cast_possible_truncation, reason = "bucket numbers are below 2^18 by the index's limit")]

use super::{Line, Slot, Slots};

/// So many questions for every step are worth making them.
const QUESTIONS_A_STEP: usize = 4;

/// The records that each bucket of the index by time leads to, in microseconds: one load instead of two, no
/// multiplication, and four times the memory. For more questions than the line has buckets, to be thrown away after.
#[derive(Debug, Clone)]
pub struct Steps {
    shift: u32,
    steps: Box<[Step]>,
}

/// The interval in force at a bucket's edge, and the next.
#[derive(Debug, Clone, Copy)]
struct Step {
    closed: [i64; 2],
    open: [i64; 2],
}

impl Steps {
    /// Open time before `t`; past the line's end it is any number.
    #[inline(always)]
    #[must_use]
    pub fn spent(&self, t: u64) -> i64 {
        // Never so; it tells the compiler that the last step is one.
        if self.steps.is_empty() {
            return 0;
        }
        let Step { closed, open } = self.steps[((t >> self.shift) as usize).min(self.steps.len() - 1)];
        let t = t as i64;
        // Before the next interval begins, what it would give is less than what the first has.
        t.wrapping_sub(closed[0]).min(open[0]).max(t.wrapping_sub(closed[1])).min(open[1])
    }
}

impl Line {
    /// The line as steps, where so many questions are worth making them; `None` also if two intervals begin so near each
    /// other that one step cannot tell.
    #[must_use]
    pub fn steps(&self, questions: usize) -> Option<Steps> {
        if self.by_time.fullest > 1 || questions < QUESTIONS_A_STEP * self.by_time.slots.len() {
            return None;
        }
        let step = |first: usize| {
            let near = [self.records[first], self.records[first + 1]];
            Step { closed: near.map(|r| r.closed() as i64), open: near.map(|r| r.open() as i64) }
        };
        let steps = match &self.by_time.slots {
            Slots::Narrow(slots) => slots.iter().map(|slot| step(slot.at())).collect(),
            Slots::Wide(slots) => slots.iter().map(|slot| step(slot.at())).collect(),
        };
        Some(Steps { shift: self.by_time.shift, steps })
    }
}
