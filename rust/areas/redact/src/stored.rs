//! Secrets as files and protocols hold them, known by their form. Part of `context.rs`. Twin:
//! `src/text/redact/scan/stored.ts`, which says which.

use super::around::{Place, Scene, VALUE_MAX, are_digits, is_blank, is_line_end, is_quote};
use super::built_in::rule;
use super::chars::{ALNUM, CLASS, DIGIT, Text, WORD};
use super::names::Promise;

/// The shortest hash behind its salt.
const HASH_LEAST: usize = 22;
/// Names of ways to make a hash, as LDAP and htpasswd write them.
const SCHEMES: [&[u8]; 9] = [
    b"{sha}",
    b"{ssha}",
    b"{sha256}",
    b"{ssha256}",
    b"{sha512}",
    b"{ssha512}",
    b"{md5}",
    b"{smd5}",
    b"{crypt}",
];
const SCHEME_MAX: usize = 9;
/// The longest field of a line of `.pgpass`.
const FIELD_MAX: usize = 40;

/// What the sign at `p` has on its sides that is a secret by its form.
pub fn stored_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let next = text.byte(p + 1);
    let mut s = p + 1 + usize::from(next == b' ');
    if is_quote(text.byte(s)) {
        s += 1;
    }
    match text.byte(s) {
        b'$' if scene.has(rule::ASSIGNED_SECRET) => return hash_at(text, s),
        b'{' if scene.has(rule::ASSIGNED_SECRET) => return scheme_at(text, s),
        b'$' | b'{' => return None,
        _ => {}
    }
    if text.byte(p) != b':' || s != p + 1 {
        return None;
    }
    match text.before(p) {
        b'*' | b'0'..=b'9' => pass_line(scene, p),
        // jdbc:oracle:thin:scott/tiger@...
        b'n' if text.bytes[..p].ends_with(b"thin") => oracle_at(scene, p),
        b'p' if p > 1 && text.byte(p - 2) == b'/' => windows_at(scene, p),
        b'k' if next == b':' && text.bytes[..p].ends_with(b"::add-mask") => {
            match scene.has(rule::ASSIGNED_SECRET) {
                true => to_line_end(text, p + 2),
                false => None,
            }
        }
        _ => None,
    }
}

/// `$6$salt$...`, `$2y$10$...`: names and numbers between dollar signs, and a long rest.
fn hash_at(text: Text<'_>, s: usize) -> Place {
    if text.open(s + 1) {
        return Some((rule::ASSIGNED_SECRET, s, 0));
    }
    if !matches!(text.byte(s + 1), b'1'..=b'7' | b'y' | b'a' | b'p' | b's') {
        return None;
    }
    let mut dollars = 1;
    let mut part = s + 1;
    let mut e = part;
    while e < text.len() && e - s <= VALUE_MAX {
        let byte = text.byte(e);
        // The first part is short.
        let long = dollars == 1 && e - part > 16;
        if byte == b'$' {
            if e == part || long {
                return None;
            }
            dollars += 1;
            part = e + 1;
        } else if !is_hash(byte, dollars) {
            break;
        } else if long {
            return None;
        }
        e += 1;
    }
    if text.open(e) {
        return Some((rule::ASSIGNED_SECRET, s, 0));
    }
    // The last of them may be what ended it.
    (dollars >= 2 && e >= part + HASH_LEAST).then_some((rule::ASSIGNED_SECRET, s, e))
}

fn is_hash(byte: u8, dollars: usize) -> bool {
    CLASS[usize::from(byte)] & WORD != 0
        || matches!(byte, b'-' | b'.')
        || (dollars > 1 && matches!(byte, b'/' | b'+' | b'=' | b','))
}

