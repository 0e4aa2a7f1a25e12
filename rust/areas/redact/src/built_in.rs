//! The built-in rules in one pass: a loop over words and trigger characters that asks the scanners only
//! where they can succeed. Twin: `src/text/redact/scan/built_in.ts`.

use super::api_key::{api_key_at, headless_at, may_be_headless, may_be_key};
use super::blocks::BLOCK;
use super::chars::{Answer, CLASS, DIGIT, HEX, JOIN, TRIGGER, Text, WORD};
use super::finder::{Finder, Found};
use super::ip::{ipv4_at, ipv6_at, mac_at};
use super::numbers::{card_at, iban_at, ssn_at};
use super::pem::pem_at;
use super::phone::phone_at;
use super::sweep::{Places, Sweep};
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
    sweep: Sweep,
    until: usize,
}

/// Words from this length on may be tokens by themselves.
const LONG: usize = 20;
/// The first word of a key without a prefix is shorter.
const HEADLESS_MOST: usize = 32;
/// A payment card has at least so many digits.
const CARD_LEAST: usize = 12;
const TOKENS: u32 = 1 << rule::HIGH_ENTROPY | 1 << rule::HEX_TOKEN;

/// What the scanners at one place came to.
#[derive(Default)]
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
            sweep: Sweep::new(rules),
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

    /// The first match that begins from `from` on and before `stop`, where the end of the text does not decide.
    fn sweep(&mut self, text: Text<'_>, from: usize, stop: usize) -> Option<Found> {
        let mut block = from & !(BLOCK - 1);
        let mut left = u64::MAX << (from - block);
        while block < stop {
            let places = self.sweep.places(text, block);
            left &= places.any;
            while left != 0 {
                let k = left.trailing_zeros();
                left &= left - 1;
                let i = block + k as usize;
                if i >= stop {
                    return None;
                }
                let place = self.at(text, i, &places, k);
                if let Some(found) = place.settle(i, self.rules.base) {
                    return Some(found);
                }
            }
            block += BLOCK;
            left = u64::MAX;
        }
        None
    }

    /// What the scanners say of a place at which something may begin, the `k`th of a block.
    fn at(&self, text: Text<'_>, i: usize, places: &Places, k: u32) -> Place {
        let rules = self.rules;
        let mut place = Place::default();
        let may = |places: u64| places >> k & 1 != 0;
        if may(places.number) {
            self.number(text, i, &mut place);
        }
        if may(places.key) {
            if rules.has(rule::API_KEY) {
                place.offer(rule::API_KEY, api_key_at(text, i));
            }
            if text.byte(i) == b'e' && rules.has(rule::JWT) && !text.is_before(i, WORD) {
                place.offer(rule::JWT, jwt_at(text, i));
            }
        }
        if may(places.token) {
            self.token(text, i, &mut place);
        }
        if may(places.iban) {
            place.offer(rule::IBAN, iban_at(text, i));
        }
        if may(places.ipv6) {
            place.offer(rule::IPV6, ipv6_at(text, i));
        }
        if may(places.mac) {
            place.offer(rule::MAC_ADDRESS, mac_at(text, i));
        }
        if may(places.headless) {
            let mark = text.byte(word_end(text, i));
            place.offer(rule::API_KEY, headless_at(text, i, mark));
        }
        if may(places.pem) {
            place.offer(rule::PRIVATE_KEY, pem_at(text, i));
        }
        if may(places.dialled) {
            place.offer(rule::PHONE, phone_at(text, i));
        }
        place
    }

    /// The numbers that may begin at a digit, as far as its run and what is behind that tell.
    fn number(&self, text: Text<'_>, i: usize, place: &mut Place) {
        let rules = self.rules;
        let mut e = i + 1;
        while text.is(e, DIGIT) {
            e += 1;
        }
        let open = !text.last && e + 1 >= text.len();
        let first = text.byte(i);
        let length = e - i;
        let sign = text.byte(e);
        // Groups are parted by one sign, or a bracket.
        let digit = text.is(e + 1, DIGIT);
        let group = digit || text.byte(e + 1) == b'(';
        let parted = matches!(sign, b' ' | b'-' | b'.');
        if rules.has(rule::CREDIT_CARD)
            && (length >= CARD_LEAST || open || (matches!(sign, b' ' | b'-') && digit))
        {
            place.offer(rule::CREDIT_CARD, card_at(text, i));
        }
        let dialled = match first {
            b'0' => length > 1 && ((group && (parted || sign == b'/')) || sign == b'('),
            b'1' => length == 1 && parted && group,
            _ => length == 3 && parted && digit,
        };
        if (dialled || open) && rules.has(rule::PHONE) {
            place.offer(rule::PHONE, phone_at(text, i));
        }
        if rules.has(rule::IPV4) && (open || (length < 4 && sign == b'.' && digit)) {
            place.offer(rule::IPV4, ipv4_at(text, i));
        }
        if rules.has(rule::US_SSN) && (open || (length == 3 && sign == b'-' && digit)) {
            place.offer(rule::US_SSN, ssn_at(text, i));
        }
    }

    /// A token that begins at `i`.
    fn token(&self, text: Text<'_>, i: usize, place: &mut Place) {
        let kinds = Kinds {
            mixed: self.rules.has(rule::HIGH_ENTROPY),
            hexadecimal: self.rules.has(rule::HEX_TOKEN),
        };
        let (answer, hexadecimal) = token_at(text, i, kinds);
        let rule = match hexadecimal {
            true => rule::HEX_TOKEN,
            false => rule::HIGH_ENTROPY,
        };
        place.offer(rule, answer);
    }

    /// Keys that begin behind an underscore of the word from `i` to `j`.
    fn part(&self, text: Text<'_>, i: usize, j: usize) -> Option<Found> {
        for p in i.max(1)..j {
            if text.byte(p - 1) != b'_' || !may_be_key(text, p) {
                continue;
            }
            let mut place = Place::default();
            place.offer(rule::API_KEY, api_key_at(text, p));
            if let Some(found) = place.settle(p, self.rules.base) {
                return Some(found);
            }
        }
        None
    }

    /// The word from `i` to `j`, at the end of the text.
    fn word(&self, text: Text<'_>, i: usize, j: usize, place: &mut Place) {
        let rules = self.rules;
        let n = text.len();
        let first = text.byte(i);
        let class = CLASS[usize::from(first)];
        let after = text.class(j);
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
        if rules.any(TOKENS) && (j - i >= LONG || after & JOIN != 0 || j == n) {
            self.token(text, i, place);
        }
    }
}

