//! What stands around secrets: names, signs, quotation marks. Part of `context.rs`, with the same twin.

use super::built_in::rule;
use super::chars::{CLASS, Text, WORD};
use super::names::{NAME_MAX, Promise, is_name, promise_of};
use super::value::{Manner, is_credential, is_secret_value};

/// What a search at one place came to: a rule, and a value that may be open (end 0).
pub type Place = Option<(u32, usize, usize)>;

/// The longest value.
pub const VALUE_MAX: usize = 512;
/// So much white space is passed over.
pub const SPACES_MAX: usize = 8;

/// Units of UTF-16 that a byte of UTF-8 begins, but one for two.
pub fn units_of(byte: u8) -> usize {
    usize::from(byte & 0xc0 != 0x80)
}

/// What the value is of whose name stands before `value`: `name: DB_PASSWORD, value: ...`.
pub fn named(text: Text<'_>, s: usize) -> Option<Promise> {
    let mut e = s;
    let stop = s.saturating_sub(24);
    while e > stop && !is_name(text.before(e)) {
        e -= 1;
    }
    while e > stop && text.before(e) == b'-' {
        e -= 1;
    }
    let from = name_start(text, e);
    if from == e {
        return None;
    }
    promise_of(text, from, e).filter(|&promise| is_value(promise))
}

/// Whether a promise is of a value that is to be judged.
pub fn is_value(promise: Promise) -> bool {
    matches!(
        promise,
        Promise::Password | Promise::Token | Promise::Maybe | Promise::Account
    )
}

/// Where the name begins that ends at `e`.
pub fn name_start(text: Text<'_>, e: usize) -> usize {
    let mut s = e;
    while s + NAME_MAX > e && is_name(text.before(s)) {
        s -= 1;
    }
    s
}

/// Behind blanks, on one line; not further than a bound.
pub fn skip(text: Text<'_>, at: usize) -> usize {
    let mut p = at;
    while p < at + SPACES_MAX && is_blank(text.byte(p)) {
        p += 1;
    }
    p
}

/// The credential at `s`: what a header has for one.
pub fn credential_at(text: Text<'_>, s: usize, least: usize) -> Place {
    let mut p = s;
    while p < text.len() && p - s <= VALUE_MAX && is_credential_byte(text.byte(p)) {
        p += 1;
    }
    if text.open(p) {
        return Some((rule::AUTHORIZATION, s, 0));
    }
    let p = stop_before(text, s, p);
    if s >= p || !is_credential(&text.bytes[s..p], least) {
        return None;
    }
    Some((rule::AUTHORIZATION, s, p))
}

pub fn judge(text: Text<'_>, promise: Promise, s: usize, e: usize, manner: Manner) -> Place {
    if s >= e || !is_secret_value(promise, &text.bytes[s..e], manner) {
        return None;
    }
    Some((rule::ASSIGNED_SECRET, s, e))
}

/// The place before what ends a sentence.
pub fn stop_before(text: Text<'_>, s: usize, e: usize) -> usize {
    let mut e = e;
    while e > s && matches!(text.before(e), b'.' | b':' | b',') {
        e -= 1;
    }
    e
}

pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// What may stand between a name and the sign: `"name"`, `['name']`.
pub fn is_closer(byte: u8) -> bool {
    is_quote(byte) || matches!(byte, b']' | b')')
}

/// What ends a value that is not quoted.
pub fn is_delimiter(byte: u8) -> bool {
    is_quote(byte)
        || matches!(
            byte,
            b'&' | b';' | b',' | b'<' | b'>' | b')' | b']' | b'}' | b'|'
        )
}

/// What ends the part of a URL that says where it leads; a backslash, too.
pub fn is_authority_end(byte: u8) -> bool {
    is_quote(byte)
        || matches!(
            byte,
            b'/' | b'?'
                | b'#'
                | b'<'
                | b'>'
                | b'\\'
                | b','
                | b'('
                | b')'
                | b'['
                | b']'
                | b'{'
                | b'}'
        )
}

/// Whether a character is of a credential in a header.
pub fn is_credential_byte(byte: u8) -> bool {
    CLASS[usize::from(byte)] & WORD != 0
        || matches!(byte, b'-' | b'.' | b'~' | b'+' | b'/' | b'=' | b':')
}
