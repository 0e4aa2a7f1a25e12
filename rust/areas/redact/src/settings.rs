//! Passwords of small letters alone, where they stand as settings and commands write values. Part of `context.rs`. Twin:
//! `src/text/redact/scan/settings.ts`, which says more.

use super::around::{Place, Scene, is_blank, is_closer, is_line_end, is_quote, name_start};
use super::built_in::rule;
use super::chars::{Answer, LOWER, Text, UPPER};
use super::names::{Promise, is_name};
use super::shapes::is_spoken;

/// The shortest password of letters that stands as a setting; of one whose name is in capitals.
const LEAST: usize = 6;
const CAPITALS_LEAST: usize = 4;
/// So far back the surroundings of a name are looked at, or to what is no ASCII.
const BACK_MAX: usize = 64;
/// So much white space is passed over before a sign.
const BLANKS_MAX: usize = 8;
/// What a user is called, and the sign behind it.
const USERS: [&[u8]; 8] = [
    b"user:",
    b"username:",
    b"user name:",
    b"login:",
    b"email:",
    b"user=",
    b"username=",
    b"login=",
];
/// What changes passwords to those that it reads.
const CHANGES: &[u8] = b"chpasswd";
/// Words before an option that is spoken of.
const SPEAKS: &str = " a an the use uses using used with via and by or of to see pass set add from for in if when no on is as that this each new ";
/// How names of passwords end that ASCII does not write.
const FOREIGN: [&str; 12] = [
    "ontrase\u{f1}a",
    "ONTRASE\u{d1}A",
    "has\u{142}o",
    "Has\u{142}o",
    "arol\u{103}",
    "elsz\u{f3}",
    "\u{430}\u{440}\u{43e}\u{43b}\u{44c}",
    "\u{410}\u{420}\u{41e}\u{41b}\u{42c}",
    "\u{5bc6}\u{7801}",
    "\u{5bc6}\u{78bc}",
    "\u{30d1}\u{30b9}\u{30ef}\u{30fc}\u{30c9}",
    "\u{be44}\u{bc00}\u{bc88}\u{d638}",
];

/// How long a password of small letters must be that stands from `s` to `e` behind a sign.
pub enum Least {
    /// It is none.
    Never,
    /// The text ends too early.
    More,
    /// So long.
    Of(usize),
}

/// How long a password of small letters must be that stands from `s` to `e` behind a sign.
pub fn setting_least(scene: &Scene<'_, '_>, sign: usize, s: usize, e: usize) -> Least {
    let text = scene.text;
    let value = &text.bytes[s..e];
    if value.len() < CAPITALS_LEAST || !value.iter().all(u8::is_ascii_lowercase) {
        return Least::Never;
    }
    let when = |test: bool, least: usize| match test {
        true => Least::Of(least),
        false => Least::Never,
    };
    let mark = text.byte(sign);
    let after = text.byte(e);
    let ends = after <= 32 || is_quote(after);
    if mark == b'-' {
        return when(ends && is_command(text, sign, value), LEAST);
    }
    if !matches!(mark, b'=' | b':') {
        return Least::Never;
    }
    let mut end = sign;
    while end + BLANKS_MAX > sign && is_blank(text.before(end)) {
        end -= 1;
    }
    let spaced = end < sign;
    if is_closer(text.before(end)) {
        end -= 1;
    }
    let from = name_start(text, end);
    let name = &text.bytes[from..end];
    let capitals =
        name.iter().any(u8::is_ascii_uppercase) && !name.iter().any(u8::is_ascii_lowercase);
    let least = if capitals { CAPITALS_LEAST } else { LEAST };
    let before = text.before(from);
    if mark == b'=' && s == sign + 1 && !spaced {
        let free = before <= 32 || is_quote(before) || matches!(before, b'=' | b',');
        if ends {
            return when(free, least);
        }
        if !matches!(after, b',' | b'}') {
            return Least::Never;
        }
        let plain = free && !is_blank(text.byte(e + 1)) && is_plain(text, from);
        return when(is_in_braces(text, from) || plain, LEAST);
    }
    // /password:letmein
    if s == sign + 1 && before == b'/' {
        let option = ends && from > 1 && is_blank(text.byte(from - 2));
        return when(option, least);
    }
    // All that is left of its line.
    let close = scene.skip(e);
    if text.open(close) {
        return Least::More;
    }
    let next = text.byte(close);
    let comment = next == b'#' && close > e;
    if !(text.at_end(close) || is_line_end(next) || comment) {
        return Least::Never;
    }
    if mark == b'=' {
        let first = from == 0 || is_line_end(before);
        return when(first && is_plain(text, from), least);
    }
    if s == sign + 1 {
        return Least::Never;
    }
    let free = is_blank(before) && (capitals || is_behind_user(text, from));
    when(free || is_line_start(text, from), least)
}

