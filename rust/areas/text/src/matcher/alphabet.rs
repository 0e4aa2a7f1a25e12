//! The characters of a set of choices, numbered from 0, so that most choices take one byte a character
//! and a query's masks are one table without gaps.

use crate::metrics::CodeMap;

/// ASCII characters are their own numbers; others get theirs at first sight.
#[derive(Clone)]
pub(super) struct Alphabet {
    /// Number plus one of each code point over ASCII.
    numbers: CodeMap,
    codes: Vec<u32>,
}

const ASCII: u32 = 128;
/// Numbers fit 16 bits.
const MOST: usize = 1 << 16;

impl Alphabet {
    pub(super) fn new() -> Self {
        Self {
            numbers: CodeMap::new(),
            codes: (0..ASCII).collect(),
        }
    }

    /// How many characters have numbers.
    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// The number of a code point, given now if need be; none if 16 bits are used up.
    #[inline]
    pub(super) fn number(&mut self, code: u32) -> Option<u16> {
        if code < ASCII {
            return Some(code as u16);
        }
        match self.numbers.get(code) {
            0 => self.give(code),
            number => Some((number - 1) as u16),
        }
    }

    #[cold]
    fn give(&mut self, code: u32) -> Option<u16> {
        if self.codes.len() >= MOST {
            return None;
        }
        self.codes.push(code);
        *self.numbers.entry(code) = self.codes.len() as u32;
        Some((self.codes.len() - 1) as u16)
    }

    /// The number of a code point if it has one.
    #[inline]
    pub(super) fn find(&self, code: u32) -> Option<u16> {
        if code < ASCII {
            return Some(code as u16);
        }
        self.numbers
            .get(code)
            .checked_sub(1)
            .map(|number| number as u16)
    }

    /// The code point of a number that was given.
    #[inline]
    pub(super) fn code(&self, number: u16) -> u32 {
        self.codes[number as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_last_until_16_bits_are_used_up() {
        let mut alphabet = Alphabet::new();
        assert_eq!(alphabet.number(97), Some(97));
        assert_eq!(alphabet.find(0x1f600), None);
        assert_eq!(alphabet.number(0x1f600), Some(128));
        assert_eq!(alphabet.find(0x1f600), Some(128));
        assert_eq!(alphabet.code(128), 0x1f600);
        for code in 0x2_0000..0x3_0000 {
            alphabet.number(code);
        }
        assert_eq!(alphabet.len(), MOST);
        assert_eq!(alphabet.number(0x3_0000), None);
        assert_eq!(alphabet.number(0x1f600), Some(128));
        let last = alphabet.code(u16::MAX);
        assert_eq!(alphabet.find(last), Some(u16::MAX));
    }
}
