//! The partial ratio: the shorter string against every prefix, window and suffix of the longer.
//!
//! Prefixes cost one pass of the bit-parallel LCS, suffixes one from the other end. The windows are
//! looked at one by one, skipping those that cannot win, since moving by one changes the common
//! subsequence by at most one. Where that skips too little, the needle is combed once against the whole
//! text (Tiskin's semi-local LCS, anti-diagonal by anti-diagonal), which gives all parts in O(mn).

use agent_shared::Error;

use super::pattern::{Masks, Pattern};
use super::{Symbol, Work, last_mask, lcs};

/// A step of a word of the LCS takes about as long as combing this many cells.
const CELLS: usize = 4;

/// A needle, ready for many texts that are at least as long.
pub(super) struct Needle {
    codes: Vec<u32>,
    forward: Pattern,
    backward: Pattern,
}

impl Needle {
    pub(super) fn new(codes: &[u32]) -> Self {
        Self {
            codes: codes.to_vec(),
            forward: Pattern::new(codes.iter().copied()),
            backward: Pattern::new(codes.iter().rev().copied()),
        }
    }

    /// The best ratio with a part of `text`, or `floor` if none is over it.
    pub(super) fn best<S: Symbol>(
        &self,
        text: &[S],
        floor: f64,
        work: &mut Work<'_>,
    ) -> Result<f64, Error> {
        let m = self.codes.len();
        debug_assert!(m <= text.len());
        if m == 0 {
            return Ok(floor.max(0.0));
        }
        let mut best = Best { m, ratio: floor };
        ends(&self.forward, text.iter().take(m - 1), &mut best, work)?;
        ends(
            &self.backward,
            text.iter().rev().take(m - 1),
            &mut best,
            work,
        )?;
        if !self.slide(text, &mut best, work)? {
            self.comb(text, &mut best, work)?;
        }
        Ok(best.ratio)
    }

    /// The windows of the needle's own length; false if so many must be looked at that combing is
    /// quicker.
    fn slide<S: Symbol>(
        &self,
        text: &[S],
        best: &mut Best,
        work: &mut Work<'_>,
    ) -> Result<bool, Error> {
        let (m, words) = (best.m, self.forward.words());
        // One window costs no more than what it takes to comb, in a needle of a few words.
        let mut budget = if words <= CELLS / 2 {
            usize::MAX
        } else {
            (m.saturating_mul(text.len()) / CELLS).max(m * words)
        };
        let mut wanted = best.wanted();
        let mut at = 0;
        while at + m <= text.len() && wanted <= m {
            let Some(rest) = budget.checked_sub(m * words) else {
                return Ok(false);
            };
            budget = rest;
            let l = lcs::length(&self.forward, &text[at..at + m], work)?;
            if l >= wanted {
                best.offer(l, m);
                wanted = best.wanted();
                at += 1;
            } else {
                at += wanted - l;
            }
        }
        Ok(true)
    }

    /// Braids of m + n strands: where strand s of the top leaves at the bottom tells the length of the
    /// common subsequence of the needle with every part of the text. Only the windows are read here.
    fn comb<S: Symbol>(
        &self,
        text: &[S],
        best: &mut Best,
        work: &mut Work<'_>,
    ) -> Result<(), Error> {
        let (m, n) = (self.codes.len(), text.len());
        if i32::try_from(m + n).is_err() {
            return Err(Error::Invalid(
                "Texts of over 2^31 characters cannot be compared",
            ));
        }
        let needle: Vec<u32> = self.codes.iter().rev().copied().collect();
        let text: Vec<u32> = text.iter().map(|symbol| symbol.code()).collect();
        // Strands from the left, bottom row first; then from the top.
        let mut left: Vec<i32> = (0..m as i32).collect();
        let mut top: Vec<i32> = (m as i32..(m + n) as i32).collect();
        for diagonal in 0..m + n - 1 {
            let low = m - 1 - diagonal.min(m - 1);
            let high = m - (diagonal + 1).saturating_sub(n);
            let column = low + diagonal + 1 - m;
            let len = high - low;
            work.ticker.spend(len / 4 + 1)?;
            cross(
                &mut left[low..high],
                &mut top[column..column + len],
                &needle[low..high],
                &text[column..column + len],
            );
        }
        // Strand from column s of the top ends at column `end[s]`, or not at the bottom.
        let mut end = vec![u32::MAX; n];
        for (column, &strand) in top.iter().enumerate() {
            if let Some(start) = (strand as usize).checked_sub(m) {
                end[start] = column as u32;
            }
        }
        let from_top = |column: usize| usize::from(top[column] as usize >= m);
        let mut gaps: usize = (0..m).map(from_top).sum();
        best.offer(m - gaps, m);
        for start in 0..n - m {
            // Column start leaves the window, column start + m enters it.
            gaps -= usize::from((end[start] as usize) < start + m);
            gaps += usize::from(top[start + m] as usize > m + start);
            best.offer(m - gaps, m);
        }
        Ok(())
    }
}

