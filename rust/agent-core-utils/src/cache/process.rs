//! One cache of the process, for all isolates that hold a view of it.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::clock::now_ms;
use super::entry::{Entry, Found, Life, Placed, weight};
use super::leases::{Acquired, Leases, Wake};
use super::slots::NONE;
use super::store::{Garbage, Store, Which};
use super::sweeper;
use super::validity::{NEVER, Validity};
use super::{Error, View};

/// The heaviest entry that any cache takes, in bytes.
const MAX_ENTRY_BYTES: u64 = 1 << 30;
/// Entries that go in, or come out, under one hold of the lock.
const BATCH: usize = 256;
/// Steps of expiry under one hold of the lock.
const STEPS: u32 = 512;
/// From so many entries on, clearing leaves the freeing to the sweeper.
const MANY: u32 = 4096;

/// How values are encoded. The cache only keeps that all users of a name agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// UTF-8.
    Text,
    /// Bytes.
    Bytes,
    /// JSON text.
    Json,
}

/// What a cache was made with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// The codec of its values.
    pub codec: Codec,
    /// The most entries.
    pub max_entries: u32,
    /// The most bytes; `u64::MAX` for no bound.
    pub max_bytes: u64,
    /// The users' default, in milliseconds.
    pub ttl_ms: f64,
    /// The users' default, in milliseconds.
    pub grace_ms: f64,
}

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
    hits: AtomicU64,
    misses: AtomicU64,
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
struct Tally {
    past: (u64, u64),
    present: Vec<Arc<Counters>>,
}

struct Inner {
    store: Store,
    leases: Leases,
    owners: u64,
}

/// A cache.
pub struct Cache {
    options: Options,
    hasher: RandomState,
    validity: Arc<Validity>,
    inner: Mutex<Inner>,
    tally: Mutex<Tally>,
    swept: AtomicBool,
}

/// What is done once the lock is let go: nobody is called and little is freed under it.
#[derive(Default)]
struct After {
    garbage: Garbage,
    woken: Vec<Wake>,
}

impl Drop for After {
    fn drop(&mut self) {
        for wake in self.woken.drain(..) {
            wake();
        }
    }
}

impl Cache {
    /// An empty cache.
    pub fn new(options: Options) -> Arc<Self> {
        let validity = Arc::new(Validity::default());
        let store = Store::new(validity.clone(), options.max_entries, options.max_bytes);
        Arc::new(Self {
            options,
            hasher: RandomState::new(),
            validity,
            inner: Mutex::new(Inner {
                store,
                leases: Leases::default(),
                owners: 0,
            }),
            tally: Mutex::default(),
            swept: AtomicBool::new(false),
        })
    }

    /// What it was made with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// A view for one isolate.
    pub fn view(self: &Arc<Self>) -> View {
        let counters = Arc::new(Counters::default());
        self.tally().present.push(counters.clone());
        let mut inner = self.lock();
        inner.owners += 1;
        View::new(self.clone(), counters, inner.owners)
    }

    /// Forgets a view: its counts are kept, its leases end.
    pub(super) fn leave(&self, counters: &Arc<Counters>, owner: u64) {
        let mut tally = self.tally();
        tally.present.retain(|other| !Arc::ptr_eq(other, counters));
        tally.past.0 += counters.hits.load(Ordering::Relaxed);
        tally.past.1 += counters.misses.load(Ordering::Relaxed);
        drop(tally);
        let mut after = After::default();
        self.lock().leases.end_of(owner, &mut after.woken);
    }

    /// What is current, for readers without the lock.
    pub(super) fn validity(&self) -> &Arc<Validity> {
        &self.validity
    }

    /// Whether the sweeper knows this cache.
    pub(super) fn is_swept(&self) -> bool {
        self.swept.load(Ordering::Acquire)
    }

