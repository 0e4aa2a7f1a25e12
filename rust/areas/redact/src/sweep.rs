//! Where the built-in rules may find something: places at which what is cheap to ask of 64 bytes at once does not rule
//! it out. Most words begin nothing, and the rules are not asked about them.

use super::api_key::{HEADLESS_LEAST, may_be_headless_of, may_be_key};
use super::blocks::{BLOCK, Block, ahead, run};
use super::built_in::{Rules, rule};
use super::chars::{CLASS, JOIN, Text, WORD};

/// The rules look so far ahead before they are asked, at most.
const LOOK: usize = 16;
/// The rules look at a run of so many digits whatever is behind it: payment cards have as many.
const NUMBER_LONG: u32 = 12;
/// The shortest token.
const TOKEN_LEAST: u32 = 20;

/// What may begin at the bytes of a block.
#[derive(Clone, Copy, Default)]
pub struct Places {
    /// A word with a digit for its first character.
    pub number: u64,
    /// A key, at a word or behind an underscore.
    pub key: u64,
    /// A key without a prefix.
    pub headless: u64,
    /// An account.
    pub iban: u64,
    /// An address with colons.
    pub ipv6: u64,
    /// A hardware address.
    pub mac: u64,
    /// A token.
    pub token: u64,
    /// A private key.
    pub pem: u64,
    /// A telephone number, at a sign.
    pub dialled: u64,
    /// All of them.
    pub any: u64,
}

/// The places of one text, block by block.
pub struct Sweep {
    rules: Rules,
    /// Where `places` are from.
    at: usize,
    here: Block,
    next: Block,
    places: Places,
    edge: Option<usize>,
}

