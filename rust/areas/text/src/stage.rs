//! Strings on their way through the lanes once: sorted by length into blocks of 64, each compared as
//! soon as it is full.

use agent_shared::Error;

use super::best::{Collector, Ranked};
use super::lane_query::{FREE, LaneQuery, Levels};
use super::lanes::{LANES, Row};
use super::metrics::{Scorer, Work};

/// Longer strings go one by one.
const LANED: usize = 256;
/// Blocks with fewer strings at the end go one by one: the lanes cost the same full or empty.
const WORTH: usize = 6;

/// The query's side: its characters are numbered from 1; all others are 0.
pub(super) struct Plan {
    latin: [u8; 256],
    /// The page of each block of 256 code points; page 0 is all zeros.
    index: [u8; BLOCKS],
    pages: Vec<[u8; 256]>,
    laned: LaneQuery,
}

const BLOCKS: usize = 0x11_0000 >> 8;

impl Plan {
    /// None if the query or its metric is not for lanes.
    pub(super) fn new(scorer: &Scorer) -> Option<Self> {
        let codes = scorer.masked();
        let mut distinct = codes.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let number = |code| distinct.binary_search(&code).ok().map(|at| at as u16 + 1);
        let laned = LaneQuery::new(scorer, number, distinct.len() + 1)?;
        let mut plan = Self {
            latin: [0; 256],
            index: [0; BLOCKS],
            pages: vec![[0; 256]],
            laned,
        };
        // At most 64, so that numbers and pages fit a byte.
        for (&code, number) in distinct.iter().zip(1..) {
            let (block, place) = ((code >> 8) as usize, (code & 255) as usize);
            if block == 0 {
                plan.latin[place] = number;
            } else {
                if plan.index[block] == 0 {
                    plan.index[block] = plan.pages.len() as u8;
                    plan.pages.push([0; 256]);
                }
                plan.pages[plan.index[block] as usize][place] = number;
            }
        }
        Some(plan)
    }

    #[inline(always)]
    fn number(&self, code: u32) -> u8 {
        if code < 256 {
            return self.latin[code as usize];
        }
        let page = self.index.get((code >> 8) as usize).copied().unwrap_or(0);
        self.pages[page as usize][(code & 255) as usize]
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

    /// Takes a string of `len` code points; false if it is too long, and is the caller's still.
    #[inline]
    pub(super) fn add(
        &mut self,
        index: u32,
        len: usize,
        codes: impl Iterator<Item = u32>,
        collector: &mut Collector<'_>,
    ) -> Result<bool, Error> {
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
        for (row, code) in block.rows.iter_mut().zip(codes) {
            row[lane] = plan.number(code);
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
