//! A hierarchical timer wheel over whole milliseconds: what is due is found without looking at what
//! is not, and placing or removing a slot is a few writes.
//!
//! Seven levels of 64; a slot waits in the level that its distance needs and moves down as its time
//! comes nearer. Slots are linked through themselves, in rings whose heads are slot numbers of their
//! own. Work is counted in steps, so that the caller can go in slices. Twin: wheel.ts.

use super::slots::{FOREVER, MAX_SLOTS, Slots};
use super::validity::{NEVER, Validity};

const LEVELS: usize = 7;
const SIZE: u64 = 64;
const HEADS: usize = LEVELS * SIZE as usize + 1;
/// Number of the first head. A slot's number is one more than the slot, 0 is none.
const FIRST_HEAD: u32 = MAX_SLOTS + 1;
/// The ring of what was taken out of its place and not yet looked at.
const PENDING: u32 = FIRST_HEAD + HEADS as u32 - 1;

/// Slots by the time at which they are due.
pub struct Wheel {
    heads: Box<[(u32, u32)]>,
    current: u64,
    next: u64,
    count: u32,
}

/// When a slot has to be looked at: when it expires or, after that, when its grace is over.
pub fn due(slots: &Slots, validity: &Validity, slot: u32) -> u64 {
    let entry = slots.get(slot);
    let expires = validity.expires(slot);
    if !entry.is_stale() {
        return expires;
    }
    match slots.timers.get(slot).grace {
        FOREVER => NEVER,
        grace => expires.saturating_add(u64::from(grace)),
    }
}

impl Wheel {
    /// An empty wheel whose time is `now`.
    pub fn new(now: u64) -> Self {
        let heads = (0..HEADS as u32)
            .map(|head| (FIRST_HEAD + head, FIRST_HEAD + head))
            .collect();
        Self {
            heads,
            current: now,
            next: NEVER,
            count: 0,
        }
    }

    /// How many slots wait.
    #[cfg(test)]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The earliest time at which there may be something to do; `NEVER` if nothing waits.
    pub fn next(&self) -> u64 {
        if self.heads[HEADS - 1].1 == PENDING {
            self.next
        } else {
            self.current
        }
    }

    /// Adds a slot that is not in the wheel; its timer was reserved.
    pub fn add(&mut self, slots: &mut Slots, slot: u32, due: u64) {
        self.count += 1;
        let distance = due.saturating_sub(self.current).max(1);
        let mut level = 0;
        let mut shift = 0;
        while level < LEVELS - 1 && distance >> shift >= SIZE {
            level += 1;
            shift += 6;
        }
        // Beyond the last level a slot waits in the farthest place and is placed anew from there.
        let reach = (SIZE << shift) - 1;
        let position = (self.current + distance.min(reach)) >> shift;
        self.next = self.next.min(position << shift);
        let head = FIRST_HEAD + (level as u64 * SIZE + position % SIZE) as u32;
        let last = self.heads[(head - FIRST_HEAD) as usize].0;
        let number = slot + 1;
        self.set_links(slots, number, (last, head));
        self.set_after(slots, last, number);
        self.set_before(slots, head, number);
    }

    /// Takes a slot out; it may be in no place.
    pub fn remove(&mut self, slots: &mut Slots, slot: u32) {
        let (before, after) = slots.timers.get(slot).links;
        if before == 0 {
            return;
        }
        self.set_after(slots, before, after);
        self.set_before(slots, after, before);
        self.set_links(slots, slot + 1, (0, 0));
        self.count -= 1;
    }

    /// Takes out the next slot that is due at `now`. `None` if there is none, or if `steps` ran out.
    pub fn pop(
        &mut self,
        slots: &mut Slots,
        validity: &Validity,
        now: u64,
        steps: &mut u32,
    ) -> Option<u32> {
        loop {
            loop {
                let number = self.heads[HEADS - 1].1;
                if number == PENDING {
                    break;
                }
                let slot = number - 1;
                *steps = steps.checked_sub(1)?;
                self.remove(slots, slot);
                let due = due(slots, validity, slot);
                if due <= self.current {
                    return Some(slot);
                }
                self.add(slots, slot, due);
            }
            if self.next > now {
                self.current = self.current.max(now);
                return None;
            }
            self.current = self.next;
            self.collect(slots);
            self.next = self.upcoming();
        }
    }

