//! Secrets by what stands before them: URLs with credentials, headers, and values behind names. Twin:
//! `src/text/redact/scan/context.ts`.

use std::sync::LazyLock;

use memchr::memmem;

use super::around::{
    Place, SPACES_MAX, VALUE_MAX, credential_at, is_authority_end, is_blank, is_closer,
    is_delimiter, is_quote, is_value, judge, name_start, named, skip, stop_before, units_of,
};
use super::built_in::{Rules, rule};
use super::chars::{Answer, LOWER, Text, UPPER, WORD};
use super::finder::{Finder, Found};
use super::marks::{Mark, Marks};
use super::names::{NAME_MAX, Promise, is_name, may_promise, promise_of};
use super::numbers::ssn_digits;
use super::value::{Manner, is_template};
use super::view::View;
use super::words::words_in;

/// Names and signs lie so far before a value at most.
const REACH: usize = 120;
const AUTHORITY_MAX: usize = 300;
const BEARER_LEAST: usize = 16;

static BEARER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"earer "));

/// Finds secrets by their context in one text.
pub struct ContextFinder<'v> {
    rules: Rules,
    view: Option<&'v View<'v>>,
    marks: Marks,
    bearer: Mark,
    /// Marks before this were looked at; what they gave lies before what is asked for now, or is too far from
    /// them.
    at: usize,
    until: usize,
}

impl<'v> ContextFinder<'v> {
    /// A finder for one text, which a view may have read.
    pub fn new(rules: Rules, view: Option<&'v View<'v>>) -> Self {
        Self {
            rules,
            view,
            marks: Marks::new(),
            bearer: Mark(None),
            at: 0,
            until: usize::MAX,
        }
    }

    /// How much an escape takes that stands at a place; 1 for a character as it is.
    fn level(&self, at: usize) -> usize {
        self.view.map_or(1, |view| view.length_at(at))
    }

    fn is_percent(&self, at: usize) -> bool {
        self.view.is_some_and(|view| view.is_percent(at))
    }

    /// `Bearer` and a credential, wherever.
    fn bearer_at(&self, text: Text<'_>, p: usize) -> Place {
        if !self.rules.has(rule::AUTHORIZATION) || text.before(p) | 32 != b'b' {
            return None;
        }
        if p > 1 && text.is(p - 2, WORD) {
            return None;
        }
        credential_at(text, skip(text, p + 6), BEARER_LEAST)
    }

    /// `--password hunter2`
    fn option_at(&self, text: Text<'_>, p: usize) -> Place {
        if !self.rules.has(rule::ASSIGNED_SECRET) || (p > 0 && text.is(p - 1, WORD)) {
            return None;
        }
        let mut e = p + 2;
        while e - p < NAME_MAX && is_name(text.byte(e)) {
            e += 1;
        }
        if text.byte(e) != b' ' || text.byte(e + 1) == b'-' {
            return None;
        }
        let promise = promise_of(text, p + 2, e)?;
        if !matches!(promise, Promise::Password | Promise::Token) {
            return None;
        }
        let manner = Manner {
            quoted: false,
            spaced: false,
            listed: false,
        };
        self.value_at(text, promise, (p, skip(text, e)), manner, false)
    }

    /// `<password>hunter2</password>`
    fn element_at(&self, text: Text<'_>, p: usize) -> Place {
        if !self.rules.has(rule::ASSIGNED_SECRET) || !is_name(text.before(p)) {
            return None;
        }
        let s = name_start(text, p);
        if !matches!(text.before(s), b'<' | b':') {
            return None;
        }
        let promise = promise_of(text, s, p)?;
        if !is_value(promise) {
            return None;
        }
        let from = p + 1;
        let mut e = from;
        let mut units = 0;
        while e < text.len() && units <= VALUE_MAX && text.byte(e) != b'<' && text.byte(e) > b' ' {
            units += units_of(text.byte(e));
            e += 1;
        }
        if text.open(e) {
            return Some((rule::ASSIGNED_SECRET, from, 0));
        }
        if text.byte(e) != b'<' {
            return None;
        }
        let manner = Manner {
            quoted: true,
            spaced: false,
            listed: false,
        };
        judge(text, promise, from, e, manner)
    }