/// `{SHA}...`
fn scheme_at(text: Text<'_>, s: usize) -> Place {
    let mut e = s + 1;
    while e - s < SCHEME_MAX && text.is(e, ALNUM) {
        e += 1;
    }
    if text.open(e) {
        return Some((rule::ASSIGNED_SECRET, s, 0));
    }
    let scheme = text.bytes.get(s..=e)?;
    if !SCHEMES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme))
    {
        return None;
    }
    let from = e + 1;
    let mut e = from;
    while e < text.len() && e - s <= VALUE_MAX && is_hash(text.byte(e), 2) {
        e += 1;
    }
    if text.open(e) {
        return Some((rule::ASSIGNED_SECRET, s, 0));
    }
    (e - from >= HASH_LEAST).then_some((rule::ASSIGNED_SECRET, s, e))
}

/// `host:5432:database:user:password`, all of a line; `p` is behind the port.
fn pass_line(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let mut s = p - 1;
    let any = text.byte(s) == b'*';
    while !any && s + 5 > p && s > 0 && text.is(s - 1, DIGIT) {
        s -= 1;
    }
    if text.before(s) != b':' || (p - s < 4 && !any) {
        return None;
    }
    let host = s - 1;
    let mut line = host;
    while line + FIELD_MAX > host && is_field(text.before(line)) {
        line -= 1;
    }
    if line == host || (line > 0 && !is_line_end(text.byte(line - 1))) {
        return None;
    }
    let mut at = p + 1;
    for _ in 0..2 {
        let from = at;
        while at - from < FIELD_MAX && is_field(text.byte(at)) {
            at += 1;
        }
        if at == from || text.byte(at) != b':' {
            return None;
        }
        at += 1;
    }
    match scene.has(rule::URL_CREDENTIALS) {
        true => rest_of_line(text, rule::URL_CREDENTIALS, at),
        false => None,
    }
}

/// Whether a character is of a name in such a line.
fn is_field(byte: u8) -> bool {
    CLASS[usize::from(byte)] & WORD != 0 || matches!(byte, b'-' | b'.' | b'*')
}

/// All up to the end of a line, where it has no blank and a digit or a sign.
fn rest_of_line(text: Text<'_>, rule: u32, s: usize) -> Place {
    let mut e = s;
    let mut words = true;
    while e < text.len() && e - s <= FIELD_MAX && text.byte(e) > b' ' {
        if text.byte(e) > 126 {
            return None;
        }
        if !text.is(e, ALNUM) || text.is(e, DIGIT) {
            words = false;
        }
        e += 1;
    }
    if text.open(e) {
        return Some((rule, s, 0));
    }
    if e - s < 4 || words || (e < text.len() && !is_line_end(text.byte(e))) {
        return None;
    }
    Some((rule, s, e))
}

/// All up to the end of a line.
fn to_line_end(text: Text<'_>, s: usize) -> Place {
    let mut e = s;
    while e < text.len()
        && e - s <= FIELD_MAX
        && matches!(text.byte(e), 33..=126)
        && !is_quote(text.byte(e))
    {
        e += 1;
    }
    if text.open(e) {
        return Some((rule::ASSIGNED_SECRET, s, 0));
    }
    (e >= s + 4 && text.byte(s) != b'$').then_some((rule::ASSIGNED_SECRET, s, e))
}

/// `thin:scott/tiger@`
fn oracle_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    if !scene.has(rule::URL_CREDENTIALS) {
        return None;
    }
    let mut q = p + 1;
    while q - p < FIELD_MAX && is_field(text.byte(q)) {
        q += 1;
    }
    if q == p + 1 || text.byte(q) != b'/' {
        return None;
    }
    let s = q + 1;
    let mut e = s;
    while e - s < FIELD_MAX && matches!(text.byte(e), 33..=126) && text.byte(e) != b'@' {
        e += 1;
    }
    if text.open(e) {
        return Some((rule::URL_CREDENTIALS, s, 0));
    }
    (e > s && text.byte(e) == b'@').then_some((rule::URL_CREDENTIALS, s, e))
}

/// `/u:bob /p:hunter2`
fn windows_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    if !is_blank(text.before(p - 2)) || !scene.has(rule::ASSIGNED_SECRET) {
        return None;
    }
    scene
        .value(Promise::Password, p + 1, p, false, false, false)
        .filter(|&(_, start, end)| end == 0 || !are_digits(&text.bytes[start..end]))
}
