//! A sliding window: what was taken in the last so long, counted by slots of a 500th of it.
//!
//! What is taken counts until its slot is wholly out of the window, so no window, wherever it begins,
//! ever holds more than the limit; at most a 501st of it is not used. Twin:
//! `src/http/limiter/pure/window.ts`.

const SLOTS: u64 = 500;
/// One more: the slot that has begun.
const KEPT: u64 = SLOTS + 1;

/// A window. Times are whole microseconds of a clock that never goes back.
pub struct Window {
    limit: f64,
    slot_us: f64,
    counts: Box<[f64; KEPT as usize]>,
    sum: f64,
    /// The slot that has begun; its place is the rest of its division by `KEPT`.
    last: u64,
    place: usize,
    ends: f64,
}

impl Window {
    /// An empty one; none where the limit is infinite.
    pub fn new(limit: f64, length_us: f64) -> Option<Self> {
        if limit == f64::INFINITY {
            return None;
        }
        let slot_us = (length_us / SLOTS as f64).ceil();
        Some(Self {
            limit,
            slot_us,
            counts: Box::new([0.0; KEPT as usize]),
            sum: 0.0,
            last: 0,
            place: 0,
            ends: slot_us,
        })
    }

    fn slot_of(&self, time: f64) -> u64 {
        (time / self.slot_us).floor() as u64
    }

    /// What is left of the limit; negative where more was used than was there.
    #[inline]
    pub fn room(&self) -> f64 {
        self.limit - self.sum
    }

    /// Lets time pass.
    #[inline]
    pub fn advance(&mut self, now: f64) {
        if now >= self.ends {
            self.step(now);
        }
    }

    fn step(&mut self, now: f64) {
        let slot = self.slot_of(now);
        let steps = (slot - self.last).min(KEPT);
        for at in slot - steps + 1..=slot {
            let count = &mut self.counts[(at % KEPT) as usize];
            self.sum -= *count;
            *count = 0.0;
        }
        self.last = slot;
        self.place = (slot % KEPT) as usize;
        self.ends = (slot + 1) as f64 * self.slot_us;
    }

    /// Counts.
    #[inline]
    pub fn add(&mut self, count: f64) {
        self.counts[self.place] += count;
        self.sum += count;
    }

    /// Counts no longer what was counted at a time; nothing if that is out of the window.
    pub fn give_back(&mut self, count: f64, taken_at: f64) {
        let slot = self.slot_of(taken_at);
        if slot + SLOTS < self.last {
            return;
        }
        self.counts[(slot % KEPT) as usize] -= count;
        self.sum -= count;
    }

    /// From when on there is room for so much, which the limit allows; 0 for now.
    pub fn free_at(&self, count: f64) -> f64 {
        let mut excess = self.sum + count - self.limit;
        if excess <= 0.0 {
            return 0.0;
        }
        for slot in self.last.saturating_sub(SLOTS)..=self.last {
            excess -= self.counts[(slot % KEPT) as usize];
            if excess <= 0.0 {
                return (slot + KEPT) as f64 * self.slot_us;
            }
        }
        (self.last + KEPT) as f64 * self.slot_us
    }
}
