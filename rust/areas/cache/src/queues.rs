//! The two queues of S3-FIFO: newcomers wait in the small one, what proves useful is in the main one.

use super::slots::{NONE, Slots};

/// Slots from oldest to newest, linked through themselves.
pub struct Queue {
    pub oldest: u32,
    newest: u32,
    pub count: u32,
    pub bytes: u64,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            oldest: NONE,
            newest: NONE,
            count: 0,
            bytes: 0,
        }
    }
}

impl Queue {
    /// Adds a slot as the newest.
    pub fn push(&mut self, slots: &mut Slots, slot: u32, weight: u64) {
        let newest = self.newest;
        let entry = slots.get_mut(slot);
        entry.older = newest;
        entry.newer = NONE;
        if newest == NONE {
            self.oldest = slot;
        } else {
            slots.get_mut(newest).newer = slot;
        }
        self.newest = slot;
        self.count += 1;
        self.bytes += weight;
    }

    /// Takes a slot out, wherever it is.
    pub fn remove(&mut self, slots: &mut Slots, slot: u32, weight: u64) {
        let entry = slots.get_mut(slot);
        let (older, newer) = (entry.older, entry.newer);
        entry.older = NONE;
        entry.newer = NONE;
        if older == NONE {
            self.oldest = newer;
        } else {
            slots.get_mut(older).newer = newer;
        }
        if newer == NONE {
            self.newest = older;
        } else {
            slots.get_mut(newer).older = older;
        }
        self.count -= 1;
        self.bytes -= weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_leave_from_anywhere() {
        let mut slots = Slots::default();
        let mut queue = Queue::default();
        for _ in 0..4 {
            let slot = slots.take().unwrap();
            queue.push(&mut slots, slot, 10);
        }
        queue.remove(&mut slots, 1, 10);
        queue.remove(&mut slots, 3, 10);
        assert_eq!(
            (queue.oldest, queue.newest, queue.count, queue.bytes),
            (0, 2, 2, 20)
        );
        queue.remove(&mut slots, 0, 10);
        queue.remove(&mut slots, 2, 10);
        assert_eq!(
            (queue.oldest, queue.newest, queue.count, queue.bytes),
            (NONE, NONE, 0, 0)
        );
    }
}
