//! Secrets behind a word that says so, without a sign. Part of `context.rs`. Twin:
//! `src/text/redact/scan/phrase.ts`, which says more.

use std::sync::LazyLock;

use memchr::memmem;

use super::around::{
    Place, Scene, VALUE_MAX, is_blank, is_line_end, is_quote, judge, name_start, units_of,
};
use super::built_in::rule;
use super::chars::{Answer, DIGIT, LOWER, Text, UPPER, WORD};
use super::columns::is_listed;
use super::dialogue::{batch_at, required_at};
use super::names::{NAME_MAX, Promise, is_name, promise_of};
use super::settings::{connect_at, secure_at};
use super::value::Manner;

/// So much of a tag, or of a sentence, may be between a name and its value.
const BETWEEN_MAX: usize = 80;
const WORDS_MAX: usize = 8;
/// Words behind a password's name that say that it comes now.
const IS: [&[u8]; 10] = [
    b"is", b"was", b"ist", b"lautet", b"war", b"est", b"es", b"e", b"be", b"now",
];
/// What the words begin with that say that it was made, and how far before the name they stand.
const MADE: [&[u8]; 4] = [b"set", b"chang", b"reset", b"updat"];
const MADE_MAX: usize = 24;
/// Words that begin what says whose it is.
const OF: [&[u8]; 7] = [b"for", b"of", b"on", b"to", b"from", b"in", b"with"];

/// What says a word that ends so.
const WORDS: [&[u8]; 3] = [b"woord is ", b"wort ist ", b"wort lautet "];

/// Phrases without such a letter.
static SENHA: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("senha "));
static PASSE: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("sse est "));

/// The first `senha`.
pub fn senha(bytes: &[u8]) -> Option<usize> {
    SENHA.find(bytes)
}

/// The first `mot de passe est`.
pub fn passe(bytes: &[u8]) -> Option<usize> {
    PASSE.find(bytes)
}

/// The secret behind the name that ends at the first blank from `p` on, where a sentence says so.
pub fn said_of(scene: Scene<'_, '_>, p: usize) -> Place {
    if !scene.has(rule::ASSIGNED_SECRET) {
        return None;
    }
    let mut from = p;
    while !is_blank(scene.text.byte(from)) {
        from += 1;
    }
    sentence(scene, p, p, scene.skip(from))
}

/// Whether the mark of a phrase is at a place: a letter within parts of words that names of secrets end with, and within
/// `Bearer`.
#[inline]
pub fn is_phrase(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at..];
    let before = &bytes[..at];
    match rest {
        [b'w', b'o', b'r', ..] | [b'w', b'd', ..] if before.ends_with(b"ss") => true,
        [b'w', b'o', ..] => WORDS.iter().any(|words| rest.starts_with(words)),
        [b'W', b'O', b'R', ..] | [b'W', b'D', ..] => before.ends_with(b"SS"),
        [b'f' | b'F', ..] => rest.starts_with(b"fied by ") || rest.starts_with(b"FIED BY "),
        [b'k', ..] => rest.starts_with(b"ken is ") || rest.starts_with(b"key is "),
        [b'z', ..] => rest.starts_with(b"zation"),
        [b'q', b'u', ..] => before.ends_with(b"re") && rest.starts_with(b"quirepass "),
        [b'q', b'l', ..] => before.ends_with(b"s") && rest.starts_with(b"qlplus "),
        [b'S', b'e', ..] => rest.starts_with(b"SecureString "),
        // The second byte of a letter.
        [0xb1, b'a', ..] => before.ends_with(b"se\xc3") && rest.starts_with(b"\xb1a es "),
        _ => false,
    }
}

/// The secret behind the part of a word at `p`.
pub fn phrase_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let assigned = scene.has(rule::ASSIGNED_SECRET);
    match scene.text.byte(p) {
        b'f' | b'F' if assigned => identified_at(scene, p),
        b'k' if assigned => token_at(scene, p),
        b'z' if scene.has(rule::AUTHORIZATION) => header_at(scene, p),
        b'q' if scene.text.byte(p + 1) == b'u' => required_at(scene, p + 9),
        b'q' => connect_at(scene, p - 1),
        b'S' if assigned => secure_at(scene, p),
        0xb1 => said_of(scene, p),
        b'w' | b'W' if assigned => password_at(scene, p),
        _ => None,
    }
}

