//! What a name says of the value that is assigned to it. Twin: `src/text/redact/scan/names.ts`.

use std::cmp::Reverse;
use std::sync::LazyLock;

use super::chars::{ALNUM, CLASS, LOWER, Text, UPPER, WORD};

/// What a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// A password: whatever a person may think of.
    Password,
    /// A token or key: made by a machine.
    Token,
    /// Perhaps a secret, perhaps anything: only what looks random.
    Maybe,
    /// The number of an account or tenant.
    Account,
    /// The header of that name.
    Authorization,
    /// A social security number.
    Ssn,
    /// What a name that stands before says: `name: PASSWORD, value: ...`.
    Value,
}

/// What an ending promises, whether only as a word of its own, and its letters.
type Ending = (Promise, bool, &'static [u8]);

/// Ends of names, in small letters without what parts words, by what they promise; whether only as words of
/// their own. The longest that fits says most.
const ENDINGS: [Ending; 84] = [
    (Promise::Authorization, false, b"authorization"),
    (Promise::Password, false, b"password"),
    (Promise::Password, false, b"passwd"),
    (Promise::Password, false, b"passwort"),
    (Promise::Password, false, b"passphrase"),
    (Promise::Password, false, b"passcode"),
    (Promise::Password, false, b"passwrd"),
    (Promise::Password, false, b"kennwort"),
    (Promise::Password, false, b"motdepasse"),
    (Promise::Password, false, b"wachtwoord"),
    (Promise::Password, false, b"senha"),
    (Promise::Password, false, b"contrasena"),
    (Promise::Password, false, b"requirepass"),
    (Promise::Password, false, b"masterauth"),
    (Promise::Password, false, b"bindpw"),
    (Promise::Password, false, b"sshpass"),
    (Promise::Password, false, b"dbpass"),
    (Promise::Password, false, b"userpass"),
    (Promise::Password, false, b"ftppass"),
    (Promise::Password, false, b"smtppass"),
    (Promise::Password, false, b"mailpass"),
    (Promise::Password, false, b"storepass"),
    (Promise::Password, false, b"keypass"),
    (Promise::Password, false, b"haslo"),
    (Promise::Password, false, b"salasana"),
    (Promise::Password, false, b"losenord"),
    (Promise::Password, false, b"senord"),
    (Promise::Password, false, b"passord"),
    (Promise::Password, false, b"adgangskode"),
    (Promise::Password, false, b"heslo"),
    (Promise::Token, false, b"secret"),
    (Promise::Token, false, b"token"),
    (Promise::Token, false, b"apikey"),
    (Promise::Token, false, b"secretkey"),
    (Promise::Token, false, b"accesskey"),
    (Promise::Token, false, b"privatekey"),
    (Promise::Token, false, b"encryptionkey"),
    (Promise::Token, false, b"signingkey"),
    (Promise::Token, false, b"masterkey"),
    (Promise::Token, false, b"accountkey"),
    (Promise::Token, false, b"sharedaccesskey"),
    (Promise::Token, false, b"sharedkey"),
    (Promise::Token, false, b"storagekey"),
    (Promise::Token, false, b"licensekey"),
    (Promise::Token, false, b"subscriptionkey"),
    (Promise::Token, false, b"authkey"),
    (Promise::Token, false, b"sessionkey"),
    (Promise::Token, false, b"consumerkey"),
    (Promise::Token, false, b"appkey"),
    (Promise::Token, false, b"servicekey"),
    (Promise::Token, false, b"functionkey"),
    (Promise::Token, false, b"serverkey"),
    (Promise::Token, false, b"credential"),
    (Promise::Token, false, b"credentials"),
    (Promise::Token, false, b"creds"),
    (Promise::Token, false, b"jwt"),
    (Promise::Token, false, b"apitoken"),
    (Promise::Token, false, b"secretkeybase"),
    (Promise::Account, false, b"tenantid"),
    (Promise::Account, false, b"azureclientid"),
    (Promise::Account, false, b"awsaccountid"),
    (Promise::Ssn, false, b"ssn"),
    (Promise::Ssn, false, b"socialsecurity"),
    (Promise::Ssn, false, b"socialsecuritynumber"),
    (Promise::Maybe, false, b"key"),
    (Promise::Maybe, false, b"auth"),
    (Promise::Maybe, false, b"sig"),
    (Promise::Maybe, false, b"signature"),
    (Promise::Maybe, false, b"hmac"),
    (Promise::Maybe, false, b"sid"),
    (Promise::Maybe, false, b"session"),
    (Promise::Maybe, false, b"sessionid"),
    (Promise::Maybe, false, b"cookie"),
    (Promise::Maybe, false, b"sessid"),
    (Promise::Maybe, false, b"response"),
    (Promise::Password, true, b"pass"),
    (Promise::Password, true, b"pwd"),
    (Promise::Password, true, b"pw"),
    (Promise::Password, true, b"psk"),
    (Promise::Password, true, b"passe"),
    (Promise::Password, true, b"ifre"),
    (Promise::Password, true, b"parola"),
    (Promise::Token, true, b"otp"),
    (Promise::Value, true, b"value"),
];

/// By the lower five bits of the last two letters of an ending: bits of those before; all of an ending of two.
static TRIPLES: [u32; 1 << 10] = triples();

const fn triples() -> [u32; 1 << 10] {
    let mut table = [0; 1 << 10];
    let mut k = 0;
    while k < ENDINGS.len() {
        let ending = ENDINGS[k].2;
        let n = ending.len();
        table[pair(ending[n - 2], ending[n - 1])] |= match n {
            2 => u32::MAX,
            _ => 1 << (ending[n - 3] & 31),
        };
        k += 1;
    }
    table
}

/// By the lower five bits of their last two letters: the endings, the longest first.
static BY_PAIR: LazyLock<Vec<Vec<Ending>>> = LazyLock::new(|| {
    let mut table = vec![Vec::new(); 1 << 10];
    for ending in ENDINGS {
        if let [.., before, last] = ending.2 {
            table[pair(*before, *last)].push(ending);
        }
    }
    for endings in &mut table {
        endings.sort_by_key(|(.., ending)| Reverse(ending.len()));
    }
    table
});

const fn pair(before: u8, last: u8) -> usize {
    ((last & 31) as usize) << 5 | (before & 31) as usize
}

/// The longest name that is read.
pub const NAME_MAX: usize = 64;

/// Whether a byte is of names.
pub fn is_name(byte: u8) -> bool {
    CLASS[usize::from(byte)] & WORD != 0 || matches!(byte, b'-' | b'.')
}

/// What the name that ends at `e` promises; `from` is how far back it may be read.
pub fn promise_of(text: Text<'_>, from: usize, e: usize) -> Option<Promise> {
    let mut end = e;
    while end > from && text.byte(end - 1).is_ascii_digit() {
        end -= 1;
    }
    // A number behind a name counts only.
    if end == from || e - end > 2 {
        end = e;
    }
    if end == from {
        return None;
    }
    let name = &text.bytes[from..end];
    let (before, last) = last_of(name)?;
    BY_PAIR[pair(before, last)]
        .iter()
        .find(|&&(_, whole, ending)| {
            ending_at(name, ending).is_some_and(|s| !whole || is_word(name, s))
        })
        .map(|&(promise, ..)| promise)
}

/// The last two letters of a name, which need not be some.
#[inline]
fn last_of(name: &[u8]) -> Option<(u8, u8)> {
    match name {
        [.., before, b'_' | b'-' | b'.', last] | [.., before, last] => Some((*before, *last)),
        _ => None,
    }
}

/// Whether the name that ends at `e` may promise something, by its last three letters: most end with others.
#[inline]
pub fn may_promise(text: Text<'_>, e: usize) -> bool {
    let name = match &text.bytes[..e] {
        [name @ .., b'0'..=b'9', b'0'..=b'9'] | [name @ .., b'0'..=b'9'] => name,
        name => name,
    };
    let Some((before, last)) = last_of(name) else {
        return false;
    };
    let bits = TRIPLES[pair(before, last)];
    if bits == 0 {
        return false;
    }
    let third = match name {
        [.., third, b'_' | b'-' | b'.', _, b'_' | b'-' | b'.', _]
        | [.., third, _, b'_' | b'-' | b'.', _]
        | [.., third, b'_' | b'-' | b'.', _, _]
        | [.., third, _, _] => *third,
        _ => 0,
    };
    bits >> (third & 31) & 1 != 0
}

/// Where an ending begins, in any case and with or without what parts words.
fn ending_at(name: &[u8], ending: &[u8]) -> Option<usize> {
    let mut p = name.len();
    for (k, &wanted) in ending.iter().rev().enumerate() {
        p = p.checked_sub(1)?;
        if k > 0 && matches!(name[p], b'_' | b'-' | b'.') {
            p = p.checked_sub(1)?;
        }
        if !name[p].is_ascii_alphabetic() || name[p] | 32 != wanted {
            return None;
        }
    }
    Some(p)
}

/// Whether a word of a name begins at a place.
fn is_word(name: &[u8], s: usize) -> bool {
    let Some(before) = s.checked_sub(1).map(|at| CLASS[usize::from(name[at])]) else {
        return true;
    };
    before & ALNUM == 0 || (before & LOWER != 0 && CLASS[usize::from(name[s])] & UPPER != 0)
}
