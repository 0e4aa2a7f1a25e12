//! A cache's housekeeping, in slices: others get the lock in between.

use std::sync::atomic::Ordering;

use super::{After, BATCH, Cache, Inner, MANY, Stats, Tag};
use crate::clock::now_ms;
use crate::slots::NONE;
use crate::sweeper;

/// Steps of work under one hold of the lock.
const STEPS: u32 = 512;

impl Cache {
    /// Removes every entry.
    pub fn clear(&self) {
        let mut after = After::default();
        let mut inner = self.lock();
        inner.leases.end_all(&mut after.woken);
        let old = inner.store.clear();
        drop(inner);
        if old.held() >= MANY {
            sweeper::discard(Box::new(old));
        }
    }

    /// Removes every entry that carries a tag and ends the loads of such. How many of them had not
    /// expired. What is set with the tag meanwhile stays.
    pub fn delete_tagged(&self, tag: &[u8]) -> u64 {
        let tag = Tag {
            text: tag,
            hash: self.hash(tag),
        };
        let mut until = None;
        let mut live = 0;
        loop {
            let mut after = After::default();
            let mut guard = self.lock();
            let Inner { store, leases, .. } = &mut *guard;
            let (version, lease) = *until.get_or_insert_with(|| {
                leases.end_tagged(tag.text);
                (store.version(), leases.latest())
            });
            let woken = &mut after.woken;
            let end = |key: &[u8]| leases.end_until(key, lease, woken);
            let (count, done) = store.delete_tagged(tag, version, STEPS, &mut after.garbage, end);
            live += count;
            if done {
                return live;
            }
            drop(guard);
            drop(after);
            self.give_way();
        }
    }

    /// Ends what is due now. How many entries expired by it, and when the next may.
    pub fn sweep(&self, now: u64) -> (u64, u64) {
        let mut ended = 0;
        loop {
            let mut after = After::default();
            let mut inner = self.lock();
            let before = inner.store.expirations;
            let done = inner.store.expire(now, STEPS, &mut after.garbage);
            ended += inner.store.expirations - before;
            if done {
                let leases = inner.leases.expire(now, &mut after.woken);
                return (ended, inner.store.next_due().min(leases));
            }
            drop(inner);
            drop(after);
            self.give_way();
        }
    }

    /// Entries that take up memory, what has expired included.
    #[cfg(test)]
    pub(crate) fn held(&self) -> u32 {
        self.lock().store.held()
    }

    /// How many different tags its entries carry.
    #[cfg(test)]
    pub(crate) fn tag_count(&self) -> u32 {
        self.lock().store.tag_count()
    }

    /// How many entries expired now.
    pub fn purge(&self) -> u64 {
        self.sweep(now_ms()).0
    }

    /// Entries that have not expired.
    pub fn size(&self) -> u64 {
        let now = now_ms();
        if self.lock().store.next_due() <= now {
            self.sweep(now);
        }
        u64::from(self.lock().store.live())
    }

    /// What it holds and has done.
    pub fn stats(&self) -> Stats {
        self.purge();
        let mut stats = {
            let inner = self.lock();
            Stats {
                entries: u64::from(inner.store.live()),
                bytes: inner.store.live_bytes(),
                evictions: inner.store.evictions,
                expirations: inner.store.expirations,
                ..Stats::default()
            }
        };
        let tally = self.tally();
        (stats.hits, stats.misses) = tally.past;
        for counters in &tally.present {
            stats.hits += counters.hits.load(Ordering::Relaxed);
            stats.misses += counters.misses.load(Ordering::Relaxed);
        }
        stats
    }

    /// Keys of live entries from the place `from` on, as long as `take` wants more. Where to go on
    /// from, if there may be more.
    pub fn keys(&self, from: u32, mut take: impl FnMut(&[u8]) -> bool) -> Option<u32> {
        let mut from = from;
        let mut more = true;
        while more && from != NONE {
            from = self.lock().store.keys(from, BATCH as u32, |key| {
                more = take(key);
                more
            });
        }
        (from != NONE).then_some(from)
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        let inner = self
            .inner
            .get_mut()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if inner.store.held() >= MANY {
            sweeper::discard(Box::new(inner.store.clear()));
        }
    }
}
