//! The 4-ary tree of nodes, and where each key's node is.
//!
//! Nodes sit in groups of four siblings, a group beside its handles, so that choosing the least
//! child touches one place in memory. The root is the last of group 0, which makes the children of
//! node `i` exactly group `i - 2`.

use super::index::NONE;

/// Where a key stands: compared first, then the key itself. Smaller comes first.
pub trait Place: Copy + Ord {
    /// The greatest place, which fills what a group leaves free.
    const LAST: Self;
}

impl Place for i64 {
    const LAST: Self = i64::MAX;
}

impl<const N: usize> Place for [i64; N] {
    const LAST: Self = [i64::MAX; N];
}

/// The node of the first key.
pub(super) const ROOT: usize = 3;
const ARITY: usize = 4;

#[derive(Clone, Debug)]
#[repr(align(16))]
struct Group<P> {
    places: [P; ARITY],
    handles: [u32; ARITY],
}

/// A queued key's handle at its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<P> {
    pub(super) place: P,
    pub(super) handle: u32,
}

/// The tree. `keys[handle]` is a key, `slots[handle]` its node.
#[derive(Clone, Debug)]
pub(super) struct Tree<P> {
    groups: Vec<Group<P>>,
    pub(super) slots: Vec<u32>,
    pub(super) keys: Vec<u128>,
    pub(super) length: usize,
}

impl<P: Place> Default for Tree<P> {
    fn default() -> Self {
        Self { groups: Vec::new(), slots: Vec::new(), keys: Vec::new(), length: 0 }
    }
}

