//! The keyed heap under both queues: a tree in order, and an index from key to handle.
//!
//! A handle is a dense number for a queued key; the handle of a removed key is used again.

use super::index::{Index, NONE, fingerprint};
use super::tree::{Node, Place, ROOT, Tree};
use super::{QueueError, room_for};

/// Rows of a bulk call whose memory is read before any of them is moved.
const STRIDE: usize = 32;
/// Popping more than one key in this many at once sorts instead of sifting.
const SORT_FROM: usize = 16;

/// A queue of 128-bit keys, each at a [`Place`], the least (place, key) first.
#[derive(Clone, Debug)]
pub struct KeyedHeap<P> {
    tree: Tree<P>,
    index: Index,
    /// The first free handle; the slot of a free handle names the next one.
    free: u32,
}

impl<P: Place> Default for KeyedHeap<P> {
    fn default() -> Self {
        Self { tree: Tree::default(), index: Index::default(), free: NONE }
    }
}

impl<P: Place> KeyedHeap<P> {
    /// Return how many keys are queued.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tree.length
    }

    /// Return whether nothing is queued.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Return the bytes of memory held, room for growth included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.tree.bytes() + self.index.bytes()
    }

    /// Forget every key; the memory is kept.
    pub fn clear(&mut self) {
        self.tree.clear();
        self.index.clear();
        self.free = NONE;
    }

    /// Return the place of `key`, if it is queued.
    #[must_use]
    pub fn get(&self, key: u128) -> Option<P> {
        let handle = self.find(key).ok()?;
        Some(self.tree.node(self.slot(handle)).place)
    }

    /// Return the first key and its place.
    #[must_use]
    pub fn peek(&self) -> Option<(u128, P)> {
        (!self.is_empty()).then(|| self.tree.entry(self.tree.node(ROOT)))
    }

    /// Queue `key` at `place`.
    ///
    /// # Errors
    /// [`QueueError::DuplicateKey`], [`QueueError::Full`].
    pub fn push(&mut self, key: u128, place: P) -> Result<(), QueueError> {
        let print = fingerprint(key);
        if self.index.find(print, key, &self.tree.keys).is_some() {
            return Err(QueueError::DuplicateKey(key));
        }
        self.admit(print, key, place)
    }

    /// Move `key` to the place that `place` makes of its present one, and return where it was.
    ///
    /// # Errors
    /// [`QueueError::UnknownKey`].
    pub fn rekey(&mut self, key: u128, place: impl FnOnce(P) -> P) -> Result<P, QueueError> {
        let handle = self.find(key)?;
        Ok(self.shift(handle, place))
    }

    /// Queue `key` at `place`, or move it there, and return where it was.
    ///
    /// # Errors
    /// [`QueueError::Full`].
    pub fn put(&mut self, key: u128, place: P) -> Result<Option<P>, QueueError> {
        let print = fingerprint(key);
        match self.index.find(print, key, &self.tree.keys) {
            Some(handle) => Ok(Some(self.shift(handle, |_| place))),
            None => self.admit(print, key, place).map(|()| None),
        }
    }

    /// Remove `key` and return where it was.
    ///
    /// # Errors
    /// [`QueueError::UnknownKey`].
    pub fn remove(&mut self, key: u128) -> Result<P, QueueError> {
        let handle = self.find(key)?;
        Ok(self.take(self.slot(handle)).1)
    }

    /// Remove and return the first key and its place.
    pub fn pop(&mut self) -> Option<(u128, P)> {
        (!self.is_empty()).then(|| self.take(ROOT))
    }

    /// Queue many keys, all of them or none, row `i` at `place(i)`.
    ///
    /// # Errors
    /// [`QueueError::DuplicateKey`], [`QueueError::Full`].
    pub fn push_many(&mut self, keys: &[u128], place: impl Fn(usize) -> P) -> Result<(), QueueError> {
        room_for(keys.len(), self.len())?;
        let before = self.len();
        self.tree.reserve(before + keys.len());
        self.index.reserve(before + keys.len());
        for (row, &key) in keys.iter().enumerate() {
            if row % STRIDE == 0 {
                self.index.warm(&keys[row..keys.len().min(row + STRIDE)]);
            }
            let print = fingerprint(key);
            if self.index.find(print, key, &self.tree.keys).is_some() {
                self.retract(row);
                return Err(QueueError::DuplicateKey(key));
            }
            self.append(print, key, place(row));
        }
        if keys.len() > before {
            self.tree.heapify();
        } else {
            for at in ROOT + before..ROOT + self.len() {
                self.tree.rise(at, self.tree.node(at));
            }
        }
        Ok(())
    }

    /// Move many keys, all of them or none, row `i` to `place(i, its present place)`.
    ///
    /// A key named twice moves twice.
    ///
    /// # Errors
    /// [`QueueError::UnknownKey`].
    pub fn rekey_many(&mut self, keys: &[u128], place: impl Fn(usize, P) -> P) -> Result<(), QueueError> {
        let handles: Vec<u32> = keys.iter().map(|&key| self.find(key)).collect::<Result<_, _>>()?;
        for (stride, handles) in handles.chunks(STRIDE).enumerate() {
            self.tree.warm(handles);
            for (row, &handle) in (stride * STRIDE..).zip(handles) {
                self.shift(handle, |was| place(row, was));
            }
        }
        Ok(())
    }

    /// Remove many keys, all of them or none.
    ///
    /// # Errors
    /// [`QueueError::UnknownKey`], also for a key named twice.
    pub fn remove_many(&mut self, keys: &[u128]) -> Result<(), QueueError> {
        let mut removed = Vec::with_capacity(keys.len());
        for &key in keys {
            match self.remove(key) {
                Ok(place) => removed.push((key, place)),
                Err(refusal) => {
                    for (key, place) in removed {
                        self.push(key, place)?;
                    }
                    return Err(refusal);
                }
            }
        }
        Ok(())
    }

    /// Remove and return the first keys with their places, in order.
    ///
    /// At most `limit` of them, and none placed after `last`.
    pub fn pop_many(&mut self, limit: usize, last: P) -> Vec<(u128, P)> {
        let threshold = self.len() / SORT_FROM;
        if limit > threshold && self.tree.counts_more_than(threshold, last) {
            return self.pop_sorted(limit, last);
        }
        let mut popped = Vec::new();
        while popped.len() < limit && self.peek().is_some_and(|(_, place)| place <= last) {
            popped.push(self.take(ROOT));
        }
        popped
    }

    /// Return the first keys with their places, in order and at most `limit`, and keep them.
    #[must_use]
    pub fn snapshot(&self, limit: usize) -> Vec<(u128, P)> {
        let mut entries: Vec<_> = self.tree.nodes().map(|node| self.tree.entry(node)).collect();
        sort_first(&mut entries, limit);
        entries.truncate(limit);
        entries
    }

    fn find(&self, key: u128) -> Result<u32, QueueError> {
        self.index.find(fingerprint(key), key, &self.tree.keys).ok_or(QueueError::UnknownKey(key))
    }

    fn slot(&self, handle: u32) -> usize {
        self.tree.slots[handle as usize] as usize
    }

    fn admit(&mut self, print: u32, key: u128, place: P) -> Result<(), QueueError> {
        room_for(1, self.len())?;
        let at = self.append(print, key, place);
        self.tree.rise(at, self.tree.node(at));
        Ok(())
    }

    /// Add the key at the end of the tree, not yet in its order, and return where.
    fn append(&mut self, print: u32, key: u128, place: P) -> usize {
        let handle = if self.free == NONE {
            self.tree.new_handle(key)
        } else {
            let handle = self.free;
            self.free = self.tree.slots[handle as usize];
            self.tree.keys[handle as usize] = key;
            handle
        };
        self.index.insert(print, handle);
        self.tree.append(Node { place, handle })
    }

    /// Move `handle` to the place that `place` makes of its present one, which is returned.
    fn shift(&mut self, handle: u32, place: impl FnOnce(P) -> P) -> P {
        let at = self.slot(handle);
        let was = self.tree.node(at).place;
        let node = Node { place: place(was), handle };
        if node.place < was {
            self.tree.rise(at, node);
        } else {
            self.tree.fall(at, node);
        }
        was
    }

    /// Take the node at `at` out of the tree.
    fn take(&mut self, at: usize) -> (u128, P) {
        let node = self.tree.node(at);
        let moved = self.tree.cut();
        if at < ROOT + self.len() {
            self.tree.settle(at, moved);
        }
        self.release(node.handle);
        self.tree.entry(node)
    }

    /// Take back the last `rows` keys that an abandoned bulk call appended, before any order.
    fn retract(&mut self, rows: usize) {
        for _ in 0..rows {
            let node = self.tree.cut();
            self.release(node.handle);
        }
    }

    /// Forget the key of `handle` and keep the handle for another.
    fn release(&mut self, handle: u32) {
        self.index.remove(fingerprint(self.tree.keys[handle as usize]), handle);
        self.tree.slots[handle as usize] = self.free;
        self.free = handle;
    }

    /// Take out everything up to `last`, sort it, keep what exceeds `limit`, order the rest anew.
    fn pop_sorted(&mut self, limit: usize, last: P) -> Vec<(u128, P)> {
        let (mut due, mut rest): (Vec<_>, Vec<_>) = self.tree.nodes().partition(|node| node.place <= last);
        let order = |a: &Node<P>, b: &Node<P>| {
            let key = |node: &Node<P>| self.tree.keys[node.handle as usize];
            a.place.cmp(&b.place).then_with(|| key(a).cmp(&key(b)))
        };
        if limit < due.len() {
            due.select_nth_unstable_by(limit, order);
            rest.extend(due.drain(limit..));
        }
        due.sort_unstable_by(order);
        let popped = due.iter().map(|&node| self.tree.entry(node)).collect();
        if rest.is_empty() {
            self.clear();
            return popped;
        }
        for node in &due {
            self.release(node.handle);
            self.tree.cut();
        }
        for (at, node) in (ROOT..).zip(rest) {
            self.tree.set(at, node);
        }
        self.tree.heapify();
        popped
    }
}

/// Sort so that the first `limit` entries are the least, in order.
fn sort_first<P: Place>(entries: &mut [(u128, P)], limit: usize) {
    let order = |a: &(u128, P), b: &(u128, P)| (a.1, a.0).cmp(&(b.1, b.0));
    if limit < entries.len() {
        entries.select_nth_unstable_by(limit, order);
        entries[..limit].sort_unstable_by(order);
    } else {
        entries.sort_unstable_by(order);
    }
}
