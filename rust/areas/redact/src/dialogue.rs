//! Secrets in what programs say to each other, known by the word before them. Part of `context.rs`. Twin:
//! `src/text/redact/scan/dialogue.ts`, which says more.

use super::around::{Place, Scene, is_blank, is_line_end, is_quote};
use super::built_in::rule;
use super::chars::{ALNUM, DIGIT, LOWER, Text, WORD};
use super::given::{argument_at, argument_of, piped_at, string_at};
use super::lines::{WORD_MAX, Words, open, whole, words_at};

/// So far back a line is looked at, or to what is no ASCII.
const BACK_MAX: usize = 80;

/// What says near `PASS` that it is the one of a protocol: before it, and on the line behind.
const LOGS: [&[u8]; 5] = [b"USER ", b"NICK ", b"331", b"+OK", b"AUTHINFO "];
const ANSWERS: [&[u8]; 4] = [b"USER ", b"NICK ", b"230", b"+OK"];
/// Ways of SASL: those that have a secret in their first answer, and the others.
const SASL: [&[u8]; 3] = [b"PLAIN", b"XOAUTH2", b"OAUTHBEARER"];
const OTHERS: [&[u8]; 7] = [
    b"LOGIN",
    b"CRAM-MD5",
    b"DIGEST-MD5",
    b"NTLM",
    b"GSSAPI",
    b"EXTERNAL",
    b"ANONYMOUS",
];
/// What goes on behind the password of a command of Redis.
const BEHIND: [&[u8]; 3] = [b"SETNAME", b"KEYS", b"REPLACE"];

/// Whether the mark of such a secret is at a place: the last letter of a verb, a sign before a string.
#[inline]
pub fn is_dialogue(bytes: &[u8], at: usize) -> bool {
    let (before, rest) = bytes.split_at(at);
    match rest {
        [b'S', b' ', ..] => before.ends_with(b"PAS"),
        [b'S', b'e', b'r', b'v', ..] => before.ends_with(b"Nick"),
        [
            b'H',
            b' ' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'E' | b'2' | b'6',
            ..,
        ] => before.ends_with(b"AUT"),
        [b'N', b' ', ..] => before.ends_with(b"LOGI"),
        [b'R', b' ', ..] => before.ends_with(b"OPE"),
        [b'f', b' ', ..] => before.ends_with(b"print"),
        [b'Q', b'6', ..] => before.ends_with(b"UGFzc3dvcm"),
        [b'<', b'<', b'<', next, ..] => *next != b'<' && before.last() != Some(&b'<'),
        [b'<', b'<', b'<'] => before.last() != Some(&b'<'),
        [b'(', b'"' | b'\'' | b'`', ..] => argument_of(before) > 0,
        _ => false,
    }
}

/// Whether a value may be base64 of something.
fn is_encoded(value: &[u8]) -> bool {
    value.len() >= 8
        && value.len().is_multiple_of(4)
        && value
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

/// What stands before a place, on this line and those before.
fn before(text: Text<'_>, at: usize) -> &[u8] {
    let near = &text.bytes[at.saturating_sub(BACK_MAX)..at];
    let ascii = near.iter().rev().take_while(|&&byte| byte < 127).count();
    &near[near.len() - ascii..]
}

fn has(near: &[u8], what: &[u8]) -> bool {
    near.windows(what.len()).any(|part| part == what)
}

/// Whether a line begins at a place, behind who speaks perhaps: `C: `, `> `.
fn is_said(text: Text<'_>, at: usize) -> bool {
    if at > 1 && text.before(at) == b' ' && matches!(text.byte(at - 2), b'>' | b':') {
        return true;
    }
    at == 0 || is_line_end(text.before(at))
}

/// The secret whose mark is at `p`.
pub fn dialogue_at(scene: Scene<'_, '_>, p: usize) -> Place {
    if !scene.has(rule::ASSIGNED_SECRET) {
        return None;
    }
    let text = scene.text;
    match text.byte(p) {
        b'S' if text.byte(p + 1) == b' ' => pass_at(scene, p),
        b'S' => served_at(scene, p + 4),
        b'H' if p > 3 && text.is(p - 4, WORD) => None,
        b'H' => auth_at(scene, p),
        b'N' => login_at(scene, p),
        b'R' => {
            if !is_said(text, p - 3) {
                return None;
            }
            let Some(words) = words_at(scene, p + 1) else {
                return open(p + 2);
            };
            match words.count == 2 && words.ended && !words.letters(text, 1) {
                true => words.give(text, 1),
                false => None,
            }
        }
        b'f' => piped_at(scene, p + 2, true),
        b'Q' => answer_at(scene, p + 2),
        b'<' => string_at(scene, p),
        _ => argument_at(scene, p),
    }
}

/// `PASS hunter2`
fn pass_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    if p > 3 && text.is(p - 4, WORD) {
        return None;
    }
    let Some(words) = words_at(scene, p + 1) else {
        return open(p + 2);
    };
    if words.count != 1 || !words.ended {
        return None;
    }
    let near = before(text, p - 3);
    if LOGS.iter().any(|log| has(near, log)) {
        return words.give(text, 0);
    }
    let end = words.at[0].1;
    if scene.is_cut(end) {
        return open(p + 2);
    }
    let next = scene.skip_line(end);
    if next == end {
        return None;
    }
    if next + 5 > text.len() && !text.last {
        return open(p + 2);
    }
    match ANSWERS.iter().any(|answer| text.starts(next, answer)) {
        true => words.give(text, 0),
        false => None,
    }
}

