//! How alike two strings are, 0..1, over code points.
//!
//! [`Scorer`] is a query prepared for many comparisons. Every score is a quotient of whole numbers in
//! the exact order of operations of the pure twin, so that both give the same bits.

mod jaro;
mod lcs;
mod levenshtein;
#[cfg(test)]
pub(crate) mod naive;
mod osa;
mod partial;
mod pattern;
mod scorer;
mod token_set;

use agent_shared::{Control, Error, Ticker};

use pattern::Ascii;
pub(crate) use pattern::CodeMap;
pub use scorer::Scorer;
pub(crate) use scorer::{edit_score, indel_score, lcs_score};

/// The measure of likeness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// One less the edit distance (insert, delete, substitute) over the longer length.
    Levenshtein,
    /// The same with transpositions of neighbours (optimal string alignment).
    Osa,
    /// Jaro's: common characters within a window, less half of those out of order.
    Jaro,
    /// Jaro's, raised for a common prefix of up to four when it is over 0.7.
    JaroWinkler,
    /// Longest common subsequence over the longer length.
    Lcs,
    /// Indel ratio of the sorted tokens.
    TokenSort,
    /// Best Indel ratio of common and remaining tokens.
    TokenSet,
    /// Best Indel ratio of the shorter string with a part of the longer.
    Partial,
}

impl Metric {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Levenshtein,
        Self::Osa,
        Self::Jaro,
        Self::JaroWinkler,
        Self::Lcs,
        Self::TokenSort,
        Self::TokenSet,
        Self::Partial,
    ];
}

impl TryFrom<u32> for Metric {
    type Error = Error;

    fn try_from(code: u32) -> Result<Self, Error> {
        Self::ALL
            .get(code as usize)
            .copied()
            .ok_or(Error::Invalid("There is no metric of that number"))
    }
}

/// One character of a string in whichever width it is stored.
pub trait Symbol: Copy + Eq + Ord + Send + Sync {
    /// The code point.
    fn code(self) -> u32;
}

/// A code point below 256.
impl Symbol for u8 {
    #[inline(always)]
    fn code(self) -> u32 {
        u32::from(self)
    }
}

/// Any code point.
impl Symbol for u32 {
    #[inline(always)]
    fn code(self) -> u32 {
        self
    }
}

/// What the scorers of one thread reuse from string to string, and their view of the control.
pub struct Work<'c> {
    pub(crate) ticker: Ticker<'c>,
    pub(crate) codes: Vec<u32>,
    vp: Vec<u64>,
    vn: Vec<u64>,
    d0: Vec<u64>,
    row: Vec<u64>,
    former: Vec<u64>,
    flags: Vec<bool>,
    ranges: Vec<(u32, u32)>,
    joined: Vec<u32>,
}

impl<'c> Work<'c> {
    /// Empty.
    pub fn new(control: &'c dyn Control) -> Self {
        Self {
            ticker: Ticker::new(control),
            codes: Vec::new(),
            vp: Vec::new(),
            vn: Vec::new(),
            d0: Vec::new(),
            row: Vec::new(),
            former: Vec::new(),
            flags: Vec::new(),
            ranges: Vec::new(),
            joined: Vec::new(),
        }
    }
}

/// The likeness of two strings; the first is the query.
pub fn similarity(metric: Metric, a: &str, b: &str, control: &dyn Control) -> Result<f64, Error> {
    if a == b {
        return Ok(1.0);
    }
    if let Some(score) = short_ascii(metric, a.as_bytes(), b.as_bytes()) {
        return Ok(score);
    }
    let mut work = Work::new(control);
    let scorer = Scorer::new(metric, a);
    if b.is_ascii() {
        scorer.score(b.as_bytes(), &mut work)
    } else {
        let codes: Vec<u32> = b.chars().map(u32::from).collect();
        scorer.score(&codes, &mut work)
    }
}

/// Two different strings of 1 to 64 ASCII characters by a metric that compares characters, without
/// the cost of preparing anything that outlives the comparison.
fn short_ascii(metric: Metric, a: &[u8], b: &[u8]) -> Option<f64> {
    let (la, lb) = (a.len(), b.len());
    let fits = (1..=64).contains(&la) && (1..=64).contains(&lb) && a.is_ascii() && b.is_ascii();
    if !fits
        || matches!(
            metric,
            Metric::TokenSort | Metric::TokenSet | Metric::Partial
        )
    {
        return None;
    }
    if la == 1 && lb == 1 {
        return Some(0.0);
    }
    let query = Ascii::new(a);
    Some(match metric {
        Metric::Osa => edit_score(osa::one_word(&query, b), la, lb),
        Metric::Lcs => lcs_score(lcs::one_word(&query, b), la, lb),
        Metric::Jaro => jaro::short(&query, b),
        Metric::JaroWinkler => jaro::winkler(jaro::short(&query, b), a, b),
        _ => edit_score(levenshtein::one_word(&query, b), la, lb),
    })
}

/// The bits of the last word of a pattern of `len` symbols.
#[inline]
fn last_mask(len: usize) -> u64 {
    u64::MAX >> ((64 - len % 64) % 64)
}

/// The white space of the token metrics: Python's `str.isspace`.
pub(crate) fn is_space(code: u32) -> bool {
    matches!(code,
        0x09..=0x0d | 0x1c..=0x20 | 0x85 | 0xa0 | 0x1680 | 0x2000..=0x200a
        | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000)
}

/// Where the runs without white space are, unsorted.
pub(crate) fn token_ranges<S: Symbol>(text: &[S], ranges: &mut Vec<(u32, u32)>) {
    ranges.clear();
    let mut start = None;
    for (at, symbol) in text.iter().enumerate() {
        match (is_space(symbol.code()), start) {
            (true, Some(from)) => {
                ranges.push((from, at as u32));
                start = None;
            }
            (false, None) => start = Some(at as u32),
            _ => {}
        }
    }
    if let Some(from) = start {
        ranges.push((from, text.len() as u32));
    }
}

/// One token.
#[inline]
pub(crate) fn slice<S>(text: &[S], range: (u32, u32)) -> &[S] {
    &text[range.0 as usize..range.1 as usize]
}

/// The tokens in code-point order, joined by one space.
pub(crate) fn sorted_tokens<S: Symbol>(
    text: &[S],
    ranges: &mut Vec<(u32, u32)>,
    joined: &mut Vec<u32>,
) {
    token_ranges(text, ranges);
    ranges.sort_unstable_by(|&a, &b| slice(text, a).cmp(slice(text, b)));
    joined.clear();
    for &range in ranges.iter() {
        if !joined.is_empty() {
            joined.push(0x20);
        }
        joined.extend(slice(text, range).iter().map(|symbol| symbol.code()));
    }
}

#[cfg(test)]
mod tests;
