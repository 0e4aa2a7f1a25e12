//! What an isolate does with a queue.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use super::core::{Core, Counts};
use super::events::{Events, Wake};
use super::job::{NewJob, State, Taken};
use super::queue::Queue;

/// An isolate's view of a queue. Dropping it gives back the jobs that were taken through it.
pub struct View {
    pub(super) queue: Arc<Queue>,
    pub(super) id: u64,
    pub(super) flags: Arc<AtomicU32>,
}

impl View {
    fn change<R>(&self, body: impl FnOnce(&mut Core) -> R) -> R {
        self.queue.change(self.id, body)
    }

    /// Adds jobs, parents before their children. Gives the places of those whose keys were taken, with the
    /// ids of their holders; the children of such are not added.
    pub fn add(&self, jobs: &[NewJob<'_>], now: f64) -> Vec<(usize, Arc<str>)> {
        self.change(|core| {
            core.promote(now);
            let mut taken = Vec::new();
            let mut instead: HashMap<&str, Arc<str>> = HashMap::new();
            for (place, job) in jobs.iter().enumerate() {
                let holder = match instead.get(job.parent) {
                    Some(holder) => Some(holder.clone()),
                    None => core.add(job, now),
                };
                if let Some(holder) = holder {
                    if !job.key.is_empty() {
                        taken.push((place, holder.clone()));
                    }
                    instead.insert(job.id, holder);
                }
            }
            taken
        })
    }

    /// Hands out jobs; see [`Core::take`].
    pub fn take(&self, most: usize, now: f64, fits: impl FnMut(&Taken) -> bool) -> Vec<Taken> {
        self.change(|core| core.take(most, now, self.id, fits))
    }

    /// Ends jobs with their results: which of them were still held.
    pub fn complete<'r>(&self, ends: impl Iterator<Item = (u64, &'r str)>, now: f64) -> Vec<bool> {
        self.change(|core| {
            ends.map(|(token, result)| core.complete(token, result, now))
                .collect()
        })
    }

    /// Ends a try.
    pub fn fail(&self, token: u64, error: &str, retry_at: Option<f64>, now: f64) -> bool {
        self.change(|core| core.fail(token, error, retry_at, now))
    }

    /// Gives a job back.
    pub fn release(&self, token: u64) -> bool {
        self.change(|core| core.release(token))
    }

    /// Notes what a job reports.
    pub fn report(&self, token: u64, value: &str) -> bool {
        self.change(|core| {
            let Some(slot) = core.held(token) else {
                return false;
            };
            let job = core.slots.at_mut(slot);
            let id = job.id.clone();
            let rare = job.rare();
            rare.progress = Some(value.into());
            if !rare.listeners.is_empty() {
                let listeners = rare.listeners.clone();
                core.effects.progress.push((listeners, id, value.into()));
            }
            true
        })
    }

    /// Cancels a job.
    pub fn cancel(&self, id: &str, now: f64) -> bool {
        self.change(|core| {
            core.ids
                .get(id)
                .copied()
                .is_some_and(|slot| core.cancel(slot, now))
        })
    }

    /// A job as it stands.
    pub fn get(&self, id: &str, now: f64) -> Option<Value> {
        self.change(|core| {
            core.tick(now);
            let slot = *core.ids.get(id)?;
            Some(core.slots.at(slot).to_json())
        })
    }

    /// Jobs of a state, in the order of adding.
    pub fn list(&self, state: State, offset: usize, limit: usize, now: f64) -> Vec<Value> {
        self.change(|core| {
            core.tick(now);
            let found = core.of_state(state).into_iter().skip(offset).take(limit);
            found.map(|slot| core.slots.at(slot).to_json()).collect()
        })
    }

    /// Puts dead jobs back, those named or all: how many.
    pub fn retry<'i>(&self, ids: Option<impl Iterator<Item = &'i str>>, now: f64) -> usize {
        self.change(|core| {
            let named = match ids {
                None => core.of_state(State::Dead),
                Some(ids) => ids.filter_map(|id| core.ids.get(id).copied()).collect(),
            };
            core.retry(&named, now)
        })
    }

    /// Removes jobs that ended at a time or before: how many.
    pub fn purge(&self, state: State, before: f64) -> usize {
        self.change(|core| core.purge(state, before))
    }

    /// Whether nothing is handed out from now on.
    pub fn set_paused(&self, paused: bool) {
        self.change(|core| {
            core.paused = paused;
            core.effects.ready |= core.is_ready();
        });
    }

    /// Whether nothing is handed out.
    pub fn is_paused(&self) -> bool {
        self.queue.lock().core.paused
    }

    /// How many jobs stand where.
    pub fn counts(&self, now: f64) -> Counts {
        self.change(|core| {
            core.tick(now);
            core.counts
        })
    }

    /// Looks at the time; when the first delayed job is due, infinity if there is none.
    pub fn tick(&self, now: f64) -> f64 {
        self.change(|core| {
            core.tick(now);
            core.next_due()
        })
    }

    /// Says what this view wants to be told: of jobs to take, of jobs that end. True if there is something to take.
    pub fn watch(&self, watching: bool, ending: bool) -> bool {
        let mut shared = self.queue.lock();
        if let Some(view) = shared.views.get_mut(&self.id) {
            view.watching = watching;
            view.ending = ending;
        }
        shared.core.is_ready()
    }

    /// Asks to be told once when a job ends; false if it is not there or has ended.
    pub fn await_end(&self, id: &str) -> bool {
        let mut shared = self.queue.lock();
        let Some(&slot) = shared.core.ids.get(id) else {
            return false;
        };
        let job = shared.core.slots.at_mut(slot);
        if job.state.is_end() {
            return false;
        }
        let waiters = &mut job.rare().waiters;
        if !waiters.contains(&self.id) {
            waiters.push(self.id);
        }
        true
    }

    /// Asks to be told of a job's progress, or no more.
    pub fn listen(&self, id: &str, wanted: bool) {
        let mut shared = self.queue.lock();
        let Some(&slot) = shared.core.ids.get(id) else {
            return;
        };
        let listeners = &mut shared.core.slots.at_mut(slot).rare().listeners;
        listeners.retain(|&listener| listener != self.id);
        if wanted {
            listeners.push(self.id);
        }
    }

    /// Takes the flags of what this view was not told; see [`READY`] and its like.
    pub fn flags(&self) -> u32 {
        match self.flags.load(Ordering::Acquire) {
            0 => 0,
            _ => self.flags.swap(0, Ordering::AcqRel),
        }
    }

    /// What else this view was not told, if `fits` says that it can be taken; else it stays for the next call.
    pub fn events(&self, mut fits: impl FnMut(&str) -> bool) {
        let mut shared = self.queue.lock();
        let Some(view) = shared.views.get_mut(&self.id) else {
            return;
        };
        if fits(&view.events.to_json()) {
            view.events = Events::default();
        }
    }

    /// Calls `wake` once when there is something to be told, at once if there is; one that was there before is
    /// called now.
    pub fn on_event(&self, wake: Wake) {
        let mut shared = self.queue.lock();
        let mut now = Some(wake);
        if let Some(view) = shared.views.get_mut(&self.id)
            && view.flags.load(Ordering::Acquire) == 0
        {
            now = std::mem::replace(&mut view.wake, now);
        }
        drop(shared);
        if let Some(wake) = now {
            wake();
        }
    }

    /// Wakes who waits for events, though there is none.
    pub fn wake(&self) {
        let mut shared = self.queue.lock();
        let wake = shared
            .views
            .get_mut(&self.id)
            .and_then(|view| view.wake.take());
        drop(shared);
        if let Some(wake) = wake {
            wake();
        }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let gone = self.queue.lock().views.remove(&self.id);
        self.queue.change(self.id, |core| core.release_all(self.id));
        // Its wake goes last, and without the lock.
        drop(gone);
    }
}