/// `NickServ :IDENTIFY hunter2`, from behind the name.
fn served_at(scene: Scene<'_, '_>, from: usize) -> Place {
    let text = scene.text;
    let mut q = scene.skip(from);
    q += usize::from(text.byte(q) == b':');
    if q + 9 > text.len() && !text.last {
        return open(from);
    }
    if !text.is_at(q, b"identify ") {
        return None;
    }
    last_of_two(scene, q + 9, q + 9)
}

/// The first word from a place on, or the second, whichever ends the line; what is open begins at `at`.
fn last_of_two(scene: Scene<'_, '_>, from: usize, at: usize) -> Place {
    let Some(words) = words_at(scene, from) else {
        return open(at);
    };
    match words.ended && matches!(words.count, 1 | 2) {
        true => words.give(scene.text, words.count - 1),
        false => None,
    }
}

/// `AUTH hunter2`, `AUTH bob hunter2` of Redis; `AUTH PLAIN ...`, `AUTHENTICATE PLAIN ...` of mail.
fn auth_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let first = if p < 4 { 0 } else { text.byte(p - 4) };
    let quoted = is_quote(text.byte(p + 1)) && first == text.byte(p + 1);
    let mut from = p + 1 + usize::from(quoted);
    from += usize::from(text.byte(from) == b'2');
    let long = text.byte(from) == b'E';
    if long {
        if !text.starts(from, b"ENTICATE ") {
            return None;
        }
        from += 8;
    }
    if is_line_end(text.byte(from)) {
        return bulk_at(scene, p, from);
    }
    if !is_blank(text.byte(from)) {
        return None;
    }
    let Some(words) = words_at(scene, from) else {
        return open(from + 1);
    };
    let Words { count, ended, .. } = words;
    if count == 0 || (count == 1 && !ended) {
        return None;
    }
    if words.is(text, 0, &SASL) {
        return match count {
            1 => challenge_at(scene, words.at[0].1),
            2 if ended && is_encoded(&text.bytes[words.at[1].0..words.at[1].1]) => {
                words.give(text, 1)
            }
            _ => None,
        };
    }
    if long || words.is(text, 0, &OTHERS) {
        return None;
    }
    // What goes on behind it.
    let last = match count {
        2.. if words.is(text, 1, &BEHIND) => 0,
        3.. if words.is(text, 2, &BEHIND) => 1,
        1 | 2 if ended => count - 1,
        _ => return None,
    };
    let near = before(text, p - 3);
    if !quoted && !is_said(text, p - 3) && !has(near, b"HELLO ") && !has(near, b"MIGRATE ") {
        return None;
    }
    if words.letters(text, last) {
        let prompt = quoted || (p > 4 && text.byte(p - 5) == b'>');
        let named = last == 1 && words.is(text, 0, &[b"default"]);
        if !prompt && !named {
            return None;
        }
        if !text.is(words.at[last].0, LOWER) {
            return None;
        }
    } else if last == 0 && !words.digit(text, last) {
        return None;
    }
    words.give(text, last)
}

/// `AUTH` and what follows, as Redis is sent it: each behind its length.
fn bulk_at(scene: Scene<'_, '_>, p: usize, from: usize) -> Place {
    let text = scene.text;
    if p < 6 {
        return None;
    }
    let size = &text.bytes[p.saturating_sub(7)..p - 3];
    if !size.ends_with(b"$4\n") && !size.ends_with(b"$4\r\n") {
        return None;
    }
    let mut q = from;
    let mut found = None;
    for _ in 0..2 {
        if scene.is_cut(q) {
            return open(from);
        }
        let line = scene.skip_line(q);
        if text.open(line) {
            return open(from);
        }
        if line == q || text.byte(line) != b'$' {
            break;
        }
        let mut behind = line + 1;
        while behind - line < 6 && text.is(behind, DIGIT) {
            behind += 1;
        }
        if scene.is_cut(behind) {
            return open(from);
        }
        let at = scene.skip_line(behind);
        let end = word_end(text, at, WORD_MAX);
        if text.open(end) {
            return open(from);
        }
        if at == behind || end == at {
            return None;
        }
        found = Some((at, end));
        q = end;
    }
    let (s, e) = found?;
    whole(text, s, e)
}

