//! A text in blocks of 64 bytes: which bytes are of which class, a bit a byte, so that one operation asks a question
//! of all of them.

use super::chars::{CLASS, DIGIT, HEX, UNDER, WORD};

/// How many bytes a block has.
pub const BLOCK: usize = 64;

/// The first bit of a code: of a word. What the others say depends on it.
const IN_WORD: u8 = 1;
const DIGIT_OR_JOIN: u8 = 2;
const UNDER_OR_DASH: u8 = 4;
const HEX_OR_DIALS: u8 = 8;
const COLON: u8 = 16;
const MARK: u8 = 32;
const PARTS: u8 = 64;
const BITS: usize = 7;

static CODES: [u8; 256] = codes();

const fn codes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let class = CLASS[byte];
        table[byte] = match byte as u8 {
            _ if class & WORD != 0 => {
                IN_WORD
                    | if class & DIGIT != 0 { DIGIT_OR_JOIN } else { 0 }
                    | if class & UNDER != 0 { UNDER_OR_DASH } else { 0 }
                    | if class & HEX != 0 { HEX_OR_DIALS } else { 0 }
            }
            b'+' => DIGIT_OR_JOIN | HEX_OR_DIALS,
            b'-' => DIGIT_OR_JOIN | UNDER_OR_DASH | PARTS,
            b'/' => DIGIT_OR_JOIN | PARTS,
            b'(' => HEX_OR_DIALS | PARTS,
            b' ' => PARTS,
            b':' => COLON | MARK,
            b'.' => MARK | PARTS,
            b'~' => MARK,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// The classes of a block, the first byte in the lowest bit.
#[derive(Clone, Copy, Default)]
pub struct Block {
    /// Letters, digits and underscores.
    pub word: u64,
    /// Digits.
    pub digit: u64,
    /// Underscores.
    pub under: u64,
    /// Hexadecimal digits.
    pub hex: u64,
    /// What joins words to tokens: + / -
    pub join: u64,
    /// Hyphens.
    pub dash: u64,
    /// What a telephone number begins with, besides digits: + (
    pub dials: u64,
    /// Colons.
    pub colon: u64,
    /// What may stand behind the first word of a key without a prefix: . : ~
    pub mark: u64,
    /// What may part the groups of a number: space - . / (
    pub parts: u64,
    /// Opening parentheses.
    pub open: u64,
}

impl Block {
    /// The block of a text that begins at `at`; behind the text's end there is nothing of any class.
    pub fn at(text: &[u8], at: usize) -> Self {
        match text.get(at..).unwrap_or_default().first_chunk::<BLOCK>() {
            Some(bytes) => Self::of(bytes),
            None if at < text.len() => Self::of(&bytes_at(text, at)),
            None => Self::default(),
        }
    }

    fn of(bytes: &[u8; BLOCK]) -> Self {
        // Every eighth byte together, so that of each class the bits come out in order.
        let mut codes = [[0; 8]; 8];
        let (rows, _) = bytes.as_chunks::<8>();
        for (row, column) in rows.iter().zip(0..) {
            for (codes, &byte) in codes.iter_mut().zip(row) {
                codes[column] = CODES[usize::from(byte)];
            }
        }
        let [word, a, b, c, colon, mark, parts] = planes(&codes.map(u64::from_le_bytes));
        Self {
            word,
            digit: a & word,
            under: b & word,
            hex: c & word,
            join: a & !word,
            dash: b & !word,
            dials: c & !word,
            colon,
            mark,
            parts,
            open: c & !word & parts,
        }
    }
}

/// The bits of codes, each of them of all codes together.
#[inline]
fn planes(codes: &[u64; 8]) -> [u64; BITS] {
    const LOWEST: u64 = 0x0101_0101_0101_0101;
    std::array::from_fn(|bit| {
        let bits = codes.iter().zip(0..);
        bits.fold(0, |plane, (codes, k)| plane | (codes >> bit & LOWEST) << k)
    })
}

/// Which bytes of a block satisfy a test, which should be one that 16 of them can be asked at once.
#[inline]
pub fn those(bytes: &[u8; BLOCK], test: impl Fn(u8) -> bool) -> u64 {
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut answers = [0; BLOCK];
    for (answer, &byte) in answers.iter_mut().zip(bytes) {
        *answer = u8::from(test(byte));
    }
    let (words, _) = answers.as_chunks::<8>();
    words.iter().zip(0..).fold(0, |mask, (word, k)| {
        mask | (u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56) << (8 * k)
    })
}

/// The block of a text that begins at `at`, as bytes; zeros behind the end.
#[inline]
pub fn bytes_at(text: &[u8], at: usize) -> [u8; BLOCK] {
    let rest = text.get(at..).unwrap_or_default();
    match rest.first_chunk::<BLOCK>() {
        Some(bytes) => *bytes,
        None => {
            let mut bytes = [0; BLOCK];
            bytes[..rest.len()].copy_from_slice(rest);
            bytes
        }
    }
}

/// What stands so many bytes further, of a block and the one behind it.
#[inline]
pub fn ahead(here: u64, next: u64, by: u32) -> u64 {
    here >> by | next << (64 - by)
}

/// From where on so many bytes of a class stand, at least 2, of a block and the one behind it.
#[inline]
pub fn run(here: u64, next: u64, length: u32) -> u64 {
    let mut both = u128::from(here) | u128::from(next) << 64;
    let mut have = 1;
    while have < length {
        let more = have.min(length - have);
        both &= both >> more;
        have += more;
    }
    both as u64
}
