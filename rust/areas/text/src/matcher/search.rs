//! Ranking a matcher's choices for one query or for many.

use std::sync::atomic::{AtomicUsize, Ordering};

use agent_shared::{Control, Error, Packed, check};
use rayon::prelude::*;

use super::Matcher;
use super::arena::{Arena, Long};
use super::group::Group;
use crate::best::{Best, Collector, Floor, Ranked};
use crate::lane_query::{FREE, LaneQuery};
use crate::lanes::{LANES, Number};
use crate::metrics::{Metric, Scorer, Work};

/// A piece of work for one thread is about this many rows of 64 characters: some 50 microseconds.
const ROWS: usize = 2048;
/// Strings compared one by one between two looks at the control.
const SINGLE: usize = 64;
/// Under this many characters all in all, waking threads costs more than it gives.
const PARALLEL: usize = 1 << 22;
/// Bytes of one result: what a call can hand over.
const RESULT: usize = i32::MAX as usize;
/// Bytes that a ranked choice takes in a result.
const ITEM: usize = 12;

/// The rankings of many queries.
pub struct ManyRanked {
    /// One list a query, in the order of the queries.
    pub lists: Vec<Vec<Ranked>>,
    /// Entries in all lists.
    pub total: usize,
}

/// Whether a ranking of this matcher is worth more than one thread.
pub fn is_large(matcher: &Matcher, metric: Metric) -> bool {
    // What goes through the lanes is some fifteen times faster than what does not.
    let weight = match metric {
        Metric::Levenshtein | Metric::Osa | Metric::Lcs | Metric::TokenSort => 1,
        Metric::Jaro | Metric::JaroWinkler | Metric::TokenSet | Metric::Partial => 16,
    };
    matcher.base.symbols().saturating_mul(weight) >= PARALLEL
}

/// Where a piece of work lies.
#[derive(Clone, Copy)]
enum Part {
    Narrow { len: usize, from: usize, to: usize },
    Wide { len: usize, from: usize, to: usize },
    Long { from: usize, to: usize },
}

/// A query, ready for one arena.
struct Query<'a> {
    arena: &'a Arena,
    scorer: Scorer,
    /// How the lanes compute it, if they can.
    laned: Option<LaneQuery>,
}

impl Matcher {
    /// Ranks all choices for a query, best first, ties by number; with `parallel` over the threads of
    /// the current pool.
    pub fn rank(
        &self,
        metric: Metric,
        query: &str,
        best: Best,
        parallel: bool,
        control: &dyn Control,
    ) -> Result<Vec<Ranked>, Error> {
        let query = self.prepare(metric, query);
        let floor = Floor::new(best);
        let empty = || Collector::new(best, &floor);
        let add = |collector, part| query.search(part, collector, control);
        let parts = query.parts();
        let collector = if parallel {
            parts
                .into_par_iter()
                .try_fold(empty, add)
                .try_reduce(empty, Collector::merge)?
        } else {
            parts.into_iter().try_fold(empty(), add)?
        };
        Ok(collector.finish())
    }

    /// Ranks all choices for each of many queries, over the threads of the current pool.
    pub fn rank_many(
        &self,
        metric: Metric,
        queries: &Packed<'_>,
        best: Best,
        control: &dyn Control,
    ) -> Result<ManyRanked, Error> {
        let (done, entries) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let count = queries.len();
        if metric == Metric::TokenSort {
            self.sorted();
        }
        // Few queries share the threads; of many, each has one to itself.
        let shared = count < rayon::current_num_threads() && is_large(self, metric);
        let lists = (0..count)
            .into_par_iter()
            .with_max_len(1)
            .map(|index| {
                check(control)?;
                let query = queries.get(index);
                let list = self.rank(metric, query, best, shared, control)?;
                let size = (entries.fetch_add(list.len(), Ordering::Relaxed) + list.len()) * ITEM;
                if size > RESULT {
                    return Err(Error::TooLarge {
                        size,
                        limit: RESULT,
                    });
                }
                control.progress(done.fetch_add(1, Ordering::Relaxed) + 1, count);
                Ok(list)
            })
            .collect::<Result<Vec<_>, Error>>()?;
        Ok(ManyRanked {
            lists,
            total: entries.into_inner(),
        })
    }

