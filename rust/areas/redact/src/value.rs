//! Whether what is assigned to a name is a secret, or a word, a variable, a type, a placeholder. Twin:
//! `src/text/redact/scan/value.ts`, whose regular expressions are functions here.

use super::chars::{ALNUM, CLASS, DIGIT, HEX, LOWER, UPPER, WORD};
use super::names::Promise;
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
}

const PLACEHOLDERS: [&[u8]; 16] = [
    b"your",
    b"example",
    b"placeholder",
    b"changeme",
    b"change_me",
    b"redacted",
    b"xxxx",
    b"dummy",
    b"insert",
    b"replace",
    b"hidden",
    b"...",
    b"***",
    b"${",
    b"{{",
    b"<",
];
const OBJECTS: [&[u8]; 12] = [
    b"self",
    b"this",
    b"process",
    b"os",
    b"env",
    b"config",
    b"settings",
    b"args",
    b"options",
    b"params",
    b"request",
    b"req",
];
const FILES: [&[u8]; 25] = [
    b"pem", b"key", b"txt", b"json", b"yml", b"yaml", b"crt", b"cert", b"cer", b"p12", b"pfx",
    b"jks", b"env", b"conf", b"cfg", b"ini", b"php", b"py", b"js", b"ts", b"go", b"rs", b"rb",
    b"java", b"htm",
];
const TYPES: [&[u8]; 25] = [
    b"int", b"uint", b"float", b"utf", b"sha", b"base", b"varchar", b"char", b"byte", b"bytes",
    b"str", b"string", b"aes", b"rsa", b"ed", b"vec", b"bool", b"number", b"crypto", b"secp",
    b"curve", b"hmac", b"md", b"ipv", b"uuid",
];
const COMMON: [&[u8]; 34] = [
    b"true",
    b"false",
    b"null",
    b"none",
    b"nil",
    b"undefined",
    b"string",
    b"required",
    b"optional",
    b"password",
    b"passwd",
    b"passphrase",
    b"pass",
    b"pwd",
    b"secret",
    b"token",
    b"key",
    b"value",
    b"text",
    b"hash",
    b"hidden",
    b"empty",
    b"prompt",
    b"default",
    b"test",
    b"foo",
    b"bar",
    b"file",
    b"plain",
    b"auto",
    b"yes",
    b"no",
    b"on",
    b"off",
];
const OWNERS: [&[u8]; 4] = [b"my", b"the", b"new", b"old"];
const OWN_NAMES: [&[u8]; 8] = [
    b"password",
    b"passwd",
    b"pass",
    b"pwd",
    b"token",
    b"secret",
    b"key",
    b"auth",
];
const SIGNS: &[u8] = b"!@#$%^&*+~?";
const RANDOM_BITS: i32 = 196_608;
const RANDOM_LEAST: usize = 16;

fn is(byte: u8, classes: u8) -> bool {
    CLASS[usize::from(byte)] & classes != 0
}

fn contains(value: &[u8], part: &[u8]) -> bool {
    value
        .windows(part.len())
        .any(|window| window.eq_ignore_ascii_case(part))
}

fn starts(value: &[u8], part: &[u8]) -> bool {
    value.len() >= part.len() && value[..part.len()].eq_ignore_ascii_case(part)
}

fn ends(value: &[u8], part: &[u8]) -> bool {
    value.len() >= part.len() && value[value.len() - part.len()..].eq_ignore_ascii_case(part)
}

fn is_placeholder(value: &[u8]) -> bool {
    let begins = |&(at, byte): &(usize, &u8)| {
        BEGINNINGS[usize::from(byte.to_ascii_lowercase())]
            && PLACEHOLDERS.iter().any(|part| starts(&value[at..], part))
    };
    value.iter().enumerate().any(|place| begins(&place)) || ends(value, b"_here")
}

/// By byte, in small letters: whether a placeholder begins with it.
static BEGINNINGS: [bool; 256] = {
    let mut table = [false; 256];
    let mut k = 0;
    while k < PLACEHOLDERS.len() {
        table[PLACEHOLDERS[k][0] as usize] = true;
        k += 1;
    }
    table
};

