//! One query against 64 strings of the same length at once, a lane for each.
//!
//! The bit-parallel algorithms of `metrics` with the query's masks in a table and the words of many
//! strings side by side: fixed arrays that the compiler turns into vector code, compiled once plainly,
//! once for AVX2, and for AVX-512 with a quicker look-up. The word is the narrowest that holds the query, so a short query gets more lanes
//! into a vector.

#[cfg(target_arch = "x86_64")]
mod wide;

use std::ops::{BitAnd, BitOr, BitXor, Not, Shl, Sub};

/// Strings in a block.
pub(crate) const LANES: usize = 64;
/// The longest query that fits a word.
pub(crate) const WORD: usize = 64;

/// The character numbers of a block at one position.
pub(crate) type Row<N> = [N; LANES];

/// Which number the lanes compute. All give something that is better the lower it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Edit distance.
    Levenshtein,
    /// Edit distance with swaps of neighbours.
    Osa,
    /// The query's length less that of the longest common subsequence.
    Missing,
}

/// A machine word of a lane.
pub(crate) trait Word:
    Copy
    + Default
    + Send
    + Sync
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + Shl<u32, Output = Self>
    + Sub<Output = Self>
{
    const ONE: Self;
    const BITS: u32;
    fn plus(self, other: Self) -> Self;
    fn ones(self) -> u32;
}

macro_rules! word {
    ($($word:ty),*) => {$(
        impl Word for $word {
            const ONE: Self = 1;
            const BITS: u32 = <$word>::BITS;
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn ones(self) -> u32 {
                self.count_ones()
            }
        }
    )*};
}

word!(u8, u16, u32, u64);

/// The number of a character, in one byte or two.
pub(crate) trait Number: Copy + Default + Send + Sync + Into<u16> {
    /// Numbers that the type can hold.
    const COUNT: usize;
    /// The part of a table that the type can point into.
    #[inline(always)]
    fn reach<W>(table: &[W]) -> &[W] {
        &table[..table.len().min(Self::COUNT)]
    }
    /// The rows, if the type is the narrow one.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn narrow(_rows: &[Row<Self>]) -> Option<&[Row<u8>]> {
        None
    }
}

impl Number for u8 {
    const COUNT: usize = 256;
    // Of a known length, so that a look-up needs no check.
    #[inline(always)]
    fn reach<W>(table: &[W]) -> &[W] {
        &table[..256]
    }
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn narrow(rows: &[Row<u8>]) -> Option<&[Row<u8>]> {
        Some(rows)
    }
}

impl Number for u16 {
    const COUNT: usize = 1 << 16;
}

/// A query's masks by character number.
pub(crate) struct Table {
    words: Words,
    #[cfg(target_arch = "x86_64")]
    wide: Wide,
}

/// The masks in the narrowest word.
enum Words {
    W8(Vec<u8>),
    W16(Vec<u16>),
    W32(Vec<u32>),
    W64(Vec<u64>),
}

/// The masks byte by byte, where the processor and the query are for it.
#[cfg(target_arch = "x86_64")]
enum Wide {
    None,
    B8(Box<[wide::Plane; 1]>),
    B16(Box<[wide::Plane; 2]>),
    B32(Box<[wide::Plane; 4]>),
}

impl Table {
    /// `numbers` are those of the query's characters (none: in no choice); `len` that of the alphabet.
    pub(crate) fn new(numbers: impl ExactSizeIterator<Item = Option<u16>>, len: usize) -> Self {
        debug_assert!(numbers.len() <= WORD);
        let words = match numbers.len() {
            0..=8 => Words::W8(masks(numbers, len)),
            9..=16 => Words::W16(masks(numbers, len)),
            17..=32 => Words::W32(masks(numbers, len)),
            _ => Words::W64(masks(numbers, len)),
        };
        Self {
            #[cfg(target_arch = "x86_64")]
            wide: match &words {
                Words::W8(table) => wide::planes(table).map_or(Wide::None, Wide::B8),
                Words::W16(table) => wide::planes(table).map_or(Wide::None, Wide::B16),
                Words::W32(table) => wide::planes(table).map_or(Wide::None, Wide::B32),
                Words::W64(_) => Wide::None,
            },
            words,
        }
    }
}

