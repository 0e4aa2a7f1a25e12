//! E-mail addresses. Twin: `src/text/redact/scan/email.ts`.

use super::chars::{ALNUM, Answer, LOCAL, LOWER, Text, UPPER, WORD};

const LOCAL_MAX: usize = 64;
const LABEL_MAX: usize = 63;
const DOMAIN_MAX: usize = 253;

/// The address that begins at `i`, where a word begins. `at` is where the first `@` from `i` on is; the
/// text's length if there is none.
pub fn email_at(text: Text<'_>, i: usize, at: usize) -> Answer {
    let known = at < text.len();
    if at - i > LOCAL_MAX || (!known && text.last) {
        return Answer::None;
    }
    if !(i + 1..at).all(|p| text.is(p, WORD | LOCAL)) {
        return Answer::None;
    }
    if known {
        domain_at(text, at + 1)
    } else {
        Answer::More
    }
}

fn domain_at(text: Text<'_>, from: usize) -> Answer {
    let n = text.len();
    let mut end = Answer::None;
    let mut s = from;
    for label in 1.. {
        let most = n.min(s + LABEL_MAX + 1).min(from + DOMAIN_MAX + 1);
        let mut p = s;
        while p < most && (text.is(p, ALNUM) || text.byte(p) == b'-') {
            p += 1;
        }
        if p - s > LABEL_MAX || p - from > DOMAIN_MAX {
            return end;
        }
        if p == s {
            return if text.open(p) { Answer::More } else { end };
        }
        if text.byte(s) == b'-' {
            return end;
        }
        if text.open(p) {
            return Answer::More;
        }
        let mut e = p;
        while text.byte(e - 1) == b'-' {
            e -= 1;
        }
        if label > 1 && is_top_level(&text.bytes[s..e]) {
            end = Answer::End(e);
        }
        if e != p || text.byte(p) != b'.' {
            return end;
        }
        s = p + 1;
    }
    end
}

fn is_top_level(label: &[u8]) -> bool {
    if label.len() > 4 && label[..4].eq_ignore_ascii_case(b"xn--") {
        return true;
    }
    let letters = |&byte: &u8| super::chars::CLASS[usize::from(byte)] & (LOWER | UPPER) != 0;
    label.len() > 1 && label.iter().all(letters)
}
