//! Cuts a text into the pieces that byte-pair encoding works on.
//!
//! The published patterns are regular expressions with backtracking and lookahead; these scanners find
//! the same pieces with one look at each character. Twin: `src/text/tokens/scan.ts`; both are tested
//! against the expressions. What class a character has comes from the vocabulary's file, so that it
//! never depends on anybody's version of Unicode.

use super::file::{CODE_POINTS, Family};

/// Neither letter nor number nor blank.
pub const OTHER: u8 = 0;
/// Upper and title case letters.
pub const UPPER: u8 = 1;
/// Lower case letters.
pub const LOWER: u8 = 2;
/// Letters without case.
pub const CASELESS: u8 = 3;
/// Marks: part of a word for o200k, punctuation for cl100k.
pub const MARK: u8 = 4;
/// Numbers.
pub const NUMBER: u8 = 5;
/// White space.
pub const BLANK: u8 = 6;
/// There is no character any more.
const END: u8 = 7;

/// A character's class and its width in bytes.
type Seen = (u8, usize);

/// Finds the end of each piece.
pub struct Scanner {
    family: Family,
    digits: u32,
    classes: Vec<u8>,
    /// The classes of ASCII, at hand.
    ascii: [u8; 128],
}

impl Scanner {
    pub fn new(family: Family, digits: u32, classes: Vec<u8>) -> Self {
        debug_assert_eq!(classes.len(), CODE_POINTS);
        let mut ascii = [0; 128];
        ascii.copy_from_slice(&classes[..128]);
        Self {
            family,
            digits,
            classes,
            ascii,
        }
    }

    /// Calls `piece` with the borders of each piece of well-formed UTF-8, in order.
    #[inline]
    pub fn pieces(&self, text: &str, mut piece: impl FnMut(usize, usize)) {
        let bytes = text.as_bytes();
        let mut at = 0;
        match self.family {
            Family::Cl100k => {
                while at < bytes.len() {
                    let end = self.next_cl100k(bytes, at);
                    piece(at, end);
                    at = end;
                }
            }
            Family::O200k => {
                while at < bytes.len() {
                    let end = self.next_o200k(bytes, at);
                    piece(at, end);
                    at = end;
                }
            }
        }
    }

    #[inline]
    fn see(&self, bytes: &[u8], at: usize) -> Seen {
        match bytes.get(at) {
            None => (END, 0),
            Some(&byte) if byte < 128 => (self.ascii[usize::from(byte)], 1),
            Some(&byte) => self.see_wide(bytes, at, byte),
        }
    }

    fn see_wide(&self, bytes: &[u8], at: usize, first: u8) -> Seen {
        let tail = |offset: usize| usize::from(bytes.get(at + offset).copied().unwrap_or(0) & 0x3f);
        let first = usize::from(first);
        let (code, width) = match first {
            ..0xe0 => ((first & 0x1f) << 6 | tail(1), 2),
            0xe0..0xf0 => ((first & 0x0f) << 12 | tail(1) << 6 | tail(2), 3),
            _ => (
                (first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3),
                4,
            ),
        };
        (self.classes.get(code).copied().unwrap_or(OTHER), width)
    }

