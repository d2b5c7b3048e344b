//! The compiled time line: open intervals with prefix sums and a direct index both ways.
//!
//! Eight bytes an interval (its start, and the open seconds before it) plus two direct indexes: one by time, one by
//! open time. A bucket of an index is at most as wide as the smallest distance between two of its keys, where that
//! costs no more than a few buckets an interval, so a look-up is one load, one comparison and no branch. Where the
//! keys lie closer (an interval cut in two by a clock change), the bucket is searched by halving.
//!
//! Edges are whole seconds from the base; questions and answers are microseconds from the base.

#![allow(clippy::inline_always, reason = "the look-ups are a dozen instructions inside loops over millions of rows")]
#![allow(clippy::cast_possible_truncation, reason = "bucket numbers are below 2^18 by the index's limit")]

const SECOND: u64 = 1_000_000;

/// What an interval is found by, and what lies before it. Its length is the next record's `before` less its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Record {
    start: u32,
    before: u32,
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
    /// No bucket holds more than one key.
    single: bool,
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
#[derive(Debug, Clone, Copy)]
pub struct View<'a, S, const SINGLE: bool> {
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

impl<S: Slot, const SINGLE: bool> View<'_, S, SINGLE> {
    /// The record in force at `t`: the last that starts at or before it.
    #[inline(always)]
    fn at_time(self, t: u64) -> usize {
        let bucket = (t >> self.time_shift) as usize;
        let i = self.by_time[bucket].at();
        if SINGLE {
            i + usize::from(u64::from(self.records[i + 1].start) * SECOND <= t)
        } else {
            let end = self.by_time[bucket + 1].at();
            i + self.records[i + 1..=end].partition_point(|r| u64::from(r.start) * SECOND <= t)
        }
    }

    /// The first record after which at least `open` has been spent.
    #[inline(always)]
    fn at_open(self, open: u64) -> usize {
        let bucket = (open >> self.open_shift) as usize;
        let i = self.by_open[bucket].at();
        if SINGLE {
            i + usize::from(u64::from(self.records[i + 1].before) * SECOND < open)
        } else {
            let end = self.by_open[bucket + 1].at();
            i + self.records[i + 1..=end].partition_point(|r| u64::from(r.before) * SECOND < open)
        }
    }
}

impl<S: Slot + Send + Sync, const SINGLE: bool> Look for View<'_, S, SINGLE> {
    #[inline(always)]
    fn spent(self, t: u64) -> u64 {
        let i = self.at_time(t);
        let pair = &self.records[i..i + 2];
        let since = t - u64::from(pair[0].start) * SECOND;
        let before = u64::from(pair[0].before) * SECOND;
        (before + since).min(u64::from(pair[1].before) * SECOND)
    }

    #[inline(always)]
    fn reach(self, open: u64) -> u64 {
        let record = self.records[self.at_open(open)];
        u64::from(record.start) * SECOND + (open - u64::from(record.before) * SECOND)
    }
}

/// Work over whichever [`Look`] a line has.
pub trait Visit {
    /// What the work yields.
    type Output;
    /// The work.
    fn visit<L: Look>(self, look: L) -> Self::Output;
}

impl Line {
    /// A line from ascending, disjoint intervals in seconds from the base, inside `0..=span`.
    #[must_use]
    pub fn new(intervals: &[(u32, u32)], span: u32) -> Self {
        let mut records = Vec::with_capacity(intervals.len() + 2);
        records.push(Record { start: 0, before: 0 });
        let mut open = 0;
        let mut nearest = u32::MAX;
        let mut shortest = u32::MAX;
        let mut previous = None;
        for &(start, end) in intervals {
            records.push(Record { start, before: open });
            if let Some(p) = previous {
                nearest = nearest.min(start - p);
            }
            previous = Some(start);
            shortest = shortest.min(end - start);
            open += end - start;
        }
        records.push(Record { start: u32::MAX, before: open });
        // By time: how many intervals have begun at the edge. By open time: the first whose end has the edge's share.
        let wide = records.len() > usize::from(u16::MAX);
        let starts = &records[1..records.len() - 1];
        let ends = &records[2..records.len() - 1];
        let by_time = Index::new(starts, span, nearest, 0, wide, |r, edge| u64::from(r.start) * SECOND <= edge);
        let by_open = Index::new(ends, open, shortest, 1, wide, |r, edge| u64::from(r.before) * SECOND < edge);
        Self { records: records.into(), by_time, by_open }
    }

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
        if self.by_time.single && self.by_open.single {
            work.visit(self.view::<S, true>(time, open))
        } else {
            work.visit(self.view::<S, false>(time, open))
        }
    }

    fn view<'a, S, const SINGLE: bool>(&'a self, by_time: &'a [S], by_open: &'a [S]) -> View<'a, S, SINGLE> {
        View {
            records: &self.records,
            by_time,
            by_open,
            time_shift: self.by_time.shift,
            open_shift: self.by_open.shift,
        }
    }

    /// How many intervals there are.
    #[must_use]
    pub fn intervals(&self) -> usize {
        self.records.len() - 2
    }

    /// All the open time there is, microseconds.
    #[must_use]
    pub fn whole(&self) -> u64 {
        u64::from(self.records[self.records.len() - 1].before) * SECOND
    }

    /// The interval with this number, counted from 0, in microseconds from the base.
    #[must_use]
    pub fn interval(&self, number: usize) -> Option<(u64, u64)> {
        let pair = self.records.get(number + 1..number + 3)?;
        let start = u64::from(pair[0].start) * SECOND;
        Some((start, start + u64::from(pair[1].before - pair[0].before) * SECOND))
    }

    /// The number of the first interval that ends after `t`.
    #[must_use]
    pub fn first_ending_after(&self, t: u64) -> usize {
        let begun = self.records[1..].partition_point(|r| u64::from(r.start) * SECOND <= t);
        match begun.checked_sub(1).and_then(|k| self.interval(k)) {
            Some((_, end)) if end > t => begun - 1,
            _ => begun,
        }
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.records) + self.by_time.slots.bytes() + self.by_open.slots.bytes()
    }
}

impl Index {
    /// For each bucket edge, `base` and how many `keys` lie `before` it; keys are `nearest` seconds apart or more.
    fn new(
        keys: &[Record],
        span: u32,
        nearest: u32,
        base: usize,
        wide: bool,
        before: impl Fn(&Record, u64) -> bool,
    ) -> Self {
        let span = u64::from(span) * SECOND;
        let limit = 4 * keys.len() as u64 + 16;
        let mut shift = (u64::from(nearest) * SECOND).ilog2();
        let mut single = true;
        while (span >> shift) > limit {
            shift += 1;
            single = false;
        }
        let edges = (span >> shift) + 2;
        let mut counted = 0;
        let count = |bucket: u64| {
            while keys.get(counted).is_some_and(|key| before(key, bucket << shift)) {
                counted += 1;
            }
            base + counted
        };
        let slots = if wide {
            Slots::Wide((0..edges).map(count).map(|n| n as u32).collect())
        } else {
            Slots::Narrow((0..edges).map(count).map(|n| n as u16).collect())
        };
        Self { shift, single, slots }
    }
}

impl Slots {
    fn bytes(&self) -> usize {
        match self {
            Self::Narrow(slots) => size_of_val(&**slots),
            Self::Wide(slots) => size_of_val(&**slots),
        }
    }
}
