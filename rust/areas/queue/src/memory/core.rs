//! The jobs of one queue and how they go from state to state.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::events::Effects;
use super::job::{Child, Job, NewJob, State, Taken};
use super::lanes::Lanes;
use super::list::List;
use super::slots::{NONE, Slots};

/// How long and how many finished jobs are kept; infinity for no bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Milliseconds from their ends.
    pub done_ms: f64,
    /// Of those done, and of those cancelled.
    pub done_count: f64,
}

/// How many jobs stand where, in the order of [`State`], and those of the delayed that were tried before.
pub type Counts = [usize; 8];

/// The jobs.
pub struct Core {
    pub(super) slots: Slots,
    pub(super) ids: HashMap<Arc<str>, u32>,
    pub(super) keys: HashMap<Box<str>, u32>,
    running: HashMap<u64, u32>,
    lanes: Lanes,
    /// By when they are due (the bits of a time order as it does), then as they were added.
    delayed: BTreeSet<(u64, u64, u32)>,
    pub(super) done: List,
    pub(super) cancelled: List,
    pub(super) counts: Counts,
    pub(super) paused: bool,
    pub(super) options: Options,
    last_token: u64,
    last_seq: u64,
    /// What others are to be told of the call under way.
    pub(super) effects: Effects,
}

const RETRYING: usize = 7;

impl Core {
    /// No jobs.
    pub fn new(options: Options) -> Self {
        Self {
            slots: Slots::default(),
            ids: HashMap::new(),
            keys: HashMap::new(),
            running: HashMap::new(),
            lanes: Lanes::default(),
            delayed: BTreeSet::new(),
            done: List::default(),
            cancelled: List::default(),
            counts: [0; 8],
            paused: false,
            options,
            last_token: 0,
            last_seq: 0,
            effects: Effects::default(),
        }
    }

    /// Adds one job; the id of the one that holds its key instead.
    pub fn add(&mut self, job: &NewJob<'_>, now: f64) -> Option<Arc<str>> {
        if let Some(&holder) = self.keys.get(job.key) {
            return Some(self.slots.at(holder).id.clone());
        }
        self.last_seq += 1;
        let id: Arc<str> = job.id.into();
        let slot = self.slots.insert(Job {
            id: id.clone(),
            data: job.data.into(),
            key: job.key.into(),
            group: job.group.into(),
            repeat: job.repeat.into(),
            result: None,
            error: None,
            seq: self.last_seq,
            added_at: now,
            due_at: job.run_at.max(now),
            finished_at: 0.0,
            retries: job.retries,
            backoff_ms: job.backoff_ms,
            timeout_ms: job.timeout_ms,
            token: 0,
            holder: 0,
            priority: job.priority,
            attempt: 0,
            previous: NONE,
            next: NONE,
            lane: 0,
            state: State::Waiting,
            tolerant: job.tolerant,
            rare: None,
        });
        self.ids.insert(id.clone(), slot);
        if !job.key.is_empty() {
            self.keys.insert(job.key.into(), slot);
        }
        if let Some(&parent) = self.ids.get(job.parent) {
            let seq = self.last_seq;
            let result = None;
            let child = Child {
                slot,
                seq,
                id,
                result,
            };
            let number = self.slots.at(parent).seq;
            let children = &mut self.slots.at_mut(parent).rare().children;
            children.push(child);
            let place = children.len() - 1;
            self.slots.at_mut(slot).rare().parent = Some((parent, number, place));
        }
        if job.children > 0 {
            self.slots.at_mut(slot).rare().pending = job.children;
        }
        self.admit(slot, now);
        None
    }

    pub(super) fn count(&mut self, state: State) -> &mut usize {
        &mut self.counts[state as usize]
    }

    /// A job that is in no list goes where it belongs.
    pub(super) fn admit(&mut self, slot: u32, now: f64) {
        let job = self.slots.at_mut(slot);
        if job.is_blocked() {
            job.state = State::Blocked;
        } else if job.due_at > now {
            job.state = State::Delayed;
            let place = (job.due_at.to_bits(), job.seq, slot);
            if job.attempt > 0 {
                self.counts[RETRYING] += 1;
            }
            self.delayed.insert(place);
            if self.delayed.first() == Some(&place) {
                self.effects.alarm = true;
            }
        } else {
            job.state = State::Waiting;
            self.lanes.push(&mut self.slots, slot);
            self.effects.ready |= !self.paused;
        }
        let state = self.slots.at(slot).state;
        *self.count(state) += 1;
    }

    /// Takes a job out of the list that it is in.
    pub(super) fn withdraw(&mut self, slot: u32) {
        let job = self.slots.at(slot);
        let state = job.state;
        match state {
            State::Waiting => self.lanes.remove(&mut self.slots, slot),
            State::Delayed => {
                if job.attempt > 0 {
                    self.counts[RETRYING] -= 1;
                }
                self.delayed.remove(&(job.due_at.to_bits(), job.seq, slot));
            }
            State::Running => {
                self.running.remove(&job.token);
            }
            State::Done => self.done.remove(&mut self.slots, slot),
            State::Cancelled => self.cancelled.remove(&mut self.slots, slot),
            State::Blocked | State::Dead => {}
        }
        *self.count(state) -= 1;
    }

    /// Delayed jobs that are due wait from now on.
    pub fn promote(&mut self, now: f64) {
        while let Some(&(due_at, _, slot)) = self.delayed.first() {
            if f64::from_bits(due_at) > now {
                return;
            }
            self.withdraw(slot);
            self.admit(slot, now);
        }
    }

