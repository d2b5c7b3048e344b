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

/// The stretches from `start` on in which no pause is; the last one has no end unless a pause never ends.
///
/// Overlapping pauses unite; a pause may begin before `start`.
///
/// # Errors
/// [`Kind::BadPause`] for a pause that ends before it begins.
pub fn running(start: i64, pauses: &[Pause]) -> Result<Vec<(i64, Option<i64>)>> {
    let mut sorted = pauses.to_vec();
    if let Some(bad) = sorted.iter().find(|p| p.to.is_some_and(|to| to < p.from)) {
        return Err(Error::new(
            Kind::BadPause,
            format!("pause from {} to {:?} us ends before it begins", bad.from, bad.to),
        ));
    }
    sorted.sort_by_key(|p| p.from);
    let mut stretches = Vec::with_capacity(sorted.len() + 1);
    let mut at = start;
    for pause in sorted {
        if pause.to.is_some_and(|to| to <= at || to == pause.from) {
            continue;
        }
        if pause.from > at {
            stretches.push((at, Some(pause.from)));
        }
        match pause.to {
            Some(to) => at = to,
            None => return Ok(stretches),
        }
    }
    stretches.push((at, None));
    Ok(stretches)
}
