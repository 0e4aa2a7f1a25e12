//! E-mail addresses, from their `@`. Twin: `src/text/redact/scan/email.ts`.

use super::chars::{
    ALNUM, Answer, CLASS, LOCAL, LOWER, Script, Text, UPPER, WORD, char_at, char_before, script_of,
};
use super::finder::{Finder, Found};
use super::marks::Mark;

const LOCAL_MAX: usize = 64;
/// A local part begins so far before its sign at most, in bytes, with all apostrophes.
const REACH: usize = 8 * LOCAL_MAX;
const LABEL_MAX: usize = 63;
const DOMAIN_MAX: usize = 253;
const RIGHT_QUOTE: char = '\u{2019}';

/// Finds addresses.
pub struct EmailFinder {
    rule: u32,
    sign: Mark,
    until: usize,
}

impl EmailFinder {
    /// A finder whose rule has an id.
    pub fn new(rule: u32) -> Self {
        Self {
            rule,
            sign: Mark(None),
            until: usize::MAX,
        }
    }
}

impl Finder for EmailFinder {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        let n = text.len();
        let mut next = from.min(n);
        loop {
            let find = |bytes: &[u8]| memchr::memchr(b'@', bytes);
            let at = self.sign.from(text.bytes, next, find);
            if at == n || at >= self.until.saturating_add(REACH) {
                break;
            }
            next = at + 1;
            let Some(start) = local_at(text, at, from, false) else {
                continue;
            };
            match domain_at(text, at + 1) {
                Answer::None => {}
                Answer::More => return Found::none(start),
                Answer::End(end) => {
                    if is_image(&text.bytes[at + 1..end]) || is_remote(text, start, at, end) {
                        continue;
                    }
                    // Of two apostrophes around an address, the first is none of its own.
                    let quoted = text.byte(end) == b'\'' && text.before(start) != b'\'';
                    let quote = match quoted {
                        true => memchr::memrchr(b'\'', &text.bytes[start..at]),
                        false => None,
                    };
                    return Found {
                        start: quote.map_or(start, |quote| start + quote + 1),
                        end,
                        rule: self.rule,
                    };
                }
            }
        }
        let open = match text.last {
            true => None,
            false => local_at(text, n, from, true),
        };
        Found::none(open.unwrap_or(n))
    }

    fn until(&mut self, end: usize) {
        self.until = end;
    }
}

/// Whether a character may stand in a local part, and which kind of letter it is then.
fn kind_of(character: Option<char>) -> Script {
    match character {
        None => Script::Other,
        Some(ascii) if ascii.is_ascii() => match CLASS[ascii as usize] & (WORD | LOCAL) {
            0 => Script::Other,
            _ => Script::Letter,
        },
        Some(character) => script_of(character),
    }
}

fn is_letter(character: Option<char>) -> bool {
    character.is_some_and(|character| match character.is_ascii() {
        true => character.is_ascii_alphabetic(),
        false => script_of(character) == Script::Letter,
    })
}

/// Apostrophes between letters before `p`, one, or two where a shell's quoting left them: where they begin.
fn apostrophes_before(text: Text<'_>, p: usize, open: bool) -> Option<usize> {
    if p == text.len() {
        if !open {
            return None;
        }
    } else if !is_letter(char_at(text.bytes, p)) {
        return None;
    }
    let apostrophe = char_before(text.bytes, p)?;
    let mut before = p - apostrophe.len_utf8();
    if apostrophe == '\'' {
        if text.before(before) == b'\'' {
            before -= 1;
        }
    } else if apostrophe != RIGHT_QUOTE {
        return None;
    }
    is_letter(char_before(text.bytes, before)).then_some(before)
}

