//! A line in the making: intervals one after the other, then the indexes over them.

#![allow(clippy::cast_possible_truncation, reason = "bucket numbers are below 2^18 by the index's limit")]

use super::{Index, Line, Record, Slots, us};

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
