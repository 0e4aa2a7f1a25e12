//! The two hash tables of a vocabulary: bytes to token, and two tokens to the one they merge to. Open
//! addressing in one flat allocation each, filled region by region, so that they are built in a few
//! milliseconds: in the order of ids nearly every step would miss the processor's caches.

use std::collections::TryReserveError;

use super::file::NO_PAIR;

/// No token.
pub const NONE: u32 = u32::MAX;

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// How many bits a table's index has: at least half of its places stay free.
fn bits_for(count: usize) -> u32 {
    (2 * count.max(8)).next_power_of_two().trailing_zeros()
}

fn filled<T: Clone>(count: usize, value: T) -> Result<Vec<T>, TryReserveError> {
    let mut items = Vec::new();
    items.try_reserve_exact(count)?;
    items.resize(count, value);
    Ok(items)
}

/// Slots and their entries, ordered by region of the table.
fn by_region<T: Copy>(items: &[(u32, T)], bits: u32) -> Result<Vec<(u32, T)>, TryReserveError> {
    const REGION_BITS: u32 = 7;
    let region = |slot: u32| (slot >> bits.saturating_sub(REGION_BITS)) as usize;
    let mut ends = [0usize; 1 << REGION_BITS];
    for &(slot, _) in items {
        ends[region(slot)] += 1;
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += std::mem::replace(end, sum);
    }
    let mut ordered = Vec::new();
    ordered.try_reserve_exact(items.len())?;
    ordered.extend_from_slice(items);
    for &item in items {
        let at = &mut ends[region(item.0)];
        ordered[*at] = item;
        *at += 1;
    }
    Ok(ordered)
}

#[derive(Clone, Copy)]
struct Entry {
    /// The bytes themselves if they are at most eight, else a hash of them.
    key: u64,
    id: u32,
    length: u32,
}

/// From the bytes of a token to its id.
pub struct PieceTable {
    entries: Vec<Entry>,
    shift: u32,
}

const FREE: Entry = Entry {
    key: 0,
    id: NONE,
    length: 0,
};

impl PieceTable {
    /// The table of all tokens; `None` inside if two of them are equal.
    pub fn new(arena: &[u8], starts: &[u32]) -> Result<Option<Self>, TryReserveError> {
        let count = starts.len() - 1;
        let bits = bits_for(count);
        let mut table = Self {
            entries: filled(1 << bits, FREE)?,
            shift: 64 - bits,
        };
        let mut items = Vec::new();
        items.try_reserve_exact(count)?;
        items.extend(starts.windows(2).zip(0..).map(|(range, id)| {
            let bytes = &arena[range[0] as usize..range[1] as usize];
            let key = key_of(bytes);
            (
                table.slot(key, bytes.len()) as u32,
                Entry {
                    key,
                    id,
                    length: bytes.len() as u32,
                },
            )
        }));
        for (slot, entry) in by_region(&items, bits)? {
            let start = starts[entry.id as usize] as usize;
            let bytes = &arena[start..start + entry.length as usize];
            if table.get(bytes, entry.key, arena, starts) != NONE {
                return Ok(None);
            }
            let mut slot = slot as usize;
            while table.entries[slot].id != NONE {
                slot = (slot + 1) & (table.entries.len() - 1);
            }
            table.entries[slot] = entry;
        }
        Ok(Some(table))
    }

    #[inline]
    fn slot(&self, key: u64, length: usize) -> usize {
        ((key ^ (length as u64) << 57).wrapping_mul(MULTIPLIER) >> self.shift) as usize
    }

    /// The token of these bytes, whose key the caller has computed.
    #[inline(always)]
    pub fn get(&self, bytes: &[u8], key: u64, arena: &[u8], starts: &[u32]) -> u32 {
        let mut slot = self.slot(key, bytes.len());
        loop {
            let entry = self.entries[slot];
            if entry.key == key && entry.length as usize == bytes.len() {
                if bytes.len() <= 8 {
                    return entry.id;
                }
                let start = starts[entry.id as usize] as usize;
                if &arena[start..start + bytes.len()] == bytes {
                    return entry.id;
                }
            }
            if entry.id == NONE {
                return NONE;
            }
            slot = (slot + 1) & (self.entries.len() - 1);
        }
    }
}

/// The key of some bytes in the table.
#[inline]
pub fn key_of(bytes: &[u8]) -> u64 {
    if bytes.len() <= 8 {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        return u64::from_le_bytes(word);
    }
    let mut hash = bytes.len() as u64;
    let (words, _) = bytes.as_chunks::<8>();
    for word in words {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(MULTIPLIER);
        hash ^= hash >> 29;
    }
    // The last eight bytes; they overlap the words where the length is no multiple of eight.
    let last = bytes
        .last_chunk::<8>()
        .map_or(0, |&word| u64::from_le_bytes(word));
    hash = (hash ^ last).wrapping_mul(MULTIPLIER);
    hash ^ hash >> 32
}

/// From two tokens to the one that they merge to. An entry is 20 bits each of left, right and result.
pub struct PairTable {
    entries: Vec<u64>,
    shift: u32,
}

impl PairTable {
    /// The table of all merges; `pairs` has two tokens for each id, or [`NO_PAIR`].
    pub fn new(pairs: &[(u32, u32)]) -> Result<Self, TryReserveError> {
        let bits = bits_for(pairs.len());
        let mut table = Self {
            entries: filled(1 << bits, u64::MAX)?,
            shift: 64 - bits,
        };
        let mut items = Vec::new();
        items.try_reserve_exact(pairs.len())?;
        let merges = pairs
            .iter()
            .zip(0u64..)
            .filter(|(pair, _)| **pair != NO_PAIR);
        items.extend(merges.map(|(&(left, right), id)| {
            let key = u64::from(left) << 20 | u64::from(right);
            (table.slot(key) as u32, key << 20 | id)
        }));
        for (slot, entry) in by_region(&items, bits)? {
            let mut slot = slot as usize;
            while table.entries[slot] != u64::MAX {
                slot = (slot + 1) & (table.entries.len() - 1);
            }
            table.entries[slot] = entry;
        }
        Ok(table)
    }

    #[inline]
    fn slot(&self, key: u64) -> usize {
        (key.wrapping_mul(MULTIPLIER) >> self.shift) as usize
    }

    /// What two tokens merge to, or [`NONE`].
    #[inline]
    pub fn get(&self, left: u32, right: u32) -> u32 {
        let key = u64::from(left) << 20 | u64::from(right);
        let mut slot = self.slot(key);
        loop {
            let entry = self.entries[slot];
            if entry >> 20 == key {
                return (entry & 0xf_ffff) as u32;
            }
            if entry == u64::MAX {
                return NONE;
            }
            slot = (slot + 1) & (self.entries.len() - 1);
        }
    }
}