/// Whether the name of a user stands before a name on its line: `User: bob Password: x`.
fn is_behind_user(text: Text<'_>, from: usize) -> bool {
    let near = &text.bytes[from.saturating_sub(BACK_MAX)..from];
    let line = near
        .iter()
        .rev()
        .take_while(|&&byte| !is_line_end(byte) && byte < 127);
    let start = from - line.count();
    (start..from).any(|p| USERS.iter().any(|user| text.is_at(p, user)))
}

/// Whether an option at `p` is one of a command, and its value none of what is said of options.
fn is_command(text: Text<'_>, p: usize, value: &[u8]) -> bool {
    let mut q = p;
    while q > 0 && p - q < BLANKS_MAX && is_blank(text.before(q)) {
        q -= 1;
    }
    let mut w = q;
    while w > 0 && q - w < BLANKS_MAX && text.is(w - 1, LOWER | UPPER) {
        w -= 1;
    }
    // At the beginning of a line it is described.
    if w == q && (q == 0 || is_line_end(text.before(q))) {
        return false;
    }
    let word = String::from_utf8_lossy(&text.bytes[w..q]).to_ascii_lowercase();
    !SPEAKS.contains(&format!(" {word} ")) && !is_spoken(value)
}

/// Whether nothing before a name looks like code: no bracket and no semicolon.
fn is_plain(text: Text<'_>, from: usize) -> bool {
    for p in (from.saturating_sub(BACK_MAX - 1)..from).rev() {
        match text.byte(p) {
            // JSON, of which the name is in a string.
            b'{' if is_quote(text.byte(p + 1)) => return true,
            127.. => return true,
            b'(' | b')' | b';' | b'{' | b'}' => return false,
            _ => {}
        }
    }
    true
}

/// Whether a name stands in braces on its line, and in no parentheses in these.
fn is_in_braces(text: Text<'_>, from: usize) -> bool {
    let near = &text.bytes[from.saturating_sub(BACK_MAX - 1)..from];
    let sign = near
        .iter()
        .rev()
        .find(|byte| matches!(byte, b'{' | b'(' | b'}' | b'\n' | b'\r' | 127..));
    sign == Some(&b'{')
}

/// Whether nothing but white space, the sign of an item and a quotation mark stands before a name on its line.
fn is_line_start(text: Text<'_>, from: usize) -> bool {
    let mut p = from;
    while p > 0 && p + BACK_MAX > from {
        let byte = text.before(p);
        if is_line_end(byte) {
            return true;
        }
        if !is_blank(byte) && byte != b'-' && !is_quote(byte) {
            return false;
        }
        p -= 1;
    }
    p == 0
}

/// Whether the name of a password that ASCII does not write ends at a place.
pub fn is_foreign(text: Text<'_>, e: usize) -> bool {
    let before = &text.bytes[..e];
    FOREIGN
        .iter()
        .any(|foreign| before.ends_with(foreign.as_bytes()))
}

