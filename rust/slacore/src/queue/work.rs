//! What to work on next.

use super::heap::KeyedHeap;
use super::tree::Place;
use super::{Number, QueueError, same_length};

/// How many components an order may have.
pub const MAX_WIDTH: usize = 6;

/// A queued key with its order and its arrival.
pub type Ranked = (u128, Vec<i64>, i64);

/// Keys by a declared order: so many integers, compared one after the other, smaller first.
///
/// Equal orders go by arrival, equal arrivals by key. A re-keyed key keeps its arrival, and so its place among equals.
///
/// ```
/// use _slacore::queue::WorkQueue;
///
/// let mut work = WorkQueue::new(2)?; // the level's rank, then the due instant
/// work.push(7, &[2, 500], 10)?;
/// work.push(8, &[1, 900], 20)?;
/// work.rekey(7, &[1, 900])?; // raised: now equal to 8, and it arrived before
/// assert_eq!(work.pop(), Some(7));
/// # Ok::<(), _slacore::queue::QueueError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WorkQueue {
    width: usize,
    heap: Heap,
}

/// One heap type for each width: the order, then the arrival.
#[derive(Clone, Debug)]
enum Heap {
    W1(KeyedHeap<[i64; 2]>),
    W2(KeyedHeap<[i64; 3]>),
    W3(KeyedHeap<[i64; 4]>),
    W4(KeyedHeap<[i64; 5]>),
    W5(KeyedHeap<[i64; 6]>),
    W6(KeyedHeap<[i64; 7]>),
}

macro_rules! with {
    ($queue:expr, $heap:ident => $body:expr) => {
        match $queue {
            Heap::W1($heap) => $body,
            Heap::W2($heap) => $body,
            Heap::W3($heap) => $body,
            Heap::W4($heap) => $body,
            Heap::W5($heap) => $body,
            Heap::W6($heap) => $body,
        }
    };
}

impl WorkQueue {
    /// Declare a queue whose orders have `width` components.
    ///
    /// # Errors
    /// [`QueueError::UnsupportedWidth`].
    pub fn new(width: usize) -> Result<Self, QueueError> {
        let heap = match width {
            1 => Heap::W1(KeyedHeap::default()),
            2 => Heap::W2(KeyedHeap::default()),
            3 => Heap::W3(KeyedHeap::default()),
            4 => Heap::W4(KeyedHeap::default()),
            5 => Heap::W5(KeyedHeap::default()),
            6 => Heap::W6(KeyedHeap::default()),
            _ => return Err(QueueError::UnsupportedWidth(width)),
        };
        Ok(Self { width, heap })
    }

    /// Return how many components an order has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Return how many keys are queued.
    #[must_use]
    pub fn len(&self) -> usize {
        with!(&self.heap, heap => heap.len())
    }

