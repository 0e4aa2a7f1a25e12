//! The ghost queue of S3-FIFO: which keys were evicted a short while ago, as fingerprints only.
//!
//! A key that comes back while it is remembered was evicted too early and goes to the main queue.
//! Buckets of four fingerprints with the number of the eviction; "a short while" is counted in
//! evictions. Collisions cost a little hit ratio, never a wrong value. Twin: ghost.ts.

const WAYS: usize = 4;

/// The keys of recent evictions.
#[derive(Default)]
pub struct Ghost {
    /// Fingerprint in the upper half (0: empty), number of the eviction in the lower.
    marks: Vec<u64>,
    moment: u32,
}

impl Ghost {
    /// Remembers the hash of an evicted key, about as long as `held` more are evicted.
    pub fn add(&mut self, hash: u32, held: u32) {
        if held as usize > self.marks.len() {
            // Zeroed memory is not touched until it is used; what was remembered is only a hint.
            let size = (held.max(16) as usize * 5 / 4).next_power_of_two();
            self.marks = vec![0; size];
        }
        let print = hash.max(1);
        let moment = self.moment;
        self.moment = moment.wrapping_add(1);
        let fresh = u64::from(print) << 32 | u64::from(self.moment);
        let bucket = self.bucket(hash);
        let place = bucket
            .iter_mut()
            .max_by_key(|mark| match (**mark >> 32) as u32 {
                same if same == print => u64::MAX,
                0 => u64::MAX - 1,
                _ => u64::from(moment.wrapping_sub(**mark as u32)),
            });
        if let Some(place) = place {
            *place = fresh;
        }
    }

    /// Whether the key was evicted within the last `window` evictions; asking forgets it.
    pub fn take(&mut self, hash: u32, window: u32) -> bool {
        if self.marks.is_empty() {
            return false;
        }
        let print = hash.max(1);
        let moment = self.moment;
        let found = self
            .bucket(hash)
            .iter_mut()
            .find(|mark| (**mark >> 32) as u32 == print);
        found.is_some_and(|mark| {
            let age = moment.wrapping_sub(*mark as u32);
            *mark = 0;
            age < window
        })
    }

    fn bucket(&mut self, hash: u32) -> &mut [u64] {
        let base = hash.wrapping_mul(0x9e37_79b1) as usize & (self.marks.len() - 1) & !(WAYS - 1);
        &mut self.marks[base..base + WAYS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_evicted_lately_is_known_once() {
        let mut ghost = Ghost::default();
        assert!(!ghost.take(1, 100));
        for hash in 0..1_000u32 {
            ghost.add(hash.wrapping_mul(0x85eb_ca6b), 100);
        }
        let known = |ghost: &mut Ghost, range: std::ops::Range<u32>| {
            range
                .filter(|hash| ghost.take(hash.wrapping_mul(0x85eb_ca6b), 100))
                .count()
        };
        assert_eq!(known(&mut ghost, 0..900), 0);
        assert!(known(&mut ghost, 900..1_000) > 80);
        assert_eq!(known(&mut ghost, 900..1_000), 0, "asking forgets");
    }
}
