//! What leaves a store without being asked for by its key: what has expired, what must make room, and
//! what carries a tag. Work is counted in steps, so that callers can let the lock go in between.

use super::{Garbage, Life, NEVER, Store, Which};
use crate::Error;
use crate::tags::Tag;
use crate::wheel;

/// Reads after which an entry of the small queue is worth keeping.
const PROMOTE: u8 = 2;
/// An eviction spares at most so many entries, so that it is never a pause.
const SPARE: u32 = 128;
/// Steps of eviction for one entry before the lock is let go for a moment: an entry that goes is one, so
/// is an entry that is spared, and a tag that goes.
const EVICTION_STEPS: u32 = 512;
/// Steps of expiry that go before an eviction.
const STEPS: u32 = 64;

impl Store {
    /// Ends what is due now, in at most so many steps. True if nothing due is left.
    pub fn expire(&mut self, now: u64, mut steps: u32, garbage: &mut Garbage) -> bool {
        while let Some(slot) = self.pop_due(now, &mut steps) {
            steps = steps.saturating_sub(self.end(slot, garbage));
        }
        steps > 0
    }

    /// Removes entries up to a version that carry a tag, in about so many steps, and shows their keys. How
    /// many had not expired; and whether none is left.
    pub fn delete_tagged(
        &mut self,
        tag: Tag<'_>,
        version: u64,
        mut steps: u32,
        garbage: &mut Garbage,
        mut removed: impl FnMut(&[u8]),
    ) -> (u64, bool) {
        let mut count = 0;
        while steps > 0 {
            // A list of slots is in the order of their versions.
            let oldest = self.tags.as_ref().and_then(|tags| tags.oldest(tag));
            let Some(slot) = oldest.filter(|&slot| self.validity.version(slot) <= version) else {
                return (count, true);
            };
            removed(self.slots.get(slot).key());
            let (live, work) = self.remove(slot, garbage);
            count += u64::from(live);
            steps = steps.saturating_sub(work);
        }
        (count, false)
    }

    /// The life of an entry that gets a new value: its own, if that is to be kept and is not over.
    pub(super) fn life_of(&self, slot: u32, new: Life, now: u64) -> Life {
        let expires = self.validity.expires(slot);
        let over = self.slots.get(slot).is_stale() || (expires != NEVER && now >= expires);
        if !new.keep || over {
            return new;
        }
        Life {
            expires,
            grace: self.slots.timers.get(slot).grace,
            keep: true,
        }
    }

    /// Gives an entry that has not expired another end; true if there is one. Its grace stays, unless it
    /// had no end.
    pub fn expire_at(&mut self, hash: u32, key: &[u8], life: Life) -> Result<bool, Error> {
        let Some(slot) = self.find(hash, key, Which::Live) else {
            return Ok(false);
        };
        let expires = self.validity.expires(slot);
        if life.expires != NEVER {
            self.slots.timers.reserve(slot)?;
            if expires == NEVER
                && let Some(timer) = self.slots.timers.get_mut(slot)
            {
                timer.grace = life.grace;
            }
        }
        if let Some(wheel) = &mut self.wheel {
            wheel.remove(&mut self.slots, slot);
        }
        let (version, reads) = (self.validity.version(slot), self.validity.reads(slot));
        self.validity.publish(slot, version, life.expires, reads);
        if life.expires != NEVER {
            let wheel = self
                .wheel
                .get_or_insert_with(|| wheel::Wheel::new(crate::clock::now_ms()));
            wheel.add(&mut self.slots, slot, life.expires);
        }
        Ok(true)
    }

    fn pop_due(&mut self, now: u64, steps: &mut u32) -> Option<u32> {
        self.wheel
            .as_mut()?
            .pop(&mut self.slots, &self.validity, now, steps)
    }

