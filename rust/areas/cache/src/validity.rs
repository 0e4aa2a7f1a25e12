//! What is current, for readers without the lock: for each slot the version of its entry, when that
//! expires, and how often it was read.
//!
//! Memory comes in blocks of doubling size that are never moved or freed while the cache lives, so
//! a reader needs no protection. Writers hold the store's lock. A writer of a new entry clears the
//! version first, then sets the time, then the version; a reader reads them the other way round, so
//! it never joins a version with the time of another.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Slots of the first block.
pub const BLOCK: usize = 4096;
const BLOCK_BITS: u32 = BLOCK.trailing_zeros();
/// Blocks until slot numbers of 32 bits are used up.
pub const BLOCKS: usize = 20;
/// An entry is remembered as read at most so often.
pub const MOST_READS: u8 = 3;
/// The time of what never expires.
pub const NEVER: u64 = u64::MAX;
/// The same as a mark holds it.
const FAR: u64 = NEVER >> READS_BITS;

/// Which block a slot is in, and where there.
#[inline]
pub fn place(slot: u32) -> (usize, usize) {
    let number = slot as usize + BLOCK;
    let block = (number.ilog2() - BLOCK_BITS) as usize;
    (block, number - (BLOCK << block))
}

#[derive(Default, bytemuck::Zeroable)]
#[repr(C)]
struct Mark {
    /// Versions are never given twice; 0 is no entry. Held as the bits of the floating-point number
    /// that JavaScript has: equal and in order just as the numbers are, with nothing to convert.
    version: AtomicU64,
    /// When the entry expires, and in the lowest bits how often it was read.
    life: AtomicU64,
}

const READS: u64 = 3;
const READS_BITS: u32 = 2;

impl Mark {
    #[inline]
    fn expires(&self) -> u64 {
        match self.life.load(Ordering::Acquire) >> READS_BITS {
            FAR => NEVER,
            expires => expires,
        }
    }

