//! The entries and their bounds: everything behind the lock. Twin: src/cache/store.ts.

use std::sync::Arc;

use super::Error;
use super::clock::now_ms;
use super::data::Data;
use super::entry::{Entry, Life, Placed, weight};
use super::ghost::Ghost;
use super::queues::Queue;
use super::slots::{FOREVER, NONE, Slots};
use super::table::Table;
use super::tags::Tags;
use super::validity::{MOST_READS, NEVER, Validity};
use super::wheel::Wheel;

mod upkeep;

/// Entries that a shard of the table holds when the cache is full, about: a little less than what fits
/// into 4,096 buckets, so that the shards fill up without growing once more.
const SHARD: u32 = 3_300;

/// Bytes that were taken out under the lock and are dropped after it.
#[derive(Default)]
pub struct Garbage(Vec<Data>);

impl Garbage {
    fn add(&mut self, data: Data) {
        // Small pieces go quickly; a large one would be given back to the system under the lock.
        if let Data::Large(_) = data {
            self.0.push(data);
        }
    }
}

/// Which entries a read finds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that have not expired.
    Live,
    /// Those that have, and are kept for their grace.
    Grace,
}

/// All entries of a cache.
pub struct Store {
    validity: Arc<Validity>,
    slots: Slots,
    table: Table,
    small: Queue,
    main: Queue,
    ghost: Ghost,
    wheel: Option<Wheel>,
    tags: Option<Box<Tags>>,
    max_entries: u32,
    max_bytes: u64,
    version: u64,
    stale: u32,
    stale_bytes: u64,
    pub evictions: u64,
    pub expirations: u64,
}

impl Store {
    pub fn new(validity: Arc<Validity>, max_entries: u32, max_bytes: u64) -> Self {
        Self {
            validity,
            slots: Slots::default(),
            table: Table::new(max_entries, SHARD),
            small: Queue::default(),
            main: Queue::default(),
            ghost: Ghost::default(),
            wheel: None,
            tags: None,
            max_entries,
            max_bytes,
            version: 0,
            stale: 0,
            stale_bytes: 0,
            evictions: 0,
            expirations: 0,
        }
    }

    /// Entries that have not been found expired.
    pub fn live(&self) -> u32 {
        self.held() - self.stale
    }

    /// Bytes of those entries.
    pub fn live_bytes(&self) -> u64 {
        self.small.bytes + self.main.bytes - self.stale_bytes
    }

    /// The bytes of the tags of a slot.
    pub fn tags_bytes(&self, slot: u32) -> usize {
        self.tags.as_ref().map_or(0, |tags| tags.weight(slot)) as usize
    }

    /// Shows the tags of a slot.
    pub fn each_tag(&self, slot: u32, show: impl FnMut(&[u8])) {
        if let Some(tags) = &self.tags {
            tags.each(slot, show);
        }
    }

    /// How many different tags the entries carry.
    #[cfg(test)]
    pub fn tag_count(&self) -> u32 {
        self.tags.as_ref().map_or(0, |tags| tags.count())
    }

    /// Entries that take up memory.
    pub fn held(&self) -> u32 {
        self.small.count + self.main.count
    }

    /// When there may next be something to expire.
    pub fn next_due(&self) -> u64 {
        self.wheel.as_ref().map_or(NEVER, Wheel::next)
    }

    fn find(&self, hash: u32, key: &[u8], which: Which) -> Option<u32> {
        let slot = self.table.find(&self.slots, hash, key)?;
        let expires = self.validity.expires(slot);
        let over = expires != NEVER && now_ms() >= expires;
        match which {
            Which::Live => !over,
            Which::Grace => {
                let grace = self.slots.timers.get(slot).grace;
                let kept = grace == FOREVER || now_ms() < expires.saturating_add(grace.into());
                over && kept
            }
        }
        .then_some(slot)
    }

