//! JSON web tokens and tokens of high entropy. Twin: `src/text/redact/scan/token.ts`.

use super::chars::{ALNUM, Answer, CLASS, DIGIT, HEX, JOIN, LOWER, Text, UPPER, WORD};
use super::words::words_in;

const JWT_MAX: usize = 16_384;
const TOKEN_MAX: usize = 512;

/// The end of a run of base64url.
fn run_end(text: Text<'_>, s: usize, limit: usize) -> usize {
    let mut p = s;
    while p < limit && (text.is(p, WORD) || text.byte(p) == b'-') {
        p += 1;
    }
    p
}

/// The token that begins at `i`, where a word begins.
pub fn jwt_at(text: Text<'_>, i: usize) -> Answer {
    for (k, &byte) in b"eyJ".iter().enumerate() {
        if text.at_end(i + k) {
            return text.more();
        }
        if text.byte(i + k) != byte {
            return Answer::None;
        }
    }
    let limit = text.len().min(i + JWT_MAX);
    let header = run_end(text, i, limit);
    if text.at_end(header) {
        return text.more();
    }
    if text.byte(header) != b'.' || !is_header(&text.bytes[i..header]) {
        return Answer::None;
    }
    let mut end = Answer::None;
    let mut payload = 0;
    let mut p = header;
    for part in 2..=5 {
        let s = p + 1;
        p = run_end(text, s, limit);
        if p - i >= JWT_MAX {
            return Answer::End(i + JWT_MAX);
        }
        if text.open(p) {
            return Answer::More;
        }
        if part == 2 {
            payload = p - s;
        } else if part > 3 && p == s {
            return end;
        }
        if part == 3 && payload > 0 {
            end = Answer::End(p);
        }
        if part == 5 {
            return Answer::End(p);
        }
        if text.byte(p) != b'.' || (part == 3 && p == s) {
            return end;
        }
        if p + 1 - i >= JWT_MAX {
            return Answer::End(i + JWT_MAX);
        }
        if text.open(p + 1) {
            return Answer::More;
        }
    }
    end
}

fn sextet(byte: u8) -> u32 {
    match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'-' => 62,
        _ => 63,
    }
}

/// Whether base64url decodes to `{...}` with `"alg"`, a colon and a string in it.
fn is_header(encoded: &[u8]) -> bool {
    const WANTED: &[u8; 5] = b"\"alg\"";
    if encoded.len() % 4 == 1 {
        return false;
    }
    let mut buffer = 0;
    let mut held = 0;
    let mut count = 0;
    let mut byte = 0;
    // How much of WANTED was seen; then 5: expecting the colon, 6: the string, 7: found.
    let mut seen = 0;
    for &character in encoded {
        buffer = (buffer << 6 | sextet(character)) & 0xffff;
        held += 6;
        if held < 8 {
            continue;
        }
        held -= 8;
        byte = (buffer >> held & 0xff) as u8;
        if count == 0 && byte != b'{' {
            return false;
        }
        count += 1;
        let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let again = usize::from(byte == b'"');
        seen = match seen {
            0..=4 if byte == WANTED[seen] => seen + 1,
            0..=4 => again,
            5 if byte == b':' => 6,
            5 if blank => 5,
            5 => again,
            6 if byte == b'"' => 7,
            6 if blank => 6,
            6 => 0,
            _ => seen,
        };
    }
    seen == 7 && byte == b'}'
}

/// 65,536 times the binary logarithm of the numbers up to `TOKEN_MAX`, by repeated squaring of whole
/// numbers.
static LOG2: [i32; TOKEN_MAX + 1] = log2();

const fn log2() -> [i32; TOKEN_MAX + 1] {
    let mut table = [0; TOKEN_MAX + 1];
    let mut x = 2;
    while x <= TOKEN_MAX {
        let whole = x.ilog2();
        let mut mantissa = (x as u64 * 32_768) >> whole;
        let mut log = whole as i32;
        let mut bit = 0;
        while bit < 16 {
            mantissa = mantissa * mantissa / 32_768;
            log *= 2;
            if mantissa >= 65_536 {
                mantissa /= 2;
                log += 1;
            }
            bit += 1;
        }
        table[x] = log;
        x += 1;
    }
    table
}