    #[inline(always)]
    fn count_read(&self) {
        let life = self.life.load(Ordering::Relaxed);
        // If somebody else was quicker, the read is not counted; it is a hint. No write once it is
        // full: the cache line of what everybody reads stays shared.
        if life & READS < u64::from(MOST_READS) {
            let _ =
                self.life
                    .compare_exchange(life, life + 1, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

/// The marks of all slots.
#[derive(Default)]
pub struct Validity {
    blocks: [OnceLock<Box<[Mark]>>; BLOCKS],
    /// Versions up to this one were cleared all at once.
    floor: AtomicU64,
}

impl Validity {
    /// Sees to it that a slot has its mark. Under the lock.
    pub fn reserve(&self, slot: u32) {
        let (block, _) = place(slot);
        self.blocks[block].get_or_init(|| {
            bytemuck::allocation::try_zeroed_slice_box(BLOCK << block)
                .unwrap_or_else(|()| std::process::abort())
        });
    }

    #[inline]
    fn mark(&self, slot: u32) -> Option<&Mark> {
        let (block, at) = place(slot);
        self.blocks.get(block)?.get()?.get(at)
    }

    /// Whether the slot still holds this version and it has not expired.
    #[inline(always)]
    pub fn check(&self, slot: u32, version: f64, now: impl FnOnce() -> u64) -> bool {
        self.mark(slot)
            .is_some_and(|mark| self.is_current(mark, version, now))
    }

    /// The same, and if it is so, it counts as read.
    #[inline(always)]
    pub fn touch(&self, slot: u32, version: f64, now: impl FnOnce() -> u64) -> bool {
        let Some(mark) = self.mark(slot) else {
            return false;
        };
        let current = self.is_current(mark, version, now);
        if current {
            mark.count_read();
        }
        current
    }

    #[inline(always)]
    fn is_current(&self, mark: &Mark, version: f64, now: impl FnOnce() -> u64) -> bool {
        let expires = mark.life.load(Ordering::Acquire) >> READS_BITS;
        let version = version.to_bits();
        mark.version.load(Ordering::Acquire) == version
            && version > self.floor.load(Ordering::Acquire)
            && (expires == FAR || now() < expires)
    }

    /// Counts a read of a slot's entry.
    pub fn read(&self, slot: u32) {
        if let Some(mark) = self.mark(slot) {
            mark.count_read();
        }
    }

    /// How often the slot's entry was read.
    pub fn reads(&self, slot: u32) -> u8 {
        self.mark(slot)
            .map_or(0, |mark| (mark.life.load(Ordering::Relaxed) & READS) as u8)
    }

    /// Sets how often the slot's entry counts as read. Under the lock.
    pub fn set_reads(&self, slot: u32, reads: u8) {
        if let Some(mark) = self.mark(slot) {
            let life = mark.life.load(Ordering::Relaxed);
            mark.life
                .store(life & !READS | u64::from(reads), Ordering::Relaxed);
        }
    }

    /// When the slot's entry expires.
    pub fn expires(&self, slot: u32) -> u64 {
        self.mark(slot).map_or(0, Mark::expires)
    }

    /// The version of the slot's entry.
    pub fn version(&self, slot: u32) -> u64 {
        self.mark(slot).map_or(0, |mark| {
            f64::from_bits(mark.version.load(Ordering::Relaxed)) as u64
        })
    }

    /// From now on nobody takes what they have of the slot for current.
    pub fn invalidate(&self, slot: u32) {
        if let Some(mark) = self.mark(slot) {
            mark.version.store(0, Ordering::Release);
        }
    }

    /// The slot has a new entry, which counts as read so often.
    pub fn publish(&self, slot: u32, version: u64, expires: u64, reads: u8) {
        if let Some(mark) = self.mark(slot) {
            mark.version.store(0, Ordering::Release);
            let life = expires.min(FAR) << READS_BITS | u64::from(reads);
            mark.life.store(life, Ordering::Release);
            mark.version
                .store((version as f64).to_bits(), Ordering::Release);
        }
    }

    /// From now on nothing up to `version` is current.
    pub fn clear(&self, version: u64) {
        self.floor
            .store((version as f64).to_bits(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_fill_the_blocks_in_order() {
        assert_eq!(place(0), (0, 0));
        assert_eq!(place(4095), (0, 4095));
        assert_eq!(place(4096), (1, 0));
        assert_eq!(place(4096 + 8191), (1, 8191));
        assert_eq!(place(4096 + 8192), (2, 0));
        let (block, at) = place(u32::MAX);
        assert!(block <= BLOCKS && at < BLOCK << block);
    }

    #[test]
    fn only_the_current_version_is_current_and_only_until_it_expires() {
        let validity = Validity::default();
        assert!(!validity.touch(7, 1.0, || 0), "a slot that was never used");
        validity.reserve(7);
        assert!(!validity.touch(7, 0.0, || 0), "version 0 is no entry");
        validity.publish(7, 5, 100, 0);
        assert!(validity.touch(7, 5.0, || 99));
        assert!(!validity.touch(7, 5.0, || 100));
        assert!(!validity.touch(7, 4.0, || 0));
        assert!(!validity.touch(u32::MAX, 5.0, || 0));
        for _ in 0..9 {
            validity.read(7);
        }
        assert_eq!(validity.reads(7), MOST_READS);
        assert_eq!(validity.expires(7), 100, "counting does not touch the time");
        validity.set_reads(7, 1);
        assert_eq!((validity.reads(7), validity.expires(7)), (1, 100));
        validity.publish(7, 6, NEVER, 2);
        assert_eq!((validity.reads(7), validity.expires(7)), (2, NEVER));
        assert!(!validity.touch(7, 5.0, || 0));
        assert!(validity.touch(7, 6.0, || u64::MAX));
        validity.clear(6);
        assert!(!validity.touch(7, 6.0, || 0));
        validity.publish(7, 7, NEVER, 0);
        assert!(validity.touch(7, 7.0, || 0));
        validity.invalidate(7);
        assert!(!validity.touch(7, 7.0, || 0));
    }
}
