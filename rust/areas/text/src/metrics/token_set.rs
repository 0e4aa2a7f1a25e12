//! The token-set ratio: common tokens against what each side has besides.

use std::cmp::Ordering;

use agent_shared::Error;

use super::pattern::Pattern;
use super::{Symbol, Work, lcs, slice, token_ranges};

/// The query's tokens: sorted, each once.
pub(super) struct Tokens {
    codes: Vec<u32>,
    ranges: Vec<(u32, u32)>,
    /// All joined by one space, for the usual case that nothing is common.
    joined: Pattern,
}

impl Tokens {
    pub(super) fn new(codes: &[u32]) -> Self {
        let mut ranges = Vec::new();
        distinct_tokens(codes, &mut ranges);
        let mut joined = Vec::new();
        for &range in &ranges {
            append(&mut joined, slice(codes, range));
        }
        Self {
            codes: codes.to_vec(),
            ranges,
            joined: Pattern::new(joined.iter().copied()),
        }
    }

    /// The ratio with a text.
    pub(super) fn score<S: Symbol>(&self, text: &[S], work: &mut Work<'_>) -> Result<f64, Error> {
        work.ticker.spend(text.len())?;
        let mut ranges = std::mem::take(&mut work.ranges);
        distinct_tokens(text, &mut ranges);
        let result = self.compare(text, &ranges, work);
        work.ranges = ranges;
        result
    }

    fn compare<S: Symbol>(
        &self,
        text: &[S],
        ranges: &[(u32, u32)],
        work: &mut Work<'_>,
    ) -> Result<f64, Error> {
        if self.ranges.is_empty() || ranges.is_empty() {
            // Equal strings are 1 whatever they hold.
            let same = self.codes.len() == text.len()
                && self.codes.iter().zip(text).all(|(&a, b)| a == b.code());
            return Ok(f64::from(u8::from(same)));
        }
        let (mut only_a, mut only_b) = (Vec::new(), Vec::new());
        let mut common = 0usize;
        let (mut left, mut right) = (self.ranges.iter().peekable(), ranges.iter().peekable());
        loop {
            let order = match (left.peek(), right.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) => {
                    let a = slice(&self.codes, **a).iter().copied();
                    a.cmp(slice(text, **b).iter().map(|symbol| symbol.code()))
                }
            };
            if order.is_le()
                && let Some(&range) = left.next()
            {
                if order.is_lt() {
                    append(&mut only_a, slice(&self.codes, range));
                } else {
                    common += (range.1 - range.0) as usize + usize::from(common > 0);
                }
            }
            if order.is_ge()
                && let Some(&range) = right.next()
                && order.is_gt()
            {
                append(&mut only_b, slice(text, range));
            }
        }
        if common > 0 && (only_a.is_empty() || only_b.is_empty()) {
            return Ok(1.0);
        }
        let (a, b) = (only_a.len(), only_b.len());
        let l = if common == 0 {
            lcs::length(&self.joined, &only_b, work)?
        } else {
            lcs::length(&Pattern::new(only_a.iter().copied()), &only_b, work)?
        };
        let gap = usize::from(common > 0);
        let sum = 2 * common + 2 * gap + a + b;
        let distance = a + b - 2 * l;
        let mut best = (sum - distance) as f64 / sum as f64;
        if common > 0 {
            for rest in [a, b] {
                best = best.max((2 * common) as f64 / (2 * common + 1 + rest) as f64);
            }
        }
        Ok(best)
    }
}

/// Appends a token after a space, if it is not the first.
fn append<S: Symbol>(joined: &mut Vec<u32>, token: &[S]) {
    if !joined.is_empty() {
        joined.push(0x20);
    }
    joined.extend(token.iter().map(|symbol| symbol.code()));
}

fn distinct_tokens<S: Symbol>(text: &[S], ranges: &mut Vec<(u32, u32)>) {
    token_ranges(text, ranges);
    ranges.sort_unstable_by(|&a, &b| slice(text, a).cmp(slice(text, b)));
    ranges.dedup_by(|&mut a, &mut b| slice(text, a) == slice(text, b));
}