/// Whether the characters of a token carry at least `bits` / 65,536 bits each.
pub fn is_random(token: &[u8], bits: i32) -> bool {
    let mut counts = [0u16; 128];
    for &byte in token {
        counts[usize::from(byte)] += 1;
    }
    let length = token.len() as i32;
    let mut sum = length * LOG2[token.len()];
    for &count in &counts[43..123] {
        if count > 1 {
            sum -= i32::from(count) * LOG2[usize::from(count)];
        }
    }
    sum >= length * bits
}

/// Bits a character, times 65,536: 3.75, 4.1, 4.4, 4.7.
fn threshold(length: usize) -> i32 {
    match length {
        ..28 => 245_760,
        28..40 => 268_697,
        40..64 => 288_358,
        _ => 308_019,
    }
}

/// Bits a hexadecimal digit, times 65,536: 3.
const HEX_THRESHOLD: i32 = 196_608;

/// Which tokens `token_at` looks for.
#[derive(Clone, Copy)]
pub struct Kinds {
    /// High-entropy tokens.
    pub mixed: bool,
    /// Hexadecimal tokens.
    pub hexadecimal: bool,
}

/// The token that begins at `i`, where a word begins, for the kinds asked for; and whether it is
/// hexadecimal only.
pub fn token_at(text: Text<'_>, i: usize, kinds: Kinds) -> (Answer, bool) {
    const NO: (Answer, bool) = (Answer::None, false);
    if i > 0 && text.is(i - 1, JOIN) {
        return NO;
    }
    let limit = text.len().min(i + TOKEN_MAX + 1);
    let mut p = i;
    let mut any = 0;
    let mut all = 255;
    while p < limit {
        let class = text.class(p);
        if class & (WORD | JOIN) == 0 {
            break;
        }
        any |= class;
        all &= class;
        p += 1;
    }
    let length = p - i;
    if length > TOKEN_MAX {
        return NO;
    }
    if text.open(p) {
        return if !kinds.mixed && all & HEX == 0 {
            NO
        } else {
            (Answer::More, false)
        };
    }
    if length < LEAST {
        return NO;
    }
    let token = &text.bytes[i..p];
    // Cheaper to say than whether it is random.
    if all & HEX == 0 && is_public(&text.bytes[..i], token) {
        return NO;
    }
    if !(kinds.mixed && is_mixed(token, any)) {
        let hexadecimal = kinds.hexadecimal
            && length >= 32
            && all & HEX != 0
            && any & DIGIT != 0
            && any & (LOWER | UPPER) != 0
            && is_random(token, HEX_THRESHOLD);
        return if hexadecimal {
            (Answer::End(p), true)
        } else {
            NO
        };
    }
    if is_public(&text.bytes[..i], token) {
        return NO;
    }
    for pad in 0..2 {
        if text.byte(p) != b'=' {
            break;
        }
        p += 1;
        if pad < 1 && text.open(p) {
            return (Answer::More, false);
        }
    }
    let long = (LINE_LEAST..=LINE_MOST).contains(&length);
    match is_line(text, i, p, long) {
        None => (Answer::More, false),
        Some(true) => NO,
        Some(false) => (Answer::End(p), false),
    }
}

/// The shortest token.
const LEAST: usize = 20;
/// Of a token at least so much must be neither words nor numbers.
const RANDOM_LEAST: usize = 16;

fn is_mixed(token: &[u8], any: u8) -> bool {
    let needed = LOWER | UPPER | DIGIT;
    any & needed == needed
        && is_random(token, threshold(token.len()))
        && !is_alphabet(token)
        && is_secret(token)
}