/// Where a word of ASCII ends, at most so long.
fn word_end(text: Text<'_>, s: usize, most: usize) -> usize {
    let mut e = s;
    while e - s < most && matches!(text.byte(e), 33..=126) {
        e += 1;
    }
    e
}

/// `334 ` and, on the line behind it, what was asked for: base64.
fn challenge_at(scene: Scene<'_, '_>, from: usize) -> Place {
    let text = scene.text;
    if scene.is_cut(from) {
        return open(from);
    }
    let line = scene.skip_line(from);
    if line == from {
        return None;
    }
    let q = behind_speaker(text, line);
    if q + 3 > text.len() && !text.last {
        return open(from);
    }
    match text.starts(q, b"334") {
        true => answer_at(scene, scene.skip(q + 3)),
        false => None,
    }
}

/// Behind who speaks, at the beginning of a line.
fn behind_speaker(text: Text<'_>, at: usize) -> usize {
    let q = word_end(text, at, 6);
    match q > at && text.byte(q) == b' ' && matches!(text.before(q), b':' | b'>') {
        true => q + 1,
        false => at,
    }
}

/// The base64 on the line behind the one that ends at a place.
fn answer_at(scene: Scene<'_, '_>, from: usize) -> Place {
    let text = scene.text;
    if scene.is_cut(from) {
        return open(from);
    }
    let line = scene.skip_line(from);
    if line == from {
        return None;
    }
    let s = behind_speaker(text, line);
    let e = word_end(text, s, WORD_MAX);
    if text.open(e) {
        return open(from);
    }
    match is_encoded(&text.bytes[s..e]) {
        true => whole(text, s, e),
        false => None,
    }
}

/// `requirepass hunter2` of a configuration of Redis, from behind the name.
pub fn required_at(scene: Scene<'_, '_>, from: usize) -> Place {
    if !scene.has(rule::ASSIGNED_SECRET) {
        return None;
    }
    let Some(words) = words_at(scene, from) else {
        return open(from + 1);
    };
    match words.count == 1 && words.ended {
        true => words.give(scene.text, 0),
        false => None,
    }
}

/// `htpasswd -b file bob hunter2`, from behind the name.
pub fn batch_at(scene: Scene<'_, '_>, from: usize) -> Place {
    let text = scene.text;
    let Some(words) = words_at(scene, from) else {
        return open(from + 1);
    };
    if words.count < 3 || !words.ended {
        return None;
    }
    let last = words.count - 1;
    let batch = words.at[..last].iter().any(|&(s, e)| {
        matches!(&text.bytes[s..e], [b'-', letters @ ..]
            if letters.iter().all(u8::is_ascii_alphabetic) && letters.contains(&b'b'))
    });
    match batch {
        true => words.give(text, last),
        false => None,
    }
}

/// `a1 LOGIN bob hunter2`
fn login_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let e = p.checked_sub(5)?;
    let mut s = e;
    while s > 0 && e - s < 10 && text.is(s - 1, ALNUM) {
        s -= 1;
    }
    let numbered = text.bytes[s..e].iter().any(u8::is_ascii_digit);
    if text.byte(e) != b' ' || !numbered || !is_said(text, s) {
        return None;
    }
    let Some(words) = words_at(scene, p + 1) else {
        return open(p + 2);
    };
    match words.count == 2 && words.ended {
        true => words.give(text, 1),
        false => None,
    }
}

/// `> auth hunter2`, `user bob on >hunter2`, from the sign on.
pub fn prompt_at(scene: Scene<'_, '_>, p: usize) -> Place {
    if !scene.has(rule::ASSIGNED_SECRET) {
        return None;
    }
    let text = scene.text;
    if text.starts(p + 1, b" auth ") {
        return last_of_two(scene, p + 7, p + 7);
    }
    if text.before(p) != b' ' || !is_rules(before(text, p)) {
        return None;
    }
    let mut e = p + 1;
    while e - p < WORD_MAX && matches!(text.byte(e), 33..=126) && !is_quote(text.byte(e)) {
        e += 1;
    }
    match text.open(e) {
        true => open(p + 1),
        false => whole(text, p + 1, e),
    }
}

/// Whether rules of a user of Redis end a text: `ACL SETUSER bob on `.
fn is_rules(near: &[u8]) -> bool {
    let user = near
        .windows(5)
        .rposition(|part| part.eq_ignore_ascii_case(b"user "));
    let Some(at) = user else {
        return false;
    };
    let text = Text {
        bytes: near,
        last: true,
    };
    let set = at.checked_sub(3).is_some_and(|s| text.is_at(s, b"set"));
    if text.is_before(at, WORD) && !set {
        return false;
    }
    let rules = &near[at + 5..];
    has(rules, b" on ")
        && rules[0] != b' '
        && !has(rules, b"  ")
        && !rules.iter().any(|&byte| byte < b' ')
}
