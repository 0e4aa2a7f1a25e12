//! Dead jobs that are to be tried anew.

use std::collections::HashSet;

use super::core::Core;
use super::job::{Job, Rare, State};

impl Core {
    /// Puts dead jobs back: how many.
    pub fn retry(&mut self, named: &[u32], now: f64) -> usize {
        self.promote(now);
        let mut order: Vec<(u64, u32)> = Vec::with_capacity(named.len());
        order.extend(named.iter().map(|&slot| (self.slots.at(slot).seq, slot)));
        order.sort_unstable();
        let mut count = 0;
        let mut stuck = HashSet::new();
        for (_, slot) in order {
            if self.slots.at(slot).state != State::Dead {
                continue;
            }
            let Some(family) = self.family(slot, &mut stuck) else {
                continue;
            };
            self.revive(&family, now);
            count += family.len();
        }
        count
    }

    /// A dead job and what it waits for, where all of them can be put back. Otherwise that job and all above it are
    /// stuck, so that a long chain is not gone through anew for each of its jobs.
    fn family(&self, first: u32, stuck: &mut HashSet<u32>) -> Option<Vec<u32>> {
        let mut family = vec![first];
        // Through whom each came into the family.
        let mut by = vec![None];
        let mut at = 0;
        while let Some(&slot) = family.get(at) {
            let is_stuck = stuck.contains(&slot) || !self.widen(slot, &mut family);
            if is_stuck {
                let mut above = Some(at);
                while let Some(place) = above {
                    stuck.insert(family[place]);
                    above = by[place];
                }
                return None;
            }
            by.resize(family.len(), Some(at));
            at += 1;
        }
        Some(family)
    }

    /// Adds those that a dead job died of; false if it cannot be put back.
    fn widen(&self, slot: u32, family: &mut Vec<u32>) -> bool {
        let job = self.slots.at(slot);
        if job.repeat.is_empty() && self.keys.contains_key(&job.key) {
            return false;
        }
        let Some(rare) = job.rare.as_ref().filter(|_| !job.tolerant) else {
            return true;
        };
        for child in rare.children.iter().filter(|child| child.result.is_none()) {
            match self.slots.same(child.slot, child.seq) {
                None => return false,
                Some(entry) if entry.state.is_end() => family.push(child.slot),
                Some(_) => {}
            }
        }
        true
    }

    fn revive(&mut self, family: &[u32], now: f64) {
        for &slot in family {
            self.withdraw(slot);
            let job = self.slots.at_mut(slot);
            job.attempt = 0;
            job.error = None;
            job.due_at = now;
            if job.repeat.is_empty() && !job.key.is_empty() {
                let key = job.key.clone();
                self.keys.insert(key, slot);
            }
        }
        for &slot in family {
            self.await_again(slot);
            let job = self.slots.at_mut(slot);
            let tolerant = job.tolerant;
            if let Some(rare) = &mut job.rare {
                rare.pending = if tolerant { 0 } else { unfinished(rare) };
            }
            self.admit(slot, now);
        }
    }

    /// A parent that goes without a dead child waits for it after all, where it has not begun.
    fn await_again(&mut self, slot: u32) {
        let rare = self.slots.at(slot).rare.as_ref();
        let Some((parent, seq, _)) = rare.and_then(|rare| rare.parent) else {
            return;
        };
        let waits = |job: &Job| job.tolerant && job.state == State::Blocked;
        if self.slots.same(parent, seq).is_some_and(waits) {
            self.slots.at_mut(parent).rare().pending += 1;
        }
    }
}

fn unfinished(rare: &Rare) -> u32 {
    let open = rare.children.iter().filter(|child| child.result.is_none());
    open.count() as u32
}
