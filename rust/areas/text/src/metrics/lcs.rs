//! Longest common subsequence, bit-parallel after Hyyro 2004: a zero bit is a row that grew.

use agent_shared::Error;

use super::pattern::{Masks, Pattern};
use super::{Symbol, Work, last_mask};

/// The length of the longest common subsequence of the query and `text`.
pub(super) fn length<S: Symbol>(
    query: &Pattern,
    text: &[S],
    work: &mut Work<'_>,
) -> Result<usize, Error> {
    match query.words() {
        0 => Ok(0),
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
    let state = text.iter().fold(u64::MAX, |state, symbol| {
        step(state, query.word(symbol.code()))
    });
    (!state & last_mask(query.len())).count_ones() as usize
}

/// One column of a query of at most 64 symbols.
#[inline(always)]
pub(super) fn step(state: u64, mask: u64) -> u64 {
    let both = state & mask;
    state.wrapping_add(both) | (state - both)
}

/// One column of a longer query; whether the length grew by one, which is where a carry leaves the
/// last word.
#[inline]
pub(super) fn step_many(state: &mut [u64], masks: &[u64]) -> bool {
    let mut carry = false;
    for (state, &mask) in state.iter_mut().zip(masks) {
        let both = *state & mask;
        let (sum, first) = state.overflowing_add(both);
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        carry = first | second;
        *state = sum | (*state - both);
    }
    carry
}

fn many_words<S: Symbol>(query: &Pattern, text: &[S], work: &mut Work<'_>) -> Result<usize, Error> {
    let Work {
        ticker,
        vp: state,
        row,
        ..
    } = work;
    state.clear();
    state.resize(query.words(), u64::MAX);
    for symbol in text {
        ticker.spend(query.words())?;
        step_many(state, query.row(symbol.code(), row));
    }
    Ok(grown(state, query.len()))
}

/// The number of zero bits among the first `len`.
pub(super) fn grown(state: &[u64], len: usize) -> usize {
    let Some((last, head)) = state.split_last() else {
        return 0;
    };
    let whole: usize = head.iter().map(|word| word.count_zeros() as usize).sum();
    whole + (!last & last_mask(len)).count_ones() as usize
}
