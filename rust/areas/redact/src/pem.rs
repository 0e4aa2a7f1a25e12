//! Private keys in PEM. Twin: `src/text/redact/scan/pem.ts`.

use super::chars::{Answer, DIGIT, Text, UPPER};
use super::token::is_base64;

const PEM_MAX: usize = 65_536;
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
const LABEL_MAX: usize = 64;
/// The first line of a key has at least so many characters of base64.
const FIRST_LINE: usize = 32;
/// Shorter runs are last ones, or of what stands before a line.
const SHORT_LINE: usize = 16;
/// So many colons, of headers such as `Proc-Type: 4,ENCRYPTED` or of times, may stand before the first line.
const COLONS_MAX: usize = 24;
/// So much may stand before the first line and between two colons there.
const HEAD_MAX: usize = 100;
/// So much may stand between two lines: quotes, indentation, what a log writes before each.
const GAP_MAX: usize = 200;

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

/// The body from `s` on: lines of base64 with little between them, then perhaps the line that ends it.
fn body_at(text: Text<'_>, i: usize, s: usize, name: &[u8]) -> Result<Answer, Answer> {
    let n = text.len();
    let bound = i + PEM_MAX;
    let limit = n.min(bound);
    // Where the last line of base64 ends, and the last run, where that is the line or nothing but white
    // space is between; 0 where there is none.
    let mut cut = 0;
    let mut line = 0;
    let mut gap = s;
    let mut colons = 0;
    let mut p = s;
    while p < limit {
        let byte = text.byte(p);
        if byte == b'-' && stands(text, p, DASHES)? {
            let ending = [END, name, DASHES].concat();
            return Ok(match stands(text, p, &ending)? {
                true if cut != 0 => Answer::End(p + ending.len()),
                _ => end_at(cut),
            });
        }
        if !is_base64(byte) {
            if byte > b' ' {
                line = 0;
            }
            if byte == b':' && cut == 0 {
                if colons < COLONS_MAX {
                    gap = p;
                }
                colons += 1;
            }
            // Characters are counted, not bytes.
            if byte & 0xc0 == 0x80 {
                gap += 1;
            }
            p += 1;
            if p - gap > gap_max(cut) {
                return Ok(end_at(cut));
            }
            continue;
        }
        let from = p;
        while p < limit && is_base64(text.byte(p)) {
            p += 1;
        }
        if p == n && n < bound && !text.last {
            return Err(Answer::More);
        }
        if p - from >= if cut == 0 { FIRST_LINE } else { SHORT_LINE } {
            cut = p;
            line = p;
            gap = p;
        } else if p - gap > gap_max(cut) {
            return Ok(end_at(cut));
        } else if line != 0 && p - line <= SHORT_LINE {
            line = p;
        }
    }
    if n < bound {
        return Ok(match text.last {
            true => end_at(cut.max(line)),
            false => Answer::More,
        });
    }
    Ok(match cut {
        0 => Answer::None,
        _ => Answer::End(limit),
    })
}

fn gap_max(cut: usize) -> usize {
    if cut == 0 { HEAD_MAX } else { GAP_MAX }
}

fn end_at(place: usize) -> Answer {
    if place == 0 {
        Answer::None
    } else {
        Answer::End(place)
    }
}

/// Whether something stands at a place.
fn stands(text: Text<'_>, p: usize, wanted: &[u8]) -> Result<bool, Answer> {
    for (k, &byte) in wanted.iter().enumerate() {
        match text.bytes.get(p + k) {
            None if text.last => return Ok(false),
            None => return Err(Answer::More),
            Some(&found) if found == byte => {}
            Some(_) => return Ok(false),
        }
    }
    Ok(true)
}
