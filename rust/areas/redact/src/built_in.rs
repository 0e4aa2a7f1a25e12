//! The built-in rules in one pass: a loop over words and trigger characters that asks the scanners only
//! where they can succeed. Twin: `src/text/redact/scan/built_in.ts`.

use super::api_key::{api_key_at, headless_at, may_be_headless, may_be_key};
use super::chars::{Answer, CLASS, DIGIT, HEX, JOIN, TRIGGER, Text, WORD};
use super::finder::{Finder, Found};
use super::ip::{ipv4_at, ipv6_at, mac_at};
use super::numbers::{card_at, iban_at, ssn_at};
use super::pem::pem_at;
use super::phone::phone_at;
use super::token::{Kinds, jwt_at, token_at};

/// Places of the rules in the list, which are their bits.
pub mod rule {
    #![allow(missing_docs, reason = "each is named after its rule")]

    pub const PRIVATE_KEY: u32 = 0;
    pub const JWT: u32 = 1;
    pub const API_KEY: u32 = 2;
    pub const URL_CREDENTIALS: u32 = 3;
    pub const AUTHORIZATION: u32 = 4;
    pub const IBAN: u32 = 5;
    pub const CREDIT_CARD: u32 = 6;
    pub const US_SSN: u32 = 7;
    pub const EMAIL: u32 = 8;
    pub const PHONE: u32 = 9;
    pub const IPV4: u32 = 10;
    pub const IPV6: u32 = 11;
    pub const MAC_ADDRESS: u32 = 12;
    pub const ASSIGNED_SECRET: u32 = 13;
    pub const HIGH_ENTROPY: u32 = 14;
    pub const HEX_TOKEN: u32 = 15;
    /// How many rules there are.
    pub const COUNT: u32 = 16;
    /// Bits of the rules that look at what stands before.
    pub const CONTEXTS: u32 =
        1 << URL_CREDENTIALS | 1 << AUTHORIZATION | 1 << ASSIGNED_SECRET | 1 << US_SSN;
}

/// The built-in rules that hold.
#[derive(Clone, Copy)]
pub struct Rules {
    bits: u32,
    base: u32,
}

/// Finds what the built-in rules match in one text.
pub struct BuiltInFinder {
    rules: Rules,
    /// Where the next underscore is, once looked for; the text's length if there is none.
    under: Option<usize>,
    until: usize,
}

/// Words from this length on may be tokens by themselves.
const LONG: usize = 20;
/// The first word of a key without a prefix is shorter.
const HEADLESS_MOST: usize = 32;

/// What the scanners at one place came to.
struct Place {
    end: usize,
    rule: u32,
    more: bool,
}

impl Place {
    #[inline]
    fn offer(&mut self, rule: u32, answer: Answer) {
        match answer {
            Answer::None => {}
            Answer::More => self.more = true,
            Answer::End(end) => {
                if end > self.end || (end == self.end && rule < self.rule) {
                    self.end = end;
                    self.rule = rule;
                }
            }
        }
    }

    fn settle(&self, i: usize, base: u32) -> Option<Found> {
        if self.more {
            return Some(Found::none(i));
        }
        (self.end != 0).then_some(Found {
            start: i,
            end: self.end,
            rule: base + self.rule,
        })
    }
}

impl Rules {
    /// The rules whose bits are set; the first of all has rule id `base`.
    pub fn new(bits: u32, base: u32) -> Self {
        Self { bits, base }
    }

    /// Whether a rule holds.
    #[inline]
    pub fn has(self, rule: u32) -> bool {
        self.bits & 1 << rule != 0
    }

    /// Whether one of some rules holds.
    pub fn any(self, bits: u32) -> bool {
        self.bits & bits != 0
    }

    /// The rule id of a rule.
    pub fn id(self, rule: u32) -> u32 {
        self.base + rule
    }
}

