//! Best-first lists, each thread with its own, under one floor.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicU64, Ordering as Atomic};

use agent_shared::Error;

/// One choice with its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// The likeness, 0..1.
    pub score: f64,
    /// The number of the choice.
    pub index: u32,
}

/// Best first; equal scores by index. Scores are never NaN nor negative zero.
pub(crate) fn order(a: &Ranked, b: &Ranked) -> Ordering {
    b.score.total_cmp(&a.score).then(a.index.cmp(&b.index))
}

/// What to keep of a ranking.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    /// At most this many.
    pub limit: usize,
    /// Only scores of at least this.
    pub cutoff: f64,
}

/// A score under which nothing can get into the result any more, shared by the threads of one ranking.
/// It only rises. Scores are not negative, so their bits are ordered as they are.
pub(crate) struct Floor(AtomicU64);

impl Floor {
    pub(crate) fn new(best: Best) -> Self {
        Self(AtomicU64::new(best.cutoff.max(0.0).to_bits()))
    }

    #[inline]
    pub(crate) fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Atomic::Relaxed))
    }

    fn raise(&self, score: f64) {
        self.0.fetch_max(score.to_bits(), Atomic::Relaxed);
    }
}

/// The best so far of one thread.
pub(crate) struct Collector<'f> {
    limit: usize,
    floor: &'f Floor,
    items: Vec<Ranked>,
    /// Once `limit` are kept: the last of them, which a newcomer must beat.
    last: Option<Ranked>,
}

impl<'f> Collector<'f> {
    pub(crate) fn new(best: Best, floor: &'f Floor) -> Self {
        Self {
            limit: best.limit,
            floor,
            items: Vec::new(),
            last: None,
        }
    }

    /// Under this score there is no use in offering.
    #[inline]
    pub(crate) fn floor(&self) -> f64 {
        self.floor.get()
    }

    #[inline]
    pub(crate) fn offer(&mut self, item: Ranked) -> Result<(), Error> {
        let beaten = self.last.is_some_and(|last| order(&last, &item).is_le());
        if item.score < self.floor.get() || beaten || self.limit == 0 {
            return Ok(());
        }
        if self.items.len() == self.items.capacity() {
            self.items.try_reserve(64)?;
        }
        self.items.push(item);
        // Twice the limit, so that each cut pays for as many offers as it looks at.
        if self.items.len() >= self.limit.saturating_mul(2).max(64) {
            self.cut();
        }
        Ok(())
    }

    fn cut(&mut self) {
        if self.items.len() <= self.limit {
            return;
        }
        let (_, &mut last, _) = self.items.select_nth_unstable_by(self.limit - 1, order);
        self.items.truncate(self.limit);
        self.last = Some(last);
        self.floor.raise(last.score);
    }

    pub(crate) fn merge(mut self, other: Self) -> Result<Self, Error> {
        self.items.try_reserve(other.items.len())?;
        self.items.extend(other.items);
        self.cut();
        Ok(self)
    }

    /// The result: best first, at most `limit`.
    pub(crate) fn finish(mut self) -> Vec<Ranked> {
        self.cut();
        self.items.sort_unstable_by(order);
        self.items
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

        #[test]
        fn keeps_what_sorting_all_would_keep(
            scores in prop::collection::vec(0u8..12, 0..400),
            limit in prop_oneof![0usize..20, Just(usize::MAX)],
            cutoff in 0u8..12,
        ) {
            let best = Best { limit, cutoff: f64::from(cutoff) / 16.0 };
            let items: Vec<Ranked> = scores.iter().zip(0..)
                .map(|(&score, index)| Ranked { score: f64::from(score) / 16.0, index })
                .collect();
            let mut expected: Vec<Ranked> =
                items.iter().copied().filter(|item| item.score >= best.cutoff).collect();
            expected.sort_by(order);
            expected.truncate(limit);
            let floor = Floor::new(best);
            let mut halves = [Collector::new(best, &floor), Collector::new(best, &floor)];
            for &item in &items {
                halves[item.index as usize % 3 / 2].offer(item).unwrap();
            }
            let [left, right] = halves;
            prop_assert_eq!(left.merge(right).unwrap().finish(), expected);
        }
    }
}
