//! Pauses: stretches that do not count, and the time that is left between them.

use crate::error::{Error, Kind, Result};

/// `[from, to)` in microseconds; without `to` it never ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pause {
    /// The first instant that does not count.
    pub from: i64,
    /// The first that counts again.
    pub to: Option<i64>,
}

/// The pauses in the order they begin.
///
/// # Errors
/// [`Kind::BadPause`] for a pause that ends before it begins.
pub fn sorted(pauses: &[Pause]) -> Result<Vec<Pause>> {
    if let Some(bad) = pauses.iter().find(|p| p.to.is_some_and(|to| to < p.from)) {
        let to = bad.to.unwrap_or_default();
        return Err(Error::new(Kind::BadPause, format!("pause from {} us to {to} us ends before it begins", bad.from)));
    }
    let mut sorted = pauses.to_vec();
    sorted.sort_by_key(|p| p.from);
    Ok(sorted)
}

/// The stretches from an instant on in which no pause is: `(from, to)`, the last one without an end unless a pause
/// never ends. Overlapping pauses unite; a pause may begin before the instant.
#[derive(Debug, Clone)]
pub struct Stretches<'a> {
    at: Option<i64>,
    pauses: std::slice::Iter<'a, Pause>,
}

impl<'a> Stretches<'a> {
    /// The stretches from `start` on between `pauses`, which are in the order they begin.
    #[must_use]
    pub fn new(start: i64, pauses: &'a [Pause]) -> Self {
        Self { at: Some(start), pauses: pauses.iter() }
    }
}

impl Iterator for Stretches<'_> {
    type Item = (i64, Option<i64>);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at?;
        let mut at = at;
        for pause in self.pauses.by_ref() {
            if pause.to.is_some_and(|to| to <= at || to == pause.from) {
                continue;
            }
            self.at = pause.to;
            if pause.from > at {
                return Some((at, Some(pause.from)));
            }
            at = self.at?;
        }
        self.at = None;
        Some((at, None))
    }
}
