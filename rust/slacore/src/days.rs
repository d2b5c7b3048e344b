//! Counting dates: which dates of the known range count, with the number of those before each word.

/// A bit a week, for so many weeks that from each of the first seven days on there is a word's worth of days.
const EACH_WEEK: u128 = (1 << 77) / 127;

/// A set of dates (by their distance from the first) that answers "the n-th after" and "how many" by look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    words: Box<[u64]>,
    /// How many dates lie in the words before this one.
    before: Box<[u32]>,
}

impl Days {
    /// A set among the first `length` positions, of which the first is a day `week` of the week (0 for Monday): those
    /// that `weekly` has by their day of the week, save where `dated` says of a position whether it belongs.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "a word takes its share of the weeks")]
    pub fn new(length: usize, week: usize, weekly: [bool; 7], dated: impl Iterator<Item = (usize, bool)>) -> Self {
        let week_of = |bits: u128, belongs: &bool| bits << 1 | u128::from(*belongs);
        let weeks = EACH_WEEK * weekly.iter().rev().fold(0, week_of);
        let mut words: Box<[u64]> = (0..=length / 64).map(|word| (weeks >> ((week + word * 64) % 7)) as u64).collect();
        words[length / 64] &= (1 << (length % 64)) - 1;
        for (position, belongs) in dated {
            let bit = 1 << (position % 64);
            let word = &mut words[position / 64];
            *word = if belongs { *word | bit } else { *word & !bit };
        }
        let mut total = 0;
        let sums = words.iter().map(|word| {
            total += word.count_ones();
            total
        });
        let before = std::iter::once(0).chain(sums).collect();
        Self { words, before }
    }

    /// How many positions of the set lie below `position`.
    #[must_use]
    pub fn below(&self, position: usize) -> u32 {
        let word = position / 64;
        match self.words.get(word) {
            Some(bits) => self.before[word] + (bits & ((1 << (position % 64)) - 1)).count_ones(),
            None => self.total(),
        }
    }

    /// How many positions the set has.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.before[self.before.len() - 1]
    }

    /// The position with `rank` others below it.
    #[must_use]
    pub fn select(&self, rank: u32) -> Option<usize> {
        if rank >= self.total() {
            return None;
        }
        let word = self.before.partition_point(|&b| b <= rank) - 1;
        let mut bits = self.words[word];
        for _ in self.before[word]..rank {
            bits &= bits - 1;
        }
        Some(word * 64 + bits.trailing_zeros() as usize)
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.words) + size_of_val(&*self.before)
    }
}
