//! What a value looks like that is none of a secret: a placeholder, code, a path, a type, a word of a form; and what a
//! phrase is. Part of `value.rs`, with the same twin, whose regular expressions are functions here.

use super::chars::{CLASS, DIGIT, LOWER, UPPER, WORD};

const PLACEHOLDERS: [&[u8]; 16] = [
    b"your",
    b"example",
    b"placeholder",
    b"changeme",
    b"change_me",
    b"redacted",
    b"xxxx",
    b"dummy",
    b"insert",
    b"replace",
    b"hidden",
    b"...",
    b"***",
    b"${",
    b"{{",
    b"<",
];
const OBJECTS: [&[u8]; 12] = [
    b"self",
    b"this",
    b"process",
    b"os",
    b"env",
    b"config",
    b"settings",
    b"args",
    b"options",
    b"params",
    b"request",
    b"req",
];
const FILES: [&[u8]; 25] = [
    b"pem", b"key", b"txt", b"json", b"yml", b"yaml", b"crt", b"cert", b"cer", b"p12", b"pfx",
    b"jks", b"env", b"conf", b"cfg", b"ini", b"php", b"py", b"js", b"ts", b"go", b"rs", b"rb",
    b"java", b"htm",
];
const TYPES: [&[u8]; 25] = [
    b"int", b"uint", b"float", b"utf", b"sha", b"base", b"varchar", b"char", b"byte", b"bytes",
    b"str", b"string", b"aes", b"rsa", b"ed", b"vec", b"bool", b"number", b"crypto", b"secp",
    b"curve", b"hmac", b"md", b"ipv", b"uuid",
];
const COMMON: [&[u8]; 34] = [
    b"true",
    b"false",
    b"null",
    b"none",
    b"nil",
    b"undefined",
    b"string",
    b"required",
    b"optional",
    b"password",
    b"passwd",
    b"passphrase",
    b"pass",
    b"pwd",
    b"secret",
    b"token",
    b"key",
    b"value",
    b"text",
    b"hash",
    b"hidden",
    b"empty",
    b"prompt",
    b"default",
    b"test",
    b"foo",
    b"bar",
    b"file",
    b"plain",
    b"auto",
    b"yes",
    b"no",
    b"on",
    b"off",
];
/// Words behind an option that is spoken of.
const SPOKEN: [&[u8]; 29] = [
    b"option",
    b"options",
    b"argument",
    b"arguments",
    b"parameter",
    b"parameters",
    b"switch",
    b"switches",
    b"should",
    b"prompt",
    b"prompts",
    b"instead",
    b"without",
    b"command",
    b"specified",
    b"specifies",
    b"because",
    b"before",
    b"after",
    b"which",
    b"where",
    b"while",
    b"would",
    b"could",
    b"cannot",
    b"already",
    b"together",
    b"prompting",
    b"contains",
];
/// What stands there in a message or a form, where a password of letters might.
const SAID: &[&[u8]] = &[
    b"invalid",
    b"missing",
    b"wrong",
    b"incorrect",
    b"forgot",
    b"reset",
    b"change",
    b"enter",
    b"confirm",
    b"repeat",
    b"show",
    b"login",
    b"signin",
    b"sign_in",
    b"bearer",
    b"basic",
    b"digest",
    b"admin",
    b"user",
    b"username",
    b"email",
    b"name",
    b"number",
    b"object",
    b"array",
    b"boolean",
    b"integer",
    b"field",
    b"input",
    b"label",
    b"error",
    b"unset",
    b"omitted",
    b"masked",
    b"filtered",
    b"removed",
    b"private",
    b"public",
    b"random",
    b"custom",
    b"please",
    b"strong",
    b"weak",
    b"simple",
    b"encrypted",
    b"plaintext",
    b"md5",
    b"crypt",
    b"bcrypt",
    b"ldap",
    b"kerberos",
    b"disabled",
    b"enabled",
    b"expired",
    b"unknown",
    b"never",
    b"always",
    b"passwort",
    b"kennwort",
    b"senha",
    b"wachtwoord",
    b"passwords",
    b"secrets",
    b"tokens",
    b"credential",
    b"credentials",
    b"authorization",
    b"verify",
    b"update",
    b"updated",
    b"create",
    b"current",
    b"old",
    b"new",
    b"forgotten",
    b"varchar",
    b"getpass",
    b"hashed",
    b"argument",
    b"parameter",
    b"variable",
    b"setting",
    b"settings",
    b"request",
    b"response",
    b"process",
    b"environ",
    b"environment",
    b"sensitive",
    b"nobody",
];
/// Words of sentences, which a phrase has none of.
const SENTENCE: &[&[u8]] = &[
    b"a",
    b"an",
    b"the",
    b"is",
    b"are",
    b"be",
    b"was",
    b"must",
    b"your",
    b"you",
    b"to",
    b"for",
    b"of",
    b"in",
    b"on",
    b"or",
    b"and",
    b"not",
    b"no",
    b"with",
    b"enter",
    b"this",
    b"that",
    b"it",
    b"as",
    b"at",
    b"by",
    b"from",
    b"has",
    b"have",
    b"if",
    b"new",
    b"old",
    b"password",
    b"passwords",
    b"passphrase",
    b"characters",
    b"least",
    b"type",
    b"please",
    b"when",
    b"will",
    b"can",
    b"should",
];
const OWNERS: [&[u8]; 4] = [b"my", b"the", b"new", b"old"];
const OWN_NAMES: [&[u8]; 8] = [
    b"password",
    b"passwd",
    b"pass",
    b"pwd",
    b"token",
    b"secret",
    b"key",
    b"auth",
];
fn is(byte: u8, classes: u8) -> bool {
    CLASS[usize::from(byte)] & classes != 0
}

