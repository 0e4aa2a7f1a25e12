//! From key to item: hash tables in shards, so that one that grows moves a few thousand items and
//! nobody waits long for the lock.

use hashbrown::HashTable;

use super::Error;

const MOST_SHARDS: u32 = 1 << 16;

/// What a table finds by the hash of its key: items by number.
pub trait Keyed {
    /// The hash of an item's key.
    fn hash_of(&self, number: u32) -> u32;
    /// Whether an item has this key.
    fn is(&self, number: u32, hash: u32, key: &[u8]) -> bool;
}

/// Numbers of items by the hash of their key.
pub struct Table {
    shards: Vec<HashTable<u32>>,
}

/// A table wants 64 bits of hash; items keep 32.
#[inline]
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Table {
    /// A table that is meant for so many items, with so many to a shard.
    pub fn new(items: u32, shard: u32) -> Self {
        let shards = items.div_ceil(shard).clamp(1, MOST_SHARDS);
        Self {
            shards: (0..shards).map(|_| HashTable::new()).collect(),
        }
    }

    #[inline]
    fn shard(&self, hash: u32) -> usize {
        ((u64::from(hash) * self.shards.len() as u64) >> 32) as usize
    }

    /// The item of a key.
    #[inline]
    pub fn find(&self, items: &impl Keyed, hash: u32, key: &[u8]) -> Option<u32> {
        self.shards[self.shard(hash)]
            .find(spread(hash), |&number| items.is(number, hash, key))
            .copied()
    }

    /// Makes room for one more item of this hash.
    pub fn reserve(&mut self, items: &impl Keyed, hash: u32) -> Result<(), Error> {
        let shard = self.shard(hash);
        self.shards[shard]
            .try_reserve(1, |&number| spread(items.hash_of(number)))
            .map_err(|_| Error::OutOfMemory)
    }

    /// Adds an item whose key is not in the table.
    pub fn insert(&mut self, items: &impl Keyed, hash: u32, number: u32) {
        let shard = self.shard(hash);
        self.shards[shard].insert_unique(spread(hash), number, |&number| {
            spread(items.hash_of(number))
        });
    }

    /// Takes an item out.
    pub fn remove(&mut self, hash: u32, number: u32) {
        let shard = self.shard(hash);
        if let Ok(found) = self.shards[shard].find_entry(spread(hash), |&other| other == number) {
            found.remove();
        }
    }

    /// Whether no item is in it.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.shards.iter().all(HashTable::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Data;
    use crate::slots::Slots;

    #[test]
    fn keys_with_one_hash_are_told_apart() {
        for entries in [1, 100, 1_000_000, u32::MAX] {
            let mut slots = Slots::default();
            let mut table = Table::new(entries, 3_300);
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