    /// Return whether nothing is queued.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Return the bytes of memory held, room for growth included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        with!(&self.heap, heap => heap.bytes())
    }

    /// Forget every key.
    pub fn clear(&mut self) {
        with!(&mut self.heap, heap => heap.clear());
    }

    /// Return the order and the arrival of `key`, if it is queued.
    #[must_use]
    pub fn get(&self, key: u128) -> Option<(Vec<i64>, i64)> {
        with!(&self.heap, heap => heap.get(key).map(|place| ranked(key, &place)).map(|(_, order, arrival)| (order, arrival)))
    }

    /// Return the first key.
    #[must_use]
    pub fn peek(&self) -> Option<u128> {
        with!(&self.heap, heap => heap.peek().map(|(key, _)| key))
    }

    /// Queue `key`, which arrived at `arrival`, by `order`.
    ///
    /// # Errors
    /// [`QueueError::WrongWidth`], [`QueueError::DuplicateKey`], [`QueueError::Full`].
    pub fn push(&mut self, key: u128, order: &[i64], arrival: i64) -> Result<(), QueueError> {
        self.check_width(order)?;
        with!(&mut self.heap, heap => heap.push(key, place(order, arrival)))
    }

    /// Move `key` to `order`; its arrival stays.
    ///
    /// # Errors
    /// [`QueueError::WrongWidth`], [`QueueError::UnknownKey`].
    pub fn rekey(&mut self, key: u128, order: &[i64]) -> Result<(), QueueError> {
        self.check_width(order)?;
        with!(&mut self.heap, heap => heap.rekey(key, |was| place(order, arrival(&was))).map(|_| ()))
    }

    /// Queue `key`, or move it to this order and arrival.
    ///
    /// # Errors
    /// [`QueueError::WrongWidth`], [`QueueError::Full`].
    pub fn put(&mut self, key: u128, order: &[i64], arrival: i64) -> Result<(), QueueError> {
        self.check_width(order)?;
        with!(&mut self.heap, heap => heap.put(key, place(order, arrival)).map(|_| ()))
    }

    /// Remove `key`.
    ///
    /// # Errors
    /// [`QueueError::UnknownKey`].
    pub fn remove(&mut self, key: u128) -> Result<(), QueueError> {
        with!(&mut self.heap, heap => heap.remove(key).map(|_| ()))
    }

    /// Remove and return the first key.
    pub fn pop(&mut self) -> Option<u128> {
        with!(&mut self.heap, heap => heap.pop().map(|(key, _)| key))
    }

    /// Queue many keys, all of them or none; `orders` holds one row after the other.
    ///
    /// # Errors
    /// [`QueueError::UnequalColumns`], [`QueueError::DuplicateKey`], [`QueueError::Full`].
    pub fn push_many<N: Number>(&mut self, keys: &[u128], orders: &[N], arrivals: &[N]) -> Result<(), QueueError> {
        let width = self.width;
        same_length(keys.len() * width, orders.len())?;
        same_length(keys.len(), arrivals.len())?;
        with!(&mut self.heap, heap => {
            heap.push_many(keys, |row| place(&orders[row * width..][..width], arrivals[row].read()))
        })
    }

    /// Move many keys, all of them or none; `orders` holds one row after the other, the arrivals stay.
    ///
    /// # Errors
    /// [`QueueError::UnequalColumns`], [`QueueError::UnknownKey`].
    pub fn rekey_many(&mut self, keys: &[u128], orders: &[impl Number]) -> Result<(), QueueError> {
        let width = self.width;
        same_length(keys.len() * width, orders.len())?;
        with!(&mut self.heap, heap => {
            heap.rekey_many(keys, |row, was| place(&orders[row * width..][..width], arrival(&was)))
        })
    }

    /// Remove many keys, all of them or none.
    ///
    /// # Errors
    /// [`QueueError::UnknownKey`], also for a key named twice.
    pub fn remove_many(&mut self, keys: &[u128]) -> Result<(), QueueError> {
        with!(&mut self.heap, heap => heap.remove_many(keys))
    }

    /// Remove and return the first keys in order, at most `limit`.
    pub fn pop_many(&mut self, limit: usize) -> Vec<u128> {
        with!(&mut self.heap, heap => heap.pop_many(limit, Place::LAST).into_iter().map(|(key, _)| key).collect())
    }

    /// Return the first keys in order, at most `limit`, without removing them.
    #[must_use]
    pub fn snapshot(&self, limit: usize) -> Vec<Ranked> {
        with!(&self.heap, heap => heap.snapshot(limit).iter().map(|(key, place)| ranked(*key, place)).collect())
    }

    fn check_width(&self, order: &[i64]) -> Result<(), QueueError> {
        if order.len() == self.width {
            Ok(())
        } else {
            Err(QueueError::WrongWidth { given: order.len(), declared: self.width })
        }
    }
}

/// The components of `order`, then the arrival.
fn place<const N: usize>(order: &[impl Number], arrival: i64) -> [i64; N] {
    let mut place = [arrival; N];
    for (component, number) in place[..N - 1].iter_mut().zip(order) {
        *component = number.read();
    }
    place
}

fn arrival<const N: usize>(place: &[i64; N]) -> i64 {
    place[N - 1]
}

fn ranked<const N: usize>(key: u128, place: &[i64; N]) -> Ranked {
    (key, place[..N - 1].to_vec(), arrival(place))
}