    /// The entry of a key.
    pub fn get(&self, hash: u32, key: &[u8], which: Which) -> Option<(Placed, u32)> {
        let slot = self.find(hash, key, which)?;
        Some((
            Placed {
                slot,
                version: self.validity.version(slot),
            },
            slot,
        ))
    }

    /// The slots, for reading what was found.
    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// Puts an entry in, in the place of an older one of its key. `None` if it was so much work to
    /// make room that the lock should be let go; call again then.
    pub fn set(
        &mut self,
        entry: &mut Entry<'_>,
        life: Life,
        garbage: &mut Garbage,
    ) -> Result<Option<Placed>, Error> {
        let now = if self.wheel.is_some() { now_ms() } else { 0 };
        let old = self.table.find(&self.slots, entry.hash, entry.key);
        // Everything that can fail comes before anything changes.
        let mut data = entry.copied.take();
        if data.is_none() && !old.is_some_and(|slot| self.slots.get(slot).fits(entry.value)) {
            data = Some(Data::new(entry.key, entry.value)?);
        }
        self.table.reserve(&self.slots, entry.hash)?;
        let Some(slot) = self.make_room(entry.weight, old, now, garbage) else {
            entry.copied = data;
            return Ok(None);
        };
        let mut life = life;
        let (slot, reads, waits) = match (slot, data) {
            (Some(slot), data) => {
                life = self.life_of(slot, life, now);
                let (reads, waits) = self.replace(slot, entry, data, life, now, garbage);
                (slot, reads, waits)
            }
            // The old entry had to make room for its successor.
            (None, None) => {
                let data = Data::new(entry.key, entry.value)?;
                (self.insert(entry, data)?, entry.heat.reads, false)
            }
            (None, Some(data)) => (self.insert(entry, data)?, entry.heat.reads, false),
        };
        self.version += 1;
        let version = self.version;
        if life.expires != NEVER {
            if let Err(error) = self.slots.timers.reserve(slot) {
                self.give_up(slot, entry, garbage);
                return Err(error);
            }
            if let Some(timer) = self.slots.timers.get_mut(slot) {
                timer.grace = life.grace;
            }
        }
        if !entry.tags.is_empty() {
            let max_entries = self.max_entries;
            let tags = self
                .tags
                .get_or_insert_with(|| Box::new(Tags::new(max_entries)));
            if let Err(error) = tags.add(slot, entry.tags) {
                self.give_up(slot, entry, garbage);
                return Err(error);
            }
        }
        self.validity.publish(slot, version, life.expires, reads);
        if life.expires != NEVER && !waits {
            let wheel = self.wheel.get_or_insert_with(|| Wheel::new(now_ms()));
            wheel.add(&mut self.slots, slot, life.expires);
        }
        Ok(Some(Placed { slot, version }))
    }

    /// Takes out an entry that did not get all of its tags, with the weight of all.
    fn give_up(&mut self, slot: u32, entry: &Entry<'_>, garbage: &mut Garbage) {
        let missing = entry.weight - self.weight(slot);
        let main = self.slots.get(slot).is_main();
        self.queue(main).bytes -= missing;
        self.drop_slot(slot, garbage);
    }

    fn insert(&mut self, entry: &Entry<'_>, data: Data) -> Result<u32, Error> {
        let slot = self.slots.take()?;
        self.validity.reserve(slot);
        let main = self.ghost.take(entry.hash, self.held()) || entry.heat.main;
        let target = self.slots.get_mut(slot);
        target.replace(data, entry.key.len() as u32);
        target.hash = entry.hash;
        target.set_main(main);
        self.table.insert(&self.slots, entry.hash, slot);
        let queue = if main {
            &mut self.main
        } else {
            &mut self.small
        };
        queue.push(&mut self.slots, slot, entry.weight);
        Ok(slot)
    }

    fn queue(&mut self, main: bool) -> &mut Queue {
        if main {
            &mut self.main
        } else {
            &mut self.small
        }
    }

