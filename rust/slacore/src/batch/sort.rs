//! Rows in the order of their calendars, so that one calendar's memory is met once.

use std::sync::atomic::Ordering::Relaxed;

use super::Numbers;

/// Sorts blocks of rows by calendar, by counting; its memory is kept between blocks.
pub struct Sorter {
    /// Where each calendar's rows end in `order`; one more than there are calendars.
    ends: Vec<u32>,
    order: Vec<u32>,
}

impl Sorter {
    /// For so many calendars.
    pub fn new(calendars: usize) -> Self {
        Self { ends: vec![0; calendars + 1], order: Vec::new() }
    }

    /// Sorts a block's rows; numbers beyond the calendars count as the last one.
    pub fn sort(&mut self, which: Numbers<'_>) {
        let last = self.ends.len() - 2;
        let calendar = |row: usize| (which[row].load(Relaxed) as usize).min(last);
        self.ends.fill(0);
        for row in 0..which.len() {
            self.ends[calendar(row) + 1] += 1;
        }
        let mut total = 0;
        for end in &mut self.ends {
            total += *end;
            *end = total;
        }
        // Each calendar's slot now holds where its rows begin; filling moves it to where they end.
        self.order.resize(which.len(), 0);
        for (row, number) in (0..which.len()).zip(0_u32..) {
            let slot = &mut self.ends[calendar(row)];
            self.order[*slot as usize] = number;
            *slot += 1;
        }
    }

    /// Each calendar that has rows, with their numbers in the block, ascending.
    pub fn groups(&self) -> impl Iterator<Item = (usize, &[u32])> {
        let mut from = 0;
        self.ends.iter().take(self.ends.len() - 1).enumerate().filter_map(move |(calendar, &end)| {
            let rows = &self.order[from as usize..end as usize];
            from = end;
            (!rows.is_empty()).then_some((calendar, rows))
        })
    }
}
