//! Where the signs are that secrets stand behind. Part of `context.rs`, with the same twin.

use super::around::is_quote;
use super::blocks::{BLOCK, bytes_at, those};
use super::dialogue::is_dialogue;
use super::phrase::is_phrase;
use super::table::may_be_column;

/// Where a mark is next, and from where on that holds, once sought.
#[derive(Clone, Copy)]
pub struct Mark(pub Option<(usize, usize)>);

impl Mark {
    /// The first mark from `at` on.
    #[inline]
    pub fn from(
        &mut self,
        bytes: &[u8],
        at: usize,
        find: impl Fn(&[u8]) -> Option<usize>,
    ) -> usize {
        match self.0 {
            Some((from, next)) if from <= at && next >= at => next,
            _ => {
                let next = find(&bytes[at..]).map_or(bytes.len(), |found| at + found);
                self.0 = Some((at, next));
                next
            }
        }
    }
}

/// The signs that assign (`=`, `:`, `>`), options (`-`), phrases, and what stands behind the name of a column.
pub struct Marks {
    block: usize,
    found: u64,
}

impl Marks {
    /// Those of one text.
    pub fn new() -> Self {
        Self {
            block: usize::MAX,
            found: 0,
        }
    }

    /// The first from `at` on; `most` where there is none before it.
    #[inline]
    pub fn next(&mut self, bytes: &[u8], at: usize, most: usize) -> usize {
        let mut block = at & !(BLOCK - 1);
        let mut from = u64::MAX << (at - block);
        while block < most {
            if self.block != block {
                self.block = block;
                self.found = marks_of(bytes, block);
            }
            let found = self.found & from;
            if found != 0 {
                return most.min(block + found.trailing_zeros() as usize);
            }
            block += BLOCK;
            from = u64::MAX;
        }
        most
    }
}

/// The marks of a block: first what looks like one, of which few need a second look.
fn marks_of(bytes: &[u8], block: usize) -> u64 {
    let here = bytes_at(bytes, block);
    let signs = those(&here, |byte| {
        (byte == b'=') | (byte == b':') | (byte == b'>') | (byte == b'|')
    });
    let mut left = those(&here, |byte| {
        let small = byte | 32;
        (byte == b'-')
            | (small == b'w')
            | (small == b'f')
            | (byte == b'k')
            | (byte == b'z')
            | (byte == b'q')
            | (byte == b'S')
            | (byte == 0xb1)
            | (byte == b'H')
            | (byte == b'N')
            | (byte == b'R')
            | (byte == b'Q')
            | (byte == b'<')
            | (byte == b'(')
    });
    let mut parts = those(&here, |byte| {
        (byte == b',') | (byte == b';') | (byte == b')') | (byte == b'\t') | (byte == b'\n')
    });
    let mut found = signs;
    while parts != 0 {
        let k = parts.trailing_zeros();
        parts &= parts - 1;
        let at = block + k as usize;
        if at > 0 && NAME_ENDS[usize::from(bytes[at - 1])] && may_be_column(bytes, at) {
            found |= 1 << k;
        }
    }
    while left != 0 {
        let k = left.trailing_zeros();
        left &= left - 1;
        let at = block + k as usize;
        if is_worth(bytes, at) && is_mark(bytes, at) {
            found |= 1 << k;
        }
    }
    found
}

/// What may stand before what stands behind the name of a column: letters that such names end with, digits, what stands
/// behind a name.
static NAME_ENDS: [bool; 256] = {
    let mut table = [false; 256];
    let ends = b"adehklnopstwyADEHKLNOPSTWY0123456789\"'`]\r";
    let mut k = 0;
    while k < ends.len() {
        table[ends[k] as usize] = true;
        k += 1;
    }
    table
};

/// Whether what follows lets a longer look succeed.
#[inline]
fn is_worth(bytes: &[u8], at: usize) -> bool {
    let next = bytes.get(at + 1).copied().unwrap_or(0);
    match bytes[at] {
        b'(' => is_quote(next),
        b'<' => next == b'<',
        b'H' | b'N' | b'R' | b'Q' => {
            next <= b' ' || is_quote(next) || matches!(next, b'E' | b'2' | b'6')
        }
        b'f' | b'F' => matches!(next, b'i' | b'I' | b' '),
        b'w' | b'W' => matches!(next | 32, b'o' | b'd'),
        _ => true,
    }
}

/// Whether an option or a phrase may begin at a place.
#[inline]
fn is_mark(bytes: &[u8], at: usize) -> bool {
    if bytes[at] != b'-' {
        return is_phrase(bytes, at) || is_dialogue(bytes, at);
    }
    let before = match at {
        0 => b' ',
        _ => bytes[at - 1],
    };
    match bytes.get(at + 1) {
        Some(b'-') => true,
        Some(65..) => before <= b' ' || is_quote(before),
        _ => false,
    }
}