    /// When the first delayed job is due; infinity if there is none.
    pub fn next_due(&self) -> f64 {
        let first = self.delayed.first();
        first.map_or(f64::INFINITY, |&(due_at, ..)| f64::from_bits(due_at))
    }

    /// Whether something may be handed out.
    pub fn is_ready(&self) -> bool {
        self.lanes.size > 0 && !self.paused
    }

    /// Hands out jobs to a view, as long as `fits` says that there is room for one more.
    pub fn take(
        &mut self,
        most: usize,
        now: f64,
        holder: u64,
        mut fits: impl FnMut(&Taken) -> bool,
    ) -> Vec<Taken> {
        self.promote(now);
        let mut taken = Vec::new();
        while taken.len() < most && self.is_ready() {
            let Some(slot) = self.lanes.first() else {
                break;
            };
            let next = self.taken(slot);
            if !fits(&next) {
                break;
            }
            self.lanes.shift(&mut self.slots);
            *self.count(State::Waiting) -= 1;
            *self.count(State::Running) += 1;
            self.last_token += 1;
            let job = self.slots.at_mut(slot);
            job.state = State::Running;
            job.attempt += 1;
            job.token = self.last_token;
            job.holder = holder;
            self.running.insert(self.last_token, slot);
            if !self.slots.at(slot).repeat.is_empty() {
                self.release_key(slot);
            }
            taken.push(next);
        }
        taken
    }

    /// What a worker would get of the job that is next.
    fn taken(&self, slot: u32) -> Taken {
        let job = self.slots.at(slot);
        let children = job.rare.as_ref().map_or(Vec::new(), |rare| {
            let done = rare.children.iter();
            done.filter_map(|child| Some((child.id.clone(), child.result.clone()?)))
                .collect()
        });
        Taken {
            token: self.last_token + 1,
            attempt: job.attempt + 1,
            failed: job.error.is_some(),
            priority: job.priority,
            retries: job.retries,
            backoff_ms: job.backoff_ms,
            timeout_ms: job.timeout_ms,
            id: job.id.clone(),
            data: job.data.clone(),
            key: job.key.clone(),
            group: job.group.clone(),
            repeat: job.repeat.clone(),
            children,
        }
    }

    /// The job that a token holds.
    pub fn held(&self, token: u64) -> Option<u32> {
        self.running.get(&token).copied()
    }

    /// Ends a held job with its result.
    pub fn complete(&mut self, token: u64, result: &str, now: f64) -> bool {
        let Some(slot) = self.held(token) else {
            return false;
        };
        self.withdraw(slot);
        self.slots.at_mut(slot).result = Some(result.into());
        self.end(slot, State::Done, now);
        true
    }

    /// Ends a try of a held job; without a time for the next it is dead.
    pub fn fail(&mut self, token: u64, error: &str, retry_at: Option<f64>, now: f64) -> bool {
        let Some(slot) = self.held(token) else {
            return false;
        };
        self.withdraw(slot);
        self.slots.at_mut(slot).error = Some(error.into());
        match retry_at {
            None => self.end(slot, State::Dead, now),
            Some(retry_at) => {
                self.slots.at_mut(slot).due_at = retry_at.max(now);
                self.promote(now);
                self.admit(slot, now);
            }
        }
        true
    }

    /// Gives a held job back; this try does not count.
    pub fn release(&mut self, token: u64) -> bool {
        let Some(slot) = self.held(token) else {
            return false;
        };
        self.withdraw(slot);
        let job = self.slots.at_mut(slot);
        job.attempt -= 1;
        job.state = State::Waiting;
        *self.count(State::Waiting) += 1;
        self.lanes.put_back(&mut self.slots, slot);
        self.effects.ready |= !self.paused;
        true
    }

    /// Gives back all that a view holds, what was taken last first.
    pub fn release_all(&mut self, holder: u64) {
        let held = |&(_, &slot): &(&u64, &u32)| self.slots.at(slot).holder == holder;
        let mut tokens: Vec<u64> = self
            .running
            .iter()
            .filter(held)
            .map(|(&token, _)| token)
            .collect();
        tokens.sort_unstable_by(|a, b| b.cmp(a));
        for token in tokens {
            self.release(token);
        }
    }

    /// Cancels a job and its children; false if it had ended.
    pub fn cancel(&mut self, first: u32, now: f64) -> bool {
        if self.slots.at(first).state.is_end() {
            return false;
        }
        let mut open = vec![(first, self.slots.at(first).seq)];
        while let Some((slot, seq)) = open.pop() {
            let Some(job) = self.slots.same(slot, seq) else {
                continue;
            };
            if job.state.is_end() {
                continue;
            }
            if job.state == State::Running {
                self.effects
                    .revoked
                    .push((job.holder, job.id.clone(), job.token));
            }
            if let Some(rare) = &job.rare {
                let children = rare.children.iter().rev();
                open.extend(children.map(|child| (child.slot, child.seq)));
            }
            self.withdraw(slot);
            self.end(slot, State::Cancelled, now);
        }
        true
    }

    pub(super) fn release_key(&mut self, slot: u32) {
        let key = &self.slots.at(slot).key;
        if self.keys.get(key) == Some(&slot) {
            self.keys.remove(key);
        }
    }

    /// Jobs of a state in the order of adding.
    pub fn of_state(&self, state: State) -> Vec<u32> {
        let jobs = self.slots.iter().filter(|(_, job)| job.state == state);
        let mut found: Vec<(u64, u32)> = jobs.map(|(slot, job)| (job.seq, slot)).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, slot)| slot).collect()
    }

    /// Looks at the time.
    pub fn tick(&mut self, now: f64) {
        self.promote(now);
        self.retain(now);
    }
}
