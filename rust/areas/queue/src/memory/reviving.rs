//! Dead jobs that are to be tried anew.

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
        for (_, slot) in order {
            if self.slots.at(slot).state == State::Dead {
                count += self.revive(slot, now);
            }
        }
        count
    }

    /// Puts a dead job back with what it waits for; none if that cannot be.
    fn revive(&mut self, first: u32, now: f64) -> usize {
        let mut family = vec![first];
        let mut at = 0;
        while let Some(&slot) = family.get(at) {
            at += 1;
            let job = self.slots.at(slot);
            if job.repeat.is_empty() && self.keys.contains_key(&job.key) {
                return 0;
            }
            let Some(rare) = &job.rare else {
                continue;
            };
            if job.tolerant {
                continue;
            }
            for child in rare.children.iter().filter(|child| child.result.is_none()) {
                match self.slots.same(child.slot, child.seq) {
                    None => return 0,
                    Some(entry) if entry.state.is_end() => family.push(child.slot),
                    Some(_) => {}
                }
            }
        }
        for &slot in &family {
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
        for &slot in &family {
            self.await_again(slot);
            let job = self.slots.at_mut(slot);
            let tolerant = job.tolerant;
            if let Some(rare) = &mut job.rare {
                rare.pending = if tolerant { 0 } else { unfinished(rare) };
            }
            self.admit(slot, now);
        }
        family.len()
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
