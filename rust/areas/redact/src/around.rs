//! What stands around secrets: names, signs, quotation marks; and the values behind them. Part of `context.rs`.
//! Twin: `src/text/redact/scan/around.ts`.

use super::built_in::{Rules, rule};
use super::chars::{Answer, CLASS, LOWER, Text, UPPER, WORD};
use super::names::{NAME_MAX, Promise, is_name, promise_of};
use super::settings::{Least, setting_least};
use super::value::{Manner, is_credential, is_secret_value};
use super::view::View;

/// What a search at one place came to: a rule, and a value that may be open (end 0).
pub type Place = Option<(u32, usize, usize)>;

/// The longest value.
pub const VALUE_MAX: usize = 512;
/// So much white space is passed over.
pub const SPACES_MAX: usize = 8;

/// So much white space begins a line at most.
const INDENT_MAX: usize = 40;

/// A text, and how it was read.
#[derive(Clone, Copy)]
pub struct Scene<'t, 'v> {
    /// The text.
    pub text: Text<'t>,
    /// The rules that hold.
    pub rules: Rules,
    /// The view that has read it, if one has.
    pub view: Option<&'v View<'v>>,
}

impl Scene<'_, '_> {
    /// Whether a rule holds.
    pub fn has(&self, rule: u32) -> bool {
        self.rules.has(rule)
    }

    /// Whether a place is the end, and more may follow, or a line may end there.
    pub fn is_cut(&self, at: usize) -> bool {
        self.text.open(at) || (self.text.byte(at) == b'\r' && self.text.open(at + 1))
    }

    /// How much an escape takes that stands at a place; 1 for a character as it is.
    fn level(&self, at: usize) -> usize {
        self.view.map_or(1, |view| view.length_at(at))
    }

    /// Whether a character is written with a percent sign.
    pub fn is_percent(&self, at: usize) -> bool {
        self.view.is_some_and(|view| view.is_percent(at))
    }

    /// Behind blanks, on one line; not further than a bound.
    pub fn skip(&self, at: usize) -> usize {
        let mut p = at;
        while p < at + SPACES_MAX && is_blank(self.text.byte(p)) {
            p += 1;
        }
        p
    }

    /// Behind the end of a line and what indents the next; `at` itself where no line ends.
    pub fn skip_line(&self, at: usize) -> usize {
        let text = self.text;
        let mut p = at + usize::from(text.byte(at) == b'\r');
        if text.byte(p) != b'\n' {
            return at;
        }
        p += 1;
        let stop = p + INDENT_MAX;
        while p < stop && is_blank(text.byte(p)) {
            p += 1;
        }
        p
    }

    /// What an `Authorization` header says from `from` on: a scheme and a credential, or that alone.
    pub fn header(&self, from: usize) -> Place {
        let text = self.text;
        if !self.has(rule::AUTHORIZATION) {
            return None;
        }
        let s = from + usize::from(is_quote(text.byte(from)));
        let mut e = s;
        while e - s < 24 && (text.is(e, WORD) || text.byte(e) == b'-') {
            e += 1;
        }
        if e > s && text.byte(e) == b' ' {
            return credential_at(text, self.skip(e), 6);
        }
        if text.open(e) {
            return Some((rule::AUTHORIZATION, s, 0));
        }
        credential_at(text, s, 8)
    }

    /// The value that begins at `from`, behind a sign.
    pub fn value(
        &self,
        promise: Promise,
        from: usize,
        sign: usize,
        spaced: bool,
        listed: bool,
        compared: bool,
    ) -> Place {
        let text = self.text;
        let n = text.len();
        let mut s = from;
        // b"...", f'...', @"..."
        if (text.is(s, LOWER | UPPER) || text.byte(s) == b'@') && is_quote(text.byte(s + 1)) {
            s += 1;
        }
        if s >= n {
            return None;
        }
        if is_quote(text.byte(s)) {
            return self.quoted(promise, s, spaced, false);
        }
        if compared {
            return None;
        }
        if let Some(made) = made_from(text, s) {
            return self.quoted(promise, made, true, false);
        }
        let mut e = s;
        let mut units = 0;
        let escaped = self.is_percent(sign);
        while e < n && units <= VALUE_MAX {
            let byte = text.byte(e);
            if byte <= b' ' || (is_delimiter(byte) && (escaped || !self.is_percent(e))) {
                break;
            }
            units += units_of(byte);
            e += 1;
        }
        if text.open(e) {
            return Some((rule::ASSIGNED_SECRET, s, 0));
        }
        if units > VALUE_MAX {
            return None;
        }
        let listed = listed || matches!(text.byte(e), b';' | b'&');
        let e = stop_before(text, s, e);
        if e == s {
            return None;
        }
        let least = match promise == Promise::Password && !listed {
            true => setting_least(self, sign, s, e),
            false => Least::Never,
        };
        let least = match least {
            Least::Never => 0,
            Least::More => return Some((rule::ASSIGNED_SECRET, s, 0)),
            Least::Of(least) => least,
        };
        let manner = Manner {
            quoted: false,
            spaced,
            listed,
            least,
        };
        let (rule, _, e) = judge(text, promise, s, e, manner)?;
        // The bracket of a list is none of its first value.
        let brackets = text.bytes[s..e].iter().take_while(|&&byte| byte == b'[');
        let s = s + brackets.count();
        (s < e).then_some((rule, s, e))
    }