    /// `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    fn next_cl100k(&self, bytes: &[u8], at: usize) -> usize {
        let (class, width) = self.see(bytes, at);
        let after = at + width;
        match class {
            UPPER | LOWER | CASELESS => return self.letters(bytes, after),
            NUMBER => return self.numbers(bytes, after),
            _ => {}
        }
        if let Some(end) = contraction(bytes, at) {
            return end;
        }
        if !is_line_end(bytes[at]) {
            let (class, width) = self.see(bytes, after);
            if is_letter(class) {
                return self.letters(bytes, after + width);
            }
            if class_is_other(class) && bytes[at] == b' ' {
                return self.others(bytes, after + width, false);
            }
        }
        if class == BLANK {
            self.blanks(bytes, at)
        } else {
            self.others(bytes, after, false)
        }
    }

    fn next_o200k(&self, bytes: &[u8], at: usize) -> usize {
        let (class, width) = self.see(bytes, at);
        let after = at + width;
        match class {
            UPPER | LOWER | CASELESS => return with_contraction(bytes, self.word(bytes, at).1),
            NUMBER => return self.numbers(bytes, after),
            _ => {}
        }
        if !is_line_end(bytes[at]) {
            let (mixed, end) = self.word(bytes, after);
            if mixed {
                return with_contraction(bytes, end);
            }
            if class == MARK {
                // Behind it are only capitals: the first alternative then takes the mark alone.
                return with_contraction(bytes, after);
            }
            if end > after {
                return with_contraction(bytes, end);
            }
            if bytes[at] == b' ' {
                let (class, width) = self.see(bytes, after);
                if class_is_other(class) {
                    return self.others(bytes, after + width, true);
                }
            }
        }
        if class == BLANK {
            self.blanks(bytes, at)
        } else {
            self.others(bytes, after, true)
        }
    }

    /// A word of o200k: capitals, then small letters; what is caseless counts as both. True and its end if it ends in
    /// what may be small; else false and the end of the capitals.
    fn word(&self, bytes: &[u8], mut at: usize) -> (bool, usize) {
        let mut both = None;
        loop {
            let (class, width) = self.see(bytes, at);
            match class {
                UPPER => at += width,
                CASELESS | MARK => {
                    at += width;
                    both = Some(at);
                }
                LOWER => {
                    at += width;
                    loop {
                        let (class, width) = self.see(bytes, at);
                        if !matches!(class, LOWER | CASELESS | MARK) {
                            return (true, at);
                        }
                        at += width;
                    }
                }
                _ => return both.map_or((false, at), |end| (true, end)),
            }
        }
    }

    fn letters(&self, bytes: &[u8], mut at: usize) -> usize {
        loop {
            let (class, width) = self.see(bytes, at);
            if !is_letter(class) {
                return at;
            }
            at += width;
        }
    }

    fn numbers(&self, bytes: &[u8], mut at: usize) -> usize {
        for _ in 1..self.digits {
            let (class, width) = self.see(bytes, at);
            if class != NUMBER {
                break;
            }
            at += width;
        }
        at
    }

    /// Punctuation and what belongs to it: line ends, and for o200k slashes.
    fn others(&self, bytes: &[u8], mut at: usize, slashes: bool) -> usize {
        loop {
            let (class, width) = self.see(bytes, at);
            if !class_is_other(class) {
                break;
            }
            at += width;
        }
        while let Some(&byte) = bytes.get(at)
            && (is_line_end(byte) || slashes && byte == b'/')
        {
            at += 1;
        }
        at
    }

    /// A run of white space: up to its last line end; else all of it at the end of the text; else all but the last,
    /// which belongs to what follows.
    fn blanks(&self, bytes: &[u8], start: usize) -> usize {
        let (mut at, mut last, mut line_end) = (start, start, None);
        loop {
            let (class, width) = self.see(bytes, at);
            if class != BLANK {
                return match line_end {
                    Some(end) => end,
                    None if class == END || last == start => at,
                    None => last,
                };
            }
            if is_line_end(bytes[at]) {
                line_end = Some(at + 1);
            }
            last = at;
            at += width;
        }
    }
}

#[inline]
fn is_letter(class: u8) -> bool {
    matches!(class, UPPER | LOWER | CASELESS)
}

#[inline]
fn class_is_other(class: u8) -> bool {
    matches!(class, OTHER | MARK)
}

#[inline]
fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

#[inline]
fn with_contraction(bytes: &[u8], at: usize) -> usize {
    contraction(bytes, at).unwrap_or(at)
}

/// Where an English contraction that begins at an apostrophe ends. Without regard to case, which for `s` includes the
/// long s, U+017F.
#[inline]
fn contraction(bytes: &[u8], at: usize) -> Option<usize> {
    if *bytes.get(at)? != b'\'' {
        return None;
    }
    let second = || bytes.get(at + 2).map(|byte| byte | 0x20);
    match bytes.get(at + 1)? | 0x20 {
        b's' | b't' | b'm' | b'd' => Some(at + 2),
        b'r' | b'v' if second() == Some(b'e') => Some(at + 3),
        b'l' if second() == Some(b'l') => Some(at + 3),
        // C5 BF is U+017F; the lead byte with the bit set is E5.
        _ if bytes.get(at + 1..at + 3) == Some(&[0xc5, 0xbf]) => Some(at + 3),
        _ => None,
    }
}

/// A place at or behind `from` where the text can be cut without changing a token: between an ASCII letter or digit and
/// a blank. The end of the text if there is none.
pub fn safe_cut(bytes: &[u8], from: usize) -> usize {
    let mut at = from.max(1);
    while at < bytes.len() {
        if matches!(bytes[at], b' ' | b'\n') && bytes[at - 1].is_ascii_alphanumeric() {
            return at;
        }
        at += 1;
    }
    bytes.len()
}