/// Where the local part before `at` begins, not before `from`.
fn local_at(text: Text<'_>, at: usize, from: usize, open: bool) -> Option<usize> {
    let bytes = text.bytes;
    let kind = kind_of(char_before(bytes, at));
    if kind == Script::Other && !(open && apostrophes_before(text, at, open).is_some()) {
        return None;
    }
    let is_glyph = kind == Script::Glyph;
    let mut p = at;
    let mut count = 0;
    while count < LOCAL_MAX {
        let Some(character) = char_before(bytes, p) else {
            break;
        };
        let here = kind_of(Some(character));
        if here != Script::Other && is_glyph == (here == Script::Glyph) {
            p -= character.len_utf8();
            count += 1;
            continue;
        }
        if is_glyph {
            break;
        }
        let Some(before) = apostrophes_before(text, p, open) else {
            break;
        };
        count += if p - before == 2 { 2 } else { 1 };
        p = before;
    }
    let mut start = p.max(from);
    while start < at {
        let character = char_at(bytes, start)?;
        if begins_at(text, start, character, is_glyph) {
            return Some(start);
        }
        start += character.len_utf8();
    }
    None
}

/// Whether a local part may begin at a place.
fn begins_at(text: Text<'_>, p: usize, character: char, is_glyph: bool) -> bool {
    let before = char_before(text.bytes, p);
    if is_glyph {
        let glyph = |character| script_of(character) == Script::Glyph;
        return glyph(character) && !before.is_some_and(glyph);
    }
    let word = |character: char| match character.is_ascii() {
        true => CLASS[character as usize] & WORD != 0,
        false => script_of(character) == Script::Letter,
    };
    word(character) && !before.is_some_and(word)
}

fn domain_at(text: Text<'_>, from: usize) -> Answer {
    let n = text.len();
    let mut end = Answer::None;
    let mut s = from;
    // Characters before the label.
    let mut before = 0;
    for label in 1.. {
        let mut p = s;
        let mut glyphs = false;
        let mut count = 0;
        let most = (LABEL_MAX + 1).min(DOMAIN_MAX + 1 - before);
        while p < n && count < most {
            let Some(character) = char_at(text.bytes, p) else {
                break;
            };
            if character.is_ascii() {
                if CLASS[character as usize] & ALNUM == 0 && character != '-' {
                    break;
                }
            } else {
                let script = script_of(character);
                // Where words are not parted, a text goes on behind a name in other letters.
                if script == Script::Other || (script == Script::Glyph && !glyphs && p > s) {
                    break;
                }
                glyphs |= script == Script::Glyph;
            }
            p += character.len_utf8();
            count += 1;
        }
        if count > LABEL_MAX || before + count > DOMAIN_MAX {
            return end;
        }
        if p == s {
            return if text.open(p) { Answer::More } else { end };
        }
        if text.byte(s) == b'-' {
            return end;
        }
        if text.open(p) {
            return Answer::More;
        }
        let mut e = p;
        while text.byte(e - 1) == b'-' {
            e -= 1;
        }
        if label > 1 && is_top_level(&text.bytes[s..e]) {
            end = Answer::End(e);
        }
        if e != p || text.byte(p) != b'.' {
            return end;
        }
        s = p + 1;
        before += count + 1;
    }
    end
}

fn is_top_level(label: &[u8]) -> bool {
    if label.len() > 4 && label[..4].eq_ignore_ascii_case(b"xn--") {
        return true;
    }
    let characters = label.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
    let letters = |&byte: &u8| byte > 127 || CLASS[usize::from(byte)] & (LOWER | UPPER) != 0;
    characters > 1 && label.iter().all(letters)
}

/// Pictures for screens of other densities: `logo@2x.png`.
fn is_image(domain: &[u8]) -> bool {
    let [b'1'..=b'9', rest @ ..] = domain else {
        return false;
    };
    if domain.len() > 15 {
        return false;
    }
    let rest = match rest {
        [b'.', b'0'..=b'9', b'0'..=b'9', rest @ ..] | [b'.', b'0'..=b'9', rest @ ..] => rest,
        rest => rest,
    };
    let [b'x' | b'X', b'.', ending @ ..] = rest else {
        return false;
    };
    (2..=5).contains(&ending.len()) && ending.iter().all(u8::is_ascii_alphanumeric)
}

/// The user of a repository's address: `git@example.org:name/of/it`.
fn is_remote(text: Text<'_>, start: usize, at: usize, end: usize) -> bool {
    &text.bytes[start..at] == b"git" && matches!(text.byte(end), b':' | b'/')
}
