//! A list of jobs by their own links.

use super::slots::{NONE, Slots};

/// A list.
#[derive(Debug)]
pub struct List {
    pub head: u32,
    pub tail: u32,
    pub size: usize,
}

impl Default for List {
    fn default() -> Self {
        Self {
            head: NONE,
            tail: NONE,
            size: 0,
        }
    }
}

impl List {
    /// Puts a job at the end.
    pub fn push(&mut self, slots: &mut Slots, slot: u32) {
        self.insert_before(slots, slot, NONE);
    }

    /// Puts a job before another of the list, or at the end.
    pub fn insert_before(&mut self, slots: &mut Slots, slot: u32, other: u32) {
        let previous = if other == NONE {
            self.tail
        } else {
            slots.at(other).previous
        };
        let job = slots.at_mut(slot);
        job.previous = previous;
        job.next = other;
        match previous {
            NONE => self.head = slot,
            previous => slots.at_mut(previous).next = slot,
        }
        match other {
            NONE => self.tail = slot,
            other => slots.at_mut(other).previous = slot,
        }
        self.size += 1;
    }

    /// Takes a job of the list out.
    pub fn remove(&mut self, slots: &mut Slots, slot: u32) {
        let job = slots.at(slot);
        let (previous, next) = (job.previous, job.next);
        match previous {
            NONE => self.head = next,
            previous => slots.at_mut(previous).next = next,
        }
        match next {
            NONE => self.tail = previous,
            next => slots.at_mut(next).previous = previous,
        }
        self.size -= 1;
    }
}