    /// The value within the quotation marks of which the first is at `s`.
    pub fn quoted(&self, promise: Promise, s: usize, spaced: bool, listed: bool) -> Place {
        match self.quote_end(s) {
            Answer::More => Some((rule::ASSIGNED_SECRET, s + 1, 0)),
            Answer::None => None,
            Answer::End(e) => {
                let manner = Manner {
                    quoted: true,
                    spaced,
                    listed,
                    least: 0,
                };
                judge(self.text, promise, s + 1, e, manner)
            }
        }
    }

    /// Where the string ends that the quotation mark at `s` begins: one that is not written with a longer
    /// escape.
    pub fn quote_end(&self, s: usize) -> Answer {
        let text = self.text;
        let quote = text.byte(s);
        let level = self.level(s);
        let mut units = 0;
        let mut e = s + 1;
        while e < text.len() && units <= VALUE_MAX {
            let byte = text.byte(e);
            if (byte == quote || is_line_end(byte)) && self.level(e) <= level {
                return match byte == quote && e > s + 1 {
                    true => Answer::End(e),
                    false => Answer::None,
                };
            }
            units += units_of(byte);
            e += 1;
        }
        if units > VALUE_MAX {
            Answer::None
        } else {
            text.more()
        }
    }
}

/// Functions that make a value of the string that they are given.
const MAKERS: [&[u8]; 7] = [
    b"::from",
    b"Some",
    b"String",
    b"str",
    b"bytes",
    b"Secret",
    b"SecretStr",
];
const MAKER_MAX: usize = 24;

/// Where the quotation mark is of a string that a function makes the value at `s` of.
fn made_from(text: Text<'_>, s: usize) -> Option<usize> {
    let mut e = s;
    while e - s < MAKER_MAX && (is_name(text.byte(e)) || text.byte(e) == b':') {
        e += 1;
    }
    if e == s || text.byte(e) != b'(' || !is_quote(text.byte(e + 1)) {
        return None;
    }
    let name = &text.bytes[s..e];
    MAKERS
        .iter()
        .any(|maker| name.ends_with(maker))
        .then_some(e + 1)
}

/// Units of UTF-16 that a byte of UTF-8 begins, but one for two.
pub fn units_of(byte: u8) -> usize {
    usize::from(byte & 0xc0 != 0x80)
}

/// What the value is of whose name stands before `value`: `name: DB_PASSWORD, value: ...`.
pub fn named(text: Text<'_>, s: usize) -> Option<Promise> {
    let mut e = s;
    let stop = s.saturating_sub(24);
    while e > stop && text.before(e) < 128 && !is_name(text.before(e)) {
        e -= 1;
    }
    while e > stop && text.before(e) == b'-' {
        e -= 1;
    }
    let from = name_start(text, e);
    if from == e {
        return None;
    }
    named_by(text, from, e)
}

/// What the value is of that has the name from `from` to `e` in another field.
pub fn named_by(text: Text<'_>, from: usize, e: usize) -> Option<Promise> {
    promise_of(text, from, e)
        .filter(|&promise| is_value(promise) || promise == Promise::Authorization)
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

/// Takes a value if it is a secret.
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

/// Line feed and carriage return.
pub fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Whether digits alone stand there.
pub fn are_digits(value: &[u8]) -> bool {
    value.iter().all(u8::is_ascii_digit)
}

pub fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// What may stand between a name and the sign: `"name"`, `['name']`, `**name**`.
pub fn is_closer(byte: u8) -> bool {
    is_quote(byte) || matches!(byte, b']' | b')' | b'*')
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