/// `IDENTIFIED BY 'hunter2'`
fn identified_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let capitals = text.byte(p) == b'F';
    let before = p.checked_sub(6)?;
    if !text.is_at(before, b"identi") || !is_blank(text.byte(p + 7)) {
        return None;
    }
    let mut s = scene.skip(p + 7);
    if text.is_at(s, b"password ") || text.is_at(s, b"values ") {
        s = scene.skip(s + 8);
    }
    if is_quote(text.byte(s)) {
        return scene.quoted(Promise::Password, s, false, capitals);
    }
    match capitals {
        true => scene.value(Promise::Password, s, p, false, false, false),
        false => None,
    }
}

/// `the token is 9f8e...`, `the API key is ...`
fn token_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let e = p + 3;
    let promise = promise_of(text, name_start(text, e), e);
    if !matches!(promise, Some(Promise::Token | Promise::Maybe)) {
        return None;
    }
    let from = scene.skip(p + 7);
    if is_quote(text.byte(from)) {
        return scene.quoted(Promise::Maybe, from, false, false);
    }
    scene.value(Promise::Maybe, from, p, false, false, false)
}

/// `.set("Authorization", "Basic ...")`
fn header_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let e = p + 6;
    if !is_quote(text.byte(e)) || text.byte(e + 1) != b',' {
        return None;
    }
    let from = scene.skip(e + 2);
    if !is_quote(text.byte(from)) {
        return None;
    }
    match promise_of(text, name_start(text, e), e) {
        Some(Promise::Authorization) => scene.header(from),
        _ => None,
    }
}

/// What stands behind a password's name.
fn password_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let mut e = p + 1;
    while e < p + NAME_MAX && is_name(text.byte(e)) {
        e += 1;
    }
    let s = name_start(text, p);
    if promise_of(text, s, e) != Some(Promise::Password) {
        return None;
    }
    let next = text.byte(e);
    if next == b'(' {
        return match is_quote(text.byte(e + 1)) {
            true => scene.quoted(Promise::Password, e + 1, false, false),
            false => None,
        };
    }
    if is_quote(next) {
        return behind_quote(scene, p, s, e);
    }
    if !is_blank(next) {
        return None;
    }
    let before = text.before(s);
    let tag = |colon: usize| text.before(name_start(text, colon)) == b'<';
    if before == b'<' || (before == b':' && tag(s - 1)) {
        return element_from(scene, e, Promise::Password);
    }
    if matches!(&text.bytes[s..e], b"htpasswd" | b"mosquitto_passwd") {
        return batch_at(scene, e);
    }
    let from = scene.skip(e);
    if is_quote(text.byte(from)) {
        let name = &text.bytes[s..e];
        let capitals = name[0] == b'P' && name.iter().all(u8::is_ascii_uppercase);
        return scene.quoted(Promise::Password, from, false, capitals);
    }
    sentence(scene, p, s, from)
}

/// `("password", "hunter2")`; `name="password">hunter2<`, and the part of a form with that name.
fn behind_quote(scene: Scene<'_, '_>, p: usize, s: usize, e: usize) -> Place {
    let text = scene.text;
    match text.byte(e + 1) {
        b',' | b')' => {}
        _ => return attribute_at(scene, p, s, e),
    }
    if text.byte(e + 1) == b')' {
        return None;
    }
    // A column of SQL.
    match is_listed(scene, e) {
        Answer::None => {}
        Answer::More => return Some((rule::ASSIGNED_SECRET, e + 1, 0)),
        Answer::End(_) => return None,
    }
    // The end of a path.
    if text.before(s) == b'/' {
        return None;
    }
    let from = scene.skip(e + 2);
    if !is_quote(text.byte(from)) || text.byte(from + 1) == b'-' {
        return None;
    }
    scene.quoted(Promise::Password, from, false, false)
}

