//! Telephone numbers: E.164, North American, national with trunk prefix 0. Twin:
//! `src/text/redact/scan/phone.ts`.

use super::chars::{Answer, DIGIT, Text, WORD};

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.')
}

/// The number that begins at `i`: at a plus sign, an opening parenthesis, or a word that begins with a
/// digit.
pub fn phone_at(text: Text<'_>, i: usize) -> Answer {
    if matches!(text.before(i), b'.' | b'-' | b'+' | b'/') {
        return Answer::None;
    }
    let first = text.byte(i);
    if first == b'+' {
        return international_at(text, i + 1, false);
    }
    if first == b'0' {
        let dialled = dialled_at(text, i);
        if dialled != Answer::None {
            return dialled;
        }
    }
    match american_at(text, i) {
        Err(Answer::None) if first == b'0' || first == b'(' => trunk_at(text, i),
        Ok(answer) | Err(answer) => answer,
    }
}

/// A number as it is dialled abroad: behind 00 or, from North America, 011.
fn dialled_at(text: Text<'_>, i: usize) -> Answer {
    if text.at_end(i + 1) {
        return text.more();
    }
    let mut p = i + 2;
    if text.byte(i + 1) != b'0' {
        if text.byte(i + 1) != b'1' {
            return Answer::None;
        }
        if text.at_end(p) {
            return text.more();
        }
        if text.byte(p) != b'1' {
            return Answer::None;
        }
        p += 1;
        if text.at_end(p) {
            return text.more();
        }
        // 011 alone is how areas begin.
        if !is_separator(text.byte(p)) {
            return Answer::None;
        }
    }
    if text.at_end(p) {
        return text.more();
    }
    if is_separator(text.byte(p)) {
        p += 1;
    }
    international_at(text, p, true)
}

/// Groups of one digit that a number may have, besides the first.
const SINGLES_MOST: u32 = 2;

/// The country code at `i` and what follows. Where `parted`, a plain run of digits is none, and neither are
/// many groups of two, which are bytes.
fn international_at(text: Text<'_>, i: usize, parted: bool) -> Answer {
    let n = text.len();
    if text.at_end(i) {
        return text.more();
    }
    let country = text.byte(i);
    if !matches!(country, b'1'..=b'9') {
        return Answer::None;
    }
    // North America, and Russia with Kazakhstan.
    let (least, most) = match country {
        b'1' | b'7' => (11, 11),
        _ => (8, 15),
    };
    let mut end = Answer::None;
    let mut digits = 0;
    let mut singles = 0;
    let mut open = false;
    let mut uneven = !parted;
    let mut first = true;
    let mut p = i;
    loop {
        let s = p;
        while p < n && digits <= most && text.is(p, DIGIT) {
            digits += 1;
            p += 1;
        }
        if digits > most {
            return end;
        }
        if text.open(p) {
            return Answer::More;
        }
        if p - s == 1 && !first && !open {
            singles += 1;
            if singles > SINGLES_MOST {
                return end;
            }
        }
        if p - s != 2 && !first {
            uneven = true;
        }
        let closed = open;
        if open {
            if text.byte(p) != b')' {
                return end;
            }
            p += 1;
            open = false;
            if text.open(p) {
                return Answer::More;
            }
        }
        if digits >= least && uneven && !text.is(p, WORD) {
            end = Answer::End(p);
        }
        if digits >= most {
            return end;
        }
        let mut q = p;
        if is_separator(text.byte(q)) || text.byte(q) == b'/' {
            q += 1;
        }
        if text.byte(q) == b'(' {
            open = true;
            q += 1;
        }
        if q >= n {
            return if text.last { end } else { Answer::More };
        }
        if !text.is(q, DIGIT) || (q == p && !closed) {
            return end;
        }
        p = q;
        first = false;
    }
}

/// The place behind digits of a form: a first of at least `least`, then others.
fn numeral_at(text: Text<'_>, p: usize, length: usize, least: u8) -> Result<usize, Answer> {
    for k in 0..length {
        if text.at_end(p + k) {
            return Err(text.more());
        }
        let byte = text.byte(p + k);
        if byte > b'9' || byte < if k == 0 { least } else { b'0' } {
            return Err(Answer::None);
        }
    }
    Ok(p + length)
}

