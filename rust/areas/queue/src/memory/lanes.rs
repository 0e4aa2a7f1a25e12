//! What waits and is due: a lane for each group, in it a list for each priority; lanes take turns.

use std::collections::{BTreeMap, HashMap};

use super::list::List;
use super::slots::{NONE, Slots};

/// One group's.
struct Lane {
    group: Box<str>,
    buckets: BTreeMap<i32, List>,
    size: usize,
    /// Its place in the turn, while it has anything.
    turn: u64,
}

/// All lanes and whose turn it is.
#[derive(Default)]
pub struct Lanes {
    /// How many jobs wait.
    pub size: usize,
    lanes: Vec<Lane>,
    free: Vec<u32>,
    by_group: HashMap<Box<str>, u32>,
    turns: BTreeMap<u64, u32>,
    last_turn: u64,
}

impl Lanes {
    /// Puts a job at the end of those of its group and priority.
    pub fn push(&mut self, slots: &mut Slots, slot: u32) {
        let lane = self.lane_of(slots, slot);
        let bucket = self.bucket(slots, lane, slot);
        bucket.push(slots, slot);
        self.added(lane);
    }

    /// Puts a job back to where it was: before what became due after it.
    pub fn put_back(&mut self, slots: &mut Slots, slot: u32) {
        let lane = self.lane_of(slots, slot);
        let bucket = self.bucket(slots, lane, slot);
        let place = |slot: u32| {
            let job = slots.at(slot);
            (job.due_at, job.seq)
        };
        let own = place(slot);
        let mut later = bucket.head;
        while later != NONE && place(later) < own {
            later = slots.at(later).next;
        }
        bucket.insert_before(slots, slot, later);
        self.added(lane);
    }

    /// The next one, if there is one.
    pub fn first(&self) -> Option<u32> {
        let (_, &lane) = self.turns.first_key_value()?;
        let (_, bucket) = self.lanes[lane as usize].buckets.last_key_value()?;
        Some(bucket.head)
    }

    /// Takes out the next one, and gives its group's turn to the others.
    pub fn shift(&mut self, slots: &mut Slots) -> Option<u32> {
        let slot = self.first()?;
        let lane = slots.at(slot).lane;
        self.remove(slots, slot);
        let left = &self.lanes[lane as usize];
        if left.size > 0 {
            self.turns.remove(&left.turn);
            self.enter(lane);
        }
        Some(slot)
    }

    /// Takes out one that waits.
    pub fn remove(&mut self, slots: &mut Slots, slot: u32) {
        let job = slots.at(slot);
        let (number, priority) = (job.lane, job.priority);
        let lane = &mut self.lanes[number as usize];
        if let Some(bucket) = lane.buckets.get_mut(&priority) {
            bucket.remove(slots, slot);
            if bucket.size == 0 {
                lane.buckets.remove(&priority);
            }
        }
        lane.size -= 1;
        self.size -= 1;
        if lane.size == 0 {
            self.turns.remove(&lane.turn);
            self.by_group.remove(&lane.group);
            self.free.push(number);
        }
    }

    fn lane_of(&mut self, slots: &mut Slots, slot: u32) -> u32 {
        let job = slots.at_mut(slot);
        let lane = match self.by_group.get(&job.group) {
            Some(&lane) => lane,
            None => {
                let made = Lane {
                    group: job.group.clone(),
                    buckets: BTreeMap::new(),
                    size: 0,
                    turn: 0,
                };
                let number = match self.free.pop() {
                    Some(number) => {
                        self.lanes[number as usize] = made;
                        number
                    }
                    None => {
                        self.lanes.push(made);
                        (self.lanes.len() - 1) as u32
                    }
                };
                self.by_group.insert(job.group.clone(), number);
                number
            }
        };
        job.lane = lane;
        lane
    }

    fn bucket(&mut self, slots: &Slots, lane: u32, slot: u32) -> &mut List {
        let buckets = &mut self.lanes[lane as usize].buckets;
        buckets.entry(slots.at(slot).priority).or_default()
    }

    fn added(&mut self, lane: u32) {
        self.size += 1;
        let entry = &mut self.lanes[lane as usize];
        entry.size += 1;
        if entry.size == 1 {
            self.enter(lane);
        }
    }

    /// Puts a lane at the end of the turn.
    fn enter(&mut self, lane: u32) {
        self.last_turn += 1;
        self.lanes[lane as usize].turn = self.last_turn;
        self.turns.insert(self.last_turn, lane);
    }
}