impl BuiltInFinder {
    /// A finder for one text.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            under: None,
            until: usize::MAX,
        }
    }

    fn trigger(&self, text: Text<'_>, i: usize, place: &mut Place) {
        let rules = self.rules;
        match text.byte(i) {
            b'-' if rules.has(rule::PRIVATE_KEY) => {
                place.offer(rule::PRIVATE_KEY, pem_at(text, i));
            }
            b'+' | b'('
                if rules.has(rule::PHONE) && CLASS[usize::from(text.before(i))] & WORD == 0 =>
            {
                place.offer(rule::PHONE, phone_at(text, i));
            }
            b':' if rules.has(rule::IPV6) => place.offer(rule::IPV6, ipv6_at(text, i)),
            _ => {}
        }
    }

    /// Where the next underscore is, behind which a key may begin; what is known is not sought again.
    fn next_under(&mut self, text: Text<'_>, from: usize) -> usize {
        match self.under {
            Some(under) if under >= from => under,
            _ if !self.rules.has(rule::API_KEY) => text.len(),
            _ => {
                let next = memchr::memchr(b'_', &text.bytes[from..]);
                *self
                    .under
                    .insert(next.map_or(text.len(), |next| from + next))
            }
        }
    }

    /// Keys that begin behind an underscore of the word from `i` to `j`.
    fn part(&self, text: Text<'_>, i: usize, j: usize) -> Option<Found> {
        for p in i.max(1)..j {
            if text.byte(p - 1) != b'_' || !may_be_key(text, p) {
                continue;
            }
            let mut place = Place {
                end: 0,
                rule: 0,
                more: false,
            };
            place.offer(rule::API_KEY, api_key_at(text, p));
            if let Some(found) = place.settle(p, self.rules.base) {
                return Some(found);
            }
        }
        None
    }

    /// The word from `i` to `j`.
    fn word(&self, text: Text<'_>, i: usize, j: usize, place: &mut Place) {
        let rules = self.rules;
        let n = text.len();
        let first = text.byte(i);
        let class = CLASS[usize::from(first)];
        let after = text.class(j);
        // Most words are of letters and before a space, and nothing that is sought begins with them.
        let is_open = j == n || after & (JOIN | TRIGGER) != 0 || j - i >= LONG;
        if !is_open
            && class & DIGIT == 0
            && first != b'e'
            && !text.is(i + 2, DIGIT)
            && !may_be_key(text, i)
            && !may_be_headless(text.byte(j))
        {
            return;
        }
        if class & DIGIT != 0 {
            if rules.has(rule::CREDIT_CARD) {
                place.offer(rule::CREDIT_CARD, card_at(text, i));
            }
            if rules.has(rule::PHONE) {
                place.offer(rule::PHONE, phone_at(text, i));
            }
            if rules.has(rule::IPV4) {
                place.offer(rule::IPV4, ipv4_at(text, i));
            }
            if rules.has(rule::US_SSN) && (j - i == 3 || j == n) {
                place.offer(rule::US_SSN, ssn_at(text, i));
            }
        } else {
            if rules.has(rule::API_KEY) && may_be_key(text, i) {
                place.offer(rule::API_KEY, api_key_at(text, i));
            }
            // Behind two letters.
            if rules.has(rule::IBAN) && (text.is(i + 2, DIGIT) || j == n) {
                place.offer(rule::IBAN, iban_at(text, i));
            }
            if first == b'e' && rules.has(rule::JWT) {
                place.offer(rule::JWT, jwt_at(text, i));
            }
        }
        // The colon first: that one is not there can be predicted.
        if (j == n || text.byte(j) == b':')
            && rules.has(rule::IPV6)
            && class & HEX != 0
            && j - i < 5
        {
            place.offer(rule::IPV6, ipv6_at(text, i));
        }
        if rules.has(rule::MAC_ADDRESS) && class & HEX != 0 && (matches!(j - i, 2 | 4) || j == n) {
            place.offer(rule::MAC_ADDRESS, mac_at(text, i));
        }
        if rules.has(rule::API_KEY) {
            if j < n && may_be_headless(text.byte(j)) {
                place.offer(rule::API_KEY, headless_at(text, i, text.byte(j)));
            } else if text.open(j) && j - i < HEADLESS_MOST {
                place.more = true;
            }
        }
        let kinds = Kinds {
            mixed: rules.has(rule::HIGH_ENTROPY),
            hexadecimal: rules.has(rule::HEX_TOKEN),
        };
        if (kinds.mixed || kinds.hexadecimal) && (j - i >= LONG || after & JOIN != 0 || j == n) {
            let (answer, hexadecimal) = token_at(text, i, kinds);
            let rule = if hexadecimal {
                rule::HEX_TOKEN
            } else {
                rule::HIGH_ENTROPY
            };
            place.offer(rule, answer);
        }
    }
}

impl Finder for BuiltInFinder {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        let n = text.len();
        let stop = n.min(self.until);
        let mut under = self.next_under(text, from.saturating_sub(1).min(n));
        let mut i = from;
        while i < stop {
            let class = text.class(i);
            if class & (WORD | TRIGGER) == 0 {
                i += 1;
                continue;
            }
            let mut place = Place {
                end: 0,
                rule: 0,
                more: false,
            };
            if class & WORD == 0 {
                self.trigger(text, i, &mut place);
                if let Some(found) = place.settle(i, self.rules.base) {
                    return found;
                }
                i += 1;
                continue;
            }
            let is_outside = |&byte: &u8| CLASS[usize::from(byte)] & WORD == 0;
            let length = text.bytes[i..].iter().position(is_outside);
            let j = length.map_or(n, |length| i + length);
            // After a match, or after what was given as context, the middle of a word may come first.
            if i > from || CLASS[usize::from(text.before(i))] & WORD == 0 {
                self.word(text, i, j, &mut place);
                if let Some(found) = place.settle(i, self.rules.base) {
                    return found;
                }
            }
            if under < j {
                if let Some(found) = self.part(text, i, j) {
                    return found;
                }
                under = self.next_under(text, j - 1);
            }
            i = j;
        }
        Found::none(n)
    }

    fn until(&mut self, end: usize) {
        self.until = end;
    }
}