/// The value of what has the name from `s` to `e` for an attribute `name` or `key`: of a tag, what is behind it; of
/// a part of a form, what is behind an empty line.
pub fn attribute_at(scene: Scene<'_, '_>, p: usize, s: usize, e: usize) -> Place {
    let text = scene.text;
    let name = text.bytes[..s].strip_suffix(b"\"").or_else(|| {
        let before = &text.bytes[..s];
        before
            .strip_suffix(b"'")
            .or_else(|| before.strip_suffix(b"`"))
    })?;
    if !name.ends_with(b"name=") && !name.ends_with(b"key=") {
        return None;
    }
    let promise = promise_of(text, s, e);
    let Some(promise @ (Promise::Password | Promise::Token)) = promise else {
        return None;
    };
    let mut q = e + 1;
    if is_line_end(text.byte(q)) {
        for _ in 0..2 {
            let next = scene.skip_line(q);
            if next == q {
                return None;
            }
            q = next;
        }
        return scene.value(promise, q, p, false, true, false);
    }
    match text.byte(q) == b'>' || is_blank(text.byte(q)) {
        true => element_from(scene, q, promise),
        false => None,
    }
}

/// What a tag's element holds, from within the tag.
fn element_from(scene: Scene<'_, '_>, from: usize, promise: Promise) -> Place {
    let text = scene.text;
    for q in from..from + BETWEEN_MAX {
        match text.byte(q) {
            b'>' if text.before(q) == b'/' => return None,
            b'>' => return content_at(scene, promise, q + 1),
            b'<' | ..32 | 127.. => return None,
            _ => {}
        }
    }
    None
}

/// What an element holds, from `from` on: one word, on a line of its own perhaps.
pub fn content_at(scene: Scene<'_, '_>, promise: Promise, from: usize) -> Place {
    let text = scene.text;
    let mut s = scene.skip_line(scene.skip(from));
    let section = text.starts(s, b"<![CDATA[");
    let closing = match section {
        true => b']',
        false => b'<',
    };
    if section {
        s += 9;
    }
    let mut e = s;
    let mut units = 0;
    while e < text.len() && units <= VALUE_MAX {
        let byte = text.byte(e);
        if byte <= b' ' || byte == closing {
            break;
        }
        units += units_of(byte);
        e += 1;
    }
    if text.open(e) {
        return Some((rule::ASSIGNED_SECRET, s, 0));
    }
    let close = match section {
        true => e,
        false => scene.skip_line(scene.skip(e)),
    };
    if text.open(close) {
        return Some((rule::ASSIGNED_SECRET, s, 0));
    }
    if text.byte(close) != closing {
        return None;
    }
    judge(
        text,
        promise,
        s,
        e,
        Manner {
            quoted: true,
            spaced: false,
            listed: promise == Promise::Password,
            least: 0,
        },
    )
}

/// `password is hunter2`, `login x password y`, `password 7 0822455D0A16`; from `from` on, behind the name.
fn sentence(scene: Scene<'_, '_>, p: usize, s: usize, from: usize) -> Place {
    let text = scene.text;
    let mut at = from;
    let mut told = false;
    let mut made = false;
    for k in 0..5 {
        let mut e = at;
        while text.is(e, LOWER | UPPER) && e - at < 12 {
            e += 1;
        }
        // It may go on, and what it is then is not yet known.
        if text.open(e) {
            return Some((rule::ASSIGNED_SECRET, at, 0));
        }
        // e or is, in Portuguese and Italian.
        if e == at && is_accented(text, at) {
            return said_at(scene, p, scene.skip(at + 2));
        }
        let next = text.byte(e);
        if e == at || (!is_blank(next) && next != b':') {
            break;
        }
        let word = &text.bytes[at..e];
        let is = |words: &[&[u8]]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        if is(&IS) || (is(&[b"to"]) && (made || is_made(text, s))) {
            told = true;
        } else if is(&[b"string"]) && is_typed(text, scene.skip(e)) {
            let quote = scene.skip(scene.skip(e) + 1);
            return scene.quoted(Promise::Password, quote, false, false);
        } else if k == 0 && is(&OF) {
            return farther(scene, p, e);
        } else if is(&[b"set", b"changed", b"reset"]) {
            made = true;
        } else {
            break;
        }
        at = scene.skip(e + usize::from(next == b':'));
        if next == b':' {
            break;
        }
    }
    if at >= text.len() {
        return None;
    }
    if told {
        return said_at(scene, p, at);
    }
    if at != from {
        return None;
    }
    if text.byte(at) == b'-' && is_blank(text.byte(at + 1)) {
        at = scene.skip(at + 1);
    }
    // Which cipher a router has used.
    if text.byte(at + 1) == b' ' && text.is(at, DIGIT) {
        at += 2;
    }
    if is_quote(text.byte(at)) {
        return None;
    }
    let login = is_login(text, s) || is_set(text, s);
    scene
        .value(Promise::Password, at, p, false, login, false)
        .filter(|&(_, start, end)| end == 0 || login || is_mixed(&text.bytes[start..end]))
}

