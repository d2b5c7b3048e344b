//! The compiled time line: open intervals with prefix sums and a direct index both ways.
//!
//! Eight bytes an interval (the closed seconds before it, and the open seconds up to its end) plus two direct indexes:
//! one by time, one by open time. A bucket of an index is at most as wide as the smallest distance between two of its
//! keys, where that costs no more than a few buckets an interval, so a look-up is one load, one comparison and no
//! branch. Where the keys lie closer (an interval cut in two by a clock change), two comparisons, or a search by
//! halving.
//!
//! Edges are whole seconds from the base; questions and answers are microseconds from the base.

#![allow(clippy::inline_always, reason = "the look-ups are a dozen instructions inside loops over millions of rows")]
#![allow(clippy::cast_possible_truncation, reason = "bucket numbers are below 2^18 by the index's limit")]

mod build;
mod steps;

pub use build::Builder;
pub use steps::Steps;

const SECOND: u64 = 1_000_000;
/// Bytes that memory comes in.
const CACHE_LINE: usize = 64;
/// Where there is a question for so many intervals, reading all of them in order costs less than the waits of the
/// questions for memory that is far.
const INTERVALS_A_QUESTION: usize = 32;

/// An interval, as sums from the base: it ends at `closed + open`, and what is open inside it is `t - closed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Record {
    /// Closed seconds before it.
    closed: u32,
    /// Open seconds up to its end.
    open: u32,
}

/// Open intervals, relative to a base instant.
#[derive(Debug, Clone)]
pub struct Line {
    /// One record before the first interval, one an interval, one after the last.
    records: Box<[Record]>,
    by_time: Index,
    by_open: Index,
}

#[derive(Debug, Clone)]
struct Index {
    shift: u32,
    /// How many keys the fullest bucket holds.
    fullest: u32,
    slots: Slots,
}

#[derive(Debug, Clone)]
enum Slots {
    Narrow(Box<[u16]>),
    Wide(Box<[u32]>),
}

/// One direct index, as seen by the look-up that was chosen for it.
pub trait Slot: Copy {
    /// The record's number.
    fn at(self) -> usize;
}

impl Slot for u16 {
    #[inline(always)]
    fn at(self) -> usize {
        usize::from(self)
    }
}

impl Slot for u32 {
    #[inline(always)]
    fn at(self) -> usize {
        self as usize
    }
}

/// The look-ups over one form of index; [`Line::with_view`] picks the form once for many rows.
///
/// `STEPS` is how many keys a bucket holds at most, if that is 1 or 2; 0 for any number.
#[derive(Debug, Clone, Copy)]
pub struct View<'a, S, const STEPS: u8> {
    records: &'a [Record],
    by_time: &'a [S],
    by_open: &'a [S],
    time_shift: u32,
    open_shift: u32,
}

/// The three questions a time line answers, in microseconds from its base.
pub trait Look: Copy + Send + Sync {
    /// Open time before `t`.
    fn spent(self, t: u64) -> u64;
    /// The earliest instant with `open` time before it; `open` is above zero and at most the whole.
    fn reach(self, open: u64) -> u64;
}

/// Microseconds of seconds. None of the sums here can wrap: seconds are below 2^32, so microseconds are below 2^52;
/// saying so spares a branch each.
#[inline(always)]
fn us(seconds: u64) -> u64 {
    seconds.wrapping_mul(SECOND)
}

impl Record {
    #[inline(always)]
    fn closed(self) -> u64 {
        us(u64::from(self.closed))
    }

    #[inline(always)]
    fn open(self) -> u64 {
        us(u64::from(self.open))
    }

    /// Whether the interval `next` after this one has begun at `t`.
    #[inline(always)]
    fn is_over(self, next: Self, t: u64) -> bool {
        us(u64::from(self.open).wrapping_add(u64::from(next.closed))) <= t
    }

    /// Open time before `t`, which lies after the interval's beginning and before the next one's.
    #[inline(always)]
    fn spent(self, t: u64) -> u64 {
        t.wrapping_sub(self.closed()).min(self.open())
    }
}