impl Sweep {
    /// The places at which some rules may find something.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            at: usize::MAX,
            here: Block::default(),
            next: Block::default(),
            places: Places::default(),
            edge: None,
        }
    }

    /// From where on the end of a text decides that may go on: there, rules are asked everywhere.
    pub fn edge(&mut self, text: Text<'_>) -> usize {
        if text.last {
            return text.len();
        }
        if let Some(edge) = self.edge {
            return edge;
        }
        let is_outside = |&byte: &u8| CLASS[usize::from(byte)] & (WORD | JOIN) == 0;
        let last = text.bytes.iter().rposition(is_outside);
        let open = last.map_or(0, |last| last + 1);
        *self.edge.insert(open.min(text.len().saturating_sub(LOOK)))
    }

    /// The places of the block that begins at `at`, a multiple of its length.
    #[inline]
    pub fn places(&mut self, text: Text<'_>, at: usize) -> Places {
        if self.at != at {
            self.here = match self.at.checked_add(BLOCK) {
                Some(next) if next == at => self.next,
                _ => Block::at(text.bytes, at),
            };
            self.next = Block::at(text.bytes, at + BLOCK);
            self.at = at;
            self.places = self.find(text, at);
        }
        self.places
    }

    fn find(&self, text: Text<'_>, at: usize) -> Places {
        let Self {
            here, next, rules, ..
        } = self;
        let on = |rule: u32| match rules.has(rule) {
            true => u64::MAX,
            false => 0,
        };
        let before = text.before(at);
        let behind = |class: u64, was: bool| class << 1 | u64::from(was);
        let behind_word = behind(here.word, CLASS[usize::from(before)] & WORD != 0);
        let starts = here.word & !behind_word;
        let letters = starts & !here.digit;
        let mut places = Places {
            number: self.numbers(starts),
            ..Places::default()
        };
        // Behind two letters, two digits.
        let digits = ahead(here.digit, next.digit, 2) & ahead(here.digit, next.digit, 3);
        places.iban = letters & digits & on(rule::IBAN);
        // Words of up to four characters, a colon, and what may follow that.
        let groups = here.hex & starts & on(rule::IPV6);
        if groups != 0 && (here.colon | next.colon) != 0 {
            let follows = ahead(here.hex | here.colon, next.hex | next.colon, 1);
            let colons = here.colon & behind_word & follows;
            // Of the next block the first four count.
            let follows = ahead(next.hex | next.colon, 0, 1);
            let later = next.colon & follows;
            let near = (1..=4).fold(0, |near, by| near | ahead(colons, later, by));
            places.ipv6 = groups & near;
        }
        places.ipv6 |= here.colon & ahead(here.colon, next.colon, 1) & on(rule::IPV6);
        places.mac = self.macs(starts) & on(rule::MAC_ADDRESS);
        let token = run(here.word | here.join, next.word | next.join, TOKEN_LEAST);
        let joined = behind(here.join, CLASS[usize::from(before)] & JOIN != 0);
        places.token = starts & !joined & token & (on(rule::HIGH_ENTROPY) | on(rule::HEX_TOKEN));
        let dashes = run(here.dash, next.dash, 5) & ahead(here.word, next.word, 5);
        places.pem = dashes & on(rule::PRIVATE_KEY);
        let dialled = here.dials & !behind_word & ahead(here.digit, next.digit, 1);
        places.dialled = dialled & on(rule::PHONE);
        // Web tokens begin as a key does.
        let parts =
            here.word & behind(here.under, before == b'_') & !here.digit & on(rule::API_KEY);
        let keys = letters & (on(rule::API_KEY) | on(rule::JWT)) | parts;
        places.key = keys_of(text, at, keys);
        places.headless = self.headless(text, at, starts) & on(rule::API_KEY);
        places.any = places.number
            | places.key
            | places.headless
            | places.iban
            | places.ipv6
            | places.mac
            | places.token
            | places.pem
            | places.dialled;
        places
    }

    /// Digits at the beginnings of words that numbers may begin with: long ones, and groups that a sign parts.
    #[inline]
    fn numbers(&self, starts: u64) -> u64 {
        let Self { here, next, .. } = self;
        let begun = starts & here.digit;
        if begun == 0 {
            return 0;
        }
        let long = run(here.digit, next.digit, NUMBER_LONG);
        let both = |here: u64, next: u64| u128::from(here) | u128::from(next) << 64;
        let digits = both(here.digit, next.digit);
        let groups = digits | both(here.open, next.open);
        let mut parted = digits & (both(here.parts, next.parts) & groups >> 1) >> 1;
        for _ in 1..NUMBER_LONG {
            parted |= parted >> 1 & digits;
        }
        begun & (long | parted as u64)
    }

    /// Words that hardware addresses may begin with: three pairs with signs between, or two groups of four with a dot.
    #[inline]
    fn macs(&self, starts: u64) -> u64 {
        let Self { here, next, .. } = self;
        let hex = |by: u32| ahead(here.hex, next.hex, by);
        let sign = |by: u32| ahead(here.dash | here.colon, next.dash | next.colon, by);
        let begun = starts & here.hex & hex(1) & hex(3);
        let pairs = begun & sign(2) & hex(4) & sign(5);
        let fours = begun & hex(2) & ahead(here.mark, next.mark, 4) & hex(5) & hex(6) & hex(7);
        pairs | fours
    }

    /// Words that keys without a prefix may begin with.
    #[inline]
    fn headless(&self, text: Text<'_>, at: usize, starts: u64) -> u64 {
        let Self { here, next, .. } = self;
        let mut found = 0;
        let mut ends = here.mark;
        for by in 1..=HEADLESS_LEAST {
            ends &= here.word << by;
        }
        while ends != 0 {
            let end = ends.trailing_zeros();
            ends &= ends - 1;
            let before = starts & ((1 << end) - 1);
            if before != 0 {
                let start = 63 - before.leading_zeros();
                let long = end - start;
                let mark = text.byte(at + end as usize);
                found |= u64::from(may_be_headless_of(mark, long)) << start;
            }
        }
        // A word that ends in the next block.
        let end = (!next.word).trailing_zeros();
        if here.word >> 63 != 0 && starts != 0 && end < 64 && next.mark >> end & 1 != 0 {
            let start = 63 - starts.leading_zeros();
            let mark = text.byte(at + BLOCK + end as usize);
            found |= u64::from(may_be_headless_of(mark, 64 + end - start)) << start;
        }
        found
    }
}

/// Those of some places at which a key may begin.
#[inline]
fn keys_of(text: Text<'_>, at: usize, places: u64) -> u64 {
    let mut left = places;
    let mut found = 0;
    while left != 0 {
        let k = left.trailing_zeros();
        left &= left - 1;
        found |= u64::from(may_be_key(text, at + k as usize)) << k;
    }
    found
}
