//! Keys by the formats that providers publish: `src/text/redact/keys.json`, of which `build.rs` makes a table.
//! Twin: `src/text/redact/scan/api_key.ts`.

use std::sync::LazyLock;

use super::chars::{Answer, Text, WORD};

/// A part of a form: text as it stands, or a run.
pub enum Part {
    /// Text.
    Text(&'static [u8]),
    /// Characters of an alphabet, a bit of `ALPHABETS`.
    Run {
        alphabet: u16,
        least: usize,
        most: usize,
        digit: bool,
    },
}

include!(concat!(env!("OUT_DIR"), "/keys.rs"));

/// By byte: the bits of the alphabets that it is of, in the order of `build.rs`.
static ALPHABETS: [u16; 256] = alphabets();

const fn alphabets() -> [u16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let character = byte as u8;
        let alnum = character.is_ascii_alphanumeric();
        let under = character == b'_';
        let hyphen = character == b'-';
        let members = [
            alnum,
            alnum || under,
            alnum || under || hyphen,
            alnum || hyphen,
            alnum || under || hyphen || matches!(character, b'.' | b'~' | b'='),
            alnum || matches!(character, b'+' | b'/' | b'='),
            alnum || character == b'/',
            character.is_ascii_uppercase() || character.is_ascii_digit(),
            character.is_ascii_hexdigit(),
            character.is_ascii_digit(),
        ];
        let mut k = 0;
        while k < members.len() {
            if members[k] {
                table[byte] |= 1 << k;
            }
            k += 1;
        }
        byte += 1;
    }
    table
}

