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
/// Of the local part of an e-mail address, besides words: . % + -
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

    /// Whether one of the classes stands before a place.
    #[inline]
    pub fn is_before(&self, at: usize, classes: u8) -> bool {
        CLASS[usize::from(self.before(at))] & classes != 0
    }

    /// Whether what begins at a place is `what`.
    #[inline]
    pub fn starts(&self, at: usize, what: &[u8]) -> bool {
        self.bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(what))
    }

    /// The same, with or without capitals.
    #[inline]
    pub fn is_at(&self, at: usize, what: &[u8]) -> bool {
        let here = self.bytes.get(at..at + what.len());
        here.is_some_and(|here| here.eq_ignore_ascii_case(what))
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

/// Letters beyond ASCII, first and last: of scripts that part words with spaces.
const SPACED: [(u32, u32); 27] = [
    (0xaa, 0xaa),
    (0xb5, 0xb5),
    (0xba, 0xba),
    (0xc0, 0xd6),
    (0xd8, 0xf6),
    (0xf8, 0x2c1),
    (0x300, 0x374),
    (0x376, 0x37d),
    (0x37f, 0x386),
    (0x388, 0x481),
    (0x48a, 0x559),
    (0x560, 0x588),
    (0x5d0, 0x5f2),
    (0x620, 0x669),
    (0x671, 0x6d3),
    (0x6f0, 0x6ff),
    (0x900, 0x963),
    (0x966, 0xdff),
    (0x10a0, 0x10fa),
    (0x10fc, 0x135a),
    (0x13a0, 0x13fd),
    (0x1c90, 0x1cbf),
    (0x1d00, 0x1fbc),
    (0x2c00, 0x2dff),
    (0xa640, 0xa69d),
    (0xa720, 0xa7ff),
    (0xac00, 0xd7a3),
];
/// The same of scripts that do not.
const UNSPACED: [(u32, u32); 15] = [
    (0xe01, 0xe3a),
    (0xe40, 0xe4e),
    (0xe81, 0xedf),
    (0xf40, 0xf6c),
    (0x1000, 0x1049),
    (0x1780, 0x17d3),
    (0x3005, 0x3007),
    (0x3041, 0x3096),
    (0x30a1, 0x30fa),
    (0x30fc, 0x30ff),
    (0x3105, 0x312f),
    (0x31f0, 0x31ff),
    (0x3400, 0x4dbf),
    (0x4e00, 0x9fff),
    (0xf900, 0xfaff),
];

/// Which kind of letter a character beyond ASCII is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// No letter.
    Other,
    /// A letter of a script that parts words with spaces.
    Letter,
    /// A letter of a script that does not.
    Glyph,
}

/// Which kind of letter a character beyond ASCII is.
pub fn script_of(character: char) -> Script {
    let code = u32::from(character);
    let within = |ranges: &[(u32, u32)]| {
        ranges
            .iter()
            .any(|&(low, high)| (low..=high).contains(&code))
    };
    if code < 0xaa {
        Script::Other
    } else if within(&SPACED) {
        Script::Letter
    } else if within(&UNSPACED) {
        Script::Glyph
    } else {
        Script::Other
    }
}

/// The character that begins at a place of valid UTF-8; none behind the end.
pub fn char_at(bytes: &[u8], at: usize) -> Option<char> {
    let first = *bytes.get(at)?;
    if first < 128 {
        return Some(first as char);
    }
    let length = match first {
        ..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    std::str::from_utf8(bytes.get(at..at + length)?)
        .ok()?
        .chars()
        .next()
}

/// The character that ends at a place of valid UTF-8; none before the beginning.
pub fn char_before(bytes: &[u8], at: usize) -> Option<char> {
    let mut start = at.checked_sub(1)?;
    while start > 0 && bytes[start] & 0xc0 == 0x80 {
        start -= 1;
    }
    char_at(bytes, start)
}