    /// What the entry of a slot weighs.
    #[inline]
    fn weight(&self, slot: u32) -> u64 {
        let tags = self.tags.as_ref().map_or(0, |tags| tags.weight(slot));
        weight(self.slots.get(slot).len()) + tags
    }

    /// Gives an entry a new value. It stays where it is in its queue; being written is being used. How
    /// often it counts as read, and whether it stays where it is in the wheel: one that ends later is
    /// placed anew when its old time has come.
    fn replace(
        &mut self,
        slot: u32,
        entry: &Entry<'_>,
        data: Option<Data>,
        life: Life,
        now: u64,
        garbage: &mut Garbage,
    ) -> (u8, bool) {
        let expires = self.validity.expires(slot);
        let old = self.weight(slot);
        if let Some(tags) = &mut self.tags {
            tags.remove(slot);
        }
        let target = self.slots.get_mut(slot);
        let stale = target.is_stale();
        let over = stale || (expires != NEVER && now >= expires);
        if stale {
            target.set_stale(false);
            self.stale -= 1;
            self.stale_bytes -= old;
        }
        if over && !stale {
            self.expirations += 1;
        }
        match data {
            Some(data) => garbage.add(target.replace(data, entry.key.len() as u32)),
            None => {
                // Nobody takes the new bytes for the old version's.
                self.validity.invalidate(slot);
                target.overwrite(entry.value);
            }
        }
        let queue = if target.is_main() {
            &mut self.main
        } else {
            &mut self.small
        };
        queue.bytes = queue.bytes - old + entry.weight;
        let waits = !stale && expires != NEVER && expires <= life.expires && life.expires != NEVER;
        if expires != NEVER
            && !waits
            && let Some(wheel) = &mut self.wheel
        {
            wheel.remove(&mut self.slots, slot);
        }
        let reads = match over {
            true => 0,
            false => (self.validity.reads(slot) + 1).min(MOST_READS),
        };
        (reads.max(entry.heat.reads), waits)
    }

    /// Removes an entry; true if it had not expired.
    pub fn delete(&mut self, hash: u32, key: &[u8], garbage: &mut Garbage) -> bool {
        let Some(slot) = self.table.find(&self.slots, hash, key) else {
            return false;
        };
        self.remove(slot, garbage).0
    }

    /// Empties the store; what was in it is the caller's to drop.
    pub fn clear(&mut self) -> Self {
        self.validity.clear(self.version);
        let mut fresh = Self::new(self.validity.clone(), self.max_entries, self.max_bytes);
        fresh.version = self.version;
        fresh.evictions = self.evictions;
        fresh.expirations = self.expirations;
        std::mem::replace(self, fresh)
    }

    /// The version of the latest entry.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Removes the entry of a slot: whether it had not expired, and how many steps it was.
    fn remove(&mut self, slot: u32, garbage: &mut Garbage) -> (bool, u32) {
        let expires = self.validity.expires(slot);
        let stale = self.slots.get(slot).is_stale();
        let live = !stale && (expires == NEVER || now_ms() < expires);
        if !live && !stale {
            self.expirations += 1;
        }
        (live, 1 + self.drop_slot(slot, garbage))
    }

    /// Keys of live entries from slot `from` on, as long as `take` wants more. The slot to go on from.
    pub fn keys(&self, from: u32, count: u32, mut take: impl FnMut(&[u8]) -> bool) -> u32 {
        let now = now_ms();
        let end = from.saturating_add(count).min(self.slots.used());
        for slot in from..end {
            let expires = self.validity.expires(slot);
            if self.validity.version(slot) == 0 || (expires != NEVER && now >= expires) {
                continue;
            }
            // After a clear, slots that were not used again still carry their old version; but
            // then they are beyond `used`, because a cleared store starts anew.
            if !take(self.slots.get(slot).key()) {
                return slot;
            }
        }
        if end >= self.slots.used() { NONE } else { end }
    }
}
