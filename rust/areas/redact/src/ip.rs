//! Addresses of networks. Twin: `src/text/redact/scan/ip.ts`.

use super::chars::{Answer, DIGIT, HEX, Text, WORD};

/// The IPv4 address that begins at `i`, where a word begins with a digit.
pub fn ipv4_at(text: Text<'_>, i: usize) -> Answer {
    if text.before(i) == b'.' {
        Answer::None
    } else {
        quad_at(text, i)
    }
}

fn quad_at(text: Text<'_>, i: usize) -> Answer {
    let n = text.len();
    let mut p = i;
    for part in 0.. {
        let s = p;
        let mut value = 0u32;
        while p < n && p - s < 4 && text.is(p, DIGIT) {
            value = value * 10 + u32::from(text.byte(p) - b'0');
            p += 1;
        }
        let length = p - s;
        if length > 3 || value > 255 || (length > 1 && text.byte(s) == b'0') {
            return Answer::None;
        }
        if p == n {
            return match text.last {
                false => Answer::More,
                true if part == 3 && length > 0 => Answer::End(p),
                true => Answer::None,
            };
        }
        if length == 0 {
            return Answer::None;
        }
        if part == 3 {
            break;
        }
        if text.byte(p) != b'.' {
            return Answer::None;
        }
        p += 1;
    }
    if text.is(p, WORD) {
        return Answer::None;
    }
    if text.byte(p) == b'.' {
        if text.open(p + 1) {
            return Answer::More;
        }
        if text.is(p + 1, DIGIT) {
            return Answer::None;
        }
    }
    Answer::End(p)
}

/// The IPv6 address that begins at `i`: at a word that begins with a hexadecimal digit, or at a colon.
pub fn ipv6_at(text: Text<'_>, i: usize) -> Answer {
    let before = text.before(i);
    if before == b':' || before == b'.' || (i > 0 && text.is(i - 1, WORD)) {
        return Answer::None;
    }
    let n = text.len();
    let mut p = i;
    let mut groups = 0;
    let mut gap = false;
    let mut digit = false;
    if text.byte(p) == b':' {
        if text.at_end(p + 1) {
            return text.more();
        }
        if text.byte(p + 1) != b':' {
            return Answer::None;
        }
        gap = true;
        p += 2;
    }
    loop {
        // Here a group must follow, or, right after a gap, may.
        let s = p;
        while p < n && p - s < 5 && text.is(p, HEX) {
            digit |= text.is(p, DIGIT);
            p += 1;
        }
        if p - s > 4 {
            return Answer::None;
        }
        if text.open(p) {
            return Answer::More;
        }
        if p == s {
            break;
        }
        if text.byte(p) == b'.' && (groups == 6 || (gap && groups < 6)) && text.is(s, DIGIT) {
            let quad = quad_at(text, s);
            if quad != Answer::None {
                return quad;
            }
        }
        groups += 1;
        if groups > 8 || text.byte(p) != b':' {
            break;
        }
        if text.at_end(p + 1) {
            if text.last {
                break;
            }
            return Answer::More;
        }
        if text.byte(p + 1) == b':' {
            if gap {
                return Answer::None;
            }
            gap = true;
            p += 2;
        } else if text.is(p + 1, HEX) {
            p += 1;
        } else {
            break;
        }
    }
    if (gap && groups > 7) || (!gap && groups != 8) || (groups < 3 && !digit) {
        return Answer::None;
    }
    // After a gap the loop may stop at a third colon.
    if text.is(p, WORD) || (text.byte(p) == b':' && text.before(p) == b':') {
        return Answer::None;
    }
    Answer::End(p)
}

/// The hardware address that begins at `i`, where a word begins with a hexadecimal digit.
pub fn mac_at(text: Text<'_>, i: usize) -> Answer {
    if matches!(text.before(i), b':' | b'-' | b'.' | b'*') {
        return Answer::None;
    }
    let mut p = i;
    while p - i < 4 && text.is(p, HEX) {
        p += 1;
    }
    if text.at_end(p) {
        return text.more();
    }
    let separator = text.byte(p);
    let size = p - i;
    if !matches!((size, separator), (2, b':' | b'-') | (4, b'.')) {
        return Answer::None;
    }
    // All zeros and all ones are nobody's.
    let mut zeros = true;
    let mut ones = true;
    p = i;
    for k in 0..12 {
        if k > 0 && k % size == 0 {
            if text.at_end(p) {
                return text.more();
            }
            if text.byte(p) != separator {
                return Answer::None;
            }
            p += 1;
        }
        if text.at_end(p) {
            return text.more();
        }
        if !text.is(p, HEX) {
            return Answer::None;
        }
        zeros &= text.byte(p) == b'0';
        ones &= text.byte(p) | 32 == b'f';
        p += 1;
    }
    if text.open(p) {
        return Answer::More;
    }
    if zeros || ones || text.is(p, WORD) {
        return Answer::None;
    }
    if text.byte(p) != separator {
        return Answer::End(p);
    }
    if text.open(p + 1) {
        return Answer::More;
    }
    match text.is(p + 1, HEX) {
        true => Answer::None,
        false => Answer::End(p),
    }
}
