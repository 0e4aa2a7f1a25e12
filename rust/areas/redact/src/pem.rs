//! Private keys in PEM. Twin: `src/text/redact/scan/pem.ts`.

use super::chars::{ALNUM, Answer, DIGIT, LOWER, Text, UPPER};
use super::token::is_base64;

const PEM_MAX: usize = 65_536;
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
const LABEL_MAX: usize = 64;
const HEADERS_MAX: usize = 8;
const HEADER_MAX: usize = 256;
/// The first line of a key has at least so many characters of base64.
const FIRST_LINE: usize = 32;
/// Shorter lines are last ones; two may follow each other (the last of the data, a checksum).
const SHORT_LINE: usize = 16;

/// The block that begins at `i`, where there is a hyphen.
pub fn pem_at(text: Text<'_>, i: usize) -> Answer {
    match block_at(text, i) {
        Ok(answer) | Err(answer) => answer,
    }
}

fn block_at(text: Text<'_>, i: usize) -> Result<Answer, Answer> {
    for (k, &byte) in BEGIN.iter().enumerate().skip(1) {
        if next(text, i + k)? != byte {
            return Err(Answer::None);
        }
    }
    let label = i + BEGIN.len();
    let end = label_end(text, label)?;
    let name = &text.bytes[label..end];
    if !name.ends_with(b"PRIVATE KEY") && !name.ends_with(b"PRIVATE KEY BLOCK") {
        return Err(Answer::None);
    }
    body_at(text, i, end + DASHES.len(), name)
}

/// The byte at a place, which must not be the end.
fn next(text: Text<'_>, p: usize) -> Result<u8, Answer> {
    text.bytes.get(p).copied().ok_or(text.more())
}

/// Where a label ends that five hyphens follow.
fn label_end(text: Text<'_>, s: usize) -> Result<usize, Answer> {
    for p in s..=s + LABEL_MAX {
        let byte = next(text, p)?;
        if byte == b'-' {
            for k in 1..5 {
                if next(text, p + k)? != b'-' {
                    return Err(Answer::None);
                }
            }
            return Ok(p);
        }
        if !text.is(p, UPPER | DIGIT) && byte != b' ' {
            return Err(Answer::None);
        }
    }
    Err(Answer::None)
}

/// The length of white space at `p`, an escaped line end included; 0 if there is none.
fn blank_at(text: Text<'_>, p: usize) -> Result<usize, Answer> {
    match text.byte(p) {
        b' ' | 9..=13 => Ok(1),
        b'\\' if text.open(p + 1) => Err(Answer::More),
        b'\\' => Ok(match text.byte(p + 1) {
            b'n' | b'r' | b't' => 2,
            b'\\' => 1,
            _ => 0,
        }),
        _ => Ok(0),
    }
}

fn end_at(place: usize) -> Answer {
    if place == 0 {
        Answer::None
    } else {
        Answer::End(place)
    }
}

fn body_at(text: Text<'_>, i: usize, s: usize, name: &[u8]) -> Result<Answer, Answer> {
    let n = text.len();
    let bound = i + PEM_MAX;
    let limit = n.min(bound);
    let mut p = s;
    let mut headers = 0;
    let mut lines = 0;
    let mut short = 0;
    // Where the block ends if it turns out to be cut: behind the last long line, or the last line.
    let mut cut = 0;
    let mut line = 0;
    loop {
        let blank = if p < limit { blank_at(text, p)? } else { 0 };
        if blank > 0 {
            p += blank;
            continue;
        }
        if p >= limit {
            break;
        }
        let from = p;
        while p < limit && is_base64(text.byte(p)) {
            p += 1;
        }
        if p == limit {
            // The text or the bound ends within the line.
            if n < bound && !text.last {
                return Err(Answer::More);
            }
            let long = lines > 0 || p - from >= FIRST_LINE;
            return Ok(if long { Answer::End(p) } else { Answer::None });
        }
        if lines == 0 && p - from < FIRST_LINE {
            // Headers are possible only before the first line.
            p = header_end(text, from, limit)?;
            headers += 1;
            if headers > HEADERS_MAX {
                return Err(Answer::None);
            }
            continue;
        }
        if p == from {
            return Ok(ending(text, p, name, cut));
        }
        lines += 1;
        line = p;
        if p - from >= SHORT_LINE {
            short = 0;
            cut = p;
        } else {
            short += 1;
            if short > 2 {
                return Ok(end_at(cut));
            }
        }
    }
    if n < bound {
        return Ok(if text.last {
            end_at(line)
        } else {
            Answer::More
        });
    }
    Ok(if lines > 0 {
        Answer::End(limit)
    } else {
        Answer::None
    })
}

/// Where a header such as `Proc-Type: 4,ENCRYPTED` ends: its line's end.
fn header_end(text: Text<'_>, from: usize, limit: usize) -> Result<usize, Answer> {
    let n = text.len();
    let stop = limit.min(from + HEADER_MAX);
    if from < n && !text.is(from, LOWER | UPPER) {
        return Err(Answer::None);
    }
    let mut p = from;
    while p < stop && (text.is(p, ALNUM) || text.byte(p) == b'-') {
        p += 1;
    }
    if p == n {
        return Err(text.more());
    }
    if p == stop || text.byte(p) != b':' {
        return Err(Answer::None);
    }
    while p < stop {
        match text.byte(p) {
            b'\n' | b'\r' => return Ok(p),
            b'\\' if matches!(next(text, p + 1)?, b'n' | b'r') => return Ok(p),
            b' '..=b'~' => p += 1,
            _ => return Err(Answer::None),
        }
    }
    Err(if p == n { text.more() } else { Answer::None })
}

/// What stands where neither white space nor base64 does: the END line, or the end of a cut block.
fn ending(text: Text<'_>, p: usize, name: &[u8], cut: usize) -> Answer {
    let mut at = p;
    for &byte in END.iter().chain(name).chain(DASHES) {
        if text.at_end(at) {
            return if text.last { end_at(cut) } else { Answer::More };
        }
        if text.byte(at) != byte {
            return end_at(cut);
        }
        at += 1;
    }
    Answer::End(at)
}
