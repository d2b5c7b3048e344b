//! What falls due next.

use super::heap::KeyedHeap;
use super::{Number, QueueError, same_length};

/// Keys by the instant at which each falls due; equal instants go by key.
///
/// The instants are whole microseconds, but nothing here depends on the unit.
///
/// ```
/// use _slacore::queue::TimerQueue;
///
/// let mut timers = TimerQueue::default();
/// timers.push(7, 1_000)?;
/// timers.push(8, 2_000)?;
/// timers.rekey(7, 3_000)?;
/// assert_eq!(timers.pop_due(2_500, usize::MAX), [(8, 2_000)]);
/// assert_eq!(timers.peek(), Some((7, 3_000)));
/// # Ok::<(), _slacore::queue::QueueError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TimerQueue {
    heap: KeyedHeap<i64>,
}

impl TimerQueue {
    /// Return how many keys are queued.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Return whether nothing is queued.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Return the bytes of memory held, room for growth included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.heap.bytes()
    }

    /// Forget every key.
    pub fn clear(&mut self) {
        self.heap.clear();
    }

    /// Return when `key` falls due, if it is queued.
    #[must_use]
    pub fn get(&self, key: u128) -> Option<i64> {
        self.heap.get(key)
    }

    /// Return the key that falls due first, and when.
    #[must_use]
    pub fn peek(&self) -> Option<(u128, i64)> {
        self.heap.peek()
    }

    /// Queue `key` for `due`.
    ///
    /// # Errors
    /// [`QueueError::DuplicateKey`], [`QueueError::Full`].
    pub fn push(&mut self, key: u128, due: i64) -> Result<(), QueueError> {
        self.heap.push(key, due)
    }

    /// Move `key` to `due` and return when it was due.
    ///
    /// # Errors
    /// [`QueueError::UnknownKey`].
    pub fn rekey(&mut self, key: u128, due: i64) -> Result<i64, QueueError> {
        self.heap.rekey(key, |_| due)
    }

    /// Queue `key` for `due`, or move it there, and return when it was due.
    ///
    /// # Errors
    /// [`QueueError::Full`].
    pub fn put(&mut self, key: u128, due: i64) -> Result<Option<i64>, QueueError> {
        self.heap.put(key, due)
    }

    /// Remove `key` and return when it was due.
    ///
    /// # Errors
    /// [`QueueError::UnknownKey`].
    pub fn remove(&mut self, key: u128) -> Result<i64, QueueError> {
        self.heap.remove(key)
    }

    /// Remove and return the key that falls due first, and when.
    pub fn pop(&mut self) -> Option<(u128, i64)> {
        self.heap.pop()
    }

    /// Queue many keys, all of them or none.
    ///
    /// # Errors
    /// [`QueueError::UnequalColumns`], [`QueueError::DuplicateKey`], [`QueueError::Full`].
    pub fn push_many(&mut self, keys: &[u128], dues: &[impl Number]) -> Result<(), QueueError> {
        same_length(keys.len(), dues.len())?;
        self.heap.push_many(keys, |row| dues[row].read())
    }

    /// Move many keys, all of them or none; a key named twice ends at its last instant.
    ///
    /// # Errors
    /// [`QueueError::UnequalColumns`], [`QueueError::UnknownKey`].
    pub fn rekey_many(&mut self, keys: &[u128], dues: &[impl Number]) -> Result<(), QueueError> {
        same_length(keys.len(), dues.len())?;
        self.heap.rekey_many(keys, |row, _| dues[row].read())
    }

    /// Remove many keys, all of them or none.
    ///
    /// # Errors
    /// [`QueueError::UnknownKey`], also for a key named twice.
    pub fn remove_many(&mut self, keys: &[u128]) -> Result<(), QueueError> {
        self.heap.remove_many(keys)
    }

    /// Remove and return what is due at `now` or before, in order, at most `limit` keys.
    pub fn pop_due(&mut self, now: i64, limit: usize) -> Vec<(u128, i64)> {
        self.heap.pop_many(limit, now)
    }

    /// Return the first keys in order, at most `limit`, without removing them.
    #[must_use]
    pub fn snapshot(&self, limit: usize) -> Vec<(u128, i64)> {
        self.heap.snapshot(limit)
    }
}
