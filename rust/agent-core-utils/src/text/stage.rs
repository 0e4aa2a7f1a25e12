//! Strings on their way through the lanes once: sorted by length into blocks of 64, each compared as
//! soon as it is full.

use super::Error;
use super::laned::{FREE, Laned, Levels};
use super::lanes::{LANES, Row};
use super::metrics::{CodeMap, Scorer, Symbol, Work};
use super::rank::{Collector, Ranked};

/// Longer strings go one by one.
const LANED: usize = 256;
/// Blocks with fewer strings at the end go one by one: the lanes cost the same full or empty.
const WORTH: usize = 6;

/// The query's side: its characters are numbered from 1; all others are 0.
pub(super) struct Plan {
    numbers: CodeMap,
    laned: Laned,
}

impl Plan {
    /// None if the query or its metric is not for lanes.
    pub(super) fn new(scorer: &Scorer) -> Option<Self> {
        let mut numbers = CodeMap::new();
        let mut count = 0u32;
        // Over this the query is too long for lanes anyway, and numbers would not fit a byte.
        for &code in scorer.masked().iter().take(LANES) {
            let number = numbers.entry(code);
            if *number == 0 {
                count += 1;
                *number = count;
            }
        }
        let number = |code| match numbers.get(code) {
            0 => None,
            number => Some(number as u16),
        };
        let laned = Laned::new(scorer, number, count as usize + 1)?;
        Some(Self { numbers, laned })
    }
}

/// The strings' side, one a thread.
pub(super) struct Stage<'p> {
    plan: &'p Plan,
    /// By length.
    blocks: Vec<Option<Block>>,
}

struct Block {
    levels: Levels,
    rows: Vec<Row<u8>>,
    owners: [u32; LANES],
    used: usize,
}

impl<'p> Stage<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            blocks: Vec::new(),
        }
    }

    /// Takes a string; false if it is too long, and is the caller's still.
    #[inline]
    pub(super) fn add<S: Symbol>(
        &mut self,
        index: u32,
        text: &[S],
        collector: &mut Collector<'_>,
    ) -> Result<bool, Error> {
        let len = text.len();
        if len > LANED {
            return Ok(false);
        }
        if self.blocks.len() <= len {
            self.blocks.resize_with(len + 1, || None);
        }
        let plan = self.plan;
        let block = self.blocks[len].get_or_insert_with(|| Block {
            levels: plan.laned.levels(len),
            rows: vec![[0; LANES]; len],
            owners: [FREE; LANES],
            used: 0,
        });
        if !block.levels.raise(collector.floor()) {
            return Ok(true);
        }
        let lane = block.used % LANES;
        for (row, symbol) in block.rows.iter_mut().zip(text) {
            row[lane] = plan.numbers.get(symbol.code()) as u8;
        }
        block.owners[lane] = index;
        block.used = lane + 1;
        if block.used == LANES {
            block.flush(plan, collector)?;
        }
        Ok(true)
    }

    /// Compares what is left; `single` scores one string by its number.
    pub(super) fn finish(
        self,
        collector: &mut Collector<'_>,
        work: &mut Work<'_>,
        single: impl Fn(u32, f64, &mut Work<'_>) -> Result<f64, Error>,
    ) -> Result<(), Error> {
        for mut block in self.blocks.into_iter().flatten() {
            if block.used >= WORTH {
                block.flush(self.plan, collector)?;
                continue;
            }
            for &index in &block.owners[..block.used] {
                let score = single(index, collector.floor(), work)?;
                collector.offer(Ranked { score, index })?;
            }
        }
        Ok(())
    }
}

impl Block {
    fn flush(&mut self, plan: &Plan, collector: &mut Collector<'_>) -> Result<(), Error> {
        let Self {
            levels,
            rows,
            owners,
            used,
        } = self;
        plan.laned.search(levels, rows, owners, collector)?;
        owners.fill(FREE);
        *used = 0;
        Ok(())
    }
}
