//! Whether letters are words. Twin: `src/text/redact/scan/words.ts`, which says how.

use super::chars::{CLASS, DIGIT, LOWER, UPPER};

/// By letter: which follow it often.
const FOLLOWERS: [&[u8]; 26] = [
    b"bcdgiklmnprstuvy",
    b"aeilou",
    b"acehiklortu",
    b"adeiosu",
    b"abcdefglmnprstvx",
    b"aefioru",
    b"ehinr",
    b"aeiot",
    b"abcdefglmnoprstv",
    b"",
    b"e",
    b"adeilostuy",
    b"aeimop",
    b"acdefgiostu",
    b"bcdglmnoprstuvw",
    b"aeiloprtu",
    b"u",
    b"acdegimnorstuy",
    b"acehiopstuy",
    b"acehilorstuy",
    b"bceilmnprst",
    b"aei",
    b"aehio",
    b"t",
    b"p",
    b"",
];

const OFTEN: i32 = 18;
const SELDOM: i32 = -31;
const CAPITALS: i32 = -8;
const TURN: i32 = -24;

static PAIRS: [[bool; 26]; 26] = pairs();

const fn pairs() -> [[bool; 26]; 26] {
    let mut table = [[false; 26]; 26];
    let mut first = 0;
    while first < 26 {
        let mut k = 0;
        while k < FOLLOWERS[first].len() {
            table[first][(FOLLOWERS[first][k] - b'a') as usize] = true;
            k += 1;
        }
        first += 1;
    }
    table
}

/// How much more the characters look like words than like random ones; above 0, they do.
pub fn words_in(token: &[u8]) -> i32 {
    let letter = |byte: u8| usize::from((byte | 32) - b'a');
    let mut score = 0;
    let mut before = 0;
    let mut last = 0;
    for &byte in token {
        let bits = CLASS[usize::from(byte)] & (LOWER | UPPER | DIGIT);
        if before != 0 && bits != 0 {
            if before & DIGIT != bits & DIGIT {
                score += TURN;
            } else if bits != DIGIT && !(before == LOWER && bits == UPPER) {
                // A capital behind a small letter begins a word.
                score += match PAIRS[letter(last)][letter(byte)] {
                    true => OFTEN,
                    false => SELDOM,
                };
                if before == UPPER && bits == UPPER {
                    score += CAPITALS;
                }
            }
        }
        before = bits;
        last = byte;
    }
    score
}
