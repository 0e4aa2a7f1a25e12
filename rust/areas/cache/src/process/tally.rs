//! What a cache has done, counted without the lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a cache holds and has done, over all isolates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Entries that have not expired.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Reads that found a value.
    pub hits: u64,
    /// Reads that did not.
    pub misses: u64,
    /// Entries that had to go because of a bound.
    pub evictions: u64,
    /// Entries whose time was over.
    pub expirations: u64,
}

/// One isolate's counts. Only its own thread writes, so a plain store is enough.
#[derive(Default)]
pub struct Counters {
    pub hits: AtomicU64,
    pub misses: AtomicU64,
}

impl Counters {
    #[inline]
    pub fn hit(&self, more: u64) {
        self.hits
            .store(self.hits.load(Ordering::Relaxed) + more, Ordering::Relaxed);
    }

    #[inline]
    pub fn miss(&self, more: u64) {
        self.misses.store(
            self.misses.load(Ordering::Relaxed) + more,
            Ordering::Relaxed,
        );
    }
}

/// The counts of all isolates; those that are gone are summed up in the first.
#[derive(Default)]
pub struct Tally {
    /// Hits and misses of isolates that are gone.
    pub past: (u64, u64),
    pub present: Vec<Arc<Counters>>,
}
