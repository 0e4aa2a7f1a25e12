//! What single characters are to Markdown: white space, marks that may have to be escaped, and the classes
//! that decide about delimiters. Twin: `characters.ts`.

use unicode_general_category::{GeneralCategory as Category, get_general_category};

use super::link::is_reference;

/// The classes that decide about delimiters.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Class {
    Other,
    White,
    Punctuation,
}

pub(super) const PLAIN: u8 = 0;
const COLLAPSED: u8 = 1;
pub(super) const MARK: u8 = 2;
/// May begin a no-break space.
const LEAD: u8 = 3;

/// Of bytes: white space, and what may have to be escaped.
pub(super) const CHARACTERS: [u8; 256] = {
    let mut table = [PLAIN; 256];
    let white = b" \t\n\x0c\r";
    let mut at = 0;
    while at < white.len() {
        table[white[at] as usize] = COLLAPSED;
        at += 1;
    }
    let marks = b"\\`*_[]<&~!";
    at = 0;
    while at < marks.len() {
        table[marks[at] as usize] = MARK;
        at += 1;
    }
    table[0xc2] = LEAD;
    table
};

/// How many bytes of white space begin at a place: 0, 1, or 2 for a no-break space.
#[inline]
pub(super) fn white_at(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(&byte) if CHARACTERS[byte as usize] == COLLAPSED => 1,
        Some(0xc2) if bytes.get(at + 1) == Some(&0xa0) => 2,
        _ => 0,
    }
}

/// How many bytes of white space end at a place.
#[inline]
pub(super) fn white_before(bytes: &[u8], at: usize) -> usize {
    match bytes[..at] {
        [.., byte] if CHARACTERS[byte as usize] == COLLAPSED => 1,
        [.., 0xc2, 0xa0] => 2,
        _ => 0,
    }
}

pub(super) fn class_of(character: char) -> Class {
    if character.is_ascii() {
        return match character {
            ' ' | '\t' | '\n' | '\x0c' | '\r' => Class::White,
            _ if character.is_ascii_punctuation() => Class::Punctuation,
            _ => Class::Other,
        };
    }
    if matches!(
        character,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    ) {
        return Class::White;
    }
    match get_general_category(character) {
        Category::ConnectorPunctuation
        | Category::DashPunctuation
        | Category::OpenPunctuation
        | Category::ClosePunctuation
        | Category::InitialPunctuation
        | Category::FinalPunctuation
        | Category::OtherPunctuation
        | Category::MathSymbol
        | Category::CurrencySymbol
        | Category::ModifierSymbol
        | Category::OtherSymbol => Class::Punctuation,
        _ => Class::Other,
    }
}

/// Whether a mark at a place of a piece of text must be escaped.
pub(super) fn must_escape(text: &[u8], at: usize, in_link: bool) -> bool {
    let first = at == 0;
    // What follows in another piece is not known here.
    let Some(&next) = text.get(at + 1) else {
        return match text[at] {
            b'[' => in_link || first,
            b'!' => false,
            _ => true,
        };
    };
    match text[at] {
        b'*' => first || white_before(text, at) == 0 || white_at(text, at + 1) == 0,
        b'_' => first || !text[at - 1].is_ascii_alphanumeric() || !next.is_ascii_alphanumeric(),
        b'~' => first || next == b'~' || white_before(text, at) == 0,
        b'[' => in_link || first,
        b']' => in_link || matches!(next, b'(' | b'[' | b':'),
        b'<' => matches!(next, b'!' | b'/' | b'?') || next.is_ascii_alphabetic(),
        b'&' => is_reference(text, at, true),
        b'!' => next == b'[',
        _ => true,
    }
}
