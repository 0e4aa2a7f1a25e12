//! The two hash tables of a vocabulary: bytes to token, and two tokens to their merge. Open
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

/// Entries, ordered by the region of the table in which each belongs. They come twice, which is cheaper than keeping
/// them twice.
fn by_region<T: Copy, I: Iterator<Item = T>>(
    entries: impl Fn() -> I,
    slot: impl Fn(&T) -> usize,
    free: T,
    bits: u32,
) -> Result<Vec<T>, TryReserveError> {
    const REGION_BITS: u32 = 8;
    let region = |entry: &T| slot(entry) >> bits.saturating_sub(REGION_BITS);
    let mut ends = [0usize; 1 << REGION_BITS];
    let mut count = 0;
    for entry in entries() {
        ends[region(&entry)] += 1;
        count += 1;
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += std::mem::replace(end, sum);
    }
    let mut ordered = filled(count, free)?;
    for entry in entries() {
        let at = &mut ends[region(&entry)];
        ordered[*at] = entry;
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
#[derive(Default)]
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
    /// The table of all tokens, or of those that are marked; `None` inside if two of them are equal.
    pub fn new(
        arena: &[u8],
        starts: &[u32],
        marked: &[bool],
    ) -> Result<Option<Self>, TryReserveError> {
        let count = starts.len() - 1;
        let bits = bits_for(count);
        let mut table = Self {
            entries: filled(1 << bits, FREE)?,
            shift: 64 - bits,
        };
        let entries = || {
            let ids = starts.windows(2).zip(0..);
            ids.filter(|&(_, id): &(_, u32)| marked.get(id as usize) != Some(&false))
                .map(|(range, id)| Entry {
                    key: key_in(arena, range[0] as usize, range[1] as usize),
                    id,
                    length: range[1] - range[0],
                })
        };
        let slot = |entry: &Entry| table.slot(entry.key, entry.length as usize);
        for entry in by_region(entries, slot, FREE, bits)? {
            let start = starts[entry.id as usize] as usize;
            let bytes = &arena[start..start + entry.length as usize];
            if table.get(bytes, entry.key, arena, starts) != NONE {
                return Ok(None);
            }
            let mut slot = table.slot(entry.key, bytes.len());
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

/// The key of a piece of a text in the table.
#[inline]
pub fn key_in(text: &[u8], start: usize, end: usize) -> u64 {
    let length = end - start;
    if length <= 8
        && let Some(&word) = text.get(start..start + 8).and_then(<[u8]>::first_chunk)
    {
        // Eight bytes at once where the text goes on so far; a piece has at least one.
        return u64::from_le_bytes(word) & (u64::MAX >> (64 - 8 * length as u32));
    }
    key_of(&text[start..end])
}

#[inline]
fn key_of(bytes: &[u8]) -> u64 {
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

/// From two tokens to their merge. An entry is 20 bits each of left, right and the merge's number.
pub struct PairTable {
    entries: Vec<u64>,
    shift: u32,
}

impl PairTable {
    /// The table of all merges; `pairs` has two tokens for each, or [`NO_PAIR`].
    pub fn new(pairs: &[(u32, u32)]) -> Result<Self, TryReserveError> {
        let bits = bits_for(pairs.len());
        let mut table = Self {
            entries: filled(1 << bits, u64::MAX)?,
            shift: 64 - bits,
        };
        let entries = || {
            let merges = pairs
                .iter()
                .zip(0u64..)
                .filter(|(pair, _)| **pair != NO_PAIR);
            merges.map(|(&(left, right), id)| u64::from(left) << 40 | u64::from(right) << 20 | id)
        };
        for entry in by_region(entries, |entry| table.slot(entry >> 20), u64::MAX, bits)? {
            let mut slot = table.slot(entry >> 20);
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

    /// The merge of two tokens, or [`NONE`].
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
