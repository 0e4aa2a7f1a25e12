//! Who is alive: the Rust side of `src/queue/file/pure/leases.ts`, which says how it is found out.

use std::collections::HashMap;

/// A holder, as the file says. Milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder {
    pub(crate) id: i64,
    pub(crate) beat: i64,
    /// When it last beat, by the machine's clock.
    pub(crate) beat_at: f64,
    /// How long it may give no sign of life.
    pub(crate) lease: f64,
}

/// So far the machine's clock and the steady one may come apart by themselves.
const DRIFT_MS: f64 = 1_000.0;

/// What one watcher has seen.
pub(crate) struct Leases {
    seen: HashMap<i64, (i64, f64)>,
    offset: f64,
}

impl Leases {
    /// Begins to watch, at a time by the machine's clock and by the steady one.
    pub(crate) fn new(now: f64, steady: f64) -> Self {
        Self {
            seen: HashMap::new(),
            offset: now - steady,
        }
    }

    /// Looks at all holders. Gives those that are gone.
    pub(crate) fn look(&mut self, holders: &[Holder], now: f64, steady: f64) -> Vec<Holder> {
        let is_believed = (now - steady - self.offset).abs() < DRIFT_MS;
        self.seen
            .retain(|id, _| holders.iter().any(|holder| holder.id == *id));
        let mut gone = Vec::new();
        for holder in holders {
            match self.seen.get(&holder.id) {
                Some(&(beat, at)) if beat == holder.beat => {
                    let age = now - holder.beat_at;
                    let is_old = is_believed && age >= 2.0 * holder.lease + DRIFT_MS;
                    let wait = if is_old {
                        holder.lease / 2.0
                    } else {
                        holder.lease
                    };
                    if steady - at >= wait {
                        gone.push(*holder);
                    }
                }
                _ => {
                    self.seen.insert(holder.id, (holder.beat, steady));
                }
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLDER: Holder = Holder {
        id: 1,
        beat: 5,
        beat_at: 1_000_000.0,
        lease: 30_000.0,
    };

    #[test]
    fn a_holder_is_gone_after_one_lease_without_a_beat() {
        let mut leases = Leases::new(1_000_000.0, 0.0);
        assert!(leases.look(&[HOLDER], 1_000_000.0, 0.0).is_empty());
        assert!(leases.look(&[HOLDER], 1_029_999.0, 29_999.0).is_empty());
        let beaten = Holder { beat: 6, ..HOLDER };
        assert!(leases.look(&[beaten], 1_030_000.0, 30_000.0).is_empty());
        assert!(leases.look(&[beaten], 1_059_999.0, 59_999.0).is_empty());
        assert_eq!(leases.look(&[beaten], 1_060_000.0, 60_000.0).len(), 1);
    }

    #[test]
    fn setting_the_clock_takes_and_keeps_nothing() {
        for step in [-3_600_000.0, 3_600_000.0] {
            let mut leases = Leases::new(1_000_000.0, 0.0);
            assert!(leases.look(&[HOLDER], 1_000_000.0, 0.0).is_empty());
            let now = 1_000_000.0 + step;
            let beaten = Holder {
                beat: 6,
                beat_at: 1_000_000.0,
                ..HOLDER
            };
            assert!(leases.look(&[beaten], now + 10_000.0, 10_000.0).is_empty());
            assert!(leases.look(&[beaten], now + 39_999.0, 39_999.0).is_empty());
            assert_eq!(leases.look(&[beaten], now + 40_000.0, 40_000.0).len(), 1);
        }
    }

    #[test]
    fn one_that_was_gone_long_ago_is_gone_after_half_a_lease() {
        let mut leases = Leases::new(2_000_000.0, 0.0);
        assert!(leases.look(&[HOLDER], 2_000_000.0, 0.0).is_empty());
        assert!(leases.look(&[HOLDER], 2_014_999.0, 14_999.0).is_empty());
        assert_eq!(leases.look(&[HOLDER], 2_015_000.0, 15_000.0).len(), 1);
    }

    #[test]
    fn a_clock_that_was_set_just_before_the_watcher_began_takes_nothing() {
        let mut leases = Leases::new(4_600_000.0, 0.0);
        assert!(leases.look(&[HOLDER], 4_600_000.0, 0.0).is_empty());
        let beaten = Holder {
            beat: 6,
            beat_at: 4_610_000.0,
            ..HOLDER
        };
        assert!(leases.look(&[beaten], 4_615_000.0, 15_000.0).is_empty());
    }
}