/// What is a value to a program.
fn is_code(value: &[u8]) -> bool {
    if [&b"=>"[..], b"://", b"()"]
        .iter()
        .any(|part| contains(value, part))
    {
        return true;
    }
    if !value
        .first()
        .is_some_and(|&first| is(first, LOWER | UPPER) || first == b'_')
    {
        return false;
    }
    let name = value
        .iter()
        .take_while(|&&byte| is(byte, WORD) || byte == b'.')
        .count();
    let rest = &value[name..];
    if matches!(rest.first(), Some(b'(' | b'[' | b'{'))
        || rest.starts_with(b"->")
        || rest.starts_with(b"::")
    {
        return true;
    }
    let object = value.iter().take_while(|&&byte| is(byte, WORD)).count();
    value.get(object) == Some(&b'.')
        && (OBJECTS.contains(&&value[..object]) || &value[..object] == b"ctx")
}

fn is_path(value: &[u8]) -> bool {
    let drive = matches!(value, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let dot = value.iter().rposition(|&byte| byte == b'.');
    let file = dot.is_some_and(|dot| {
        let ending = &value[dot + 1..];
        FILES.iter().any(|file| ending.eq_ignore_ascii_case(file))
            || ending.eq_ignore_ascii_case(b"html")
    });
    drive || file || matches!(value.first(), Some(b'.' | b'/' | b'~'))
}

fn is_type(value: &[u8]) -> bool {
    let letters = value
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let mark = usize::from(matches!(value.get(letters), Some(b'-' | b'_')));
    value.get(letters + mark).is_some_and(u8::is_ascii_digit)
        && TYPES
            .iter()
            .any(|name| value[..letters].eq_ignore_ascii_case(name))
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

/// A password's own name, and a number.
fn is_same_name(value: &[u8]) -> bool {
    let own = |value: &[u8]| {
        let value = value.strip_prefix(b"_").unwrap_or(value);
        OWN_NAMES
            .iter()
            .chain(std::iter::once(&&b"cred"[..]))
            .any(|name| {
                if !starts(value, name) {
                    return false;
                }
                let rest = &value[name.len()..];
                let letters = rest
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphabetic())
                    .count();
                let rest = &rest[letters..];
                let rest = rest.strip_prefix(b"_").unwrap_or(rest);
                matches!(rest, [] | [b'0'..=b'9'])
            })
    };
    own(value)
        || OWNERS
            .iter()
            .any(|owner| starts(value, owner) && own(&value[owner.len()..]))
}

/// Whether a value is one that a program has still to fill in, or a placeholder of a redacted text.
pub fn is_template(value: &[u8]) -> bool {
    match value {
        [b'$' | b'{' | b'<' | b'(' | b'*', ..] => true,
        [b'%', next, ..] => next.is_ascii_alphabetic() || matches!(next, b'(' | b'{'),
        [b'[', label @ ..] => {
            let label = label.strip_suffix(b"]").unwrap_or(label);
            !label.is_empty()
                && label
                    .iter()
                    .all(|&byte| byte == b'_' || is(byte, UPPER | DIGIT))
        }
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
    } = manner;
    if promise == Promise::Account {
        return is_uuid(value) || is_account(value);
    }
    let count = |test: &dyn Fn(u8) -> bool| value.iter().filter(|&&byte| test(byte)).count();
    if value.contains(&b' ') {
        return false;
    }
    let digits = count(&|byte| is(byte, DIGIT));
    let letters = count(&|byte| is(byte, LOWER | UPPER));
    let joins = count(&|byte| matches!(byte, b'_' | b'-' | b'.' | b'/'));
    let length = units_of(value);
    let signs = length - letters - digits - joins;
    if is_same(value) || is_template(value) || is_placeholder(value) || is_path(value) {
        return false;
    }
    if is_code(value)
        || is_type(value)
        || COMMON.iter().any(|word| value.eq_ignore_ascii_case(word))
    {
        return false;
    }
    if promise == Promise::Maybe {
        return length >= RANDOM_LEAST
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
        if joins == 0 && password && listed {
            return true;
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