/// What is made of the list at its first use.
struct Index {
    /// By the first byte of their text.
    by_first: [Vec<&'static [Part]>; 128],
    /// By the first two bytes of their text, by their lower five bits.
    by_pair: Vec<Vec<&'static [Part]>>,
    /// Forms that begin with a run, by the byte behind it.
    headless: [Vec<&'static [Part]>; 128],
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index {
        by_first: std::array::from_fn(|_| Vec::new()),
        by_pair: vec![Vec::new(); 1 << 10],
        headless: std::array::from_fn(|_| Vec::new()),
    };
    for &parts in &FORMS {
        match parts[0] {
            Part::Text(text) if text.len() > 1 => {
                index.by_first[usize::from(text[0])].push(parts);
                index.by_pair[triple(text[0], text[1], 0).0].push(parts);
            }
            _ => {
                if let Some(mark) = mark_of(parts) {
                    index.headless[usize::from(mark)].push(parts);
                }
            }
        }
    }
    index
});

/// Which three bytes a form begins with, by their lower five bits; a form with two begins with any third.
static TRIPLES: [u32; 1 << 10] = triples();

const fn triple(first: u8, second: u8, third: u8) -> (usize, u32) {
    (
        (first as usize & 31) << 5 | (second as usize & 31),
        1 << (third & 31),
    )
}

const fn triples() -> [u32; 1 << 10] {
    let mut table = [0; 1 << 10];
    let mut k = 0;
    while k < FORMS.len() {
        if let Part::Text(text) = FORMS[k][0]
            && text.len() > 1
        {
            let third = if text.len() > 2 { text[2] } else { 0 };
            let (place, bit) = triple(text[0], text[1], third);
            table[place] |= if text.len() > 2 { bit } else { u32::MAX };
        }
        k += 1;
    }
    table
}

/// By byte: whether a form without a prefix has it behind its first word.
static MARKS: [bool; 256] = marks();

const fn marks() -> [bool; 256] {
    let mut table = [false; 256];
    let mut k = 0;
    while k < FORMS.len() {
        let headless = match FORMS[k][0] {
            Part::Text(text) => text.len() < 2,
            Part::Run { .. } => true,
        };
        if headless && let Some(mark) = mark_of(FORMS[k]) {
            table[mark as usize] = true;
        }
        k += 1;
    }
    table
}

/// The first byte of a form's later texts that is of no word.
const fn mark_of(parts: &[Part]) -> Option<u8> {
    let mut k = 1;
    while k < parts.len() {
        if let Part::Text(text) = parts[k] {
            let mut c = 0;
            while c < text.len() {
                if !text[c].is_ascii_alphanumeric() && text[c] != b'_' {
                    return Some(text[c]);
                }
                c += 1;
            }
        }
        k += 1;
    }
    None
}

/// Whether a key may begin at `i`, where a word begins with a letter.
#[inline]
pub fn may_be_key(text: Text<'_>, i: usize) -> bool {
    let Some(&[first, second, third]) =
        text.bytes.get(i..i + 3).and_then(|head| head.first_chunk())
    else {
        return true;
    };
    let (place, bit) = triple(first, second, third);
    TRIPLES[place] & bit != 0
}

/// The key that begins at `i`, where a word begins with a letter: the longest.
pub fn api_key_at(text: Text<'_>, i: usize) -> Answer {
    let index = &*INDEX;
    let forms = match text.bytes.get(i + 1) {
        Some(&second) => &index.by_pair[triple(text.byte(i), second, 0).0],
        None => &index.by_first[usize::from(text.byte(i) & 127)],
    };
    longest(forms, text, i)
}

/// By byte: the length of the shortest first word that a form without a prefix has before it.
static LEAST: [u32; 256] = least();

const fn least() -> [u32; 256] {
    let mut table = [u32::MAX; 256];
    let mut k = 0;
    while k < FORMS.len() {
        let headless = match FORMS[k][0] {
            Part::Text(text) => text.len() < 2,
            Part::Run { .. } => true,
        };
        if headless && let Some(mark) = mark_of(FORMS[k]) {
            let length = head_of(FORMS[k]);
            if length < table[mark as usize] {
                table[mark as usize] = length;
            }
        }
        k += 1;
    }
    table
}

/// The length of the shortest first word of a form.
const fn head_of(parts: &[Part]) -> u32 {
    let mut length = 0;
    let mut k = 0;
    while k < parts.len() {
        match parts[k] {
            Part::Run { least, .. } => length += least as u32,
            Part::Text(text) => {
                let mut c = 0;
                while c < text.len() {
                    if !text[c].is_ascii_alphanumeric() && text[c] != b'_' {
                        return length;
                    }
                    length += 1;
                    c += 1;
                }
            }
        }
        k += 1;
    }
    length
}

/// The length of the shortest first word of all forms without a prefix.
pub const HEADLESS_LEAST: u32 = {
    let table = least();
    let mut shortest = u32::MAX;
    let mut byte = 0;
    while byte < table.len() {
        if table[byte] < shortest {
            shortest = table[byte];
        }
        byte += 1;
    }
    shortest
};

/// Whether keys without a prefix are known whose first word is so long and has such a byte behind it.
#[inline]
pub fn may_be_headless_of(after: u8, length: u32) -> bool {
    length >= LEAST[usize::from(after)]
}

/// Whether keys without a prefix are known that have such a byte behind their first word.
#[inline]
pub fn may_be_headless(after: u8) -> bool {
    MARKS[usize::from(after)]
}

/// The key without a prefix that begins at `i`, whose first word the byte `after` follows.
pub fn headless_at(text: Text<'_>, i: usize, after: u8) -> Answer {
    longest(&INDEX.headless[usize::from(after & 127)], text, i)
}

fn longest(forms: &[&[Part]], text: Text<'_>, i: usize) -> Answer {
    let mut best = 0;
    for parts in forms {
        match key_at(text, i, parts) {
            Answer::More => return Answer::More,
            Answer::End(end) => best = best.max(end),
            Answer::None => {}
        }
    }
    match best {
        0 => Answer::None,
        _ => Answer::End(best),
    }
}

fn key_at(text: Text<'_>, i: usize, parts: &[Part]) -> Answer {
    let n = text.len();
    let mut p = i;
    for (k, part) in parts.iter().enumerate() {
        match *part {
            Part::Text(wanted) => {
                for &byte in wanted {
                    if text.at_end(p) {
                        return text.more();
                    }
                    if text.byte(p) != byte {
                        return Answer::None;
                    }
                    p += 1;
                }
            }
            Part::Run {
                alphabet,
                least,
                most,
                digit,
            } => {
                let s = p;
                // A last run that goes on is none.
                let bound = most + usize::from(k + 1 == parts.len());
                let limit = n.min(s + bound);
                while p < limit && ALPHABETS[usize::from(text.byte(p))] & alphabet != 0 {
                    p += 1;
                }
                if p - s > most {
                    return Answer::None;
                }
                if p - s < bound && text.open(p) {
                    return Answer::More;
                }
                if p - s < least || (digit && !text.bytes[s..p].iter().any(u8::is_ascii_digit)) {
                    return Answer::None;
                }
            }
        }
    }
    if text.open(p) {
        return Answer::More;
    }
    match text.is(p, WORD) {
        true => Answer::None,
        false => Answer::End(p),
    }
}
