//! The compiled time line: open intervals with prefix sums and a direct index both ways.
//!
//! Eight bytes an interval (the closed seconds before it, and the open seconds up to its end) plus two direct indexes:
//! one by time, one by open time. A bucket of an index is at most as wide as the smallest distance between two of its keys, where that
//! costs no more than a few buckets an interval, so a look-up is one load, one comparison and no branch. Where the
//! keys lie closer (an interval cut in two by a clock change), two comparisons, or a search by halving.
//!
//! Edges are whole seconds from the base; questions and answers are microseconds from the base.

#![allow(clippy::inline_always, reason = "the look-ups are a dozen instructions inside loops over millions of rows")]
#![allow(clippy::cast_possible_truncation, reason = "bucket numbers are below 2^18 by the index's limit")]

const SECOND: u64 = 1_000_000;
/// Bytes that memory comes in.
const CACHE_LINE: usize = 64;
/// One question in so many intervals is worth reading all of them: reading in order costs a thirtieth of four waits.
const INTERVALS_A_QUESTION: usize = 32;
/// So many questions for every step are worth making them.
const QUESTIONS_A_STEP: usize = 4;

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
    #[allow(clippy::cast_possible_wrap, reason = "an instant past the end gives any number")]
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

/// A line in the making.
#[derive(Debug)]
pub struct Builder {
    records: Vec<Record>,
    /// Of the last interval; [`u32::MAX`] before the first.
    closed: u32,
    /// Open seconds so far.
    open: u32,
}

impl Builder {
    /// A line with room for so many intervals at first.
    #[must_use]
    pub fn with_room(intervals: usize) -> Self {
        let mut records = Vec::with_capacity(intervals + 3);
        records.push(Record { closed: 0, open: 0 });
        Self { records, closed: u32::MAX, open: 0 }
    }

    /// Adds `[start, end)`, in seconds from the base: not empty, and not before the end of what was added last; where
    /// it touches that, both are one interval.
    #[inline]
    pub fn push(&mut self, start: u32, end: u32) {
        let closed = start.wrapping_sub(self.open);
        self.open = end.wrapping_sub(closed);
        if closed == self.closed {
            self.records.pop();
        }
        self.closed = closed;
        self.records.push(Record { closed, open: self.open });
    }

    /// The line, whose last interval ends at `span` seconds or before; `None` if there is no interval.
    #[must_use]
    pub fn finish(self, span: u32) -> Option<Line> {
        let Self { mut records, open, .. } = self;
        let intervals = records.len() - 1;
        let begins = |pair: &[Record]| pair[0].open.wrapping_add(pair[1].closed);
        let shortest = records.windows(2).map(|pair| pair[1].open.wrapping_sub(pair[0].open)).min()?;
        let apart = |three: &[Record]| begins(&three[1..]).wrapping_sub(begins(&three[..2]));
        let nearest = records.windows(3).map(apart).min().unwrap_or(u32::MAX);
        let wide = intervals > usize::from(u16::MAX);
        // By time: the last record that has begun at a bucket's edge. By open time: the first that ends at the edge or later.
        let by_time = Index::new(span, nearest, 0, wide, records.windows(2).map(|pair| us(u64::from(begins(pair)))));
        let by_open = Index::new(open, shortest, 1, wide, records[1..intervals].iter().map(|record| record.open() + 1));
        // Two that never begin, so that a look-up may look ahead.
        records.extend([Record { closed: u32::MAX, open }; 2]);
        Some(Line { records: records.into(), by_time, by_open })
    }
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

    /// The line as steps, where so many questions are worth making them; `None` also if two intervals begin so near each
    /// other that one step cannot tell.
    #[must_use]
    #[allow(clippy::cast_possible_wrap, reason = "microseconds of 32 bits of seconds")]
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

impl Index {
    /// The index of `whole` seconds that says at each bucket's edge `base` and how many keys are reached: at or before it.
    ///
    /// Keys are microseconds, ascending; no two lie closer than `nearest` seconds.
    fn new(whole: u32, nearest: u32, base: u32, wide: bool, keys: impl ExactSizeIterator<Item = u64>) -> Self {
        let whole = us(u64::from(whole));
        let limit = 4 * keys.len() as u64 + 16;
        let mut shift = us(u64::from(nearest)).ilog2();
        while (whole >> shift) > limit {
            shift += 1;
        }
        // The keys that each edge is the first to reach, then their sums.
        let mut edges = vec![0_u32; (whole >> shift) as usize + 2];
        let round_up = (1_u64 << shift) - 1;
        for key in keys {
            edges[(key.wrapping_add(round_up) >> shift) as usize] += 1;
        }
        let fullest = edges[1..].iter().copied().max().unwrap_or(0);
        edges[0] += base;
        let mut sum = 0_u32;
        let sums = edges.iter().map(|reached| {
            sum = sum.wrapping_add(*reached);
            sum
        });
        let slots =
            if wide { Slots::Wide(sums.collect()) } else { Slots::Narrow(sums.map(|sum| sum as u16).collect()) };
        Self { shift, fullest, slots }
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