    /// A name, a sign and a value.
    fn assignment_at(&self, text: Text<'_>, p: usize) -> Place {
        let sign = text.byte(p);
        // Comparisons and the like; the second of two signs.
        if matches!(
            text.before(p),
            b':' | b'=' | b'<' | b'!' | b'>' | b'+' | b'-'
        ) {
            return None;
        }
        let mut behind = p + 1;
        let mut compared = false;
        match (sign, text.byte(behind)) {
            (b'=', b'>') | (b':', b'=') => behind += 1,
            (b'=', b'=') => {
                compared = true;
                behind += if text.byte(behind + 1) == b'=' { 2 } else { 1 };
            }
            (b':', b':') => return None,
            _ => {}
        }
        // The name, and what may stand between it and the sign.
        let mut e = p;
        while e + SPACES_MAX > p && is_blank(text.before(e)) {
            e -= 1;
        }
        let spaced = e < p && sign == b'=';
        if matches!(text.before(e), b'?' | b'|') {
            e -= 1;
        }
        for _ in 0..3 {
            if is_closer(text.before(e)) {
                e -= 1;
            }
        }
        if !is_name(text.before(e)) {
            return None;
        }
        let named_user = sign == b':' && behind == p + 1 && e == p && self.marks.users;
        if !named_user && !may_promise(text, e) {
            return None;
        }
        let s = name_start(text, e);
        let Some(mut promise) = promise_of(text, s, e) else {
            return match named_user {
                true => self.user_at(text, s, p),
                false => None,
            };
        };
        if promise == Promise::Value {
            promise = named(text, s)?;
        }
        let from = skip(text, behind);
        if promise == Promise::Authorization {
            return self.header_at(text, from);
        }
        if promise == Promise::Ssn {
            return self.number_at(text, from);
        }
        if !self.rules.has(rule::ASSIGNED_SECRET) {
            return None;
        }
        let manner = Manner {
            quoted: false,
            spaced: spaced || compared,
            listed: matches!(text.before(s), b'?' | b'&' | b';'),
        };
        self.value_at(text, promise, (p, from), manner, compared)
    }

    /// What an `Authorization` header says from `from` on: a scheme and a credential, or that alone.
    fn header_at(&self, text: Text<'_>, from: usize) -> Place {
        if !self.rules.has(rule::AUTHORIZATION) {
            return None;
        }
        let s = from + usize::from(is_quote(text.byte(from)));
        let mut e = s;
        while e - s < 24 && (text.is(e, WORD) || text.byte(e) == b'-') {
            e += 1;
        }
        if e > s && text.byte(e) == b' ' {
            return credential_at(text, skip(text, e), 6);
        }
        if text.open(e) {
            return Some((rule::AUTHORIZATION, s, 0));
        }
        credential_at(text, s, 8)
    }

    /// A social security number behind its name.
    fn number_at(&self, text: Text<'_>, from: usize) -> Place {
        if !self.rules.has(rule::US_SSN) {
            return None;
        }
        let s = from + usize::from(is_quote(text.byte(from)));
        [0, b' ', b'-', b'.']
            .iter()
            .find_map(|&separator| match ssn_digits(text, s, separator) {
                Answer::None => None,
                Answer::More => Some((rule::US_SSN, s, 0)),
                Answer::End(end) => Some((rule::US_SSN, s, end)),
            })
    }

    /// The value that begins at `from`, behind a sign.
    fn value_at(
        &self,
        text: Text<'_>,
        promise: Promise,
        (sign, from): (usize, usize),
        manner: Manner,
        compared: bool,
    ) -> Place {
        let n = text.len();
        let mut s = from;
        // b"...", f'...', @"..."
        if (text.is(s, LOWER | UPPER) || text.byte(s) == b'@') && is_quote(text.byte(s + 1)) {
            s += 1;
        }
        if s >= n {
            return None;
        }
        if is_quote(text.byte(s)) {
            return match self.quote_end(text, s) {
                Answer::More => Some((rule::ASSIGNED_SECRET, s + 1, 0)),
                Answer::None => None,
                Answer::End(e) => {
                    let manner = Manner {
                        quoted: true,
                        listed: false,
                        ..manner
                    };
                    judge(text, promise, s + 1, e, manner)
                }
            };
        }
        if compared {
            return None;
        }
        let mut e = s;
        let mut units = 0;
        let escaped = self.is_percent(sign);
        while e < n && units <= VALUE_MAX {
            let byte = text.byte(e);
            if byte <= b' ' || (is_delimiter(byte) && (escaped || !self.is_percent(e))) {
                break;
            }
            units += units_of(byte);
            e += 1;
        }
        if text.open(e) {
            return Some((rule::ASSIGNED_SECRET, s, 0));
        }
        if units > VALUE_MAX {
            return None;
        }
        let listed = manner.listed || matches!(text.byte(e), b';' | b'&');
        let e = stop_before(text, s, e);
        if e == s {
            return None;
        }
        let (rule, _, e) = judge(text, promise, s, e, Manner { listed, ..manner })?;
        // The bracket of a list is none of its first value.
        let brackets = text.bytes[s..e].iter().take_while(|&&byte| byte == b'[');
        let s = s + brackets.count();
        (s < e).then_some((rule, s, e))
    }