fn masks<W: Word>(numbers: impl Iterator<Item = Option<u16>>, len: usize) -> Vec<W> {
    let mut table = vec![W::default(); len.max(256)];
    for (at, number) in numbers.enumerate() {
        if let Some(number) = number {
            let mask = &mut table[usize::from(number)];
            *mask = *mask | W::ONE << at as u32;
        }
    }
    table
}

/// Computes one block: `rows` are its positions in order, `query_len` at most [`WORD`].
pub(crate) fn run<N: Number>(
    kind: Kind,
    table: &Table,
    query_len: usize,
    rows: &[Row<N>],
    out: &mut [u32; LANES],
) {
    let len = query_len as u32;
    #[cfg(target_arch = "x86_64")]
    if let Some(rows) = N::narrow(rows) {
        // The calls that safe code cannot make: planes are made only where they can be used.
        #[allow(unsafe_code)]
        // SAFETY: there are planes, so the processor has what `wide::available` looks for.
        unsafe {
            match &table.wide {
                Wide::B8(planes) => return wide::block8(kind, planes, len, rows, out),
                Wide::B16(planes) => return wide::block16(kind, planes, len, rows, out),
                Wide::B32(planes) => return wide::block32(kind, planes, len, rows, out),
                Wide::None => {}
            }
        }
    }
    run_words(kind, &table.words, len, rows, out);
}

