//! Classes of characters, and the answers that scanners give. Twin: `src/text/redact/scan/chars.ts`.

/// a-z
pub const LOWER: u8 = 1;
/// A-Z
pub const UPPER: u8 = 2;
/// 0-9
pub const DIGIT: u8 = 4;
/// _
pub const UNDER: u8 = 8;
/// What words consist of.
pub const WORD: u8 = 15;
/// Letters and digits.
pub const ALNUM: u8 = 7;
/// Joins words to tokens: + / -
pub const JOIN: u8 = 16;
/// Of the local part of an address, besides words: . % + -
pub const LOCAL: u8 = 32;
/// Begins a match without being of a word: + - ( :
pub const TRIGGER: u8 = 64;
/// 0-9 a-f A-F
pub const HEX: u8 = 128;

/// The class bits of each byte; 0 for everything beyond ASCII.
pub static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0u8; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = match byte as u8 {
            b'a'..=b'f' => LOWER | HEX,
            b'A'..=b'F' => UPPER | HEX,
            b'g'..=b'z' => LOWER,
            b'G'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT | HEX,
            b'_' => UNDER,
            b'+' | b'-' => JOIN | LOCAL | TRIGGER,
            b'/' => JOIN,
            b'.' | b'%' => LOCAL,
            b'(' | b':' => TRIGGER,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// What a scanner says of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing begins here.
    None,
    /// The text ended before it could be said. Never given when the text is complete.
    More,
    /// A match that ends there.
    End(usize),
}

/// A text and whether it ends where the bytes do.
#[derive(Clone, Copy)]
pub struct Text<'t> {
    /// Its UTF-8.
    pub bytes: &'t [u8],
    /// Whether no more follows.
    pub last: bool,
}

impl Text<'_> {
    /// How many bytes there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The byte at a place; 0 behind the end.
    #[inline]
    pub fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The byte before a place; 0 at the beginning.
    #[inline]
    pub fn before(&self, at: usize) -> u8 {
        if at == 0 { 0 } else { self.byte(at - 1) }
    }

    /// The class bits at a place; 0 behind the end.
    #[inline]
    pub fn class(&self, at: usize) -> u8 {
        CLASS[usize::from(self.byte(at))]
    }

    /// Whether one of the classes stands at a place.
    #[inline]
    pub fn is(&self, at: usize, classes: u8) -> bool {
        self.class(at) & classes != 0
    }

    /// Whether a place is the end of what is there.
    #[inline]
    pub fn at_end(&self, at: usize) -> bool {
        at == self.bytes.len()
    }

    /// Whether a place is the end, and more may follow.
    #[inline]
    pub fn open(&self, at: usize) -> bool {
        !self.last && at == self.bytes.len()
    }

    /// The answer where the text ends too early.
    #[inline]
    pub fn more(&self) -> Answer {
        if self.last {
            Answer::None
        } else {
            Answer::More
        }
    }
}
