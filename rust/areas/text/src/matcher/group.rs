//! Strings of one length, 64 side by side: position by position, each position a row of 64 characters.

use crate::lane_query::FREE;
use crate::lanes::{LANES, Number, Row};

/// Strings of `len` characters with numbers of type `N`.
#[derive(Clone)]
pub(super) struct Group<N> {
    len: usize,
    /// `len` rows a block.
    rows: Vec<Row<N>>,
    /// Whose string is in a lane; whole blocks, the rest [`FREE`].
    owners: Vec<u32>,
    used: usize,
}

impl<N: Number> Group<N> {
    pub(super) fn new(len: usize) -> Self {
        Self {
            len,
            rows: Vec::new(),
            owners: Vec::new(),
            used: 0,
        }
    }

    pub(super) fn blocks(&self) -> usize {
        self.used.div_ceil(LANES)
    }

    /// The rows and the owners of one block.
    #[inline]
    pub(super) fn block(&self, block: usize) -> (&[Row<N>], &[u32; LANES]) {
        let rows = &self.rows[block * self.len..(block + 1) * self.len];
        let owners = self.owners[block * LANES..]
            .first_chunk()
            .unwrap_or(&[FREE; LANES]);
        (rows, owners)
    }

    /// Puts a string into the next lane and gives the lane.
    pub(super) fn push(&mut self, owner: u32, numbers: impl Iterator<Item = N>) -> u32 {
        let lane = self.used;
        if lane.is_multiple_of(LANES) {
            let block = lane / LANES + 1;
            self.rows.resize(block * self.len, [N::default(); LANES]);
            self.owners.resize(block * LANES, FREE);
        }
        let rows = &mut self.rows[lane / LANES * self.len..];
        for (row, number) in rows.iter_mut().zip(numbers) {
            row[lane % LANES] = number;
        }
        self.owners[lane] = owner;
        self.used += 1;
        lane as u32
    }

    /// Frees a lane; the last string moves there. Gives whose string moved.
    pub(super) fn remove(&mut self, lane: u32) -> Option<u32> {
        let (lane, last) = (lane as usize, self.used - 1);
        self.used = last;
        if lane != last {
            for row in 0..self.len {
                let number = self.rows[last / LANES * self.len + row][last % LANES];
                self.rows[lane / LANES * self.len + row][lane % LANES] = number;
            }
            self.owners[lane] = self.owners[last];
        }
        self.owners[last] = FREE;
        let blocks = self.blocks();
        self.rows.truncate(blocks * self.len);
        self.owners.truncate(blocks * LANES);
        (lane != last).then(|| self.owners[lane])
    }

    /// The characters of one lane.
    pub(super) fn lane(&self, lane: u32) -> impl Iterator<Item = u16> + '_ {
        let lane = lane as usize;
        self.rows[lane / LANES * self.len..][..self.len]
            .iter()
            .map(move |row| row[lane % LANES].into())
    }
}
