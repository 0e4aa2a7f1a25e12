//! Jaro and Jaro-Winkler.
//!
//! Matching is greedy from the left, which is the merge of two sorted lists of positions for each
//! character; so it makes no difference which of the two strings is walked.

use agent_shared::Error;

use super::pattern::{CodeMap, Masks, Pattern};
use super::{Symbol, Work};

/// Jaro's similarity of a query and a text.
pub(super) fn jaro<S: Symbol>(
    codes: &[u32],
    query: &Pattern,
    lists: &Lists,
    text: &[S],
    work: &mut Work<'_>,
) -> Result<f64, Error> {
    let (la, lb) = (codes.len(), text.len());
    if la == 0 || lb == 0 || (la == 1 && lb == 1) {
        return Ok(0.0);
    }
    work.ticker.spend(la + lb)?;
    if la <= 64 && lb <= 64 {
        return Ok(short(query, text));
    }
    let bound = (la.max(lb) / 2).saturating_sub(1);
    let (common, moved) = in_lists(codes, lists, text, bound, work);
    Ok(formula(common, moved / 2, la, lb))
}

/// Jaro's similarity where both have at most 64 symbols, and not one or none each.
#[inline]
pub(super) fn short<S: Symbol>(query: &impl Masks, text: &[S]) -> f64 {
    let (la, lb) = (query.len(), text.len());
    let bound = (la.max(lb) / 2).saturating_sub(1);
    let (common, moved) = in_words(query, text, bound);
    formula(common, moved / 2, la, lb)
}

/// The quotients in the order that both twins keep.
#[inline]
fn formula(common: usize, transposed: usize, la: usize, lb: usize) -> f64 {
    if common == 0 {
        return 0.0;
    }
    let c = common as f64;
    let mut score = c / la as f64;
    score += c / lb as f64;
    score += (common - transposed) as f64 / c;
    score / 3.0
}

/// The most that Jaro can give for `common` of the shorter length; never under a computed score.
#[inline]
pub(super) fn best_for_lengths(la: usize, lb: usize) -> f64 {
    formula(la.min(lb), 0, la, lb)
}

/// Winkler's bonus.
#[inline]
pub(super) fn winkler<A: Symbol, B: Symbol>(score: f64, query: &[A], text: &[B]) -> f64 {
    let prefix = query
        .iter()
        .zip(text)
        .take(4)
        .take_while(|(a, b)| a.code() == b.code())
        .count();
    raise(score, prefix)
}

#[inline]
pub(super) fn raise(score: f64, prefix: usize) -> f64 {
    if score > 0.7 {
        (score + (prefix as f64 * 0.1) * (1.0 - score)).min(1.0)
    } else {
        score
    }
}

/// Both strings of at most 64: flags are bits. Gives the common characters and those out of order.
fn in_words<S: Symbol>(query: &impl Masks, text: &[S], bound: usize) -> (usize, usize) {
    let mut window = u64::MAX >> (63 - bound.min(63));
    let (mut taken, mut matched) = (0u64, 0u64);
    for (at, symbol) in text.iter().enumerate() {
        let free = query.word(symbol.code()) & window & !taken;
        taken |= free & free.wrapping_neg();
        matched |= u64::from(free != 0) << at;
        window = if at < bound {
            window << 1 | 1
        } else {
            window << 1
        };
    }
    let common = taken.count_ones() as usize;
    let mut moved = 0;
    while matched != 0 {
        let at = matched.trailing_zeros() as usize;
        let place = taken & taken.wrapping_neg();
        moved += usize::from(query.word(text[at].code()) & place == 0);
        matched &= matched - 1;
        taken ^= place;
    }
    (common, moved)
}

/// The positions of each symbol of a query, in order.
pub(super) struct Lists {
    map: CodeMap,
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl Lists {
    pub(super) fn new(codes: &[u32]) -> Self {
        let mut map = CodeMap::new();
        let mut starts = vec![0u32, 0];
        for &code in codes {
            let number = map.entry(code);
            if *number == 0 {
                *number = starts.len() as u32 - 1;
                starts.push(0);
            }
            starts[*number as usize + 1] += 1;
        }
        for number in 1..starts.len() {
            starts[number] += starts[number - 1];
        }
        let mut next = starts.clone();
        let mut places = vec![0u32; codes.len()];
        for (at, &code) in codes.iter().enumerate() {
            let place = &mut next[map.get(code) as usize];
            places[*place as usize] = at as u32;
            *place += 1;
        }
        Self {
            map,
            starts,
            places,
        }
    }
}

/// Any lengths, in linear time: each symbol's list has a pointer that only moves forward.
fn in_lists<S: Symbol>(
    codes: &[u32],
    lists: &Lists,
    text: &[S],
    bound: usize,
    work: &mut Work<'_>,
) -> (usize, usize) {
    let Work {
        flags,
        joined: matched,
        ..
    } = work;
    flags.clear();
    flags.resize(codes.len(), false);
    matched.clear();
    let mut next = lists.starts.clone();
    for (at, symbol) in text.iter().enumerate() {
        let number = lists.map.get(symbol.code()) as usize;
        let end = lists.starts[number + 1];
        let pointer = &mut next[number];
        while *pointer < end && (lists.places[*pointer as usize] as usize) + bound < at {
            *pointer += 1;
        }
        if *pointer < end {
            let place = lists.places[*pointer as usize] as usize;
            if place <= at + bound {
                flags[place] = true;
                matched.push(symbol.code());
                *pointer += 1;
            }
        }
    }
    let flagged = codes.iter().zip(flags.iter()).filter(|&(_, &flag)| flag);
    let moved = flagged
        .zip(matched.iter())
        .filter(|((a, _), b)| a != b)
        .count();
    (matched.len(), moved)
}
