//! The one-shot ranking of strings that nobody prepared.

use agent_shared::{Control, Error, Packed, check, count_codes};
use rayon::prelude::*;

use super::best::{Best, Collector, Floor, Ranked};
use super::metrics::{Metric, Scorer, Work, sorted_tokens};
use super::stage::{Plan, Stage};

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
    use agent_shared::{Uncontrolled, utf16_len};
    use proptest::prelude::*;

    use super::*;
    use crate::best::order;
    use crate::metrics::naive;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

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
