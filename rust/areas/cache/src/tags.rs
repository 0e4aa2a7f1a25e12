//! Which entries carry which tags: for each tag the list of its slots, oldest first, and for each slot
//! the list of its tags.
//!
//! Made when the first tag comes; until then a cache has none of it. A link leaves with its entry and
//! a tag with its last link, and their places are used again. Twin: src/cache/tags.ts.

use super::Error;
use super::slab::{Extra, Item, Slab};
use super::slots::NONE;
use super::table::{Keyed, Table};

/// The most tags that an entry carries.
pub const MOST_TAGS: usize = 64;
/// The most bytes of a tag.
pub const MOST_TAG_BYTES: usize = 1024;
/// What a tag of an entry weighs besides its bytes; `TAG_OVERHEAD_BYTES` of types.ts.
pub const TAG_OVERHEAD_BYTES: u64 = 96;

/// Entries for which a shard of the table of tags is meant.
const SHARD: u32 = 1024;

/// A tag of an entry on its way in.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'a> {
    /// Its UTF-8.
    pub text: &'a [u8],
    /// The hash of that, by the cache's hasher.
    pub hash: u32,
}

/// What tags add to the weight of their entry.
pub fn weight(tags: &[Tag<'_>]) -> u64 {
    let each = |tag: &Tag<'_>| tag.text.len() as u64 + TAG_OVERHEAD_BYTES;
    tags.iter().map(each).sum()
}

/// A tag that some entry carries.
struct Record {
    text: Box<[u8]>,
    hash: u32,
    /// Its links.
    oldest: u32,
    newest: u32,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            text: Box::default(),
            hash: 0,
            oldest: NONE,
            newest: NONE,
        }
    }
}

impl Item for Record {
    fn next_free(&mut self) -> &mut u32 {
        &mut self.hash
    }
}

impl Keyed for Slab<Record> {
    fn hash_of(&self, number: u32) -> u32 {
        self.get(number).hash
    }

    fn is(&self, number: u32, hash: u32, key: &[u8]) -> bool {
        let record = self.get(number);
        record.hash == hash && *record.text == *key
    }
}

/// One tag of one entry.
#[derive(Default)]
struct Link {
    tag: u32,
    slot: u32,
    /// Neighbours in the tag's list.
    older: u32,
    newer: u32,
    /// The entry's next link.
    next: u32,
}

impl Item for Link {
    fn next_free(&mut self) -> &mut u32 {
        &mut self.next
    }
}

/// What a slot has of tags.
#[derive(Clone, Copy, Default, bytemuck::Zeroable)]
#[repr(C)]
struct Head {
    /// Number of its first link plus one; 0 for none.
    first: u32,
    /// What its tags weigh.
    weight: u32,
}

/// The tags of a store.
pub struct Tags {
    table: Table,
    records: Slab<Record>,
    links: Slab<Link>,
    heads: Extra<Head>,
    count: u32,
}

impl Tags {
    /// Empty, for a store of so many entries.
    pub fn new(max_entries: u32) -> Self {
        Self {
            table: Table::new(max_entries, SHARD),
            records: Slab::default(),
            links: Slab::default(),
            heads: Extra::default(),
            count: 0,
        }
    }

    /// How many different tags there are.
    #[cfg(test)]
    pub fn count(&self) -> u32 {
        self.count
    }

    fn find(&self, tag: Tag<'_>) -> Option<u32> {
        self.table.find(&self.records, tag.hash, tag.text)
    }

    /// What the tags of a slot weigh.
    #[inline]
    pub fn weight(&self, slot: u32) -> u64 {
        self.heads.get(slot).weight.into()
    }

