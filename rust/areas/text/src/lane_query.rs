//! A query that can be compared 64 strings at a time, and what its numbers mean as scores.

use agent_shared::Error;

use super::best::{Collector, Ranked};
use super::lanes::{self, Kind, LANES, Number, Row, Table, WORD};
use super::metrics::{Metric, Scorer, edit_score, indel_score, lcs_score};

/// A lane that holds no string.
pub(super) const FREE: u32 = u32::MAX;

/// A query of at most 64 symbols, by a metric that the lanes know.
pub(super) struct LaneQuery {
    metric: Metric,
    kind: Kind,
    table: Table,
    /// Length of what the masks stand for: the query, or its sorted tokens.
    len: usize,
}

impl LaneQuery {
    /// None if the metric or the query is not for lanes. `number` gives the number of a code point in
    /// the strings, below `numbers`; none if no string has it.
    pub(super) fn new(
        scorer: &Scorer,
        number: impl Fn(u32) -> Option<u16>,
        numbers: usize,
    ) -> Option<Self> {
        let metric = scorer.metric();
        let kind = match metric {
            Metric::Levenshtein => Kind::Levenshtein,
            Metric::Osa => Kind::Osa,
            Metric::Lcs | Metric::TokenSort => Kind::Missing,
            _ => return None,
        };
        let codes = scorer.masked();
        if codes.len() > WORD {
            return None;
        }
        Some(Self {
            metric,
            kind,
            table: Table::new(codes.iter().map(|&code| number(code)), numbers),
            len: codes.len(),
        })
    }

    /// What the lanes can give for strings of a length.
    pub(super) fn levels(&self, len: usize) -> Levels {
        let (least, worst) = match self.kind {
            Kind::Missing => (self.len.saturating_sub(len), self.len),
            Kind::Levenshtein | Kind::Osa => (self.len.abs_diff(len), self.len.max(len)),
        };
        Levels {
            least,
            scores: (0..=worst).map(|low| self.score(low, len)).collect(),
            floor: f64::NEG_INFINITY,
            wanted: worst as u32,
        }
    }

    fn score(&self, low: usize, len: usize) -> f64 {
        match self.metric {
            Metric::Lcs => lcs_score(self.len - low, self.len, len),
            Metric::TokenSort => indel_score(self.len - low, self.len, len),
            _ => edit_score(low, self.len, len),
        }
    }

    /// Compares one block and offers what may get into the result. False if no string of this length
    /// can any more.
    #[inline]
    pub(super) fn search<N: Number>(
        &self,
        levels: &mut Levels,
        rows: &[Row<N>],
        owners: &[u32; LANES],
        collector: &mut Collector<'_>,
    ) -> Result<bool, Error> {
        if !levels.raise(collector.floor()) {
            return Ok(false);
        }
        let mut lows = [0u32; LANES];
        lanes::run(self.kind, &self.table, self.len, rows, &mut lows);
        if lows.iter().all(|&low| low > levels.wanted) {
            return Ok(true);
        }
        for (&low, &index) in lows.iter().zip(owners) {
            if low <= levels.wanted && index != FREE {
                let score = levels.scores[low as usize];
                collector.offer(Ranked { score, index })?;
            }
        }
        Ok(true)
    }
}

/// The scores of the numbers that the lanes can give for strings of one length.
pub(super) struct Levels {
    /// The best possible.
    least: usize,
    /// Falling.
    scores: Vec<f64>,
    floor: f64,
    /// The greatest number whose score reaches the floor.
    wanted: u32,
}

impl Levels {
    /// Takes note of a floor; false if nothing reaches it.
    #[inline]
    pub(super) fn raise(&mut self, floor: f64) -> bool {
        if floor != self.floor {
            self.floor = floor;
            let reaching = self.scores.partition_point(|&score| score >= floor);
            // No number is wanted: one below all.
            self.wanted = (reaching as u32).wrapping_sub(1);
        }
        self.wanted != u32::MAX && self.wanted as usize >= self.least
    }
}
