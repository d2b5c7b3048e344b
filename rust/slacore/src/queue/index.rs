//! From a 128-bit key to its handle: open addressing, linear probing, eight bytes a slot.

/// The handle that no key has.
pub(super) const NONE: u32 = u32::MAX;

/// A slot is a fingerprint above and a handle below; the handle [`NONE`] marks an empty one.
const EMPTY: u64 = u32::MAX as u64;
const SMALLEST: usize = 16;

/// Return the fingerprint of `key`: 32 well-mixed bits, of which the lower ones choose the slot.
///
/// A folded multiplication of both halves. The keys are ids the service made itself, so nobody gains by choosing them.
#[expect(clippy::cast_possible_truncation, reason = "halves of wider products are meant")]
pub(super) fn fingerprint(key: u128) -> u32 {
    let (low, high) = (key as u64, (key >> 64) as u64);
    let product = u128::from(low ^ 0x9e37_79b9_7f4a_7c15) * u128::from(high ^ 0xd6e8_feb8_6659_fd93);
    let folded = (product >> 64) as u64 ^ product as u64;
    (folded >> 32) as u32 ^ folded as u32
}

/// The two halves of a slot: fingerprint, handle.
#[expect(clippy::cast_possible_truncation, reason = "halves of the slot are meant")]
fn halves(slot: u64) -> (u32, u32) {
    ((slot >> 32) as u32, slot as u32)
}

/// The hash index. It stores no keys: the caller shows it where the keys of the handles are.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    slots: Vec<u64>,
    used: usize,
}

impl Index {
    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u64>()
    }

    pub(super) fn clear(&mut self) {
        self.slots.fill(EMPTY);
        self.used = 0;
    }

    /// Make room so that `total` keys fit without another move.
    pub(super) fn reserve(&mut self, total: usize) {
        let mut wanted = self.slots.len().max(SMALLEST);
        while total > most(wanted) {
            wanted *= 2;
        }
        if wanted > self.slots.len() {
            let old = std::mem::replace(&mut self.slots, vec![EMPTY; wanted]);
            for slot in old.into_iter().filter(|&slot| slot != EMPTY) {
                self.place(slot);
            }
        }
    }

    /// Return the handle of `key`, whose fingerprint is `print`.
    pub(super) fn find(&self, print: u32, key: u128, keys: &[u128]) -> Option<u32> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = print as usize & mask;
        while let Some(&slot) = self.slots.get(at) {
            if slot == EMPTY {
                return None;
            }
            let (other, handle) = halves(slot);
            if other == print && keys[handle as usize] == key {
                return Some(handle);
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// Read where these keys will be looked for, so that the waits for memory overlap.
    pub(super) fn warm(&self, keys: &[u128]) {
        let mask = self.slots.len().wrapping_sub(1);
        let start = |&key: &u128| self.slots.get(fingerprint(key) as usize & mask);
        std::hint::black_box(keys.iter().filter_map(start).fold(0, |read, slot| read ^ slot));
    }

    /// Add a key that is not there yet.
    pub(super) fn insert(&mut self, print: u32, handle: u32) {
        self.reserve(self.used + 1);
        self.used += 1;
        self.place(u64::from(print) << 32 | u64::from(handle));
    }

    /// Remove the key with this fingerprint and handle, which is there.
    pub(super) fn remove(&mut self, print: u32, handle: u32) {
        let mask = self.slots.len() - 1;
        let wanted = u64::from(print) << 32 | u64::from(handle);
        let mut hole = print as usize & mask;
        while self.slots[hole] != wanted {
            hole = (hole + 1) & mask;
        }
        // Close the gap: move back what probed past it, so that no search stops too early.
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let slot = self.slots[at];
            if slot == EMPTY {
                break;
            }
            let start = halves(slot).0 as usize & mask;
            if at.wrapping_sub(start) & mask >= at.wrapping_sub(hole) & mask {
                self.slots[hole] = slot;
                hole = at;
            }
        }
        self.slots[hole] = EMPTY;
        self.used -= 1;
    }

    fn place(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = halves(slot).0 as usize & mask;
        while self.slots[at] != EMPTY {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }
}

/// How many keys `slots` slots may hold: three quarters, beyond which probing grows long.
const fn most(slots: usize) -> usize {
    slots / 4 * 3
}
