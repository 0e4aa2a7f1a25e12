//! Cuts a text into units (words, and single characters of scripts without spaces) and hashes its
//! shingles.

use std::borrow::Cow;
use std::sync::OnceLock;

use agent_shared::{Control, Error, check, lowercase};
use unicode_general_category::{GeneralCategory as Category, get_general_category};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Units in a shingle.
pub(super) const SHINGLE: usize = 3;

/// A text is normalised in pieces of about this many bytes, cut at spaces: neither the normal form nor
/// the lower case of a character depends on what is beyond a space.
const PIECE: usize = 1 << 16;

/// What a character is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Separator,
    Word,
    Single,
}

/// Scripts that are written without spaces: East Asian, and those of mainland South East Asia.
fn is_spaceless(character: char) -> bool {
    matches!(
        character,
        '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{1950}'..='\u{19df}'
            | '\u{1a20}'..='\u{1aaf}'
            | '\u{3005}'..='\u{3007}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{a9e0}'..='\u{a9ff}'
            | '\u{aa60}'..='\u{aadf}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff66}'..='\u{ff9f}'
            | '\u{1aff0}'..='\u{1b16f}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

fn classify(character: char) -> Class {
    match get_general_category(character) {
        Category::UppercaseLetter
        | Category::LowercaseLetter
        | Category::TitlecaseLetter
        | Category::ModifierLetter
        | Category::OtherLetter
        | Category::NonspacingMark
        | Category::SpacingMark
        | Category::EnclosingMark
        | Category::DecimalNumber
        | Category::LetterNumber
        | Category::OtherNumber => {
            if is_spaceless(character) {
                Class::Single
            } else {
                Class::Word
            }
        }
        _ => Class::Separator,
    }
}

/// The class of a character that is not ASCII. Those of the first plane are in a table.
fn class(character: char) -> Class {
    static TABLE: OnceLock<Vec<Class>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        (0..0x1_0000)
            .map(|code| char::from_u32(code).map_or(Class::Separator, classify))
            .collect()
    });
    match table.get(character as usize) {
        Some(&class) => class,
        None => classify(character),
    }
}

/// FNV-1a's start and prime, over UTF-16 units.
const START: u32 = 0x811c_9dc5;
const PRIME: u32 = 0x0100_0193;

fn hashed(hash: u32, unit: u16) -> u32 {
    (hash ^ u32::from(unit)).wrapping_mul(PRIME)
}

/// `MurmurHash3`'s last step: every bit of the input changes every bit of the result.
pub(super) fn mixed(mut hash: u32) -> u32 {
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

/// The hash of a shingle from those of its units; 0 stands for a unit that a short text lacks.
fn shingle_hash(a: u32, b: u32, c: u32) -> u32 {
    const FACTOR: u32 = 0x9e37_79b1;
    let ab = a.wrapping_mul(FACTOR).wrapping_add(b);
    mixed(ab.wrapping_mul(FACTOR).wrapping_add(c))
}

/// What reads a text.
pub(super) trait Sink {
    /// A normalised piece of the text. Its units follow.
    fn piece(&mut self, text: &str) -> Result<(), Error>;
    /// A unit, by its place in that piece.
    fn unit(&mut self, start: usize, end: usize) -> Result<(), Error>;
    /// The hash of a shingle, with the unit that is its last.
    fn shingle(&mut self, hash: u32) -> Result<(), Error>;
}

/// Gives a sink the shingles of a text: each run of three units; all units where there are fewer; the
/// text itself where there is none.
pub(super) fn read(text: &str, sink: &mut impl Sink, control: &dyn Control) -> Result<(), Error> {
    let (mut count, mut first, mut second) = (0usize, 0, 0);
    let mut rest = text;
    while !rest.is_empty() {
        check(control)?;
        let (piece, after) = rest.split_at(cut(rest));
        rest = after;
        let piece = normal(piece);
        sink.piece(&piece)?;
        let mut at = 0;
        while let Some((start, end, hash)) = unit(&piece, at) {
            at = end;
            sink.unit(start, end)?;
            count += 1;
            if count >= SHINGLE {
                sink.shingle(shingle_hash(first, second, hash))?;
            }
            (first, second) = (second, hash);
        }
    }
    match count {
        0 => sink.shingle(mixed(text.encode_utf16().fold(START, hashed))),
        1 => sink.shingle(shingle_hash(second, 0, 0)),
        2 => sink.shingle(shingle_hash(first, second, 0)),
        _ => Ok(()),
    }
}

fn cut(text: &str) -> usize {
    if text.len() <= 2 * PIECE {
        return text.len();
    }
    memchr::memchr(b' ', &text.as_bytes()[PIECE..]).map_or(text.len(), |found| PIECE + found)
}

/// Normal form C in lower case.
fn normal(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Owned(lowercase(text));
    }
    Cow::Owned(lowercase(&text.nfc().collect::<String>()))
}

