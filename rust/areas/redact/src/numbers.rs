//! Numbers with a check digit: bank accounts and payment cards. Twin:
//! `src/text/redact/scan/numbers.ts`.

use super::chars::{ALNUM, Answer, DIGIT, Text, WORD};

/// Country codes and lengths of the SWIFT IBAN registry.
const IBAN_LENGTHS: &[u8] = b"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22\
DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27\
JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28\
PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

static LENGTHS: [u8; 26 * 26] = lengths();

const fn lengths() -> [u8; 26 * 26] {
    let mut table = [0; 26 * 26];
    let mut i = 0;
    while i < IBAN_LENGTHS.len() {
        let place = (IBAN_LENGTHS[i] - b'A') as usize * 26 + (IBAN_LENGTHS[i + 1] - b'A') as usize;
        table[place] = (IBAN_LENGTHS[i + 2] - b'0') * 10 + IBAN_LENGTHS[i + 3] - b'0';
        i += 4;
    }
    table
}

/// The value of a letter, 0 to 25, whatever its case.
fn letter(byte: u8) -> Option<u32> {
    byte.is_ascii_alphabetic()
        .then(|| u32::from((byte | 32) - b'a'))
}

/// The account number that begins at `i`, where a word begins with a letter.
pub fn iban_at(text: Text<'_>, i: usize) -> Answer {
    let Some(first) = letter(text.byte(i)) else {
        return Answer::None;
    };
    if text.at_end(i + 1) {
        return text.more();
    }
    let Some(second) = letter(text.byte(i + 1)) else {
        return Answer::None;
    };
    let length = LENGTHS[(first * 26 + second) as usize];
    if length == 0 {
        return Answer::None;
    }
    for k in 2..4 {
        if text.at_end(i + k) {
            return text.more();
        }
        if !text.is(i + k, DIGIT) {
            return Answer::None;
        }
    }
    let mut p = i + 4;
    if text.at_end(p) {
        return text.more();
    }
    let separator = text.byte(p);
    let grouped = matches!(separator, b' ' | b'-');
    let mut remainder = 0;
    for count in 4..length {
        if grouped && count % 4 == 0 {
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
        if !text.is(p, ALNUM) {
            return Answer::None;
        }
        remainder = fold(remainder, text.byte(p));
        p += 1;
    }
    if text.open(p) {
        return Answer::More;
    }
    if text.is(p, WORD) {
        return Answer::None;
    }
    let remainder = text.bytes[i..i + 4].iter().copied().fold(remainder, fold);
    if remainder == 1 {
        Answer::End(p)
    } else {
        Answer::None
    }
}

fn fold(remainder: u32, byte: u8) -> u32 {
    match letter(byte) {
        Some(value) => (remainder * 100 + value + 10) % 97,
        None => (remainder * 10 + u32::from(byte - b'0')) % 97,
    }
}

const fn bits(low: u32, high: u32) -> u32 {
    (1 << (high + 1)) - (1 << low)
}

const TO_19: u32 = bits(16, 19);
const FROM_12: u32 = bits(12, 19);
const FROM_14: u32 = bits(14, 19);

/// Card networks: first prefix, last prefix (of as many digits), lengths as bits. In order: Visa,
/// Mastercard, American Express, Diners Club, Discover, JCB, UnionPay, Maestro, Mir, Troy.
const NETWORKS: [(usize, usize, u32); 24] = [
    (4, 4, 1 << 13 | 1 << 16 | 1 << 19),
    (51, 55, 1 << 16),
    (2221, 2720, 1 << 16),
    (34, 34, 1 << 15),
    (37, 37, 1 << 15),
    (300, 305, FROM_14),
    (3095, 3095, FROM_14),
    (36, 36, FROM_14),
    (38, 39, FROM_14),
    (6011, 6011, TO_19),
    (644, 649, TO_19),
    (65, 65, TO_19),
    (3528, 3589, TO_19),
    (62, 62, TO_19),
    (81, 81, TO_19),
    (5018, 5018, FROM_12),
    (5020, 5020, FROM_12),
    (5038, 5038, FROM_12),
    (5893, 5893, FROM_12),
    (6304, 6304, FROM_12),
    (6759, 6759, FROM_12),
    (6761, 6763, FROM_12),
    (2200, 2204, TO_19),
    (9792, 9792, 1 << 16),
];

/// The lengths that a card may have, by its first four digits.
static BY_PREFIX: [u32; 10_000] = by_prefix();

const fn by_prefix() -> [u32; 10_000] {
    let mut table = [0; 10_000];
    let mut k = 0;
    while k < NETWORKS.len() {
        let (low, high, lengths) = NETWORKS[k];
        let mut scale = 1;
        while low * scale < 1000 {
            scale *= 10;
        }
        let mut prefix = low * scale;
        while prefix < (high + 1) * scale {
            table[prefix] |= lengths;
            prefix += 1;
        }
        k += 1;
    }
    table
}

/// Whether a card may begin with up to three digits: index 1ddd with the digits at the right.
static VIABLE: [bool; 2000] = viable();

const fn viable() -> [bool; 2000] {
    let mut table = [false; 2000];
    let mut prefix = 0;
    while prefix < 10_000 {
        if BY_PREFIX[prefix] != 0 {
            table[10 + prefix / 1000] = true;
            table[100 + prefix / 100] = true;
            table[1000 + prefix / 10] = true;
        }
        prefix += 1;
    }
    table
}

const MOST: usize = 19;

/// The card number that begins at `i`, where a word begins with a digit.
pub fn card_at(text: Text<'_>, i: usize) -> Answer {
    if matches!(text.before(i), b'.' | b'-' | b'+') {
        return Answer::None;
    }
    let n = text.len();
    let mut digits = [0u8; MOST];
    let mut ends = [0usize; MOST + 1];
    let mut count = 0;
    let mut separator = 0;
    let mut marked = 1;
    let mut lengths = 0u32;
    let mut most = MOST;
    let mut p = i;
    while p < n {
        let byte = text.byte(p);
        if byte.is_ascii_digit() {
            if count == most {
                break;
            }
            digits[count] = byte - b'0';
            count += 1;
            ends[count] = p + 1;
            if count < 5 {
                marked = marked * 10 + usize::from(byte - b'0');
                if count < 4 && !VIABLE[marked] {
                    return Answer::None;
                }
                if count == 4 {
                    lengths = BY_PREFIX[marked - 10_000];
                    if lengths == 0 {
                        return Answer::None;
                    }
                    most = 31 - lengths.leading_zeros() as usize;
                }
            }
        } else if matches!(byte, b' ' | b'-') && (separator == 0 || separator == byte) {
            if p + 1 < n && !text.is(p + 1, DIGIT) {
                break;
            }
            if p + 1 == n && text.last {
                break;
            }
            separator = byte;
        } else {
            break;
        }
        p += 1;
    }
    if text.open(p) && (count < most || ends[count] == n) {
        return Answer::More;
    }
    for length in (12..=count).rev() {
        if lengths & 1 << length == 0 || text.is(ends[length], WORD) {
            continue;
        }
        if luhn(&digits[..length]) {
            return Answer::End(ends[length]);
        }
    }
    Answer::None
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(k, &digit)| {
            let digit = u32::from(digit);
            match k % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The social security number that begins at `i`, where a word begins with a digit: with hyphens.
pub fn ssn_at(text: Text<'_>, i: usize) -> Answer {
    if matches!(text.before(i), b'.' | b'-' | b'+' | b'/') {
        return Answer::None;
    }
    let Answer::End(end) = ssn_digits(text, i, b'-') else {
        return ssn_digits(text, i, b'-');
    };
    if text.byte(end) != b'-' {
        return Answer::End(end);
    }
    if text.open(end + 1) {
        return Answer::More;
    }
    match text.is(end + 1, WORD) {
        true => Answer::None,
        false => Answer::End(end),
    }
}

/// Three digits, two and four, parted by a separator (0 for none), that can have been given.
pub fn ssn_digits(text: Text<'_>, i: usize, separator: u8) -> Answer {
    let mut p = i;
    let mut part = 0;
    for k in 0..9 {
        if separator != 0 && matches!(k, 3 | 5) {
            if text.at_end(p) {
                return text.more();
            }
            if text.byte(p) != separator {
                return Answer::None;
            }
            p += 1;
        }
        if p >= text.len() {
            return text.more();
        }
        if !text.is(p, DIGIT) {
            return Answer::None;
        }
        if matches!(k, 0 | 3 | 5) {
            part = 0;
        }
        part = part * 10 + u32::from(text.byte(p) - b'0');
        p += 1;
        if (k == 2 && (part == 0 || part == 666 || part > 899)) || (matches!(k, 4 | 8) && part == 0)
        {
            return Answer::None;
        }
    }
    if text.open(p) {
        return Answer::More;
    }
    match text.is(p, WORD) {
        true => Answer::None,
        false => Answer::End(p),
    }
}
