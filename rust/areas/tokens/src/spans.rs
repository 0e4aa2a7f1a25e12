//! Where each token of a text ends, in UTF-16 units: what splitting a text needs to know about it.

use super::vocabulary::Vocabulary;

/// Set in the end of a token that is the last of its piece.
pub const PIECE_END: u32 = 1 << 31;

impl Vocabulary {
    /// For each token, how many UTF-16 units of whole characters end with it or before.
    pub fn spans(&self, text: &str) -> Vec<u32> {
        let mut spans = Vec::with_capacity(text.len() / 4 + 8);
        let mut piece_ends = Vec::with_capacity(text.len() / 5 + 8);
        self.encode_pieces(text, &mut spans, |length| piece_ends.push(length));
        let (mut bytes, mut pieces) = (0, piece_ends.into_iter().peekable());
        let mut walk = Walk::new(text);
        for (index, token) in spans.iter_mut().enumerate() {
            bytes += self.length(*token);
            let last = pieces.next_if_eq(&(index + 1)).is_some();
            *token = walk.to(bytes) | if last { PIECE_END } else { 0 };
        }
        spans
    }

    /// How many tokens a text has, and how many UTF-16 units of whole characters the first `most` cover.
    pub fn prefix(&self, text: &str, most: usize) -> (u32, u32) {
        let tokens = self.encode(text);
        let bytes = tokens.iter().take(most).map(|&token| self.length(token));
        (tokens.len() as u32, Walk::new(text).to(bytes.sum()))
    }
}

struct Walk<'a> {
    text: &'a [u8],
    at: usize,
    units: u32,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            units: 0,
        }
    }

    /// Goes on over the characters that end at or before a byte.
    fn to(&mut self, end: usize) -> u32 {
        while let Some(&byte) = self.text.get(self.at) {
            let (width, units) = match byte {
                0..0x80 => (1, 1),
                0x80..0xe0 => (2, 1),
                0xe0..0xf0 => (3, 1),
                0xf0.. => (4, 2),
            };
            if self.at + width > end {
                break;
            }
            self.at += width;
            self.units += units;
        }
        self.units
    }
}