/// The next unit from a place on: where it begins and ends, and the hash of its UTF-16.
fn unit(text: &str, from: usize) -> Option<(usize, usize, u32)> {
    let bytes = text.as_bytes();
    let (mut start, mut at, mut hash) = (from, from, START);
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii() {
            if byte.is_ascii_alphanumeric() {
                hash = hashed(hash, u16::from(byte));
                at += 1;
            } else if at > start {
                break;
            } else {
                at += 1;
                start = at;
            }
            continue;
        }
        let character = text[at..].chars().next()?;
        let (class, width) = (class(character), character.len_utf8());
        if class == Class::Separator && at == start {
            at += width;
            start = at;
            continue;
        }
        if class == Class::Separator || (class == Class::Single && at > start) {
            break;
        }
        let mut buffer = [0; 2];
        hash = character
            .encode_utf16(&mut buffer)
            .iter()
            .fold(hash, |hash, &unit| hashed(hash, unit));
        at += width;
        if class == Class::Single {
            break;
        }
    }
    (at > start).then_some((start, at, hash))
}

#[cfg(test)]
mod tests {
    use agent_shared::Uncontrolled;

    use super::*;

    #[derive(Default)]
    struct Units {
        pieces: usize,
        piece: String,
        units: Vec<String>,
        shingles: Vec<u32>,
    }

    impl Sink for Units {
        fn piece(&mut self, text: &str) -> Result<(), Error> {
            text.clone_into(&mut self.piece);
            self.pieces += 1;
            Ok(())
        }

        fn unit(&mut self, start: usize, end: usize) -> Result<(), Error> {
            self.units.push(self.piece[start..end].to_owned());
            Ok(())
        }

        fn shingle(&mut self, hash: u32) -> Result<(), Error> {
            self.shingles.push(hash);
            Ok(())
        }
    }

    fn units(text: &str) -> Units {
        let mut sink = Units::default();
        read(text, &mut sink, &Uncontrolled).unwrap();
        sink
    }

    #[test]
    fn words_and_single_characters() {
        assert_eq!(
            units("Don't, e\u{301}TÉ 2024!").units,
            ["don", "t", "ét\u{e9}", "2024"]
        );
        assert_eq!(
            units("GPU是什么abc ひらカナ ไทย 𠀀x").units,
            [
                "gpu", "是", "什", "么", "abc", "ひ", "ら", "カ", "ナ", "ไ", "ท", "ย", "𠀀", "x"
            ]
        );
        assert!(units(" 🙂 !").units.is_empty());
    }

    #[test]
    fn every_text_has_a_shingle() {
        for text in ["", " ", "!", "a", "a b", "a b c"] {
            assert_eq!(units(text).shingles.len(), 1, "{text:?}");
        }
        assert_eq!(units("a b c d").shingles.len(), 2);
        assert_ne!(units("").shingles, units("!").shingles);
        assert_eq!(units("A, b").shingles, units("a b").shingles);
    }

    #[test]
    fn pieces_change_nothing() {
        let long = "ΟΔΟΣ e\u{301}a b ".repeat(40_000);
        let all = units(&long);
        assert!(all.pieces > 4);
        let one = units("ΟΔΟΣ e\u{301}a b ").units;
        assert_eq!(one, ["οδος", "éa", "b"]);
        assert!(all.units.chunks(3).all(|chunk| chunk == one));
    }
}