/// Whether a word of one letter that means is, in Portuguese or Italian, stands at a place.
fn is_accented(text: Text<'_>, at: usize) -> bool {
    text.byte(at) == 0xc3 && matches!(text.byte(at + 1), 0xa8 | 0xa9) && is_blank(text.byte(at + 2))
}

/// The value that a sentence says to come at `at`.
fn said_at(scene: Scene<'_, '_>, p: usize, at: usize) -> Place {
    if is_quote(scene.text.byte(at)) {
        return scene.quoted(Promise::Password, at, false, true);
    }
    // In a sentence a semicolon makes no list of settings of it: `Your password was changed; log in.`
    scene
        .value(Promise::Password, at, p, false, false, false)
        .filter(|&(_, start, end)| end == 0 || !is_parted_word(scene.text, start, end))
}

/// Whether a value is a word before a sign that parts settings.
fn is_parted_word(text: Text<'_>, start: usize, end: usize) -> bool {
    matches!(text.byte(end), b';' | b'&')
        && text.bytes[start..end].iter().all(u8::is_ascii_alphabetic)
}

/// `password for the admin of db is hunter2`, from behind the first of those words.
fn farther(scene: Scene<'_, '_>, p: usize, from: usize) -> Place {
    let text = scene.text;
    let mut at = from;
    for _ in 0..WORDS_MAX {
        let s = scene.skip(at);
        let mut e = s;
        while (text.is(e, WORD) || text.byte(e) == b'-') && e - s < 24 {
            e += 1;
        }
        if e == s || e - from > BETWEEN_MAX || !is_blank(text.byte(e)) {
            return None;
        }
        if &text.bytes[s..e] == b"is" {
            return said_at(scene, p, scene.skip(e));
        }
        at = e;
    }
    None
}

/// Whether a password was made or changed, as what stands before its name says.
fn is_made(text: Text<'_>, s: usize) -> bool {
    let before = text.bytes[s.saturating_sub(MADE_MAX - 1)..s].iter().rev();
    let near = before.take_while(|&&byte| byte < 127).count();
    (s - near..s).any(|q| MADE.iter().any(|word| text.is_at(q, word)))
}

/// What sets a variable of the environment to what stands behind its name.
const SETS: [&[u8]; 7] = [
    b"env ",
    b"setenv ",
    b"setx ",
    b"set -x ",
    b"set -gx ",
    b"set -xg ",
    b"set -ux ",
];

/// Whether what stands before a name sets the variable of that name.
fn is_set(text: Text<'_>, s: usize) -> bool {
    SETS.iter().any(|words| {
        s.checked_sub(words.len())
            .is_some_and(|at| text.is_at(at, words) && !text.is_before(at, WORD))
    })
}

/// Whether `login x`, or an account, stands before a name.
fn is_login(text: Text<'_>, s: usize) -> bool {
    let mut p = s;
    while p + 12 > s && p > 0 && text.before(p) <= b' ' {
        p -= 1;
    }
    if p == s {
        return false;
    }
    let mut w = p;
    while w > 0 && w + NAME_MAX > p && matches!(text.before(w), 33..=126) {
        w -= 1;
    }
    while w > 0 && w + NAME_MAX > p && is_blank(text.before(w)) {
        w -= 1;
    }
    let ends = |word: &[u8]| {
        w.checked_sub(word.len())
            .is_some_and(|at| text.is_at(at, word))
    };
    ends(b"login") || ends(b"account")
}

/// `= "`, behind the type of a constant.
fn is_typed(text: Text<'_>, at: usize) -> bool {
    let behind = text.byte(at + 1);
    text.byte(at) == b'=' && (is_quote(behind) || (behind == b' ' && is_quote(text.byte(at + 2))))
}

/// Whether letters and digits are mixed: no word, and no number.
fn is_mixed(value: &[u8]) -> bool {
    let letters = value
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    letters > 0 && digits > 0 && letters + digits > 3
}
