//! Pages of entries out of a cache and into it, for snapshots: in slices, others get the lock in
//! between.

use std::sync::Arc;

use super::{After, BATCH, Cache, Codec, Entry, Error, Life, NEVER};
use crate::clock::{now_ms, reading};
use crate::page::{Heat, Reader, Writer};
use crate::slots::FOREVER;

/// Bytes that are copied under one hold of the lock, about.
const SLICE: usize = 32 * 1024;

/// What became of a page that was put in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Entries that were stored.
    pub entries: u32,
    /// Entries whose time was over.
    pub expired: u32,
}

impl Cache {
    fn is_text(&self) -> bool {
        self.options.codec != Codec::Bytes
    }

    /// Slots that are in use: those of all entries that there are now are below.
    pub fn end(&self) -> u32 {
        self.lock().store.slots().used()
    }

    /// Live entries from slot `from` on and before `end` as a page of at most `room` bytes, unless the first
    /// alone is larger. Their time counts from `origin`. Where to go on from; `end` at the end.
    pub fn export(
        &self,
        from: u32,
        end: u32,
        origin: f64,
        room: usize,
    ) -> Result<(Writer, u32), Error> {
        let mut page = Writer::default();
        let mut slot = from;
        while slot < end {
            let guard = self.lock();
            let store = &guard.store;
            let last = end.min(store.slots().used());
            if slot >= last {
                return Ok((page, end));
            }
            let now = now_ms();
            let mut copied = 0;
            let mut large = None;
            while slot < last && copied < SLICE && large.is_none() {
                let number = slot;
                let expires = self.validity.expires(number);
                if self.validity.version(number) == 0 || (expires != NEVER && now >= expires) {
                    slot += 1;
                    copied += 64;
                    continue;
                }
                let entry = store.slots().get(number);
                let tags = store.tags_bytes(number);
                let size = entry.len() + tags + 2 * 64 + 32;
                if !page.is_empty() && page.len() + size > room {
                    return Ok((page, number));
                }
                page.reserve(size, self.is_text())?;
                let mut count = 0;
                store.each_tag(number, |tag| {
                    page.tag(tag);
                    count += 1;
                });
                let (left, grace) = match expires {
                    NEVER => (f64::INFINITY, 0.0),
                    _ => match store.slots().timers.get(number).grace {
                        FOREVER => (expires as f64 - origin, f64::INFINITY),
                        grace => (expires as f64 - origin, f64::from(grace)),
                    },
                };
                let heat = Heat {
                    reads: self.validity.reads(number),
                    main: entry.is_main(),
                };
                let sizes = (entry.key().len(), entry.value().len());
                page.record(left, grace, sizes, heat, count);
                match entry.shared() {
                    Some(shared) => large = Some(shared),
                    None => page.content(entry.key(), entry.value(), self.is_text()),
                }
                copied += size;
                slot += 1;
            }
            drop(guard);
            self.give_way();
            if let Some((bytes, at)) = large {
                page.content(&bytes[..at], &bytes[at..], self.is_text());
            }
        }
        Ok((page, end))
    }

    /// Stores the entries of a page that was written so many milliseconds ago, over those of the same
    /// keys. One that is heavier than the cache may hold is left out. `None` if it is no page.
    pub fn import(self: &Arc<Self>, page: &[u8], elapsed: f64) -> Result<Option<Imported>, Error> {
        let Some(mut reader) = Reader::new(page, self.is_text()) else {
            return Ok(None);
        };
        let now = reading(true);
        let mut done = Imported::default();
        let mut after = After::default();
        let mut guard = None;
        let mut work = 0;
        let mut timed = false;
        while let Some(found) = reader.next() {
            let left = found.left - elapsed;
            if left.is_nan() || left <= 0.0 {
                done.expired += 1;
                continue;
            }
            let tags = self.tags(found.tags.iter().copied());
            if self.check_weight(found.key, found.value, &tags).is_err() {
                continue;
            }
            // Rounded down: time on disk never makes an entry live longer.
            let expires = (now + left).floor();
            let life = Life {
                expires: if expires.is_finite() {
                    expires as u64
                } else {
                    NEVER
                },
                grace: found.grace.ceil() as u32,
                keep: false,
            };
            timed |= life.expires != NEVER;
            let mut entry = Entry::new(found.key, found.value, &tags, self.hash(found.key))?;
            entry.heat = found.heat;
            work += 1 + tags.len();
            if work > BATCH {
                // Others get their turn.
                drop(guard.take());
                self.give_way();
                work = 0;
            }
            loop {
                let inner = guard.get_or_insert_with(|| self.lock());
                if !inner.leases.is_empty() {
                    inner.leases.end(found.key, &mut after.woken);
                }
                let placed = inner.store.set(&mut entry, life, &mut after.garbage)?;
                if placed.is_some() {
                    break;
                }
                drop(guard.take());
            }
            done.entries += 1;
        }
        if let Some(inner) = guard.or_else(|| timed.then(|| self.lock()))
            && timed
        {
            let next = inner.store.next_due();
            drop(inner);
            super::sweeper::need(self, next);
        }
        Ok(reader.is_done().then_some(done))
    }
}
