//! Edit distance, bit-parallel: Myers 1999 in the form of Hyyro 2003, 64 rows of the matrix a word.
//!
//! The distance is read from the vertical differences of the last column, so the loop keeps no score.

use agent_shared::Error;

use super::pattern::{Masks, Pattern};
use super::{Symbol, Work, last_mask};

/// The number of insertions, deletions and substitutions between the query and `text`.
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
    let mut vn = 0u64;
    for symbol in text {
        let x = query.word(symbol.code());
        let d0 = ((x & vp).wrapping_add(vp) ^ vp) | x | vn;
        let hp = (vn | !(d0 | vp)) << 1 | 1;
        let hn = (d0 & vp) << 1;
        vp = hn | !(d0 | hp);
        vn = hp & d0;
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
        row,
        ..
    } = work;
    vp.clear();
    vp.resize(words, u64::MAX);
    vn.clear();
    vn.resize(words, 0);
    for symbol in text {
        ticker.spend(words)?;
        let masks = query.row(symbol.code(), row);
        // The first row of the matrix grows by one with each column.
        let (mut carry_p, mut carry_n) = (1u64, 0u64);
        for ((vp, vn), &mask) in vp.iter_mut().zip(vn.iter_mut()).zip(masks) {
            let x = mask | carry_n;
            let d0 = ((x & *vp).wrapping_add(*vp) ^ *vp) | x | *vn;
            let hp = *vn | !(d0 | *vp);
            let hn = d0 & *vp;
            let (shifted_p, shifted_n) = (hp << 1 | carry_p, hn << 1 | carry_n);
            (carry_p, carry_n) = (hp >> 63, hn >> 63);
            *vp = shifted_n | !(d0 | shifted_p);
            *vn = shifted_p & d0;
        }
    }
    if let (Some(p), Some(n)) = (vp.last_mut(), vn.last_mut()) {
        *p &= last_mask(query.len());
        *n &= last_mask(query.len());
    }
    Ok(text.len() + ones(vp) - ones(vn))
}

pub(super) fn ones(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}