    /// Has a slot that carries none carry tags. If memory ran out, it may carry some of them.
    pub fn add(&mut self, slot: u32, tags: &[Tag<'_>]) -> Result<(), Error> {
        self.heads.reserve(slot)?;
        for tag in tags {
            let number = match self.find(*tag) {
                Some(number) => number,
                None => self.record(tag)?,
            };
            let link = match self.links.take() {
                Ok(link) => link,
                Err(error) => {
                    self.forget_unused(number);
                    return Err(error);
                }
            };
            let record = self.records.get_mut(number);
            let older = std::mem::replace(&mut record.newest, link);
            if older == NONE {
                record.oldest = link;
            } else {
                self.links.get_mut(older).newer = link;
            }
            let Some(head) = self.heads.get_mut(slot) else {
                return Err(Error::OutOfMemory);
            };
            let next = std::mem::replace(&mut head.first, link + 1);
            head.weight += (tag.text.len() as u64 + TAG_OVERHEAD_BYTES) as u32;
            *self.links.get_mut(link) = Link {
                tag: number,
                slot,
                older,
                newer: NONE,
                next,
            };
        }
        Ok(())
    }

    /// Takes all tags from a slot. How many those were.
    pub fn remove(&mut self, slot: u32) -> u32 {
        let Some(head) = self.heads.get_mut(slot) else {
            return 0;
        };
        let mut next = std::mem::take(head).first;
        let mut count = 0;
        while let Some(link) = next.checked_sub(1) {
            let taken = self.links.get(link);
            let (tag, older, newer) = (taken.tag, taken.older, taken.newer);
            next = taken.next;
            self.links.give(link);
            if older != NONE {
                self.links.get_mut(older).newer = newer;
            }
            if newer != NONE {
                self.links.get_mut(newer).older = older;
            }
            let record = self.records.get_mut(tag);
            if older == NONE {
                record.oldest = newer;
            }
            if newer == NONE {
                record.newest = older;
            }
            self.forget_unused(tag);
            count += 1;
        }
        count
    }

    /// The slot that has carried a tag for longest.
    pub fn oldest(&self, tag: Tag<'_>) -> Option<u32> {
        let record = self.records.get(self.find(tag)?);
        Some(self.links.get(record.oldest).slot)
    }

    /// Shows the tags of a slot.
    pub fn each(&self, slot: u32, mut show: impl FnMut(&[u8])) {
        let mut next = self.heads.get(slot).first;
        while let Some(link) = next.checked_sub(1) {
            let link = self.links.get(link);
            show(&self.records.get(link.tag).text);
            next = link.next;
        }
    }

    /// Makes a tag that nobody carries yet.
    fn record(&mut self, tag: &Tag<'_>) -> Result<u32, Error> {
        let mut text = Vec::new();
        text.try_reserve_exact(tag.text.len())?;
        text.extend_from_slice(tag.text);
        self.table.reserve(&self.records, tag.hash)?;
        let number = self.records.take()?;
        let record = self.records.get_mut(number);
        record.text = text.into_boxed_slice();
        record.hash = tag.hash;
        self.table.insert(&self.records, tag.hash, number);
        self.count += 1;
        Ok(number)
    }

    /// Lets go of a tag if nobody carries it.
    fn forget_unused(&mut self, number: u32) {
        let record = self.records.get(number);
        if record.oldest != NONE {
            return;
        }
        let hash = record.hash;
        self.table.remove(hash, number);
        self.records.give(number);
        self.count -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags<'a>(texts: &[&'a str]) -> Vec<Tag<'a>> {
        // A poor hash on purpose: tags of one length meet in the table.
        let tag = |text: &&'a str| Tag {
            text: text.as_bytes(),
            hash: text.len() as u32,
        };
        texts.iter().map(tag).collect()
    }

    #[test]
    fn tags_come_and_go_with_their_slots() {
        let mut index = Tags::new(1_000_000);
        for slot in [3, 70_000, 5] {
            index.add(slot, &tags(&["a", "bb", "c"])).unwrap();
            assert_eq!(index.weight(slot), 4 + 3 * TAG_OVERHEAD_BYTES);
        }
        assert_eq!(index.count(), 3);
        assert_eq!(index.oldest(tags(&["a"])[0]), Some(3));
        assert_eq!(index.oldest(tags(&["c"])[0]), Some(3));
        assert_eq!(index.oldest(tags(&["b"])[0]), None);
        assert_eq!(index.remove(3), 3);
        assert_eq!(index.remove(3), 0);
        assert_eq!((index.weight(3), index.weight(4)), (0, 0));
        assert_eq!(index.oldest(tags(&["a"])[0]), Some(70_000));
        index.add(3, &tags(&["c"])).unwrap();
        assert_eq!(index.remove(5), 3);
        assert_eq!(index.remove(70_000), 3);
        assert_eq!(index.count(), 1);
        assert_eq!(index.oldest(tags(&["c"])[0]), Some(3));
        let mut seen = Vec::new();
        index.each(3, |tag| seen.push(tag.to_vec()));
        assert_eq!(seen, [b"c"]);
        assert_eq!(index.remove(3), 1);
        assert_eq!(index.count(), 0);
        assert!(index.table.is_empty());
    }

    #[test]
    fn places_are_used_again() {
        let mut index = Tags::new(100);
        for round in 0..20_000u32 {
            let text = format!("tag {round}");
            let tag = Tag {
                text: text.as_bytes(),
                hash: round.wrapping_mul(0x9e37_79b1),
            };
            index.add(round % 10, &[tag]).unwrap();
            index.remove((round + 1) % 10);
        }
        assert!(index.count() < 10);
        let fresh = (index.records.take().unwrap(), index.links.take().unwrap());
        assert!(fresh.0 < 10 && fresh.1 < 10);
    }
}
