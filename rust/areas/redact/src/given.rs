//! Secrets that a command or a function is given: what is piped into a command that reads a password, and the strings that
//! a function takes for one. Part of `context.rs`. Twin: `src/text/redact/scan/given.ts`.

use std::sync::LazyLock;

use memchr::memmem;

use super::around::{Place, Scene, is_blank, is_quote};
use super::built_in::rule;
use super::chars::{Answer, LOWER, UPPER};
use super::lines::{open, whole, words_at};
use super::names::Promise;

/// So far back the command before `<<<` is looked at.
const BACK_MAX: usize = 80;
/// The longest command that is read behind a pipe, and the longest text before it.
const COMMAND_MAX: usize = 160;
const PIPED_MAX: usize = 120;

/// Commands that read a password, and options that say so.
const READERS: [&[u8]; 6] = [
    b"passwd",
    b"kinit",
    b"vncpasswd",
    b"cryptsetup",
    b"smbpasswd",
    b"su",
];
const OPTIONS: [&[u8]; 6] = [
    b"--password-stdin",
    b"--pass-stdin",
    b"--token-stdin",
    b"--passphrase-fd",
    b"--with-token",
    b"-stdin",
];
/// Functions whose argument of that number is a password.
const CALLS: [(&[u8], usize); 17] = [
    (b"crypt", 1),
    (b"login", 2),
    (b"Login", 2),
    (b"auth", 2),
    (b"asicAuth", 2),
    (b"asic_auth", 2),
    (b"DigestAuth", 2),
    (b"PlainAuth", 3),
    (b"NetworkCredential", 2),
    (b"PasswordCredentials", 2),
    (b"PasswordAuthentication", 2),
    (b"mysqli", 3),
    (b"mysqli_connect", 3),
    (b"PDO", 3),
    (b"getConnection", 3),
    (b"FTP", 3),
    (b"FTP_TLS", 3),
];

static ECHO: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"echo "));

/// The first `echo`.
pub fn echo(bytes: &[u8]) -> Option<usize> {
    ECHO.find(bytes)
}

/// Which argument of the function is a password whose name a text ends with; 0 for none.
pub fn argument_of(before: &[u8]) -> usize {
    let calls = CALLS.iter().rev();
    let call = calls.into_iter().find(|(name, _)| before.ends_with(name));
    call.map_or(0, |&(_, argument)| argument)
}

/// `echo hunter2 | sudo -S ls`, from what is said on; `printf '%s' hunter2 | ...`.
pub fn piped_at(scene: Scene<'_, '_>, from: usize, formatted: bool) -> Place {
    let text = scene.text;
    if !scene.has(rule::ASSIGNED_SECRET) {
        return None;
    }
    let mut q = scene.skip(from);
    for _ in 0..2 {
        if formatted || text.byte(q) != b'-' {
            break;
        }
        q += 1;
        while text.is(q, LOWER | UPPER) {
            q += 1;
        }
        q = scene.skip(q);
    }
    let first = q;
    let (mut s, mut e) = (q, q);
    for _ in 0..2 {
        if is_quote(text.byte(q)) {
            e = match scene.quote_end(q) {
                Answer::More => return open(first),
                Answer::None => return None,
                Answer::End(e) => e,
            };
            s = q + 1;
            q = e + 1;
        } else {
            s = q;
            while q - s < PIPED_MAX
                && is_command(text.byte(q))
                && !is_quote(text.byte(q))
                && !matches!(text.byte(q), b'>' | b'(' | b')')
            {
                q += 1;
            }
            e = q;
            while e > s && is_blank(text.before(e)) {
                e -= 1;
            }
        }
        q = scene.skip(q);
        if text.open(q) {
            return open(first);
        }
        if !formatted || text.byte(q) == b'|' {
            break;
        }
    }
    if e == s || text.byte(q) != b'|' || text.byte(q + 1) == b'|' {
        return None;
    }
    q = scene.skip(q + 1);
    let mut end = q;
    while end - q < COMMAND_MAX && is_command(text.byte(end)) {
        end += 1;
    }
    if text.open(end) {
        return open(first);
    }
    match text.bytes.get(q..end).is_some_and(is_reader) {
        true => whole(text, s, e),
        false => None,
    }
}

/// `sudo -S ls <<< hunter2`, from the sign on.
pub fn string_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let near = &text.bytes[p.saturating_sub(BACK_MAX)..p];
    let line = near.iter().rev().take_while(|&&byte| is_command(byte));
    if !is_reader(&near[near.len() - line.count()..]) {
        return None;
    }
    let Some(words) = words_at(scene, p + 3) else {
        return open(p + 3);
    };
    match words.count > 0 {
        true => words.give(text, 0),
        false => None,
    }
}

/// Whether a character is of one command.
fn is_command(byte: u8) -> bool {
    matches!(byte, 32..=126) && !matches!(byte, b'|' | b';' | b'&' | b'<')
}

/// Whether a command reads a password.
fn is_reader(command: &[u8]) -> bool {
    let mut words = command
        .split(|&byte| byte == b' ')
        .filter(|word| !word.is_empty())
        .peekable();
    if words.next_if_eq(&b"sudo".as_slice()).is_some() {
        while let Some(option) = words.next_if(|word| word.starts_with(b"-")) {
            let letters = &option[1..];
            if option == b"--stdin"
                || (letters.ends_with(b"S") && letters.iter().all(u8::is_ascii_alphabetic))
            {
                return true;
            }
        }
    }
    let Some(&first) = words.peek() else {
        return false;
    };
    let slash = first.iter().rposition(|&byte| byte == b'/');
    let name = &first[slash.map_or(0, |slash| slash + 1)..];
    READERS.contains(&name) || words.any(|word| OPTIONS.contains(&word))
}

/// `login("bob", "hunter2")`, from the parenthesis on.
pub fn argument_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let argument = argument_of(&text.bytes[..p]);
    let mut q = p + 1;
    for _ in 1..argument {
        q = scene.skip(q);
        if !is_quote(text.byte(q)) {
            return None;
        }
        let behind = match scene.quote_end(q) {
            Answer::More => return open(p + 1),
            Answer::End(end) => end + 1,
            // An empty one.
            Answer::None if text.byte(q + 1) == text.byte(q) => q + 2,
            Answer::None => return None,
        };
        q = scene.skip(behind);
        if text.open(q) {
            return open(p + 1);
        }
        if text.byte(q) != b',' {
            return None;
        }
        q += 1;
    }
    q = scene.skip(q);
    if text.starts(q, b"Some(") {
        q += 5;
    }
    match is_quote(text.byte(q)) {
        true => scene.quoted(Promise::Password, q, false, false),
        false => None,
    }
}
