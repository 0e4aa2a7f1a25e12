//! Credentials in URLs. Part of `context.rs`, with the same twin.

use super::around::{Place, Scene, is_authority_end, units_of};
use super::built_in::rule;
use super::chars::WORD;
use super::shapes::is_template;
use super::words::words_in;

const AUTHORITY_MAX: usize = 300;

/// A URL whose scheme ends with the colon at `p`.
pub fn url_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    if !scene.has(rule::URL_CREDENTIALS) || p == 0 || !text.is(p - 1, WORD) {
        return None;
    }
    let escaped = scene.is_percent(p);
    let s = p + 3;
    let mut at = 0;
    let mut e = s;
    let mut units = 0;
    while e < text.len() && units <= AUTHORITY_MAX {
        let byte = text.byte(e);
        if byte <= b' ' || (is_authority_end(byte) && (escaped || !scene.is_percent(e))) {
            break;
        }
        if byte == b'@' && (escaped || !scene.is_percent(e)) {
            at = e;
        }
        units += units_of(byte);
        e += 1;
    }
    if units > AUTHORITY_MAX {
        return None;
    }
    if text.open(e) {
        return Some((rule::URL_CREDENTIALS, s, 0));
    }
    // Something to go to must follow.
    if at <= s || (at + 1 == e && !matches!(text.byte(e), b'[' | b'{')) {
        return None;
    }
    let user = &text.bytes[s..at];
    let found = Some((rule::URL_CREDENTIALS, s, at));
    let Some(colon) = memchr::memchr(b':', user) else {
        let token = user.iter().map(|&byte| units_of(byte)).sum::<usize>() >= 16
            && user.iter().any(u8::is_ascii_digit)
            && words_in(user) <= 0;
        return found.filter(|_| token);
    };
    let password = &user[colon + 1..];
    let template = is_template(password) && password[0] != b'(';
    let crossed = password.iter().all(|&byte| byte == b'x');
    found.filter(|_| !template && !crossed && !password.starts_with(b"..."))
}
