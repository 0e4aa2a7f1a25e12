//! How jobs end, what that does to flows, and how long those that ended are kept.

use super::core::{Core, Options};
use super::job::State;
use super::slots::NONE;
use crate::child_error::child_error;

impl Core {
    pub(super) fn end(&mut self, first: u32, state: State, now: f64) {
        let mut ending = Some((first, state));
        while let Some((slot, state)) = ending {
            let job = self.slots.at_mut(slot);
            job.state = state;
            job.finished_at = now;
            if let Some(rare) = &mut job.rare
                && !rare.waiters.is_empty()
            {
                let waiters = std::mem::take(&mut rare.waiters);
                let outcome = job.outcome();
                self.effects.settled.push((waiters, outcome));
            }
            self.effects.ended = true;
            *self.count(state) += 1;
            self.release_key(slot);
            match state {
                State::Done => self.done.push(&mut self.slots, slot),
                State::Cancelled => self.cancelled.push(&mut self.slots, slot),
                _ => {}
            }
            // Only a death goes on to the parent, and the parent's is a death too.
            ending = self
                .child_ended(slot, now)
                .map(|parent| (parent, State::Dead));
        }
        self.retain(now);
    }

    /// Tells a parent; gives it back where it must die too.
    fn child_ended(&mut self, slot: u32, now: f64) -> Option<u32> {
        let child = self.slots.at(slot);
        let (parent, seq, place) = child.rare.as_ref()?.parent?;
        let (state, result) = (child.state, child.result.clone());
        self.slots.same(parent, seq)?;
        let entry = self.slots.at_mut(parent);
        let (waits, tolerant) = (entry.state == State::Blocked, entry.tolerant);
        let rare = entry.rare();
        if state == State::Done {
            rare.children[place].result = result;
        }
        if !waits {
            return None;
        }
        if state == State::Done || tolerant {
            rare.pending -= 1;
            if rare.pending > 0 {
                return None;
            }
            self.withdraw(parent);
            self.promote(now);
            let entry = self.slots.at_mut(parent);
            entry.due_at = entry.due_at.max(now);
            self.admit(parent, now);
            return None;
        }
        let child = self.slots.at(slot);
        let of_child = child.error.as_deref().filter(|_| state == State::Dead);
        let error = child_error(&child.id, of_child);
        self.withdraw(parent);
        self.slots.at_mut(parent).error = Some(error.into());
        Some(parent)
    }

    /// Lets go of what has been kept long enough.
    pub(super) fn retain(&mut self, now: f64) {
        let Options {
            done_ms,
            done_count,
        } = self.options;
        for cancelled in [false, true] {
            loop {
                let kept = if cancelled {
                    &self.cancelled
                } else {
                    &self.done
                };
                if kept.head == NONE {
                    break;
                }
                let is_over = self.slots.at(kept.head).finished_at + done_ms <= now;
                if !is_over && kept.size as f64 <= done_count {
                    break;
                }
                self.forget(kept.head);
            }
        }
    }

    pub(super) fn forget(&mut self, slot: u32) {
        self.withdraw(slot);
        if let Some(job) = self.slots.remove(slot) {
            self.ids.remove(&job.id);
        }
    }

    /// Removes jobs of a state that ended at a time or before: how many.
    pub fn purge(&mut self, state: State, before: f64) -> usize {
        let found = self.of_state(state);
        let mut count = 0;
        for slot in found {
            if self.slots.at(slot).finished_at <= before {
                self.forget(slot);
                count += 1;
            }
        }
        count
    }
}