/// All prefixes of `part`, which is the text from one of its ends.
fn ends<'s, S: Symbol + 's>(
    pattern: &Pattern,
    part: impl ExactSizeIterator<Item = &'s S>,
    best: &mut Best,
    work: &mut Work<'_>,
) -> Result<(), Error> {
    let Work {
        ticker,
        vp: state,
        row,
        ..
    } = work;
    if pattern.words() == 1 {
        ticker.spend(part.len())?;
        let mut state = u64::MAX;
        for (at, symbol) in part.enumerate() {
            state = lcs::step(state, pattern.word(symbol.code()));
            let l = (!state & last_mask(best.m)).count_ones() as usize;
            best.offer(l, at + 1);
        }
        return Ok(());
    }
    state.clear();
    state.resize(pattern.words(), u64::MAX);
    let mut l = 0;
    for (at, symbol) in part.enumerate() {
        ticker.spend(pattern.words())?;
        l += usize::from(lcs::step_many(state, pattern.row(symbol.code(), row)));
        best.offer(l, at + 1);
    }
    Ok(())
}

/// One anti-diagonal, with AVX2 where there is some.
fn cross(left: &mut [i32], top: &mut [i32], needle: &[u32], text: &[u32]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[target_feature(enable = "avx2")]
        fn with_avx2(left: &mut [i32], top: &mut [i32], needle: &[u32], text: &[u32]) {
            cross_all(left, top, needle, text);
        }
        // The one call that safe code cannot make: only this function knows what was detected.
        #[allow(unsafe_code)]
        // SAFETY: the processor has AVX2, as just checked.
        return unsafe { with_avx2(left, top, needle, text) };
    }
    cross_all(left, top, needle, text);
}

/// Strands cross unless the symbols match or they crossed before.
#[inline(always)]
fn cross_all(left: &mut [i32], top: &mut [i32], needle: &[u32], text: &[u32]) {
    for (((left, top), a), b) in left.iter_mut().zip(top).zip(needle).zip(text) {
        let (h, v) = (*left, *top);
        let swap = (a == b) | (h > v);
        *left = if swap { v } else { h };
        *top = if swap { h } else { v };
    }
}

/// The best ratio so far for a needle of `m`.
struct Best {
    m: usize,
    ratio: f64,
}

impl Best {
    fn offer(&mut self, l: usize, width: usize) {
        let ratio = (2 * l) as f64 / (self.m + width) as f64;
        if ratio > self.ratio {
            self.ratio = ratio;
        }
    }

    /// The least length in a window of `m` that would be better; over `m` if none is.
    fn wanted(&self) -> usize {
        let mut l = ((self.ratio * self.m as f64) as usize).saturating_sub(1);
        while l <= self.m && (2 * l) as f64 / (2 * self.m) as f64 <= self.ratio {
            l += 1;
        }
        l
    }
}

#[cfg(test)]
mod tests {
    use agent_shared::Uncontrolled;
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::{Metric, naive};

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

        #[test]
        fn combing_finds_the_windows(
            needle in prop::collection::vec(0u32..4, 1..40),
            rest in prop::collection::vec(0u32..4, 0..60),
        ) {
            let text = [&rest[..], &needle[needle.len() / 2..], &rest[rest.len() / 2..]].concat();
            prop_assume!(text.len() >= needle.len());
            let mut work = Work::new(&Uncontrolled);
            let prepared = Needle::new(&needle);
            let mut combed = Best { m: needle.len(), ratio: 0.0 };
            prepared.comb(&text, &mut combed, &mut work).unwrap();
            let mut slid = Best { m: needle.len(), ratio: 0.0 };
            prop_assert!(prepared.slide(&text, &mut slid, &mut work).unwrap());
            prop_assert_eq!(combed.ratio, slid.ratio);
            if text.len() > needle.len() {
                let best = prepared.best(&text, 0.0, &mut work).unwrap();
                prop_assert_eq!(best, naive::similarity(Metric::Partial, &needle, &text));
            }
        }
    }

    #[test]
    fn a_needle_that_fits_nowhere_well_is_combed() {
        // Windows of a periodic text all have about the same length in common: none can be skipped.
        let needle: Vec<u32> = (0..300).map(|at| at * at % 7).collect();
        let text: Vec<u32> = (0..3_000).map(|at| at * 5 % 7).collect();
        let mut work = Work::new(&Uncontrolled);
        let prepared = Needle::new(&needle);
        let mut best = Best { m: 300, ratio: 0.0 };
        let whole = prepared.slide(&text, &mut best, &mut work).unwrap();
        let mut combed = Best { m: 300, ratio: 0.0 };
        prepared.comb(&text, &mut combed, &mut work).unwrap();
        assert!(!whole);
        assert_eq!(prepared.best(&text, 0.0, &mut work).unwrap(), combed.ratio);
    }
}