/// Whether characters mostly follow each other as in an alphabet.
fn is_alphabet(token: &[u8]) -> bool {
    let steps = token
        .windows(2)
        .filter(|pair| pair[1] == pair[0] + 1)
        .count();
    steps * 3 > token.len()
}

/// Whether what is no number and no hexadecimal part of a token is long enough, and no words.
fn is_secret(token: &[u8]) -> bool {
    let mut score = 0;
    let mut rest = 0;
    for part in token.split(|&byte| CLASS[usize::from(byte)] & ALNUM == 0) {
        let any = part
            .iter()
            .fold(0, |any, &byte| any | CLASS[usize::from(byte)]);
        let all = part
            .iter()
            .fold(255, |all, &byte| all & CLASS[usize::from(byte)]);
        // Digests and numbers; in small letters only, as they are written.
        if part.len() < 6 || all & HEX == 0 || any & (UPPER | DIGIT) != DIGIT {
            score += words_in(part);
            rest += part.len();
        }
    }
    rest >= RANDOM_LEAST && score <= 0
}

/// What digests and public keys begin with.
const PUBLIC: [&[u8]; 9] = [
    b"sha1-",
    b"sha256-",
    b"sha384-",
    b"sha512-",
    b"md5-",
    b"AAAAB3NzaC1",
    b"AAAAC3NzaC1",
    b"AAAAE2VjZHNh",
    b"AAAAG",
];
/// What stands before fingerprints.
const FINGERPRINTS: [&[u8]; 9] = [
    b" h1:", b"SHA1:", b"SHA256:", b"SHA384:", b"SHA512:", b"sha1:", b"sha256:", b"sha384:",
    b"sha512:",
];

fn is_public(before: &[u8], token: &[u8]) -> bool {
    PUBLIC.iter().any(|start| token.starts_with(start))
        || FINGERPRINTS.iter().any(|end| before.ends_with(end))
}

/// A line of wrapped base64 is so long.
const LINE_LEAST: usize = 60;
const LINE_MOST: usize = 80;
/// What is looked at of the white space before it.
const INDENT_MOST: usize = 32;

/// Whether a token is a whole line behind one of base64, or before it if it is as long as those are: of
/// something long. Nothing where the text ended before that could be said.
fn is_line(text: Text<'_>, s: usize, e: usize, long: bool) -> Option<bool> {
    let n = text.len();
    let mut before = s;
    while before > s.saturating_sub(INDENT_MOST) && is_blank(text.byte(before - 1)) {
        before -= 1;
    }
    if before > 0 && !is_line_end(text.byte(before - 1)) {
        return Some(false);
    }
    if e == n && !text.last {
        return None;
    }
    let follows = before > 0 && is_line_before(&text.bytes[..before - 1]);
    if e == n {
        return Some(follows);
    }
    if !is_line_end(text.byte(e)) {
        return Some(false);
    }
    if follows || !long {
        return Some(follows);
    }
    let mut p = e;
    while p < n && is_line_end(text.byte(p)) && p < e + 2 {
        p += 1;
    }
    while p < n && is_blank(text.byte(p)) {
        p += 1;
    }
    let from = p;
    while p < n && p - from < e - s && is_base64(text.byte(p)) {
        p += 1;
    }
    if text.open(p) {
        return None;
    }
    let whole = p == n || is_line_end(text.byte(p)) || p - from == e - s;
    Some(whole && p - from >= 4)
}

/// Whether the last of some lines is a long one of base64, or ends with hyphens.
fn is_line_before(lines: &[u8]) -> bool {
    let line = match lines {
        [line @ .., last] if is_line_end(*last) => line,
        line => line,
    };
    let long = line.len() >= LINE_LEAST
        && line[line.len() - LINE_LEAST..]
            .iter()
            .all(|&byte| is_base64(byte));
    long || line.ends_with(b"-----")
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Whether a byte is of base64 with padding.
pub fn is_base64(byte: u8) -> bool {
    CLASS[usize::from(byte)] & ALNUM != 0 || matches!(byte, b'+' | b'/' | b'=')
}
