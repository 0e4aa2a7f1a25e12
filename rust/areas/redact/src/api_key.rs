//! Keys that providers mark with a prefix. Twin: `src/text/redact/scan/api_key.ts`, with the same list.

use super::chars::{ALNUM, Answer, DIGIT, HEX, Text, UNDER, UPPER, WORD};

/// Characters of a key's body: classes, and whether the hyphen is one of them.
type Alphabet = (u8, bool);

const ALNUM_ONLY: Alphabet = (ALNUM, false);
const WORDS: Alphabet = (ALNUM | UNDER, false);
const TOKEN: Alphabet = (ALNUM | UNDER, true);
const HEXES: Alphabet = (HEX, false);
const UPPERS: Alphabet = (UPPER | DIGIT, false);
const HYPHENS: Alphabet = (ALNUM, true);

struct Key {
    prefix: &'static [u8],
    alphabet: Alphabet,
    /// Fewest and most characters of the body.
    least: usize,
    most: usize,
    /// Whether a digit must be among them.
    digit: bool,
    /// Length of a part after a dot; 0 for none.
    tail: usize,
}

const fn key(prefix: &'static [u8], alphabet: Alphabet, least: usize, most: usize) -> Key {
    Key {
        prefix,
        alphabet,
        least,
        most,
        digit: false,
        tail: 0,
    }
}

impl Key {
    const fn with_digit(mut self) -> Self {
        self.digit = true;
        self
    }

    const fn with_tail(mut self, length: usize) -> Self {
        self.tail = length;
        self
    }
}

/// The list, by provider.
static KEYS: [Key; 60] = [
    // AWS access key ids
    key(b"AKIA", UPPERS, 16, 16),
    key(b"ASIA", UPPERS, 16, 16),
    key(b"ABIA", UPPERS, 16, 16),
    key(b"ACCA", UPPERS, 16, 16),
    // OpenAI, Anthropic, OpenRouter and others that begin alike
    key(b"sk-", TOKEN, 20, 256).with_digit(),
    // Stripe
    key(b"sk_live_", ALNUM_ONLY, 16, 247),
    key(b"sk_test_", ALNUM_ONLY, 16, 247),
    key(b"rk_live_", ALNUM_ONLY, 16, 247),
    key(b"rk_test_", ALNUM_ONLY, 16, 247),
    key(b"whsec_", ALNUM_ONLY, 24, 247),
    // GitHub
    key(b"ghp_", ALNUM_ONLY, 36, 251),
    key(b"gho_", ALNUM_ONLY, 36, 251),
    key(b"ghu_", ALNUM_ONLY, 36, 251),
    key(b"ghs_", ALNUM_ONLY, 36, 251),
    key(b"ghr_", ALNUM_ONLY, 36, 251),
    key(b"github_pat_", WORDS, 50, 244),
    // GitLab
    key(b"glpat-", TOKEN, 20, 128),
    key(b"gldt-", TOKEN, 20, 128),
    key(b"glrt-", TOKEN, 20, 128),
    key(b"glptt-", TOKEN, 20, 128),
    key(b"glcbt-", TOKEN, 20, 128),
    key(b"glsoat-", TOKEN, 20, 128),
    // Slack
    key(b"xoxb-", HYPHENS, 10, 250),
    key(b"xoxp-", HYPHENS, 10, 250),
    key(b"xoxa-", HYPHENS, 10, 250),
    key(b"xoxr-", HYPHENS, 10, 250),
    key(b"xoxs-", HYPHENS, 10, 250),
    key(b"xoxe-", HYPHENS, 10, 250),
    key(b"xapp-", HYPHENS, 10, 250),
    // Google
    key(b"AIza", TOKEN, 35, 35),
    key(b"GOCSPX-", TOKEN, 28, 28),
    // Hugging Face, Groq, Replicate, Perplexity, xAI
    key(b"hf_", ALNUM_ONLY, 34, 40),
    key(b"gsk_", ALNUM_ONLY, 52, 52),
    key(b"r8_", ALNUM_ONLY, 37, 37),
    key(b"pplx-", ALNUM_ONLY, 48, 48),
    key(b"xai-", ALNUM_ONLY, 80, 80),
    // npm, PyPI, RubyGems, Docker
    key(b"npm_", ALNUM_ONLY, 36, 36),
    key(b"pypi-", TOKEN, 50, 256),
    key(b"rubygems_", HEXES, 48, 48),
    key(b"dckr_pat_", TOKEN, 27, 27),
    // SendGrid, Twilio, Mailgun, Postman
    key(b"SG.", TOKEN, 22, 22).with_tail(43),
    key(b"SK", HEXES, 32, 32),
    key(b"key-", HEXES, 32, 32),
    key(b"PMAK-", HYPHENS, 59, 59),
    // DigitalOcean, Shopify, Supabase, Databricks
    key(b"dop_v1_", HEXES, 64, 64),
    key(b"doo_v1_", HEXES, 64, 64),
    key(b"dor_v1_", HEXES, 64, 64),
    key(b"shpat_", HEXES, 32, 32),
    key(b"shpca_", HEXES, 32, 32),
    key(b"shppa_", HEXES, 32, 32),
    key(b"shpss_", HEXES, 32, 32),
    key(b"sbp_", HEXES, 40, 40),
    key(b"dapi", HEXES, 32, 32),
    // Linear, Notion, Grafana, New Relic, Sentry, Vault, age
    key(b"lin_api_", ALNUM_ONLY, 40, 40),
    key(b"ntn_", ALNUM_ONLY, 40, 50),
    key(b"glsa_", WORDS, 41, 41),
    key(b"NRAK-", UPPERS, 27, 27),
    key(b"sntryu_", HEXES, 64, 64),
    key(b"hvs.", TOKEN, 24, 256),
    key(b"AGE-SECRET-KEY-1", UPPERS, 58, 58),
];

