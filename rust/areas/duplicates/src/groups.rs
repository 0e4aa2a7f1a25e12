//! Texts that belong together.

use agent_shared::Error;

/// A partition of the texts; each group is named by its first.
pub(super) struct Groups {
    first: Vec<u32>,
}

impl Groups {
    pub(super) fn new(count: usize) -> Result<Self, Error> {
        let mut first = Vec::new();
        first.try_reserve_exact(count)?;
        first.extend(0..count as u32);
        Ok(Self { first })
    }

    pub(super) fn find(&mut self, mut text: u32) -> u32 {
        loop {
            let leader = self.first[text as usize];
            if leader == text {
                return leader;
            }
            // Each look-up halves the way of the next.
            let next = self.first[leader as usize];
            self.first[text as usize] = next;
            text = next;
        }
    }

    pub(super) fn join(&mut self, a: u32, b: u32) {
        let (one, other) = (self.find(a), self.find(b));
        self.first[one.max(other) as usize] = one.min(other);
    }

    /// For each text the first of its group.
    pub(super) fn into_firsts(mut self) -> Vec<u32> {
        for text in 0..self.first.len() as u32 {
            self.first[text as usize] = self.find(text);
        }
        self.first
    }
}