/// The second of two fields of what `chpasswd` is given: `echo bob:hunter2 | chpasswd`.
pub fn changed_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let first = text.byte(p + 1);
    if !(33..127).contains(&first) || matches!(first, b'$' | b'<' | b'{') {
        return None;
    }
    if !is_name(text.before(p)) {
        return None;
    }
    let name = name_start(text, p);
    let quote = Some(text.before(name)).filter(|&byte| is_quote(byte));
    let echo = name.checked_sub(5 + usize::from(quote.is_some()))?;
    if !text.starts(echo, b"echo ") {
        return None;
    }
    let mut e = p + 1;
    while e - p < BACK_MAX && e < text.len() {
        match text.byte(e) {
            ..=32 | b'|' => break,
            127.. => return None,
            byte if is_quote(byte) => break,
            _ => e += 1,
        }
    }
    let open = Some((rule::ASSIGNED_SECRET, p + 1, 0));
    if text.open(e) {
        return open;
    }
    let behind = e + usize::from(quote.is_some() && quote == Some(text.byte(e)));
    let mut q = scene.skip(behind);
    if text.byte(q) == b'|' {
        q = scene.skip(q + 1);
    } else if !text.open(q) {
        return None;
    }
    if text.starts(q, b"sudo ") {
        q += 5;
    }
    if q + CHANGES.len() > text.len() && !text.last {
        return open;
    }
    (e > p + 1 && text.starts(q, CHANGES)).then_some((rule::ASSIGNED_SECRET, p + 1, e))
}

fn is_ascii(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte < 127)
}

/// The second of two strings in parentheses at `from`, behind a function's name perhaps: `auth=("bob", "x")`.
pub fn pair_at(scene: Scene<'_, '_>, from: usize) -> Place {
    let text = scene.text;
    let mut q = from;
    while q - from < BACK_MAX && is_name(text.byte(q)) {
        q += 1;
    }
    if text.open(q) {
        return Some((rule::ASSIGNED_SECRET, q, 0));
    }
    if text.byte(q) != b'(' {
        return None;
    }
    q = scene.skip(q + 1);
    if !is_quote(text.byte(q)) {
        return None;
    }
    let end = match scene.quote_end(q) {
        Answer::More => return Some((rule::ASSIGNED_SECRET, q, 0)),
        Answer::None => return None,
        Answer::End(end) => end,
    };
    if text.byte(end + 1) != b',' || !is_ascii(&text.bytes[q..end]) {
        return None;
    }
    q = scene.skip(end + 2);
    match is_quote(text.byte(q)) {
        true => scene.quoted(Promise::Password, q, false, true),
        false => None,
    }
}

/// `SecureString "x"`, `SecureString -String "x"`, from the word on.
pub fn secure_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let mut q = scene.skip(p + b"SecureString".len());
    if text.starts(q, b"-String ") {
        q = scene.skip(q + 8);
    }
    match is_quote(text.byte(q)) {
        true => scene.quoted(Promise::Password, q, false, true),
        false => None,
    }
}

/// `sqlplus scott/tiger@orcl`, from the command on.
pub fn connect_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    if !scene.has(rule::URL_CREDENTIALS) {
        return None;
    }
    let mut q = scene.skip(p + b"sqlplus".len());
    // -s, -l and the like.
    for _ in 0..3 {
        if text.byte(q) != b'-' {
            break;
        }
        q += 1;
        while text.is(q, LOWER | UPPER) {
            q += 1;
        }
        q = scene.skip(q);
    }
    q += usize::from(is_quote(text.byte(q)));
    let user = q;
    while q - user < BACK_MAX && is_name(text.byte(q)) {
        q += 1;
    }
    if text.open(q) {
        return Some((rule::URL_CREDENTIALS, user, 0));
    }
    if q == user || text.byte(q) != b'/' {
        return None;
    }
    let s = q + 1;
    let mut e = s;
    while e - s < BACK_MAX
        && (33..127).contains(&text.byte(e))
        && text.byte(e) != b'@'
        && !is_quote(text.byte(e))
    {
        e += 1;
    }
    if text.open(e) {
        return Some((rule::URL_CREDENTIALS, s, 0));
    }
    let template = matches!(text.byte(s), b'$' | b'<' | b'{' | b'/');
    (e > s && !template).then_some((rule::URL_CREDENTIALS, s, e))
}
