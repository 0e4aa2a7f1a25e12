//! Best-first lists, and the one-shot ranking of strings that nobody prepared.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicU64, Ordering as Atomic};

use rayon::prelude::*;

use super::control::check;
use super::metrics::{Metric, Scorer, Work, sorted_tokens};
use super::packed::{Packed, count_codes};
use super::stage::{Plan, Stage};
use super::{Control, Error};

/// One choice with its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// The likeness, 0..1.
    pub score: f64,
    /// The number of the choice.
    pub index: u32,
}

/// Best first; equal scores by index. Scores are never NaN nor negative zero.
fn order(a: &Ranked, b: &Ranked) -> Ordering {
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

/// Under this many choices they are compared one by one.
const FEW: usize = 32;
/// Choices that one thread takes at a time.
const CHUNK: usize = 8192;
/// Under this many code units all in all, starting threads costs more than it gives.
const PARALLEL: usize = 1 << 20;

/// Whether [`rank`] is worth more than one thread.
pub fn is_large(choices: &Packed<'_>) -> bool {
    choices.text().len() >= PARALLEL
}

/// Ranks strings by their likeness to a query, best first, ties by index; with `parallel` over the
/// threads of the current pool.
pub fn rank(
    metric: Metric,
    query: &str,
    choices: &Packed<'_>,
    best: Best,
    parallel: bool,
    control: &dyn Control,
) -> Result<Vec<Ranked>, Error> {
    let scorer = Scorer::new(metric, query);
    // For a handful of choices the lanes would stay empty.
    let plan = if choices.len() >= FEW {
        Plan::new(&scorer)
    } else {
        None
    };
    let floor = Floor::new(best);
    let chunked = Chunks {
        scorer,
        plan,
        choices,
        control,
    };
    let chunks = choices.len().div_ceil(CHUNK);
    let collector = if parallel {
        (0..chunks)
            .into_par_iter()
            .try_fold(
                || Collector::new(best, &floor),
                |collector, chunk| chunked.chunk(chunk, collector),
            )
            .try_reduce(|| Collector::new(best, &floor), Collector::merge)?
    } else {
        let mut collector = Collector::new(best, &floor);
        for chunk in 0..chunks {
            collector = chunked.chunk(chunk, collector)?;
        }
        collector
    };
    Ok(collector.finish())
}

struct Chunks<'a> {
    scorer: Scorer,
    /// How the lanes do it, if they can.
    plan: Option<Plan>,
    choices: &'a Packed<'a>,
    control: &'a dyn Control,
}

impl Chunks<'_> {
    fn chunk<'f>(
        &self,
        chunk: usize,
        mut collector: Collector<'f>,
    ) -> Result<Collector<'f>, Error> {
        check(self.control)?;
        let mut work = Work::new(self.control);
        let mut stage = self.plan.as_ref().map(Stage::new);
        let (mut codes, mut ranges) = (Vec::new(), Vec::new());
        for index in chunk * CHUNK..((chunk + 1) * CHUNK).min(self.choices.len()) {
            let choice = self.choices.get(index);
            let index = index as u32;
            if let Some(stage) = &mut stage {
                let staged = if self.scorer.metric() == Metric::TokenSort {
                    sort_tokens(choice, &mut work, &mut ranges, &mut codes);
                    let codes = codes.iter().copied();
                    stage.add(index, codes.len(), codes, &mut collector)?
                } else if choice.is_ascii() {
                    let codes = choice.bytes().map(u32::from);
                    stage.add(index, choice.len(), codes, &mut collector)?
                } else {
                    let codes = choice.chars().map(u32::from);
                    stage.add(index, count_codes(choice), codes, &mut collector)?
                };
                if staged {
                    continue;
                }
            }
            let score = self.single(index, collector.floor(), &mut work)?;
            collector.offer(Ranked { score, index })?;
        }
        if let Some(stage) = stage {
            stage.finish(&mut collector, &mut work, |index, floor, work| {
                self.single(index, floor, work)
            })?;
        }
        Ok(collector)
    }

    fn single(&self, index: u32, floor: f64, work: &mut Work<'_>) -> Result<f64, Error> {
        let choice = self.choices.get(index as usize);
        if choice.is_ascii() {
            return self.scorer.score_over(choice.as_bytes(), floor, work);
        }
        let mut codes = std::mem::take(&mut work.codes);
        codes.clear();
        codes.extend(choice.chars().map(u32::from));
        let score = self.scorer.score_over(&codes, floor, work);
        work.codes = codes;
        score
    }
}

/// The sorted tokens of a string, as code points.
fn sort_tokens(
    text: &str,
    work: &mut Work<'_>,
    ranges: &mut Vec<(u32, u32)>,
    joined: &mut Vec<u32>,
) {
    if text.is_ascii() {
        return sorted_tokens(text.as_bytes(), ranges, joined);
    }
    work.codes.clear();
    work.codes.extend(text.chars().map(u32::from));
    sorted_tokens(&work.codes, ranges, joined);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::Uncontrolled;
    use crate::text::metrics::naive;
    use crate::text::packed::utf16_len;

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

        #[test]
        fn ranks_as_the_definitions_do(
            query in "[ab é]{0,8}",
            choices in prop::collection::vec("[abé 😀]{0,8}", 0..300),
            metric in prop::sample::select(Metric::ALL.to_vec()),
            limit in prop_oneof![0usize..5, Just(usize::MAX)],
            cutoff in prop_oneof![Just(0.0), Just(0.5), Just(1.0)],
        ) {
            let text = choices.join("\n");
            let lengths: Vec<u32> = choices.iter().map(|choice| utf16_len(choice)).collect();
            let packed = Packed::new(&text, &lengths).unwrap();
            let best = Best { limit, cutoff };
            let codes = |text: &str| text.chars().map(u32::from).collect::<Vec<_>>();
            let mut expected: Vec<Ranked> = choices.iter().zip(0..)
                .map(|(choice, index)| Ranked {
                    score: naive::similarity(metric, &codes(&query), &codes(choice)),
                    index,
                })
                .filter(|item| item.score >= cutoff)
                .collect();
            expected.sort_by(order);
            expected.truncate(limit);
            for parallel in [false, true] {
                let list = rank(metric, &query, &packed, best, parallel, &Uncontrolled).unwrap();
                prop_assert_eq!(&list, &expected);
            }
        }
    }
}
