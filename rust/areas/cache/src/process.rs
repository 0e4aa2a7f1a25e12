//! One cache of the process, for all isolates that hold a view of it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use super::entry::{Entry, Found, Life, Placed, weight};
use super::hasher::KeyHasher;
use super::leases::{Leases, Wake};
use super::store::{Garbage, Store, Which};
use super::tags::{self, Tag};
use super::validity::{NEVER, Validity};
use super::{Error, View, sweeper};

mod loads;
mod many;
mod tally;
mod transfer;
mod upkeep;

use tally::Tally;
pub use tally::{Counters, Stats};
pub use transfer::Imported;

/// The heaviest entry that any cache takes, in bytes.
const MAX_ENTRY_BYTES: u64 = 1 << 30;
/// Entries that go in, or come out, under one hold of the lock.
const BATCH: usize = 256;
/// Turns that long work gives others at most, in case that they do not come.
const TURNS: u32 = 1_000;
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

struct Inner {
    store: Store,
    leases: Leases,
    owners: u64,
}

/// A cache.
pub struct Cache {
    options: Options,
    hasher: KeyHasher,
    validity: Arc<Validity>,
    inner: Mutex<Inner>,
    tally: Mutex<Tally>,
    swept: AtomicBool,
    /// How many threads wait for the lock.
    waiting: AtomicU32,
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
            hasher: KeyHasher::default(),
            validity,
            inner: Mutex::new(Inner {
                store,
                leases: Leases::default(),
                owners: 0,
            }),
            tally: Mutex::default(),
            swept: AtomicBool::new(false),
            waiting: AtomicU32::new(0),
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
        match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                self.waiting.fetch_add(1, Ordering::Relaxed);
                let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                inner
            }
        }
    }

    /// Lets those who wait for the lock have it, between two slices of long work. The lock alone does
    /// not: whoever has just let it go takes it again before they are awake.
    fn give_way(&self) {
        for _ in 0..TURNS {
            if self.waiting.load(Ordering::Relaxed) == 0 {
                return;
            }
            std::thread::yield_now();
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hash(&self, key: &[u8]) -> u32 {
        self.hasher.hash(key) as u32
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

    /// Whether a key has an entry that has not expired.
    pub fn has(&self, key: &[u8]) -> bool {
        let hash = self.hash(key);
        self.lock().store.get(hash, key, Which::Live).is_some()
    }

    /// Prepares tags for an entry; they must be different.
    pub fn tags<'t>(&self, texts: impl Iterator<Item = &'t [u8]>) -> Vec<Tag<'t>> {
        let tag = |text| Tag {
            text,
            hash: self.hash(text),
        };
        texts.map(tag).collect()
    }

    fn check_weight(&self, key: &[u8], value: &[u8], tags: &[Tag<'_>]) -> Result<(), Error> {
        let weight = weight(key.len() + value.len()) + tags::weight(tags);
        let limit = self.options.max_bytes.min(MAX_ENTRY_BYTES);
        if weight > limit {
            return Err(Error::TooLarge { weight, limit });
        }
        Ok(())
    }

    fn entry<'e>(
        &self,
        key: &'e [u8],
        value: &'e [u8],
        tags: &'e [Tag<'e>],
    ) -> Result<Entry<'e>, Error> {
        self.check_weight(key, value, tags)?;
        Entry::new(key, value, tags, self.hash(key))
    }

    /// Stores a value.
    pub fn set(
        self: &Arc<Self>,
        key: &[u8],
        value: &[u8],
        tags: &[Tag<'_>],
        life: Life,
    ) -> Result<Placed, Error> {
        let mut entry = self.entry(key, value, tags)?;
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

    /// Lets the lock go and sees to it that the sweeper comes in time.
    fn schedule(self: &Arc<Self>, inner: MutexGuard<'_, Inner>, life: Life) {
        if life.expires == NEVER {
            return;
        }
        let next = inner.store.next_due();
        drop(inner);
        sweeper::need(self, next);
    }

    /// Gives an entry that has not expired another end; true if there is one.
    pub fn expire(self: &Arc<Self>, key: &[u8], life: Life) -> Result<bool, Error> {
        let hash = self.hash(key);
        let mut inner = self.lock();
        let found = inner.store.expire_at(hash, key, life)?;
        if found {
            self.schedule(inner, life);
        }
        Ok(found)
    }

    /// Removes an entry; true if it had not expired.
    pub fn delete(&self, key: &[u8]) -> bool {
        let hash = self.hash(key);
        let mut after = After::default();
        let mut inner = self.lock();
        inner.leases.end(key, &mut after.woken);
        inner.store.delete(hash, key, &mut after.garbage)
    }
}