/// The keys with each first byte, as bits of `KEYS`.
static BY_FIRST: [u64; 128] = by_first();

const fn by_first() -> [u64; 128] {
    assert!(KEYS.len() <= 64);
    let mut table = [0; 128];
    let mut k = 0;
    while k < KEYS.len() {
        table[KEYS[k].prefix[0] as usize] |= 1 << k;
        k += 1;
    }
    table
}

/// Which two bytes a prefix begins with.
static PAIRS: [bool; 128 * 128] = pairs();

const fn pairs() -> [bool; 128 * 128] {
    let mut table = [false; 128 * 128];
    let mut k = 0;
    while k < KEYS.len() {
        let prefix = KEYS[k].prefix;
        table[prefix[0] as usize * 128 + prefix[1] as usize] = true;
        k += 1;
    }
    table
}

/// Whether a key may begin at `i`, where a word begins.
#[inline]
pub fn may_be_key(text: Text<'_>, i: usize) -> bool {
    let second = usize::from(text.byte(i + 1));
    text.at_end(i + 1) || (second < 128 && PAIRS[usize::from(text.byte(i)) * 128 + second])
}

/// The key that begins at `i`, where a word begins with a letter: the longest.
pub fn api_key_at(text: Text<'_>, i: usize) -> Answer {
    let mut keys = BY_FIRST[usize::from(text.byte(i))];
    let mut best = 0;
    while keys != 0 {
        match key_at(text, i, &KEYS[keys.trailing_zeros() as usize]) {
            Answer::More => return Answer::More,
            Answer::End(end) => best = best.max(end),
            Answer::None => {}
        }
        keys &= keys - 1;
    }
    if best == 0 {
        Answer::None
    } else {
        Answer::End(best)
    }
}

fn key_at(text: Text<'_>, i: usize, key: &Key) -> Answer {
    for (k, &byte) in key.prefix.iter().enumerate().skip(1) {
        if text.at_end(i + k) {
            return text.more();
        }
        if text.byte(i + k) != byte {
            return Answer::None;
        }
    }
    let s = i + key.prefix.len();
    let mut p = body_end(text, s, key.alphabet, key.most);
    if p - s > key.most {
        return Answer::None;
    }
    if text.open(p) {
        return Answer::More;
    }
    if p - s < key.least || (key.digit && !(s..p).any(|at| text.is(at, DIGIT))) {
        return Answer::None;
    }
    if key.tail > 0 {
        if text.byte(p) != b'.' {
            return Answer::None;
        }
        let t = p + 1;
        p = body_end(text, t, key.alphabet, key.tail);
        if p - t > key.tail {
            return Answer::None;
        }
        if text.open(p) {
            return Answer::More;
        }
        if p - t < key.tail {
            return Answer::None;
        }
    }
    if text.is(p, WORD) {
        Answer::None
    } else {
        Answer::End(p)
    }
}

/// The end of a run of an alphabet, one past `most` characters at the latest.
fn body_end(text: Text<'_>, s: usize, (classes, hyphen): Alphabet, most: usize) -> usize {
    let limit = text.len().min(s + most + 1);
    let mut p = s;
    while p < limit && (text.is(p, classes) || (hyphen && text.byte(p) == b'-')) {
        p += 1;
    }
    p
}