    /// Says that it does; true for who says it first.
    pub(super) fn set_swept(&self) -> bool {
        !self.swept.swap(true, Ordering::AcqRel)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hash(&self, key: &[u8]) -> u32 {
        self.hasher.hash_one(key) as u32
    }

    /// Shows the entry of a key to `read`; for a large value that happens after the lock.
    pub fn get<R>(
        &self,
        key: &[u8],
        which: Which,
        count: bool,
        read: impl FnOnce(Found<'_>) -> R,
    ) -> Option<R> {
        let hash = self.hash(key);
        let inner = self.lock();
        let (placed, slot) = inner.store.get(hash, key, which)?;
        if count {
            self.validity.read(slot);
        }
        let entry = inner.store.slots().get(slot);
        Some(match entry.shared() {
            None => read(Found {
                placed,
                value: entry.value(),
            }),
            Some((bytes, at)) => {
                drop(inner);
                read(Found {
                    placed,
                    value: &bytes[at..],
                })
            }
        })
    }

    /// Shows the entries of many keys to `read`, in order.
    pub fn get_many<'k>(
        &self,
        keys: impl Iterator<Item = &'k [u8]>,
        mut read: impl FnMut(Option<Found<'_>>),
    ) {
        let mut guard = None;
        for (number, key) in keys.enumerate() {
            let hash = self.hash(key);
            if number % BATCH == 0 {
                // Others get their turn.
                drop(guard.take());
            }
            let inner = guard.get_or_insert_with(|| self.lock());
            let Some((placed, slot)) = inner.store.get(hash, key, Which::Live) else {
                read(None);
                continue;
            };
            self.validity.read(slot);
            let entry = inner.store.slots().get(slot);
            match entry.shared() {
                None => read(Some(Found {
                    placed,
                    value: entry.value(),
                })),
                Some((bytes, at)) => {
                    drop(guard.take());
                    read(Some(Found {
                        placed,
                        value: &bytes[at..],
                    }));
                }
            }
        }
    }

    /// Whether a key has an entry that has not expired.
    pub fn has(&self, key: &[u8]) -> bool {
        let hash = self.hash(key);
        self.lock().store.get(hash, key, Which::Live).is_some()
    }

    fn entry<'e>(&self, key: &'e [u8], value: &'e [u8]) -> Result<Entry<'e>, Error> {
        let weight = weight(key.len() + value.len());
        let limit = self.options.max_bytes.min(MAX_ENTRY_BYTES);
        if weight > limit {
            return Err(Error::TooLarge { weight, limit });
        }
        Entry::new(key, value, self.hash(key))
    }

    /// Stores a value.
    pub fn set(self: &Arc<Self>, key: &[u8], value: &[u8], life: Life) -> Result<Placed, Error> {
        let mut entry = self.entry(key, value)?;
        let mut after = After::default();
        loop {
            let mut inner = self.lock();
            if !inner.leases.is_empty() {
                inner.leases.end(key, &mut after.woken);
            }
            if let Some(placed) = inner.store.set(&mut entry, life, &mut after.garbage)? {
                self.schedule(inner, life);
                return Ok(placed);
            }
        }
    }

    /// Stores many values; all are checked before the first goes in.
    pub fn set_many<'e>(
        self: &Arc<Self>,
        entries: impl Iterator<Item = (&'e [u8], &'e [u8])> + Clone,
        life: Life,
    ) -> Result<(), Error> {
        let limit = self.options.max_bytes.min(MAX_ENTRY_BYTES);
        for (key, value) in entries.clone() {
            let weight = weight(key.len() + value.len());
            if weight > limit {
                return Err(Error::TooLarge { weight, limit });
            }
        }
        let mut after = After::default();
        let mut guard = None;
        for (number, (key, value)) in entries.enumerate() {
            let mut entry = self.entry(key, value)?;
            if number % BATCH == 0 {
                // Others get their turn.
                drop(guard.take());
            }
            loop {
                let inner = guard.get_or_insert_with(|| self.lock());
                if !inner.leases.is_empty() {
                    inner.leases.end(key, &mut after.woken);
                }
                if inner
                    .store
                    .set(&mut entry, life, &mut after.garbage)?
                    .is_some()
                {
                    break;
                }
                drop(guard.take());
            }
        }
        if let Some(inner) = guard {
            self.schedule(inner, life);
        }
        Ok(())
    }

    /// Lets the lock go and sees to it that the sweeper comes in time.
    fn schedule(self: &Arc<Self>, inner: MutexGuard<'_, Inner>, life: Life) {
        if life.expires == NEVER {
            return;
        }
        let next = inner.store.next_due();
        drop(inner);
        sweeper::need(self, next);
    }

    /// Removes an entry; true if it had not expired.
    pub fn delete(&self, key: &[u8]) -> bool {
        let hash = self.hash(key);
        let mut after = After::default();
        let mut inner = self.lock();
        inner.leases.end(key, &mut after.woken);
        inner.store.delete(hash, key, &mut after.garbage)
    }

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
            std::thread::yield_now();
        }
    }

    /// Entries that take up memory, what has expired included.
    #[cfg(test)]
    pub(super) fn held(&self) -> u32 {
        self.lock().store.held()
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

    /// Asks for the lease of a key, for `owner` and until the deadline.
    pub fn acquire(&self, key: &[u8], owner: u64, deadline: u64) -> Acquired {
        let mut after = After::default();
        self.lock()
            .leases
            .acquire(key, owner, deadline, now_ms(), &mut after.woken)
    }

    /// Gives a lease back.
    pub fn release(&self, key: &[u8], token: u64) {
        let mut after = After::default();
        let mut inner = self.lock();
        if inner.leases.stands(key, token) {
            inner.leases.end(key, &mut after.woken);
        }
    }

    /// Has `wake` called when a lease ends.
    pub fn wait(self: &Arc<Self>, key: &[u8], token: u64, wake: Wake) {
        let mut after = After::default();
        let deadline = self.lock().leases.wait(key, token, wake, &mut after.woken);
        if deadline != NEVER {
            sweeper::need(self, deadline);
        }
    }

    /// Stores a value if the lease stands, which ends it.
    pub fn publish(
        self: &Arc<Self>,
        key: &[u8],
        token: u64,
        value: &[u8],
        life: Life,
    ) -> Result<Option<Placed>, Error> {
        let mut entry = self.entry(key, value)?;
        let mut after = After::default();
        loop {
            let mut inner = self.lock();
            if !inner.leases.stands(key, token) {
                return Ok(None);
            }
            if let Some(placed) = inner.store.set(&mut entry, life, &mut after.garbage)? {
                inner.leases.end(key, &mut after.woken);
                self.schedule(inner, life);
                return Ok(Some(placed));
            }
        }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        if inner.store.held() >= MANY {
            sweeper::discard(Box::new(inner.store.clear()));
        }
    }
}
