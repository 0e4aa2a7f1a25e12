//! Whether what is assigned to a name is a secret, or a word, a variable, a type, a placeholder. Twin:
//! `src/text/redact/scan/value.ts`.

use super::chars::{ALNUM, CLASS, DIGIT, HEX, LOWER, UPPER};
use super::names::Promise;
use super::shapes::{
    is_code, is_common, is_path, is_phrase, is_placeholder, is_said, is_same_name, is_template,
    is_type,
};
use super::token::is_random;
use super::words::words_in;

/// How a value is written.
#[derive(Clone, Copy)]
pub struct Manner {
    /// Within quotation marks, or an element.
    pub quoted: bool,
    /// With white space before the sign, as in code.
    pub spaced: bool,
    /// As one of several in a connection string or a query.
    pub listed: bool,
    /// How long it must be at least to be a password of small letters alone, as a setting; 0 for never.
    pub least: usize,
}

/// What begins like a type and is as long is a hash.
const TYPE_MOST: usize = 32;
const LOGIN_LEAST: usize = 12;
const SIGNS: &[u8] = b"!@#$%^&*+~?";
const RANDOM_BITS: i32 = 196_608;
const RANDOM_LEAST: usize = 16;

fn is(byte: u8, classes: u8) -> bool {
    CLASS[usize::from(byte)] & classes != 0
}

fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(k, &byte)| match k {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => is(byte, HEX),
        })
}

fn is_account(value: &[u8]) -> bool {
    match value.len() {
        12 => value.iter().all(u8::is_ascii_digit),
        14 => value.iter().enumerate().all(|(k, byte)| match k {
            4 | 9 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        }),
        _ => false,
    }
}

/// Units of UTF-16 that the UTF-8 stands for.
fn units_of(value: &[u8]) -> usize {
    value
        .iter()
        .map(|&byte| usize::from(byte & 0xc0 != 0x80) + usize::from(byte >= 0xf0))
        .sum()
}

fn is_same(value: &[u8]) -> bool {
    value.iter().all(|&byte| byte == value[0] && byte < 128)
}

/// Whether a value is a secret that a name promised.
pub fn is_secret_value(promise: Promise, value: &[u8], manner: Manner) -> bool {
    let Manner {
        quoted,
        spaced,
        listed,
        least,
    } = manner;
    if promise == Promise::Account {
        return is_uuid(value) || is_account(value);
    }
    let count = |test: &dyn Fn(u8) -> bool| value.iter().filter(|&&byte| test(byte)).count();
    if value.contains(&b' ') {
        return manner.quoted && promise == Promise::Password && is_phrase(value);
    }
    let digits = count(&|byte| is(byte, DIGIT));
    let letters = count(&|byte| is(byte, LOWER | UPPER));
    let joins = count(&|byte| matches!(byte, b'_' | b'-' | b'.' | b'/'));
    let length = units_of(value);
    let signs = length - letters - digits - joins;
    if is_same(value) || is_template(value) || is_placeholder(value) || is_path(value) {
        return false;
    }
    if is_code(value) || (length < TYPE_MOST && is_type(value)) || is_common(value) {
        return false;
    }
    if promise == Promise::Maybe {
        return is_login(value)
            || length >= RANDOM_LEAST
                && digits > 0
                && letters > 0
                && signs < 3
                && !is_uuid(value)
                && is_random_value(value);
    }
    let password = promise == Promise::Password;
    if length < (if password { 4 } else { 6 }) {
        return false;
    }
    if !quoted && spaced && is_same_name(value) {
        return false;
    }
    if letters == 0 {
        return digits >= (if password { 4 } else { 6 }) && !spaced;
    }
    if digits == 0 && signs == 0 {
        // Letters alone: a word, or a name of code.
        if joins == 0 && password && listed && !value.iter().all(u8::is_ascii_uppercase) {
            return true;
        }
        if password && least > 0 && length >= least {
            return !is_said(value);
        }
        if password && quoted && length >= 6 && value.iter().all(u8::is_ascii_lowercase) {
            return !is_said(value);
        }
        return joins == 0
            && length >= (if password { 8 } else { RANDOM_LEAST })
            && words_in(value) < 0;
    }
    if password {
        if digits > 0 {
            return true;
        }
        // A label may end with a sign, and lists have some between.
        let label = (signs == 1 && value.last().is_some_and(|&last| !is(last, ALNUM)))
            || !value.iter().any(|byte| SIGNS.contains(byte));
        return (quoted || !spaced) && !(label && words_in(value) > 0);
    }
    if digits == 0 {
        return false;
    }
    // Names of things have their words parted.
    if joins > 0 || spaced {
        return words_in(value) <= 0;
    }
    true
}

/// Whether a value is base64 of a user and a password: letters, digits and signs, with a colon in them.
fn is_login(value: &[u8]) -> bool {
    if value.len() < LOGIN_LEAST || !value.len().is_multiple_of(4) {
        return false;
    }
    let text = value.strip_suffix(b"=").unwrap_or(value);
    let text = text.strip_suffix(b"=").unwrap_or(text);
    let mut login = Vec::with_capacity(value.len());
    let mut buffer = 0u32;
    let mut held = 0;
    for &byte in text {
        let sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return false,
        };
        buffer = buffer << 6 | u32::from(sextet);
        held += 6;
        if held >= 8 {
            held -= 8;
            let decoded = (buffer >> held & 0xff) as u8;
            if !decoded.is_ascii_graphic() {
                return false;
            }
            login.push(decoded);
        }
    }
    let colon = login.iter().position(|&byte| byte == b':');
    colon.is_some_and(|colon| colon > 0) && login.last() != Some(&b':')
}

/// Whether the characters of a value are random ones.
fn is_random_value(value: &[u8]) -> bool {
    if value.iter().any(|byte| !(43..=122).contains(byte)) {
        return false;
    }
    if value.len() > 512 {
        return true;
    }
    if !is_random(value, RANDOM_BITS) {
        return false;
    }
    value.iter().all(|&byte| is(byte, HEX)) || words_in(value) <= 0
}

/// Whether the credential of a header is one: something that is no word and no placeholder.
pub fn is_credential(value: &[u8], least: usize) -> bool {
    if value.len() < least || is_template(value) || is_placeholder(value) || is_code(value) {
        return false;
    }
    let digits = value.iter().filter(|&&byte| is(byte, DIGIT)).count();
    let letters = value
        .iter()
        .filter(|&&byte| is(byte, LOWER | UPPER))
        .count();
    if is_same(value) || letters + digits < 4 {
        return false;
    }
    digits > 0 || value.last() == Some(&b'=') || words_in(value) < 0
}
