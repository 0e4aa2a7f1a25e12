//! Restricted Damerau distance (optimal string alignment), bit-parallel after Hyyro 2003.

use agent_shared::Error;

use super::levenshtein::ones;
use super::pattern::{Masks, Pattern};
use super::{Symbol, Work, last_mask};

/// The number of insertions, deletions, substitutions and swaps of neighbours, no part edited twice.
pub(super) fn distance<S: Symbol>(
    query: &Pattern,
    text: &[S],
    work: &mut Work<'_>,
) -> Result<usize, Error> {
    match query.words() {
        0 => Ok(text.len()),
        1 => {
            work.ticker.spend(text.len())?;
            Ok(one_word(query, text))
        }
        _ => many_words(query, text, work),
    }
}

/// The same for a query of at most 64 symbols.
#[inline]
pub(super) fn one_word<S: Symbol>(query: &impl Masks, text: &[S]) -> usize {
    let mut vp = u64::MAX;
    let (mut vn, mut d0, mut former) = (0u64, 0u64, 0u64);
    for symbol in text {
        let x = query.word(symbol.code());
        let swap = ((!d0 & x) << 1) & former;
        d0 = ((x & vp).wrapping_add(vp) ^ vp) | x | vn | swap;
        let hp = (vn | !(d0 | vp)) << 1 | 1;
        let hn = (d0 & vp) << 1;
        vp = hn | !(d0 | hp);
        vn = hp & d0;
        former = x;
    }
    let mask = last_mask(query.len());
    text.len() + (vp & mask).count_ones() as usize - (vn & mask).count_ones() as usize
}

fn many_words<S: Symbol>(query: &Pattern, text: &[S], work: &mut Work<'_>) -> Result<usize, Error> {
    let words = query.words();
    let Work {
        ticker,
        vp,
        vn,
        d0,
        row,
        former,
        ..
    } = work;
    vp.clear();
    vp.resize(words, u64::MAX);
    for state in [&mut *vn, &mut *d0, &mut *former] {
        state.clear();
        state.resize(words, 0);
    }
    for symbol in text {
        ticker.spend(words)?;
        let masks = query.row(symbol.code(), row);
        let (mut carry_p, mut carry_n) = (1u64, 0u64);
        // The top bit of (not d0) and mask of the word below, before this column changed it.
        let mut carry_swap = 0u64;
        for word in 0..words {
            let (p, n, mask) = (vp[word], vn[word], masks[word]);
            let missed = !d0[word] & mask;
            let swap = (missed << 1 | carry_swap) & former[word];
            carry_swap = missed >> 63;
            let x = mask | carry_n;
            let d = ((x & p).wrapping_add(p) ^ p) | x | n | swap;
            let hp = n | !(d | p);
            let hn = d & p;
            let (shifted_p, shifted_n) = (hp << 1 | carry_p, hn << 1 | carry_n);
            (carry_p, carry_n) = (hp >> 63, hn >> 63);
            vp[word] = shifted_n | !(d | shifted_p);
            vn[word] = shifted_p & d;
            d0[word] = d;
            former[word] = mask;
        }
    }
    vp[words - 1] &= last_mask(query.len());
    vn[words - 1] &= last_mask(query.len());
    Ok(text.len() + ones(vp) - ones(vn))
}