/// The same by look-ups one by one.
fn run_words<N: Number>(
    kind: Kind,
    table: &Words,
    len: u32,
    rows: &[Row<N>],
    out: &mut [u32; LANES],
) {
    // Lanes that run together fill four vectors of AVX2: enough to hide the latency of the chain.
    match table {
        Words::W8(table) => pick::<u8, N, 64>(kind, table, len, rows, out),
        Words::W16(table) => pick::<u16, N, 32>(kind, table, len, rows, out),
        Words::W32(table) => pick::<u32, N, 16>(kind, table, len, rows, out),
        Words::W64(table) => pick::<u64, N, 8>(kind, table, len, rows, out),
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn pick<W: Word, N: Number, const SIDE: usize>(
    kind: Kind,
    table: &[W],
    len: u32,
    rows: &[Row<N>],
    out: &mut [u32; LANES],
) {
    if is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
    {
        // The one call that safe code cannot make: only this function knows what was detected.
        #[allow(unsafe_code)]
        // SAFETY: the processor has every feature that `with_avx2` is compiled for, as just checked.
        return unsafe { with_avx2::<W, N, SIDE>(kind, table, len, rows, out) };
    }
    block::<W, N, SIDE>(kind, table, len, rows, out);
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn pick<W: Word, N: Number, const SIDE: usize>(
    kind: Kind,
    table: &[W],
    len: u32,
    rows: &[Row<N>],
    out: &mut [u32; LANES],
) {
    block::<W, N, SIDE>(kind, table, len, rows, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn with_avx2<W: Word, N: Number, const SIDE: usize>(
    kind: Kind,
    table: &[W],
    len: u32,
    rows: &[Row<N>],
    out: &mut [u32; LANES],
) {
    block::<W, N, SIDE>(kind, table, len, rows, out);
}

#[inline(always)]
fn block<W: Word, N: Number, const SIDE: usize>(
    kind: Kind,
    table: &[W],
    len: u32,
    rows: &[Row<N>],
    out: &mut [u32; LANES],
) {
    let table = N::reach(table);
    block_with::<W, N, SIDE>(kind, len, rows, out, |row, from| {
        gather::<W, N, SIDE>(table, row, from)
    });
}

/// One block, `SIDE` lanes at a time; `masks` looks up those of a row's lanes from one on.
#[inline(always)]
fn block_with<W: Word, N: Number, const SIDE: usize>(
    kind: Kind,
    len: u32,
    rows: &[Row<N>],
    out: &mut [u32; LANES],
    masks: impl Fn(&Row<N>, usize) -> [W; SIDE],
) {
    match kind {
        Kind::Levenshtein => levenshtein(len, rows, out, masks),
        Kind::Osa => osa(len, rows, out, masks),
        Kind::Missing => missing(len, rows, out, masks),
    }
}

/// The masks of one row's lanes from `from` on.
#[inline(always)]
fn gather<W: Word, N: Number, const SIDE: usize>(
    table: &[W],
    row: &Row<N>,
    from: usize,
) -> [W; SIDE] {
    let mut masks = [W::default(); SIDE];
    for (mask, &number) in masks.iter_mut().zip(&row[from..from + SIDE]) {
        let number: u16 = number.into();
        *mask = table.get(usize::from(number)).copied().unwrap_or_default();
    }
    masks
}

/// The bits of a query of `len`.
#[inline(always)]
fn low<W: Word>(len: u32) -> W {
    if len >= W::BITS {
        !W::default()
    } else {
        (W::ONE << len) - W::ONE
    }
}

#[inline(always)]
fn levenshtein<W: Word, N: Number, const SIDE: usize>(
    len: u32,
    rows: &[Row<N>],
    out: &mut [u32; LANES],
    masks: impl Fn(&Row<N>, usize) -> [W; SIDE],
) {
    for (side, out) in out.chunks_exact_mut(SIDE).enumerate() {
        let mut vp = [!W::default(); SIDE];
        let mut vn = [W::default(); SIDE];
        for row in rows {
            let masks = masks(row, side * SIDE);
            for lane in 0..SIDE {
                let (x, p, n) = (masks[lane], vp[lane], vn[lane]);
                let d0 = ((x & p).plus(p) ^ p) | x | n;
                let hp = (n | !(d0 | p)) << 1 | W::ONE;
                let hn = (d0 & p) << 1;
                vp[lane] = hn | !(d0 | hp);
                vn[lane] = hp & d0;
            }
        }
        finish(out, &vp, &vn, len, rows.len());
    }
}

#[inline(always)]
fn osa<W: Word, N: Number, const SIDE: usize>(
    len: u32,
    rows: &[Row<N>],
    out: &mut [u32; LANES],
    masks: impl Fn(&Row<N>, usize) -> [W; SIDE],
) {
    for (side, out) in out.chunks_exact_mut(SIDE).enumerate() {
        let mut vp = [!W::default(); SIDE];
        let mut vn = [W::default(); SIDE];
        let mut d0 = [W::default(); SIDE];
        let mut former = [W::default(); SIDE];
        for row in rows {
            let masks = masks(row, side * SIDE);
            for lane in 0..SIDE {
                let (x, p, n) = (masks[lane], vp[lane], vn[lane]);
                let swap = ((!d0[lane] & x) << 1) & former[lane];
                let d = ((x & p).plus(p) ^ p) | x | n | swap;
                let hp = (n | !(d | p)) << 1 | W::ONE;
                let hn = (d & p) << 1;
                vp[lane] = hn | !(d | hp);
                vn[lane] = hp & d;
                d0[lane] = d;
                former[lane] = x;
            }
        }
        finish(out, &vp, &vn, len, rows.len());
    }
}

/// Reads the distances from the vertical differences of the last column.
#[inline(always)]
fn finish<W: Word>(out: &mut [u32], vp: &[W], vn: &[W], len: u32, columns: usize) {
    let mask = low::<W>(len);
    for ((out, &vp), &vn) in out.iter_mut().zip(vp).zip(vn) {
        *out = columns as u32 + (vp & mask).ones() - (vn & mask).ones();
    }
}

#[inline(always)]
fn missing<W: Word, N: Number, const SIDE: usize>(
    len: u32,
    rows: &[Row<N>],
    out: &mut [u32; LANES],
    masks: impl Fn(&Row<N>, usize) -> [W; SIDE],
) {
    let mask = low::<W>(len);
    for (side, out) in out.chunks_exact_mut(SIDE).enumerate() {
        let mut state = [!W::default(); SIDE];
        for row in rows {
            let masks = masks(row, side * SIDE);
            for lane in 0..SIDE {
                let both = state[lane] & masks[lane];
                state[lane] = state[lane].plus(both) | (state[lane] - both);
            }
        }
        for (out, &state) in out.iter_mut().zip(&state) {
            *out = (state & mask).ones();
        }
    }
}

#[cfg(test)]
mod tests;