    fn prepare(&self, metric: Metric, query: &str) -> Query<'_> {
        let arena = match metric {
            Metric::TokenSort => self.sorted(),
            _ => &self.base,
        };
        let scorer = Scorer::new(metric, query);
        let find = |code| arena.alphabet.find(code);
        let laned = LaneQuery::new(&scorer, find, arena.alphabet.len());
        Query {
            arena,
            scorer,
            laned,
        }
    }
}

impl Query<'_> {
    /// All work, likeliest first: choices about as long as the query, so that the floor rises early.
    fn parts(&self) -> Vec<Part> {
        let own = self.scorer.masked().len();
        let mut parts = Vec::new();
        let narrow = self
            .arena
            .narrow
            .iter()
            .map(|group| (group.blocks(), false));
        let wide = self.arena.wide.iter().map(|group| (group.blocks(), true));
        for (len, (blocks, wide)) in narrow.enumerate().chain(wide.enumerate()) {
            let step = if self.laned.is_some() {
                (ROWS / (len + 8)).max(1)
            } else {
                SINGLE / LANES * 4
            };
            for from in (0..blocks).step_by(step) {
                let to = (from + step).min(blocks);
                parts.push(if wide {
                    Part::Wide { len, from, to }
                } else {
                    Part::Narrow { len, from, to }
                });
            }
        }
        parts.sort_by_key(|part| match *part {
            Part::Narrow { len, .. } | Part::Wide { len, .. } => len.abs_diff(own),
            Part::Long { .. } => usize::MAX,
        });
        for from in (0..self.arena.long.len()).step_by(SINGLE) {
            let to = (from + SINGLE).min(self.arena.long.len());
            parts.push(Part::Long { from, to });
        }
        parts
    }

    fn search<'f>(
        &self,
        part: Part,
        mut collector: Collector<'f>,
        control: &dyn Control,
    ) -> Result<Collector<'f>, Error> {
        check(control)?;
        match part {
            Part::Narrow { len, from, to } => {
                let group = &self.arena.narrow[len];
                self.search_group(group, len, from..to, &mut collector, control)?;
            }
            Part::Wide { len, from, to } => {
                let group = &self.arena.wide[len];
                self.search_group(group, len, from..to, &mut collector, control)?;
            }
            // (Those of the sorted arena have their tokens sorted already, which changes nothing.)
            Part::Long { from, to } => {
                let mut work = Work::new(control);
                for &(index, ref long) in &self.arena.long[from..to] {
                    let floor = collector.floor();
                    let score = match long {
                        Long::Latin(codes) => self.scorer.score_over(codes, floor, &mut work)?,
                        Long::Any(codes) => self.scorer.score_over(codes, floor, &mut work)?,
                    };
                    collector.offer(Ranked { score, index })?;
                }
            }
        }
        Ok(collector)
    }

    fn search_group<N: Number>(
        &self,
        group: &Group<N>,
        len: usize,
        blocks: std::ops::Range<usize>,
        collector: &mut Collector<'_>,
        control: &dyn Control,
    ) -> Result<(), Error> {
        match &self.laned {
            Some(laned) => Self::search_lanes(laned, group, len, blocks, collector),
            None => self.search_singly(group, len, blocks, collector, control),
        }
    }

    fn search_lanes<N: Number>(
        laned: &LaneQuery,
        group: &Group<N>,
        len: usize,
        blocks: std::ops::Range<usize>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Error> {
        let mut levels = laned.levels(len);
        for block in blocks {
            let (rows, owners) = group.block(block);
            if !laned.search(&mut levels, rows, owners, collector)? {
                break;
            }
        }
        Ok(())
    }

    fn search_singly<N: Number>(
        &self,
        group: &Group<N>,
        len: usize,
        blocks: std::ops::Range<usize>,
        collector: &mut Collector<'_>,
        control: &dyn Control,
    ) -> Result<(), Error> {
        let mut work = Work::new(control);
        let mut texts = vec![0u32; LANES * len];
        for block in blocks {
            let (rows, owners) = group.block(block);
            for (at, row) in rows.iter().enumerate() {
                for (lane, &number) in row.iter().enumerate() {
                    texts[lane * len + at] = self.arena.alphabet.code(number.into());
                }
            }
            for (lane, &index) in owners.iter().enumerate() {
                if index == FREE {
                    break;
                }
                let text = &texts[lane * len..(lane + 1) * len];
                let score = self.scorer.score_over(text, collector.floor(), &mut work)?;
                collector.offer(Ranked { score, index })?;
            }
        }
        Ok(())
    }
}