    /// Moves every place whose time is the current millisecond to the pending ring.
    fn collect(&mut self, slots: &mut Slots) {
        for level in 0..LEVELS {
            let shift = 6 * level;
            if self.current & ((1 << shift) - 1) != 0 {
                break;
            }
            let index = level * SIZE as usize + (self.current >> shift) as usize % SIZE as usize;
            let head = FIRST_HEAD + index as u32;
            let (last, first) = self.heads[index];
            if first == head {
                continue;
            }
            let end = self.heads[HEADS - 1].0;
            self.set_after(slots, end, first);
            self.set_before(slots, first, end);
            self.set_after(slots, last, PENDING);
            self.heads[HEADS - 1].0 = last;
            self.heads[index] = (head, head);
        }
    }

    /// The next millisecond at which a place with slots has its time.
    fn upcoming(&self) -> u64 {
        let mut next = NEVER;
        for level in 0..LEVELS {
            let shift = 6 * level;
            let position = self.current >> shift;
            for step in 1..=SIZE {
                let visit = (position + step) << shift;
                if visit >= next {
                    break;
                }
                let index = level * SIZE as usize + ((position + step) % SIZE) as usize;
                if self.heads[index].1 != FIRST_HEAD + index as u32 {
                    next = visit;
                    break;
                }
            }
        }
        next
    }

    fn links<'a>(&'a mut self, slots: &'a mut Slots, number: u32) -> Option<&'a mut (u32, u32)> {
        if number >= FIRST_HEAD {
            self.heads.get_mut((number - FIRST_HEAD) as usize)
        } else {
            slots
                .timers
                .get_mut(number - 1)
                .map(|timer| &mut timer.links)
        }
    }

    fn set_links(&mut self, slots: &mut Slots, number: u32, new: (u32, u32)) {
        if let Some(links) = self.links(slots, number) {
            *links = new;
        }
    }

    fn set_before(&mut self, slots: &mut Slots, number: u32, before: u32) {
        if let Some(links) = self.links(slots, number) {
            links.0 = before;
        }
    }

    fn set_after(&mut self, slots: &mut Slots, number: u32, after: u32) {
        if let Some(links) = self.links(slots, number) {
            links.1 = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Bench {
        slots: Slots,
        validity: Validity,
        wheel: Wheel,
    }

    impl Bench {
        fn new(now: u64) -> Self {
            Self {
                slots: Slots::default(),
                validity: Validity::default(),
                wheel: Wheel::new(now),
            }
        }

        fn add(&mut self, due: u64) -> u32 {
            let slot = self.slots.take().unwrap();
            self.validity.reserve(slot);
            self.validity.publish(slot, 1, due, 0);
            self.slots.timers.reserve(slot).unwrap();
            self.wheel.add(&mut self.slots, slot, due);
            slot
        }

        fn due(&mut self, now: u64) -> Vec<u64> {
            let mut found = Vec::new();
            loop {
                let mut steps = 3;
                let popped = self
                    .wheel
                    .pop(&mut self.slots, &self.validity, now, &mut steps);
                match popped {
                    Some(slot) => found.push(self.validity.expires(slot)),
                    None if steps > 0 => break,
                    None => {}
                }
            }
            found.sort_unstable();
            found
        }
    }

    proptest! {
        #[test]
        fn everything_comes_when_it_is_due(
            start in 0u64..1 << 45,
            mut delays in proptest::collection::vec(
                prop_oneof![0u64..200, 0u64..100_000, 0u64..1 << 44], 1..60),
            mut moments in proptest::collection::vec(
                prop_oneof![0u64..200, 0u64..100_000, 0u64..1 << 45], 1..20),
            remove in 0usize..60,
        ) {
            let mut bench = Bench::new(start);
            let slots: Vec<u32> = delays.iter().map(|delay| bench.add(start + delay)).collect();
            if remove < slots.len() {
                bench.wheel.remove(&mut bench.slots, slots[remove]);
                bench.wheel.remove(&mut bench.slots, slots[remove]);
                delays.remove(remove);
            }
            moments.sort_unstable();
            delays.sort_unstable();
            let mut seen = 0;
            for moment in moments {
                let now = start + moment;
                // What is due now or sooner waits at most until the next millisecond.
                let expected = delays.iter().filter(|delay| **delay <= moment && **delay > 0).count()
                    + if moment > 0 { delays.iter().filter(|delay| **delay == 0).count() } else { 0 };
                let found = bench.due(now);
                seen += found.len();
                prop_assert_eq!(seen, expected);
                prop_assert!(found.iter().all(|due| *due <= now));
                prop_assert_eq!(bench.wheel.count() as usize, delays.len() - seen);
                if let Some(left) = delays.iter().find(|delay| **delay > moment) {
                    prop_assert!(bench.wheel.next() > now && bench.wheel.next() <= start + left);
                }
            }
        }
    }
}