    /// Where the string ends that the quotation mark at `s` begins: one that is not written with a longer
    /// escape.
    fn quote_end(&self, text: Text<'_>, s: usize) -> Answer {
        let quote = text.byte(s);
        let level = self.level(s);
        let mut units = 0;
        let mut e = s + 1;
        while e < text.len() && units <= VALUE_MAX {
            let byte = text.byte(e);
            if (byte == quote || matches!(byte, b'\n' | b'\r')) && self.level(e) <= level {
                return match byte == quote && e > s + 1 {
                    true => Answer::End(e),
                    false => Answer::None,
                };
            }
            units += units_of(byte);
            e += 1;
        }
        if units > VALUE_MAX {
            Answer::None
        } else {
            text.more()
        }
    }

    /// The password of `curl -u user:password`, whose name is from `s` to the colon at `p`.
    fn user_at(&self, text: Text<'_>, s: usize, p: usize) -> Place {
        if !self.rules.has(rule::URL_CREDENTIALS) {
            return None;
        }
        let start = s - usize::from(is_quote(text.before(s)));
        let before = &text.bytes[..start];
        if !before.ends_with(b" -u ") && !before.ends_with(b"--user ") {
            return None;
        }
        // Numbers of a user and a group.
        if text.bytes[s..p].iter().all(u8::is_ascii_digit) {
            return None;
        }
        let mut e = p + 1;
        let mut units = 1;
        while e < text.len() && units <= VALUE_MAX && text.byte(e) > b' ' && !is_quote(text.byte(e))
        {
            units += units_of(text.byte(e));
            e += 1;
        }
        if text.open(e) {
            return Some((rule::URL_CREDENTIALS, p + 1, 0));
        }
        if units < 4 || matches!(text.byte(p + 1), b'$' | b'<' | b'{') {
            return None;
        }
        Some((rule::URL_CREDENTIALS, p + 1, e))
    }

    /// A URL whose scheme ends with the colon at `p`.
    fn url_at(&self, text: Text<'_>, p: usize) -> Place {
        if !self.rules.has(rule::URL_CREDENTIALS) || p == 0 || !text.is(p - 1, WORD) {
            return None;
        }
        let escaped = self.is_percent(p);
        let s = p + 3;
        let mut at = 0;
        let mut e = s;
        let mut units = 0;
        while e < text.len() && units <= AUTHORITY_MAX {
            let byte = text.byte(e);
            if byte <= b' ' || (is_authority_end(byte) && (escaped || !self.is_percent(e))) {
                break;
            }
            if byte == b'@' && (escaped || !self.is_percent(e)) {
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
}

impl Finder for ContextFinder<'_> {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        let bytes = text.bytes;
        let n = text.len();
        let mut at = from.saturating_sub(REACH).max(self.at);
        loop {
            let bearer = self.bearer.from(bytes, at, |bytes| BEARER.find(bytes));
            let p = self.marks.next(bytes, at, bearer);
            if p >= n.min(self.until) {
                return Found::none(n);
            }
            at = p + 1;
            self.at = at;
            let place = match text.byte(p) {
                _ if p == bearer => self.bearer_at(text, p),
                b'-' => self.option_at(text, p),
                b'>' => self.element_at(text, p),
                b':' if bytes[p + 1..].starts_with(b"//") => self.url_at(text, p),
                _ => self.assignment_at(text, p),
            };
            match place {
                Some((rule, start, end)) if start >= from && start - p <= REACH => {
                    return Found {
                        start,
                        end,
                        rule: self.rules.id(rule),
                    };
                }
                _ => {}
            }
        }
    }

    fn until(&mut self, end: usize) {
        self.until = end;
    }
}
