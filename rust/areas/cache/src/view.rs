//! One isolate's hold on a cache: its counts, and the leases that end with it.

use std::sync::Arc;

use super::clock::now_ms;
use super::entry::{Found, Life, Placed};
use super::leases::LeaseTags;
use super::process::{Cache, Counters, Stats};
use super::store::Which;
use super::validity::Validity;
use super::{Acquired, Error, Wake};

/// How a value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// For a caller: counted, and kept from eviction.
    Get,
    /// Without a trace.
    Peek,
    /// What has expired and is kept for its grace, without a trace.
    Stale,
}

/// A view of a cache.
pub struct View {
    /// The cache's own, held once more so that a read has one step less to go.
    validity: Arc<Validity>,
    counters: Arc<Counters>,
    cache: Arc<Cache>,
    owner: u64,
}

impl Drop for View {
    fn drop(&mut self) {
        self.cache.leave(&self.counters, self.owner);
    }
}

impl View {
    pub(super) fn new(cache: Arc<Cache>, counters: Arc<Counters>, owner: u64) -> Self {
        Self {
            validity: cache.validity().clone(),
            counters,
            cache,
            owner,
        }
    }

    /// The cache.
    pub fn cache(&self) -> &Arc<Cache> {
        &self.cache
    }

    /// Whether what the isolate has of a slot is still current; if so it is a hit.
    #[inline(always)]
    pub fn touch(&self, slot: u32, version: f64) -> bool {
        let current = self.validity.touch(slot, version, now_ms);
        if current {
            self.counters.hit(1);
        }
        current
    }

    /// Whether what the isolate has of a slot is still current, without a trace.
    #[inline(always)]
    pub fn check(&self, slot: u32, version: f64) -> bool {
        self.validity.check(slot, version, now_ms)
    }

    /// Shows the entry of a key to `read`, which says whether it could use it.
    pub fn get(&self, key: &[u8], how: Read, read: impl FnOnce(Found<'_>) -> bool) -> bool {
        let which = if how == Read::Stale {
            Which::Grace
        } else {
            Which::Live
        };
        let used = self.cache.get(key, which, how == Read::Get, read);
        if how == Read::Get {
            match used {
                Some(true) => self.counters.hit(1),
                Some(false) => {}
                None => self.counters.miss(1),
            }
        }
        used.is_some()
    }

    /// Shows the entries of many keys to `read`, in order. Counted by [`View::count`], when the
    /// caller knows that it could use them.
    pub fn get_many<'k>(
        &self,
        keys: impl Iterator<Item = &'k [u8]>,
        read: impl FnMut(Option<Found<'_>>),
    ) {
        self.cache.get_many(keys, read);
    }

    /// Counts reads.
    pub fn count(&self, hits: u64, misses: u64) {
        self.counters.hit(hits);
        self.counters.miss(misses);
    }

    /// Asks for the lease of a key for so many milliseconds, for a value with these tags.
    pub fn acquire(&self, key: &[u8], tags: &LeaseTags, timeout_ms: f64) -> Acquired {
        let deadline = super::clock::deadline_ms(timeout_ms);
        self.cache.acquire(key, tags, self.owner, deadline)
    }

    /// Gives a lease back.
    pub fn release(&self, key: &[u8], token: u64) {
        self.cache.release(key, token);
    }

    /// Has `wake` called when a lease ends.
    pub fn wait(&self, key: &[u8], token: u64, wake: Wake) {
        self.cache.wait(key, token, wake);
    }

    /// Stores a value if the lease stands.
    pub fn publish(
        &self,
        key: &[u8],
        token: u64,
        value: &[u8],
        life: Life,
    ) -> Result<Option<Placed>, Error> {
        self.cache.publish(key, token, value, life)
    }

    /// What the cache holds and has done.
    pub fn stats(&self) -> Stats {
        self.cache.stats()
    }
}