fn contains(value: &[u8], part: &[u8]) -> bool {
    value
        .windows(part.len())
        .any(|window| window.eq_ignore_ascii_case(part))
}

fn starts(value: &[u8], part: &[u8]) -> bool {
    value.len() >= part.len() && value[..part.len()].eq_ignore_ascii_case(part)
}

fn ends(value: &[u8], part: &[u8]) -> bool {
    value.len() >= part.len() && value[value.len() - part.len()..].eq_ignore_ascii_case(part)
}

/// Whether a value stands where one has still to be put.
pub fn is_placeholder(value: &[u8]) -> bool {
    let begins = |&(at, byte): &(usize, &u8)| {
        BEGINNINGS[usize::from(byte.to_ascii_lowercase())]
            && PLACEHOLDERS.iter().any(|part| starts(&value[at..], part))
    };
    value.iter().enumerate().any(|place| begins(&place)) || ends(value, b"_here")
}

/// By byte, in small letters: whether a placeholder begins with it.
static BEGINNINGS: [bool; 256] = {
    let mut table = [false; 256];
    let mut k = 0;
    while k < PLACEHOLDERS.len() {
        table[PLACEHOLDERS[k][0] as usize] = true;
        k += 1;
    }
    table
};

/// What is a value to a program.
pub fn is_code(value: &[u8]) -> bool {
    if [&b"=>"[..], b"://", b"()"]
        .iter()
        .any(|part| contains(value, part))
    {
        return true;
    }
    if !value
        .first()
        .is_some_and(|&first| is(first, LOWER | UPPER) || first == b'_')
    {
        return false;
    }
    let name = value
        .iter()
        .take_while(|&&byte| is(byte, WORD) || byte == b'.')
        .count();
    let rest = &value[name..];
    if matches!(rest.first(), Some(b'(' | b'[' | b'{'))
        || rest.starts_with(b"->")
        || rest.starts_with(b"::")
    {
        return true;
    }
    let object = value.iter().take_while(|&&byte| is(byte, WORD)).count();
    value.get(object) == Some(&b'.')
        && (OBJECTS.contains(&&value[..object]) || &value[..object] == b"ctx")
}

/// Whether a value is the name of a file.
pub fn is_path(value: &[u8]) -> bool {
    let drive = matches!(value, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let dot = value.iter().rposition(|&byte| byte == b'.');
    let file = dot.is_some_and(|dot| {
        let ending = &value[dot + 1..];
        FILES.iter().any(|file| ending.eq_ignore_ascii_case(file))
            || ending.eq_ignore_ascii_case(b"html")
    });
    drive || file || matches!(value.first(), Some(b'.' | b'/' | b'~'))
}

/// Whether a value begins with the name of a type and a number.
pub fn is_type(value: &[u8]) -> bool {
    let letters = value
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let mark = usize::from(matches!(value.get(letters), Some(b'-' | b'_')));
    value.get(letters + mark).is_some_and(u8::is_ascii_digit)
        && TYPES
            .iter()
            .any(|name| value[..letters].eq_ignore_ascii_case(name))
}

/// A password's own name, and a number.
pub fn is_same_name(value: &[u8]) -> bool {
    let own = |value: &[u8]| {
        let value = value.strip_prefix(b"_").unwrap_or(value);
        OWN_NAMES
            .iter()
            .chain(std::iter::once(&&b"cred"[..]))
            .any(|name| {
                if !starts(value, name) {
                    return false;
                }
                let rest = &value[name.len()..];
                let letters = rest
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphabetic())
                    .count();
                let rest = &rest[letters..];
                let rest = rest.strip_prefix(b"_").unwrap_or(rest);
                matches!(rest, [] | [b'0'..=b'9'])
            })
    };
    own(value)
        || OWNERS
            .iter()
            .any(|owner| starts(value, owner) && own(&value[owner.len()..]))
}

/// Whether a value is one that a program has still to fill in, or a placeholder of a redacted text.
pub fn is_template(value: &[u8]) -> bool {
    match value {
        [b'$' | b'{' | b'<' | b'(' | b'*', ..] => true,
        [b'%', next, ..] => next.is_ascii_alphabetic() || matches!(next, b'(' | b'{'),
        [b'[', label @ ..] => {
            let label = label.strip_suffix(b"]").unwrap_or(label);
            !label.is_empty()
                && label
                    .iter()
                    .all(|&byte| byte == b'_' || is(byte, UPPER | DIGIT))
        }
        _ => false,
    }
}

/// Whether a value is a phrase that serves as a password: not a sentence, and four words or a number in it.
pub fn is_phrase(value: &[u8]) -> bool {
    let is_word = |word: &[u8]| {
        !word.is_empty()
            && word
                .iter()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && !SENTENCE.contains(&word)
    };
    let words = value.split(|&byte| byte == b' ');
    let count = words.clone().count();
    (2..=8).contains(&count)
        && words.clone().all(is_word)
        && (count > 3 || value.iter().any(u8::is_ascii_digit))
}

/// Whether a value is a word that stands where passwords do.
pub fn is_common(value: &[u8]) -> bool {
    COMMON.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Whether a value is a word of a message or a form.
pub fn is_said(value: &[u8]) -> bool {
    SAID.contains(&value)
}

/// Whether a value is a word that stands behind an option that is spoken of.
pub fn is_spoken(value: &[u8]) -> bool {
    SPOKEN.contains(&value)
}
