//! Rows brought together by calendar, so that one calendar's memory is met once, and their answers brought back.
//!
//! Both ways every calendar's rows are written or read in sequence, so that the caches see a few hundred streams and no
//! random access.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use super::{Column, Numbers};

/// Rows by calendar; its memory is kept between blocks.
pub struct Sorter {
    /// Where each calendar's rows begin, and where the last one's end.
    begins: Vec<u32>,
    at: Vec<u32>,
    /// The rows' columns, calendar after calendar.
    a: Vec<AtomicI64>,
    b: Vec<AtomicI64>,
}

impl Sorter {
    /// For so many calendars.
    pub fn new(calendars: usize) -> Self {
        Self { begins: vec![0; calendars + 1], at: Vec::new(), a: Vec::new(), b: Vec::new() }
    }

    /// Brings a block's rows together. Every number in `which` is that of a calendar.
    pub fn gather(&mut self, which: Numbers<'_>, a: Column<'_>, b: Column<'_>) {
        self.begins.fill(0);
        for number in which {
            self.begins[number.load(Relaxed) as usize + 1] += 1;
        }
        let mut total = 0;
        for begin in &mut self.begins {
            total += *begin;
            *begin = total;
        }
        if self.a.len() < which.len() {
            self.a.resize_with(which.len(), AtomicI64::default);
            self.b.resize_with(which.len(), AtomicI64::default);
        }
        self.at.clone_from(&self.begins);
        for ((number, a), b) in which.iter().zip(a).zip(b) {
            let at = &mut self.at[number.load(Relaxed) as usize];
            let row = *at as usize;
            *at += 1;
            *self.a[row].get_mut() = a.load(Relaxed);
            *self.b[row].get_mut() = b.load(Relaxed);
        }
    }

    /// Each calendar that has rows, with their columns.
    pub fn groups(&self) -> impl Iterator<Item = (usize, Column<'_>, Column<'_>)> {
        self.begins.windows(2).enumerate().filter_map(|(calendar, pair)| {
            let rows = pair[0] as usize..pair[1] as usize;
            (!rows.is_empty()).then(|| (calendar, &self.a[rows.clone()], &self.b[rows]))
        })
    }

    /// Brings the answers, which the groups' first columns hold now, back to the block's rows.
    pub fn scatter(&mut self, which: Numbers<'_>, out: Column<'_>) {
        self.at.clone_from(&self.begins);
        for (number, out) in which.iter().zip(out) {
            let at = &mut self.at[number.load(Relaxed) as usize];
            out.store(self.a[*at as usize].load(Relaxed), Relaxed);
            *at += 1;
        }
    }
}
