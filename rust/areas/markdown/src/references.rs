//! Character references, as the HTML standard decodes them (section 13.2.5.72 on): all names with the
//! longest one winning, the exception for attributes, and numbers with windows-1252's for those of the C1
//! controls. Twin: `references.ts`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use memchr::memchr;

use super::references_data::REFERENCES;

/// The longest name that counts without a semicolon.
const LONGEST_BARE: usize = 6;
/// The longest name.
const LONGEST: usize = 31;

/// What the numbers 0x80 to 0x9f stand for; 0 where they are themselves.
const WINDOWS_1252: [u32; 32] = [
    0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152,
    0, 0x17d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161,
    0x203a, 0x153, 0, 0x17e, 0x178,
];

/// A name's text, and whether it counts without a semicolon.
struct Reference {
    text: String,
    bare: bool,
}

fn named() -> &'static HashMap<&'static str, Reference> {
    static NAMED: OnceLock<HashMap<&'static str, Reference>> = OnceLock::new();
    NAMED.get_or_init(|| {
        REFERENCES
            .split_ascii_whitespace()
            .filter_map(|entry| {
                let mark = entry.find([':', '!'])?;
                let text = entry[mark + 1..]
                    .split('.')
                    .filter_map(|code| char::from_u32(u32::from_str_radix(code, 36).ok()?))
                    .collect();
                let bare = entry.as_bytes()[mark] == b'!';
                Some((&entry[..mark], Reference { text, bare }))
            })
            .collect()
    })
}

/// The text of the reference whose ampersand is at a place, and what is behind it.
fn decode_one(text: &str, at: usize, attribute: bool) -> Option<(Cow<'static, str>, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(at + 1) == Some(&b'#') {
        let (character, end) = decode_number(bytes, at + 2)?;
        return Some((Cow::Owned(character.to_string()), end));
    }
    let most = bytes.len().min(at + 2 + LONGEST);
    let mut end = at + 1;
    while end < most && bytes[end].is_ascii_alphanumeric() {
        end += 1;
    }
    if end == at + 1 {
        return None;
    }
    let run = &text[at + 1..end];
    if bytes.get(end) == Some(&b';') {
        let common = match run {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "nbsp" => "\u{a0}",
            "apos" => "'",
            _ => "",
        };
        if !common.is_empty() {
            return Some((Cow::Borrowed(common), end + 1));
        }
        if let Some(found) = named().get(run) {
            return Some((Cow::Borrowed(&found.text), end + 1));
        }
    }
    for length in (2..=LONGEST_BARE.min(run.len())).rev() {
        let Some(found) = named().get(&run[..length]).filter(|found| found.bare) else {
            continue;
        };
        let end = at + 1 + length;
        let next = bytes.get(end).copied().unwrap_or(0);
        if attribute && (next == b'=' || next.is_ascii_alphanumeric()) {
            return None;
        }
        return Some((Cow::Borrowed(&found.text), end));
    }
    None
}

fn decode_number(bytes: &[u8], from: usize) -> Option<(char, usize)> {
    let mut at = from;
    let hexadecimal = bytes.get(at).is_some_and(|byte| byte | 32 == b'x');
    let radix = if hexadecimal { 16 } else { 10 };
    at += usize::from(hexadecimal);
    let digits = at;
    let mut value: u32 = 0;
    while let Some(digit) = bytes
        .get(at)
        .and_then(|&byte| (byte as char).to_digit(radix))
    {
        value = (value * radix + digit).min(0x11_0000);
        at += 1;
    }
    if at == digits {
        return None;
    }
    if bytes.get(at) == Some(&b';') {
        at += 1;
    }
    if (0x80..=0x9f).contains(&value) && WINDOWS_1252[value as usize - 0x80] != 0 {
        value = WINDOWS_1252[value as usize - 0x80];
    }
    let character = if value == 0 {
        None
    } else {
        char::from_u32(value)
    };
    Some((character.unwrap_or('\u{fffd}'), at))
}

/// Decodes all references of a text; `attribute` says whether it is the value of one.
pub fn decode(text: &str, attribute: bool) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut plain = 0;
    let mut at = 0;
    while let Some(distance) = memchr(b'&', &bytes[at..]) {
        at += distance;
        match decode_one(text, at, attribute) {
            Some((found, end)) => {
                out.push_str(&text[plain..at]);
                out.push_str(&found);
                plain = end;
                at = end;
            }
            None => at += 1,
        }
    }
    if plain == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[plain..]);
    Cow::Owned(out)
}