    /// The time of an entry is over: it goes, or it stays for its grace. How many tags went.
    fn end(&mut self, slot: u32, garbage: &mut Garbage) -> u32 {
        let grace = self.slots.timers.get(slot).grace;
        let entry = self.slots.get(slot);
        if entry.is_stale() || grace == 0 {
            if !entry.is_stale() {
                self.expirations += 1;
            }
            return self.drop_slot(slot, garbage);
        }
        self.expirations += 1;
        self.stale += 1;
        self.stale_bytes += self.weight(slot);
        self.slots.get_mut(slot).set_stale(true);
        let due = wheel::due(&self.slots, &self.validity, slot);
        if due != NEVER
            && let Some(wheel) = &mut self.wheel
        {
            wheel.add(&mut self.slots, slot, due);
        }
        0
    }

    /// Takes a slot out of everything but the table. How many tags it had.
    fn detach(&mut self, slot: u32) -> u32 {
        let weight = self.weight(slot);
        let entry = self.slots.get_mut(slot);
        let main = entry.is_main();
        if entry.is_stale() {
            entry.set_stale(false);
            self.stale -= 1;
            self.stale_bytes -= weight;
        }
        let queue = if main {
            &mut self.main
        } else {
            &mut self.small
        };
        queue.remove(&mut self.slots, slot, weight);
        if let Some(wheel) = &mut self.wheel {
            wheel.remove(&mut self.slots, slot);
        }
        self.tags.as_mut().map_or(0, |tags| tags.remove(slot))
    }

    pub(super) fn drop_slot(&mut self, slot: u32, garbage: &mut Garbage) -> u32 {
        self.validity.invalidate(slot);
        let tags = self.detach(slot);
        self.table.remove(self.slots.get(slot).hash, slot);
        garbage.add(self.slots.give(slot));
        tags
    }

    /// Makes room for an entry of a weight, which may replace an old one. The old one, if it is still
    /// there; nothing at all if there is more to do.
    #[allow(clippy::option_option)]
    pub(super) fn make_room(
        &mut self,
        new: u64,
        old: Option<u32>,
        now: u64,
        garbage: &mut Garbage,
    ) -> Option<Option<u32>> {
        let mut old = old;
        let mut freed = old.map_or(0, |slot| self.weight(slot));
        let mut left = EVICTION_STEPS;
        while left > 0 {
            let bytes = self.small.bytes + self.main.bytes - freed;
            let more = u32::from(old.is_none());
            if self.held() + more <= self.max_entries && bytes.saturating_add(new) <= self.max_bytes
            {
                return Some(old);
            }
            // What has expired goes before anything that has not.
            let mut steps = STEPS;
            let due = match self.next_due() <= now {
                true => self.pop_due(now, &mut steps),
                false => None,
            };
            let (gone, work) = match due {
                Some(slot) => (slot, self.end(slot, garbage)),
                None => self.evict(garbage),
            };
            left = left.saturating_sub(1 + work);
            if old == Some(gone) && self.validity.version(gone) == 0 {
                old = None;
                freed = 0;
            }
        }
        None
    }

    /// Evicts an entry. Its slot, and how many others it spared and tags it had.
    fn evict(&mut self, garbage: &mut Garbage) -> (u32, u32) {
        let mut spared = 0;
        loop {
            let from_small = self.main.count == 0
                || self.small.count > self.max_entries / 10
                || self.small.bytes > self.max_bytes / 10;
            let slot = if from_small {
                self.small.oldest
            } else {
                self.main.oldest
            };
            let stale = self.slots.get(slot).is_stale();
            let reads = self.validity.reads(slot);
            if !stale && spared < SPARE {
                let weight = self.weight(slot);
                if from_small && reads >= PROMOTE {
                    self.small.remove(&mut self.slots, slot, weight);
                    self.slots.get_mut(slot).set_main(true);
                    self.validity.set_reads(slot, 0);
                    self.main.push(&mut self.slots, slot, weight);
                    spared += 1;
                    continue;
                }
                if !from_small && reads > 0 {
                    self.main.remove(&mut self.slots, slot, weight);
                    self.validity.set_reads(slot, reads - 1);
                    self.main.push(&mut self.slots, slot, weight);
                    spared += 1;
                    continue;
                }
            }
            if from_small {
                self.ghost.add(self.slots.get(slot).hash, self.held());
            }
            if !stale {
                self.evictions += 1;
            }
            return (slot, spared + self.drop_slot(slot, garbage));
        }
    }
}