impl<S: Slot + Send + Sync, const STEPS: u8> Look for View<'_, S, STEPS> {
    #[inline(always)]
    fn spent(self, t: u64) -> u64 {
        let bucket = (t >> self.time_shift) as usize;
        let i = self.by_time[bucket].at();
        match STEPS {
            1 => {
                let near = &self.records[i..i + 2];
                near[usize::from(near[0].is_over(near[1], t))].spent(t)
            }
            2 => {
                let near = &self.records[i..i + 3];
                let k = usize::from(near[0].is_over(near[1], t)) + usize::from(near[1].is_over(near[2], t));
                near[k.min(2)].spent(t)
            }
            _ => {
                let near = &self.records[i..=self.by_time[bucket + 1].at() + 1];
                // The number of neighbours that are over is the number of the one in force.
                let over = partition(near.len() - 1, |k| near[k].is_over(near[k + 1], t));
                near[over].spent(t)
            }
        }
    }

    #[inline(always)]
    fn reach(self, open: u64) -> u64 {
        let bucket = (open >> self.open_shift) as usize;
        let i = self.by_open[bucket].at();
        let record = match STEPS {
            1 => {
                let near = &self.records[i..i + 2];
                near[usize::from(near[0].open() < open)]
            }
            2 => {
                let near = &self.records[i..i + 3];
                near[(usize::from(near[0].open() < open) + usize::from(near[1].open() < open)).min(2)]
            }
            _ => {
                let near = &self.records[i..=self.by_open[bucket + 1].at()];
                near[partition(near.len() - 1, |k| near[k].open() < open)]
            }
        };
        open.wrapping_add(record.closed())
    }
}

/// How many of the first `n` numbers hold, where those that do come first.
fn partition(n: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low.midpoint(high);
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Work over whichever [`Look`] a line has.
pub trait Visit {
    /// What the work yields.
    type Output;
    /// The work.
    fn visit<L: Look>(self, look: L) -> Self::Output;
}

impl Line {
    /// Does the work with the look-ups of this line, its form of index decided once.
    #[inline]
    pub fn with_view<V: Visit>(&self, work: V) -> V::Output {
        match (&self.by_time.slots, &self.by_open.slots) {
            (Slots::Narrow(time), Slots::Narrow(open)) => self.with_slots(time, open, work),
            (Slots::Wide(time), Slots::Wide(open)) => self.with_slots(time, open, work),
            _ => unreachable!("both indexes are made of one width"),
        }
    }

    #[inline]
    fn with_slots<S: Slot + Send + Sync, V: Visit>(&self, time: &[S], open: &[S], work: V) -> V::Output {
        match self.by_time.fullest.max(self.by_open.fullest) {
            0 | 1 => work.visit(self.view::<S, 1>(time, open)),
            2 => work.visit(self.view::<S, 2>(time, open)),
            _ => work.visit(self.view::<S, 0>(time, open)),
        }
    }

    fn view<'a, S, const STEPS: u8>(&'a self, by_time: &'a [S], by_open: &'a [S]) -> View<'a, S, STEPS> {
        View {
            records: &self.records,
            by_time,
            by_open,
            time_shift: self.by_time.shift,
            open_shift: self.by_open.shift,
        }
    }

    /// Reads its memory in order, a word a cache line, where so many questions are worth it: a look-up in memory that
    /// is far waits for it four times.
    pub fn warm(&self, questions: usize) {
        if questions >= self.intervals() / INTERVALS_A_QUESTION {
            let records =
                self.records.iter().step_by(CACHE_LINE / size_of::<Record>()).fold(0, |read, r| read ^ r.open);
            std::hint::black_box(records ^ self.by_time.slots.read() ^ self.by_open.slots.read());
        }
    }

    /// How many intervals there are.
    #[must_use]
    pub fn intervals(&self) -> usize {
        self.records.len() - 3
    }

    /// All the open time there is, microseconds.
    #[must_use]
    pub fn whole(&self) -> u64 {
        self.records[self.records.len() - 1].open()
    }

    /// The interval with this number, counted from 0, in microseconds from the base.
    #[must_use]
    pub fn interval(&self, number: usize) -> Option<(u64, u64)> {
        if number >= self.intervals() {
            return None;
        }
        let (before, record) = (self.records[number], self.records[number + 1]);
        Some((before.open() + record.closed(), record.open() + record.closed()))
    }

    /// The number of the first interval that ends after `t`.
    #[must_use]
    pub fn first_ending_after(&self, t: u64) -> usize {
        self.records[1..=self.intervals()].partition_point(|r| r.open() + r.closed() <= t)
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.records) + self.by_time.slots.bytes() + self.by_open.slots.bytes()
    }
}

impl Slots {
    fn len(&self) -> usize {
        match self {
            Self::Narrow(slots) => slots.len(),
            Self::Wide(slots) => slots.len(),
        }
    }

    /// Reads a slot a cache line.
    fn read(&self) -> u32 {
        match self {
            Self::Narrow(slots) => slots.iter().step_by(CACHE_LINE / 2).fold(0, |read, slot| read ^ u32::from(*slot)),
            Self::Wide(slots) => slots.iter().step_by(CACHE_LINE / 4).fold(0, |read, slot| read ^ slot),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Narrow(slots) => size_of_val(&**slots),
            Self::Wide(slots) => size_of_val(&**slots),
        }
    }
}
