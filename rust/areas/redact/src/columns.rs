//! What the names of columns promise. Part of `table.rs`, with the same twin.

use super::around::{Scene, is_blank, is_line_end, is_quote, name_start};
use super::cells::COLUMNS_MAX;
use super::chars::{Answer, LOWER, Text, UPPER, WORD};
use super::names::{Promise, is_name, promise_of};
use super::table::HEAD_MAX;

/// The longest name of a column.
const NAME_MAX: usize = 40;
/// Words before a key that is secret.
const KEYS: [&[u8]; 5] = [b"access ", b"secret ", b"api ", b"private ", b"encryption "];

/// Which of the columns hold secrets, by what their names promise.
#[derive(Clone, Copy, Default)]
pub struct Columns {
    /// Passwords, a bit a column.
    pub passwords: u32,
    /// Tokens.
    pub tokens: u32,
    /// What may be either.
    pub maybes: u32,
    /// How many there are.
    pub count: usize,
}

impl Columns {
    /// Notes what the name of a column promises; whether it is a name.
    pub fn note(&mut self, text: Text<'_>, k: usize, s: usize, e: usize) -> bool {
        if e <= s || e - s > NAME_MAX || k >= COLUMNS_MAX {
            return false;
        }
        if !text.is(s, LOWER | UPPER) || !text.is(e - 1, WORD) {
            return false;
        }
        // A sentence that tells several things.
        if text.is_at(s, b"and ") || text.is_at(s, b"or ") {
            return false;
        }
        let name = &text.bytes[s..e];
        if !name
            .iter()
            .all(|&byte| is_name(byte) || matches!(byte, b' ' | b'/'))
        {
            return false;
        }
        match column_promise(text, e) {
            Some(Promise::Password) => self.passwords |= 1 << k,
            Some(Promise::Token) => self.tokens |= 1 << k,
            Some(Promise::Maybe) => self.maybes |= 1 << k,
            _ => {}
        }
        true
    }
}

/// Whether a list of columns, of which one ends at `e`, ends in parentheses before `VALUES`.
pub fn is_listed(scene: Scene<'_, '_>, e: usize) -> Answer {
    let text = scene.text;
    let mut q = e;
    while text.byte(q) != b')' {
        if text.open(q) {
            return Answer::More;
        }
        if q - e > HEAD_MAX || (text.byte(q) != b',' && !is_column(text.byte(q))) {
            return Answer::None;
        }
        q += 1;
    }
    q = scene.skip_line(scene.skip(q + 1));
    if q + 6 > text.len() && !text.last {
        return Answer::More;
    }
    match text.is_at(q, b"values") {
        true => Answer::End(q),
        false => Answer::None,
    }
}

/// What the name of a column that ends at `e` promises; its words may be parted by spaces.
fn column_promise(text: Text<'_>, e: usize) -> Option<Promise> {
    let s = name_start(text, e);
    let promise = promise_of(text, s, e);
    let key = promise == Some(Promise::Maybe)
        && KEYS.iter().any(|word| {
            s.checked_sub(word.len())
                .is_some_and(|at| text.is_at(at, word))
        });
    match key {
        true => Some(Promise::Token),
        false => promise,
    }
}

/// Whether the name that ends at `e` is that of a column of secrets.
pub fn is_column_name(text: Text<'_>, e: usize) -> bool {
    matches!(
        column_promise(text, e),
        Some(Promise::Password | Promise::Token)
    )
}

/// Whether a character may stand in a list of columns.
pub fn is_column(byte: u8) -> bool {
    is_name(byte)
        || is_quote(byte)
        || is_blank(byte)
        || is_line_end(byte)
        || matches!(byte, b'[' | b']')
}
