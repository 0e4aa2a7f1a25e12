//! From key to slot: hash tables in shards, so that one that grows moves a few thousand slots and
//! nobody waits long for the lock.

use hashbrown::HashTable;

use super::slots::Slots;

/// Entries that a shard holds when the cache is full, about: a little less than what fits into 4,096
/// buckets, so that the shards fill up without growing once more.
const SHARD: u32 = 3_300;
const MOST_SHARDS: u32 = 1 << 16;

/// Slots by the hash of their key.
pub struct Table {
    shards: Vec<HashTable<u32>>,
}

/// A table wants 64 bits of hash; slots keep 32.
#[inline]
pub(super) fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Table {
    /// A table that is meant for so many entries.
    pub fn new(entries: u32) -> Self {
        let shards = entries.div_ceil(SHARD).clamp(1, MOST_SHARDS);
        Self {
            shards: (0..shards).map(|_| HashTable::new()).collect(),
        }
    }

    #[inline]
    fn shard(&self, hash: u32) -> usize {
        ((u64::from(hash) * self.shards.len() as u64) >> 32) as usize
    }

    /// The slot of a key.
    #[inline]
    pub fn find(&self, slots: &Slots, hash: u32, key: &[u8]) -> Option<u32> {
        self.shards[self.shard(hash)]
            .find(spread(hash), |&slot| {
                let entry = slots.get(slot);
                entry.hash == hash && entry.key() == key
            })
            .copied()
    }

    /// Makes room for one more entry of this hash.
    pub fn reserve(&mut self, slots: &Slots, hash: u32) -> Result<(), super::Error> {
        let shard = self.shard(hash);
        self.shards[shard]
            .try_reserve(1, |&slot| spread(slots.get(slot).hash))
            .map_err(|_| super::Error::OutOfMemory)
    }

    /// Adds a slot whose key is not in the table.
    pub fn insert(&mut self, slots: &Slots, hash: u32, slot: u32) {
        let shard = self.shard(hash);
        self.shards[shard].insert_unique(spread(hash), slot, |&slot| spread(slots.get(slot).hash));
    }

    /// Takes a slot out.
    pub fn remove(&mut self, hash: u32, slot: u32) {
        let shard = self.shard(hash);
        if let Ok(found) = self.shards[shard].find_entry(spread(hash), |&other| other == slot) {
            found.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::data::Data;
    use super::*;

    #[test]
    fn keys_with_one_hash_are_told_apart() {
        for entries in [1, 100, 1_000_000, u32::MAX] {
            let mut slots = Slots::default();
            let mut table = Table::new(entries);
            for (key, hash) in [("a", 7), ("b", 7), ("c", u32::MAX), ("d", 0)] {
                let slot = slots.take().unwrap();
                slots
                    .get_mut(slot)
                    .replace(Data::new(key.as_bytes(), b"").unwrap(), 1);
                slots.get_mut(slot).hash = hash;
                table.reserve(&slots, hash).unwrap();
                table.insert(&slots, hash, slot);
            }
            assert_eq!(table.find(&slots, 7, b"b"), Some(1));
            assert_eq!(table.find(&slots, u32::MAX, b"c"), Some(2));
            assert_eq!(table.find(&slots, 7, b"c"), None);
            table.remove(7, 1);
            assert_eq!(table.find(&slots, 7, b"b"), None);
            assert_eq!(table.find(&slots, 7, b"a"), Some(0));
        }
    }
}
