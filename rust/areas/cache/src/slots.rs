//! One slot for each entry, in a slab, and the timers of those that end by time.

use super::data::Data;
use super::slab::{Extra, Item, Slab};
use super::table::Keyed;

/// No slot.
pub const NONE: u32 = u32::MAX;
/// Slot numbers from here on name the heads of the timer wheel.
pub const MAX_SLOTS: u32 = u32::MAX - 1024;
/// A grace without end.
pub const FOREVER: u32 = u32::MAX;

const KEY_BITS: u32 = 30;
const KEY_MASK: u32 = (1 << KEY_BITS) - 1;
const MAIN: u32 = 1 << 30;
const STALE: u32 = 1 << 31;

/// One entry with its links.
#[derive(Default)]
pub struct Slot {
    data: Data,
    /// Length of the key, and two flags.
    key: u32,
    /// Half of the key's hash: enough to place it in a table without its bytes.
    pub hash: u32,
    /// Neighbours in the queue; `older` also links the free slots.
    pub older: u32,
    pub newer: u32,
}

/// What a slot needs besides if its entry ends by time.
#[derive(Clone, Copy, Default, bytemuck::Zeroable)]
#[repr(C)]
pub struct Timer {
    /// Neighbours in the timer wheel, before and after, as the wheel numbers them; 0 while in no
    /// place of it.
    pub links: (u32, u32),
    /// Milliseconds for which the entry is kept after it expired.
    pub grace: u32,
}

impl Slot {
    #[inline]
    fn key_len(&self) -> usize {
        (self.key & KEY_MASK) as usize
    }

    #[inline]
    pub fn key(&self) -> &[u8] {
        &self.data.bytes()[..self.key_len()]
    }

    #[inline]
    pub fn value(&self) -> &[u8] {
        &self.data.bytes()[self.key_len()..]
    }

    /// The value's bytes for after the lock, and where they begin; none for a small value.
    pub fn shared(&self) -> Option<(std::sync::Arc<Box<[u8]>>, usize)> {
        match &self.data {
            Data::Small(_) => None,
            Data::Large(bytes) => Some((bytes.clone(), self.key_len())),
        }
    }

    /// Key and value together, in bytes.
    #[inline]
    pub fn len(&self) -> usize {
        self.data.bytes().len()
    }

    /// Puts new bytes in; what was there is the caller's to drop.
    pub fn replace(&mut self, data: Data, key_len: u32) -> Data {
        debug_assert!(key_len <= KEY_MASK);
        self.key = self.key & !KEY_MASK | key_len;
        std::mem::replace(&mut self.data, data)
    }

    /// Whether a value can take the place of this one's, byte for byte.
    pub fn fits(&self, value: &[u8]) -> bool {
        matches!(&self.data, Data::Small(_)) && self.value().len() == value.len()
    }

    /// Writes a value that fits over this one's.
    pub fn overwrite(&mut self, value: &[u8]) {
        let at = self.key_len();
        if let Data::Small(bytes) = &mut self.data {
            bytes[at..].copy_from_slice(value);
        }
    }

    pub fn is_main(&self) -> bool {
        self.key & MAIN != 0
    }

    pub fn set_main(&mut self, main: bool) {
        self.key = if main {
            self.key | MAIN
        } else {
            self.key & !MAIN
        };
    }

    /// Whether it has expired and is kept only for its grace.
    pub fn is_stale(&self) -> bool {
        self.key & STALE != 0
    }

    pub fn set_stale(&mut self, stale: bool) {
        self.key = if stale {
            self.key | STALE
        } else {
            self.key & !STALE
        };
    }
}

impl Item for Slot {
    fn next_free(&mut self) -> &mut u32 {
        &mut self.older
    }
}

impl Keyed for Slots {
    #[inline]
    fn hash_of(&self, slot: u32) -> u32 {
        self.get(slot).hash
    }

    #[inline]
    fn is(&self, slot: u32, hash: u32, key: &[u8]) -> bool {
        let entry = self.get(slot);
        entry.hash == hash && entry.key() == key
    }
}

/// All slots of a store.
#[derive(Default)]
pub struct Slots {
    slab: Slab<Slot>,
    /// The timers of those that end by time.
    pub timers: Extra<Timer>,
}

impl Slots {
    #[inline]
    pub fn get(&self, slot: u32) -> &Slot {
        self.slab.get(slot)
    }

    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> &mut Slot {
        self.slab.get_mut(slot)
    }

    /// How many slots were ever in use; all slot numbers are below it.
    pub fn used(&self) -> u32 {
        self.slab.used()
    }

    /// An empty slot.
    pub fn take(&mut self) -> Result<u32, super::Error> {
        self.slab.take()
    }

    /// Gives a slot back; what was in it is the caller's to drop.
    pub fn give(&mut self, slot: u32) -> Data {
        let data = self.get_mut(slot).replace(Data::default(), 0);
        self.slab.give(slot);
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_small() {
        assert_eq!(size_of::<Slot>(), 32);
    }

    #[test]
    fn slots_are_used_again() {
        let mut slots = Slots::default();
        for expected in 0..10_000 {
            assert_eq!(slots.take().unwrap(), expected);
        }
        let data = Data::new(b"key", b"value").unwrap();
        let old = slots.get_mut(17).replace(data, 3);
        assert_eq!(old.bytes(), b"");
        slots.get_mut(17).set_main(true);
        slots.get_mut(17).set_stale(true);
        assert_eq!(slots.get(17).key(), b"key");
        assert_eq!(slots.get(17).value(), b"value");
        assert_eq!(slots.give(17).bytes(), b"keyvalue");
        slots.give(9_999);
        assert_eq!(slots.take().unwrap(), 9_999);
        assert_eq!(slots.take().unwrap(), 17);
        assert!(!slots.get(17).is_main() && !slots.get(17).is_stale());
        assert_eq!(slots.take().unwrap(), 10_000);
    }
}
