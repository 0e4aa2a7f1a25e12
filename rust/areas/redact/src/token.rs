//! JSON web tokens and tokens of high entropy. Twin: `src/text/redact/scan/token.ts`.

use super::chars::{Answer, CLASS, DIGIT, HEX, JOIN, LOWER, Text, UPPER, WORD};

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

/// Whether the characters carry at least `bits` / 65,536 bits each.
fn is_random(token: &[u8], bits: i32) -> bool {
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
    if length < 20 {
        return NO;
    }
    let token = &text.bytes[i..p];
    let needed = LOWER | UPPER | DIGIT;
    let mixed = kinds.mixed && any & needed == needed && is_random(token, threshold(length));
    if !mixed {
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
    for pad in 0..2 {
        if text.byte(p) != b'=' {
            break;
        }
        p += 1;
        if pad < 1 && text.open(p) {
            return (Answer::More, false);
        }
    }
    (Answer::End(p), false)
}

/// Whether a byte is of base64 with padding.
pub fn is_base64(byte: u8) -> bool {
    CLASS[usize::from(byte)] & super::chars::ALNUM != 0 || matches!(byte, b'+' | b'/' | b'=')
}