impl Finder for BuiltInFinder {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        let n = text.len();
        let stop = n.min(self.until);
        let edge = self.sweep.edge(text);
        let swept = edge.min(stop);
        if from < swept
            && let Some(found) = self.sweep(text, from, swept)
        {
            return found;
        }
        let mut i = from.max(edge);
        while i < stop {
            let class = text.class(i);
            if class & (WORD | TRIGGER) == 0 {
                i += 1;
                continue;
            }
            let mut place = Place::default();
            if class & WORD == 0 {
                self.trigger(text, i, &mut place);
                if let Some(found) = place.settle(i, self.rules.base) {
                    return found;
                }
                i += 1;
                continue;
            }
            let j = word_end(text, i);
            // After a match, or after what was given as context, the middle of a word may come first.
            if i > from.max(edge) || CLASS[usize::from(text.before(i))] & WORD == 0 {
                self.word(text, i, j, &mut place);
                if let Some(found) = place.settle(i, self.rules.base) {
                    return found;
                }
            }
            if let Some(found) = self.part(text, i, j) {
                return found;
            }
            i = j;
        }
        Found::none(n)
    }

    fn until(&mut self, end: usize) {
        self.until = end;
    }
}

/// Where the word ends that `i` is in.
fn word_end(text: Text<'_>, i: usize) -> usize {
    let is_outside = |&byte: &u8| CLASS[usize::from(byte)] & WORD == 0;
    let length = text.bytes[i..].iter().position(is_outside);
    length.map_or(text.len(), |length| i + length)
}
