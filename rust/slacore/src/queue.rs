//! Keyed queues: what falls due next, and what to work on next.
//!
//! Both queues hold each 128-bit id at most once, find it through a hash index and order it in a 4-ary heap, so that
//! pushing, re-keying, removing and popping cost at most the logarithm of the length. The order is total (equal
//! places go by id), so two queues with the same contents pop the same sequence however they were filled.
//!
//! A queue proposes; the database decides. Nothing here is durable.

mod heap;
mod index;
mod timer;
mod tree;
mod work;

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

pub use heap::KeyedHeap;
pub use timer::TimerQueue;
pub use tree::Place;
pub use work::{MAX_WIDTH, Ranked, WorkQueue};

/// How many keys one queue can hold.
pub const MAX_KEYS: usize = 1 << 31;

/// A number of a column: in memory of ours, or in a caller's, which somebody else may be writing to.
pub trait Number {
    /// The number as it stands.
    fn read(&self) -> i64;
}

impl Number for i64 {
    fn read(&self) -> i64 {
        *self
    }
}

impl Number for AtomicI64 {
    fn read(&self) -> i64 {
        self.load(Ordering::Relaxed)
    }
}

/// What a queue refuses. A refused call leaves the queue as it was, a refused bulk call too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueError {
    /// The key is already queued; it can be re-keyed or put, not pushed.
    DuplicateKey(u128),
    /// The key is not queued.
    UnknownKey(u128),
    /// The order has another number of components than the queue was declared with.
    WrongWidth {
        /// The number of components given.
        given: usize,
        /// The number of components declared.
        declared: usize,
    },
    /// A work queue is declared with 1 to [`MAX_WIDTH`] components.
    UnsupportedWidth(usize),
    /// Columns given together do not fit each other.
    UnequalColumns {
        /// How many numbers the keys call for.
        keys: usize,
        /// How many numbers there are.
        places: usize,
    },
    /// The queue would hold more than [`MAX_KEYS`] keys.
    Full,
}

impl fmt::Display for QueueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateKey(key) => write!(out, "key {key:032x} is already queued"),
            Self::UnknownKey(key) => write!(out, "key {key:032x} is not queued"),
            Self::WrongWidth { given, declared } => {
                write!(out, "the order has {given} components, the queue was declared with {declared}")
            }
            Self::UnsupportedWidth(width) => {
                write!(out, "an order of {width} components; a work queue takes 1 to {MAX_WIDTH}")
            }
            Self::UnequalColumns { keys, places } => {
                write!(out, "the keys call for {keys} numbers, {places} are given")
            }
            Self::Full => write!(out, "the queue would hold more than {MAX_KEYS} keys"),
        }
    }
}

impl std::error::Error for QueueError {}

/// Whether a queue of `held` keys has room for `more`.
///
/// # Errors
/// [`QueueError::Full`] if it would hold more than [`MAX_KEYS`].
pub fn room_for(more: usize, held: usize) -> Result<(), QueueError> {
    if more <= MAX_KEYS - held { Ok(()) } else { Err(QueueError::Full) }
}

fn same_length(keys: usize, places: usize) -> Result<(), QueueError> {
    if keys == places { Ok(()) } else { Err(QueueError::UnequalColumns { keys, places }) }
}