/// The byte at a place, which must not be the end.
fn next(text: Text<'_>, p: usize) -> Result<u8, Answer> {
    text.bytes.get(p).copied().ok_or(text.more())
}

fn american_at(text: Text<'_>, i: usize) -> Result<Answer, Answer> {
    let mut p = i;
    if text.byte(p) == b'1' {
        if !is_separator(next(text, p + 1)?) {
            return Err(Answer::None);
        }
        p += 2;
        next(text, p)?;
    }
    let mut separator = 0;
    let bracketed = text.byte(p) == b'(';
    p = numeral_at(text, if bracketed { p + 1 } else { p }, 3, b'2')?;
    if bracketed {
        if next(text, p)? != b')' {
            return Err(Answer::None);
        }
        p += 1;
        if is_separator(next(text, p)?) {
            p += 1;
        }
    } else {
        separator = next(text, p)?;
        p += 1;
        if !is_separator(separator) {
            return Err(Answer::None);
        }
    }
    p = numeral_at(text, p, 3, b'2')?;
    let second = next(text, p)?;
    p += 1;
    if !is_separator(second) || (!bracketed && second != separator) {
        return Err(Answer::None);
    }
    p = numeral_at(text, p, 4, b'0')?;
    if text.open(p) {
        return Err(Answer::More);
    }
    if text.is(p, WORD) {
        return Err(Answer::None);
    }
    if matches!(text.byte(p), b'-' | b'.') {
        if text.open(p + 1) {
            return Err(Answer::More);
        }
        if text.is(p + 1, DIGIT) {
            return Err(Answer::None);
        }
    }
    Ok(Answer::End(p))
}

fn trunk_at(text: Text<'_>, i: usize) -> Answer {
    let n = text.len();
    let bracketed = text.byte(i) == b'(';
    let mut p = if bracketed { i + 1 } else { i };
    let s = p;
    if text.at_end(p) {
        return text.more();
    }
    if text.byte(p) != b'0' {
        return Answer::None;
    }
    if text.at_end(p + 1) {
        return text.more();
    }
    if text.byte(p + 1) == b'0' {
        return Answer::None;
    }
    while p < n && p - s < 7 && text.is(p, DIGIT) {
        p += 1;
    }
    let mut digits = p - s;
    if !(2..=6).contains(&digits) {
        return Answer::None;
    }
    if text.at_end(p) {
        return text.more();
    }
    let mut separator = 0;
    if bracketed {
        if text.byte(p) != b')' {
            return Answer::None;
        }
        p += 1;
        if text.at_end(p) {
            return text.more();
        }
        if is_separator(text.byte(p)) {
            p += 1;
        }
    } else {
        if is_separator(text.byte(p)) {
            separator = text.byte(p);
        } else if text.byte(p) != b'/' {
            return Answer::None;
        }
        p += 1;
    }
    let mut end = Answer::None;
    loop {
        let from = p;
        while p < n && digits < 13 && text.is(p, DIGIT) {
            digits += 1;
            p += 1;
        }
        if digits > 12 {
            return end;
        }
        if text.open(p) {
            return Answer::More;
        }
        if p - from < 2 {
            return end;
        }
        // Five and four digits are a postal code of the United States.
        let postal = digits == 9 && p - from == 4 && p - s <= 10;
        if digits >= 9 && !text.is(p, WORD) && !postal {
            end = Answer::End(p);
        }
        // A further group has two digits at least.
        if digits > 10 {
            return end;
        }
        let byte = text.byte(p);
        if !is_separator(byte) || (separator != 0 && byte != separator) {
            return end;
        }
        if text.at_end(p + 1) {
            return if text.last { end } else { Answer::More };
        }
        if !text.is(p + 1, DIGIT) {
            return end;
        }
        separator = byte;
        p += 1;
    }
}