impl<P: Place> Tree<P> {
    pub(super) fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Group<P>>()
            + self.slots.capacity() * size_of::<u32>()
            + self.keys.capacity() * size_of::<u128>()
    }

    pub(super) fn clear(&mut self) {
        self.groups.clear();
        self.slots.clear();
        self.keys.clear();
        self.length = 0;
    }

    /// Make room for `total` keys in all.
    pub(super) fn reserve(&mut self, total: usize) {
        grow(&mut self.keys, total);
        grow(&mut self.slots, total);
        grow(&mut self.groups, total.div_ceil(ARITY) + 1);
    }

    /// Give `key` a new handle, whose node is not known yet.
    #[expect(clippy::cast_possible_truncation, reason = "a queue never holds more than MAX_KEYS")]
    pub(super) fn new_handle(&mut self, key: u128) -> u32 {
        grow_by_one(&mut self.keys).push(key);
        grow_by_one(&mut self.slots).push(NONE);
        (self.keys.len() - 1) as u32
    }

    pub(super) fn node(&self, at: usize) -> Node<P> {
        let group = &self.groups[at / ARITY];
        Node { place: group.places[at % ARITY], handle: group.handles[at % ARITY] }
    }

    /// The nodes in no order worth knowing.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node<P>> {
        (ROOT..ROOT + self.length).map(|at| self.node(at))
    }

    pub(super) fn entry(&self, node: Node<P>) -> (u128, P) {
        (self.keys[node.handle as usize], node.place)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a queue never holds more than MAX_KEYS")]
    pub(super) fn set(&mut self, at: usize, node: Node<P>) {
        self.write(at, node);
        self.slots[node.handle as usize] = at as u32;
    }

    /// Add a node at the end, not yet in its order, and return where.
    pub(super) fn append(&mut self, node: Node<P>) -> usize {
        let at = ROOT + self.length;
        if at / ARITY == self.groups.len() {
            grow_by_one(&mut self.groups).push(Group { places: [P::LAST; ARITY], handles: [NONE; ARITY] });
        }
        self.length += 1;
        self.set(at, node);
        at
    }

    /// Take off the last node.
    pub(super) fn cut(&mut self) -> Node<P> {
        self.length -= 1;
        let end = ROOT + self.length;
        let node = self.node(end);
        self.write(end, Node { place: P::LAST, handle: NONE });
        node
    }

    /// Put `node` in order, starting from `at`: towards the root or away from it.
    pub(super) fn settle(&mut self, at: usize, node: Node<P>) {
        if at > ROOT && self.precedes(node, self.node(parent(at))) {
            self.rise(at, node);
        } else {
            self.fall(at, node);
        }
    }

    pub(super) fn rise(&mut self, mut at: usize, node: Node<P>) {
        while at > ROOT {
            let above = self.node(parent(at));
            if !self.precedes(node, above) {
                break;
            }
            self.set(at, above);
            at = parent(at);
        }
        self.set(at, node);
    }

    pub(super) fn fall(&mut self, mut at: usize, node: Node<P>) {
        while let Some((child, below)) = self.least_child(at) {
            if !self.precedes(below, node) {
                break;
            }
            self.set(at, below);
            at = child;
        }
        self.set(at, node);
    }

    /// Put the whole tree in order, from the last parent to the root.
    pub(super) fn heapify(&mut self) {
        if self.length > 1 {
            for at in (ROOT..=parent(ROOT + self.length - 1)).rev() {
                self.fall(at, self.node(at));
            }
        }
    }

    /// Whether more than `threshold` keys are placed at or before `last`.
    ///
    /// Looks only at those, and at no more of them than it needs.
    pub(super) fn counts_more_than(&self, threshold: usize, last: P) -> bool {
        let mut found = 0;
        let mut open = vec![ROOT];
        while let Some(at) = open.pop() {
            if at < ROOT + self.length && self.node(at).place <= last {
                found += 1;
                if found > threshold {
                    return true;
                }
                open.extend(children(at));
            }
        }
        false
    }

    /// Read what moving these handles will read, so that the waits for memory overlap.
    pub(super) fn warm(&self, handles: &[u32]) {
        let read = handles.iter().fold(0, |read, &handle| {
            let at = self.slots[handle as usize] as usize;
            let below = self.groups.get(at - 2).map_or(0, |group| group.handles[0]);
            read ^ self.node(at).handle ^ self.node(parent(at)).handle ^ below
        });
        std::hint::black_box(read);
    }

    fn write(&mut self, at: usize, node: Node<P>) {
        let group = &mut self.groups[at / ARITY];
        group.places[at % ARITY] = node.place;
        group.handles[at % ARITY] = node.handle;
    }

    /// The order of the queue: by place, equal places by key.
    fn precedes(&self, a: Node<P>, b: Node<P>) -> bool {
        a.place < b.place || (a.place == b.place && self.key_or_last(a.handle) < self.key_or_last(b.handle))
    }

    /// The key of a handle, and for the free end of the last group something no key exceeds.
    fn key_or_last(&self, handle: u32) -> (bool, u128) {
        if handle == NONE { (true, 0) } else { (false, self.keys[handle as usize]) }
    }

    /// The least of the four children, chosen without a branch unless two are equal.
    fn least_child(&self, at: usize) -> Option<(usize, Node<P>)> {
        let Group { places, handles } = self.groups.get(at - 2)?;
        let left = usize::from(places[1] < places[0]);
        let right = 2 + usize::from(places[3] < places[2]);
        let mut least = if places[right] < places[left] { right } else { left };
        let ties = [(0, 1), (2, 3), (left, right)].map(|(a, b)| places[a] == places[b]);
        if ties != [false; 3] {
            let first = children(at).start;
            for other in 0..ARITY {
                if self.precedes(self.node(first + other), self.node(first + least)) {
                    least = other;
                }
            }
        }
        let node = Node { place: places[least], handle: handles[least] };
        (node.handle != NONE).then_some((children(at).start + least, node))
    }
}

fn parent(at: usize) -> usize {
    at / ARITY + 2
}

fn children(at: usize) -> std::ops::Range<usize> {
    (at - 2) * ARITY..(at - 1) * ARITY
}

/// Make room for `total` elements, no more.
fn grow<T>(column: &mut Vec<T>, total: usize) {
    column.reserve_exact(total.saturating_sub(column.len()));
}

/// Make room for one more, growing by an eighth: memory per key matters more than the odd copy.
fn grow_by_one<T>(column: &mut Vec<T>) -> &mut Vec<T> {
    if column.len() == column.capacity() {
        column.reserve_exact((column.len() / 8).max(16));
    }
    column
}
