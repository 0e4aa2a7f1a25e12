//! The partial ratio: the shorter string against every prefix, window and suffix of the longer.
//!
//! A needle of up to 128 symbols is slid along, skipping the windows that cannot win, since moving by
//! one changes the common subsequence by at most one. A longer needle is combed once against the whole
//! text (Tiskin's semi-local LCS, anti-diagonal by anti-diagonal), which gives all parts in O(mn).

use super::pattern::{Masks, Pattern};
use super::{Symbol, Work, last_mask, lcs};
use crate::text::Error;

const SLID: usize = 128;

/// A needle, ready for many texts that are at least as long.
pub(super) struct Needle {
    codes: Vec<u32>,
    forward: Pattern,
    backward: Pattern,
}

impl Needle {
    pub(super) fn new(codes: &[u32]) -> Self {
        // The combed form has no use for masks.
        let masked = if codes.len() <= SLID { codes } else { &[] };
        Self {
            codes: codes.to_vec(),
            forward: Pattern::new(masked.iter().copied()),
            backward: Pattern::new(masked.iter().rev().copied()),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// The best ratio with a part of `text`, or `floor` if none is over it.
    pub(super) fn best<S: Symbol>(
        &self,
        text: &[S],
        floor: f64,
        work: &mut Work<'_>,
    ) -> Result<f64, Error> {
        let (m, n) = (self.len(), text.len());
        debug_assert!(m <= n);
        if m == 0 {
            return Ok(floor.max(0.0));
        }
        let mut best = Best { m, ratio: floor };
        match self.forward.words() {
            0 => self.comb(text, &mut best, work)?,
            1 => {
                work.ticker.spend(2 * m)?;
                self.ends_word(&self.forward, text.iter().take(m - 1), &mut best);
                self.ends_word(&self.backward, text.iter().rev().take(m - 1), &mut best);
                self.slide(text, &mut best, work, |window| {
                    let state = window.iter().fold(u64::MAX, |state, symbol| {
                        lcs::step(state, self.forward.word(symbol.code()))
                    });
                    (!state & last_mask(m)).count_ones() as usize
                })?;
            }
            _ => {
                work.ticker.spend(4 * m)?;
                self.ends_words(&self.forward, text.iter().take(m - 1), &mut best);
                self.ends_words(&self.backward, text.iter().rev().take(m - 1), &mut best);
                let mut none = Vec::new();
                self.slide(text, &mut best, work, |window| {
                    let mut state = [u64::MAX; SLID / 64];
                    for symbol in window {
                        lcs::step_many(&mut state, self.forward.row(symbol.code(), &mut none));
                    }
                    lcs::grown(&state, m)
                })?;
            }
        }
        debug_assert!(n >= m);
        Ok(best.ratio)
    }

    /// All prefixes of `part`, which is the text from one of its ends.
    fn ends_word<'s, S: Symbol + 's>(
        &self,
        pattern: &Pattern,
        part: impl Iterator<Item = &'s S>,
        best: &mut Best,
    ) {
        let mut state = u64::MAX;
        for (at, symbol) in part.enumerate() {
            state = lcs::step(state, pattern.word(symbol.code()));
            let l = (!state & last_mask(best.m)).count_ones() as usize;
            best.offer(l, at + 1);
        }
    }

    fn ends_words<'s, S: Symbol + 's>(
        &self,
        pattern: &Pattern,
        part: impl Iterator<Item = &'s S>,
        best: &mut Best,
    ) {
        let mut state = [u64::MAX; SLID / 64];
        let mut none = Vec::new();
        for (at, symbol) in part.enumerate() {
            lcs::step_many(&mut state, pattern.row(symbol.code(), &mut none));
            best.offer(lcs::grown(&state, best.m), at + 1);
        }
    }

    /// The windows of the needle's own length.
    fn slide<S: Symbol>(
        &self,
        text: &[S],
        best: &mut Best,
        work: &mut Work<'_>,
        mut length: impl FnMut(&[S]) -> usize,
    ) -> Result<(), Error> {
        let m = best.m;
        let mut wanted = best.wanted();
        let mut at = 0;
        while at + m <= text.len() && wanted <= m {
            work.ticker.spend(m * self.forward.words())?;
            let l = length(&text[at..at + m]);
            if l >= wanted {
                best.offer(l, m);
                wanted = best.wanted();
                at += 1;
            } else {
                at += wanted - l;
            }
        }
        Ok(())
    }

    /// Braids of m + n strands: where strand s of the top leaves at the bottom tells the length of the
    /// common subsequence of the needle with every part of the text.
    fn comb<S: Symbol>(
        &self,
        text: &[S],
        best: &mut Best,
        work: &mut Work<'_>,
    ) -> Result<(), Error> {
        let (m, n) = (self.len(), text.len());
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
        let mut gaps = 0;
        for width in 1..m {
            gaps += from_top(width - 1);
            best.offer(width - gaps, width);
        }
        gaps = 0;
        for width in 1..m {
            gaps += usize::from(end[n - width] != u32::MAX);
            best.offer(width - gaps, width);
        }
        gaps = (0..m).map(from_top).sum();
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
