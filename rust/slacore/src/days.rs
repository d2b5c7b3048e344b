//! Counting dates: which dates of the known range count, with the number of those before each word.

/// A set of dates (by their distance from the first) that answers "the n-th after" and "how many" by look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    words: Box<[u64]>,
    /// How many dates lie in the words before this one.
    before: Box<[u32]>,
}

impl Days {
    /// The set of positions of which `holds` is true.
    #[must_use]
    pub fn new(positions: impl Iterator<Item = bool>) -> Self {
        let mut words = Vec::new();
        let mut before = Vec::new();
        let mut total = 0;
        let mut word = 0_u64;
        let mut bit = 0;
        for holds in positions {
            word |= u64::from(holds) << bit;
            bit += 1;
            if bit == 64 {
                words.push(word);
                before.push(total);
                total += word.count_ones();
                word = 0;
                bit = 0;
            }
        }
        words.push(word);
        before.push(total);
        before.push(total + word.count_ones());
        Self { words: words.into(), before: before.into() }
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
