//! A zone as data: an offset, and the instants at which it changes.
//!
//! The transitions are part of the calendar, so that an upgrade of the zone database moves nothing that was promised.

use crate::civil::DAY;
use crate::error::{Error, Kind, Result};

/// Offsets from UTC, in seconds, and when they change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    initial: i32,
    /// (UTC second of the change, offset from then on), ascending.
    changes: Box<[(i64, i32)]>,
}

/// A stretch of UTC seconds `[from, to)` with one offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// First UTC second.
    pub from: i64,
    /// The UTC second after the last.
    pub to: i64,
    /// Offset from UTC in seconds.
    pub offset: i32,
}

impl Zone {
    /// A zone from its first offset and its changes: (UTC seconds, offset in seconds from then on).
    ///
    /// # Errors
    /// [`Kind::BadZone`]: changes out of order, or an offset of a day or more.
    pub fn new(initial: i32, changes: &[(i64, i32)]) -> Result<Self> {
        for offset in std::iter::once(initial).chain(changes.iter().map(|c| c.1)) {
            if i64::from(offset).abs() >= DAY {
                return Err(Error::new(Kind::BadZone, format!("offset {offset} s is a day or more")));
            }
        }
        if let Some(pair) = changes.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return Err(Error::new(
                Kind::BadZone,
                format!("transition {} does not come after {}", pair[1].0, pair[0].0),
            ));
        }
        Ok(Self { initial, changes: changes.into() })
    }

    /// The offset in force at a UTC second.
    #[must_use]
    pub fn offset_at(&self, second: i64) -> i32 {
        self.offset_before(self.changes.partition_point(|c| c.0 <= second))
    }

    /// The UTC second of a local label (seconds since 1970-01-01 on the local clock).
    ///
    /// A repeated label is its first occurrence; a skipped one is read with the offset before the change
    /// (PEP 495, `fold=0`).
    #[must_use]
    pub fn wall(&self, local: i64) -> i64 {
        // A change takes effect on labels from the larger of both readings of its instant.
        let mut low = 0;
        let mut high = self.changes.len();
        while low < high {
            let middle = low.midpoint(high);
            let (at, after) = self.changes[middle];
            if at + i64::from(after.max(self.offset_before(middle))) <= local {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        local - i64::from(self.offset_before(low))
    }

    /// The stretches of one offset that cover `[from, to)` UTC seconds.
    pub fn segments(&self, from: i64, to: i64) -> impl Iterator<Item = Segment> + '_ {
        (0..=self.changes.len()).filter_map(move |k| {
            let begins = if k == 0 { from } else { self.changes[k - 1].0 };
            let ends = self.changes.get(k).map_or(to, |c| c.0);
            let segment = Segment { from: begins.max(from), to: ends.min(to), offset: self.offset_before(k) };
            (segment.from < segment.to).then_some(segment)
        })
    }

    /// How many changes there are.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.changes.len()
    }

    fn offset_before(&self, change: usize) -> i32 {
        match change {
            0 => self.initial,
            k => self.changes[k - 1].1,
        }
    }
}
