//! The words of a line, and what of them is a secret. Part of `dialogue.rs`. Twin: `src/text/redact/scan/lines.ts`.

use super::around::{Place, Scene, VALUE_MAX, is_line_end, is_quote, units_of};
use super::built_in::rule;
use super::chars::{Answer, Text};

/// The longest word of a line, and how many are read.
pub const WORD_MAX: usize = VALUE_MAX / 2;
const WORDS_MAX: usize = 7;
/// The shortest secret.
const LEAST: usize = 3;

/// The words of a line.
#[derive(Default)]
pub struct Words {
    /// Where they begin and end.
    pub at: [(usize, usize); WORDS_MAX],
    /// How many there are.
    pub count: usize,
    /// Whether the line ends with them.
    pub ended: bool,
}

impl Words {
    /// Whether a word is one of some.
    pub fn is(&self, text: Text<'_>, k: usize, words: &[&[u8]]) -> bool {
        let (s, e) = self.at[k];
        words.contains(&&text.bytes[s..e])
    }

    /// Gives a word, where no program has still to put it in.
    pub fn give(&self, text: Text<'_>, k: usize) -> Place {
        whole(text, self.at[k].0, self.at[k].1)
    }

    /// Whether a word is of letters alone.
    pub fn letters(&self, text: Text<'_>, k: usize) -> bool {
        let (s, e) = self.at[k];
        text.bytes[s..e].iter().all(u8::is_ascii_alphabetic)
    }

    /// Whether a word has a digit.
    pub fn digit(&self, text: Text<'_>, k: usize) -> bool {
        let (s, e) = self.at[k];
        text.bytes[s..e].iter().any(u8::is_ascii_digit)
    }
}

/// The words from a place on, at most seven; nothing where the line is not all there.
pub fn words_at(scene: Scene<'_, '_>, from: usize) -> Option<Words> {
    let text = scene.text;
    let n = text.len();
    let mut words = Words::default();
    let mut q = from;
    loop {
        let behind = q;
        q = scene.skip(q);
        if text.open(q) {
            return None;
        }
        let byte = text.byte(q);
        // What ends the string that a line is in.
        let closes = is_quote(byte) && words.count > 0 && q == behind;
        words.ended = q >= n || is_line_end(byte) || closes;
        if words.ended || words.count == WORDS_MAX {
            return Some(words);
        }
        let (s, e);
        if is_quote(byte) {
            e = match scene.quote_end(q) {
                Answer::More => return None,
                Answer::None => return Some(words),
                Answer::End(e) => e,
            };
            s = q + 1;
            q = e + 1;
        } else {
            s = q;
            while q - s < WORD_MAX && matches!(text.byte(q), 33..=126) && !is_quote(text.byte(q)) {
                q += 1;
            }
            if text.open(q) {
                return None;
            }
            if q == s || q - s == WORD_MAX || text.byte(q) > 126 {
                return Some(words);
            }
            e = q;
        }
        words.at[words.count] = (s, e);
        words.count += 1;
    }
}

/// A secret that is not all there.
pub fn open(at: usize) -> Place {
    Some((rule::ASSIGNED_SECRET, at, 0))
}

/// What stands there, where no program has still to put it in.
pub fn whole(text: Text<'_>, s: usize, e: usize) -> Place {
    let value = text.bytes.get(s..e)?;
    let units: usize = value
        .iter()
        .take(4 * LEAST)
        .map(|&byte| units_of(byte))
        .sum();
    let template = matches!(value.first(), Some(b'$' | b'<' | b'{' | b'%' | b'[' | b'*'));
    (units >= LEAST && !template).then_some((rule::ASSIGNED_SECRET, s, e))
}
