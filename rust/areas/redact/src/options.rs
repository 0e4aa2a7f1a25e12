//! Secrets in options of a command. Part of `context.rs`. Twin: `src/text/redact/scan/options.ts`, which says more.

use super::around::{
    Place, Scene, VALUE_MAX, are_digits, is_blank, is_line_end, is_quote, units_of,
};
use super::built_in::rule;
use super::chars::{LOWER, Text, UPPER, WORD};
use super::names::{NAME_MAX, Promise, is_name, promise_of};

/// So far back a command is looked for.
const LINE_MAX: usize = 110;
/// So many letters follow one hyphen at most.
const CLUSTER_MAX: usize = 10;
/// The longest name of a command.
const WORD_MAX: usize = 16;

/// A command and its options.
type Command = (&'static [u8], &'static [u8], &'static [u8], &'static [u8]);

/// By command: the options of one letter that a password follows, those that it follows at once, and those that a
/// user and a password follow.
const COMMANDS: [Command; 66] = [
    (b"7z", b"", b"p", b""),
    (b"7za", b"", b"p", b""),
    (b"7zr", b"", b"p", b""),
    (b"ab", b"", b"", b"A"),
    (b"bcp", b"P", b"P", b""),
    (b"cqlsh", b"p", b"", b""),
    (b"curl", b"", b"u", b"U"),
    (b"evil-winrm", b"p", b"", b""),
    (b"http", b"", b"", b"a"),
    (b"https", b"", b"", b"a"),
    (b"ipmitool", b"P", b"", b""),
    (b"isql", b"P", b"", b""),
    (b"ldapadd", b"w", b"", b""),
    (b"ldapdelete", b"w", b"", b""),
    (b"ldapmodify", b"w", b"", b""),
    (b"ldappasswd", b"w", b"", b""),
    (b"ldapsearch", b"w", b"", b""),
    (b"ldapwhoami", b"w", b"", b""),
    (b"lftp", b"", b"", b"u"),
    (b"login", b"p", b"", b""),
    (b"mariabackup", b"", b"p", b""),
    (b"mariadb", b"", b"p", b""),
    (b"mariadb-admin", b"", b"p", b""),
    (b"mariadb-dump", b"", b"p", b""),
    (b"mongo", b"p", b"", b""),
    (b"mongodump", b"p", b"", b""),
    (b"mongoexport", b"p", b"", b""),
    (b"mongoimport", b"p", b"", b""),
    (b"mongorestore", b"p", b"", b""),
    (b"mongosh", b"p", b"", b""),
    (b"mosquitto_pub", b"P", b"", b""),
    (b"mosquitto_sub", b"P", b"", b""),
    (b"mycli", b"", b"p", b""),
    (b"mysql", b"", b"p", b""),
    (b"mysqladmin", b"", b"p", b""),
    (b"mysqlcheck", b"", b"p", b""),
    (b"mysqldump", b"", b"p", b""),
    (b"mysqlimport", b"", b"p", b""),
    (b"mysqlshow", b"", b"p", b""),
    (b"openssl", b"k", b"", b""),
    (b"netexec", b"p", b"", b""),
    (b"nxc", b"p", b"", b""),
    (b"psexec", b"p", b"", b""),
    (b"rar", b"", b"ph", b""),
    (b"redis-cli", b"a", b"", b""),
    (b"rpcclient", b"", b"", b"U"),
    (b"smbclient", b"", b"", b"U"),
    (b"snmpbulkwalk", b"cAX", b"", b""),
    (b"snmpget", b"cAX", b"", b""),
    (b"snmpset", b"cAX", b"", b""),
    (b"snmptable", b"cAX", b"", b""),
    (b"snmptrap", b"cAX", b"", b""),
    (b"snmpwalk", b"cAX", b"", b""),
    (b"sqlcmd", b"P", b"P", b""),
    (b"ssh-keygen", b"NP", b"", b""),
    (b"sshpass", b"p", b"p", b""),
    (b"unrar", b"", b"p", b""),
    (b"unzip", b"P", b"", b""),
    (b"useradd", b"p", b"", b""),
    (b"usermod", b"p", b"", b""),
    (b"valkey-cli", b"a", b"", b""),
    (b"winexe", b"", b"", b"U"),
    (b"xh", b"", b"", b"a"),
    (b"xtrabackup", b"", b"p", b""),
    (b"zip", b"P", b"", b""),
    (b"zipcloak", b"P", b"", b""),
];

/// Where the value of an option is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// The next word.
    Apart,
    /// The rest of its own.
    Joined,
    /// The next word, behind a user.
    Login,
}

/// What stands before an option.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing that it belongs to.
    Nothing,
    /// An option that names a user.
    User,
    /// A command whose option it is.
    Command,
}

/// The value of the option that begins with the hyphen at `p`.
pub fn option_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let before = text.before(p);
    if text.byte(p + 1) == b'-' {
        if p > 0 && text.is(p - 1, WORD) {
            return None;
        }
        return named_at(scene, p, p + 2, true);
    }
    if before > b' ' && !is_quote(before) {
        return None;
    }
    let letter = text.byte(p + 1);
    if !text.is(p + 1, LOWER | UPPER) {
        return None;
    }
    let next = text.byte(p + 2);
    if is_name(next) || is_quote(next) {
        if let b'p' | b'u' | b'P' | b'h' = letter
            && let Some(place) = joined_at(scene, p, letter)
        {
            return Some(place);
        }
        if let Some(place) = cluster_at(scene, p) {
            return Some(place);
        }
        return named_at(scene, p, p + 1, false);
    }
    if !is_blank(next) {
        return None;
    }
    let from = scene.skip(p + 2);
    if letter == b'u'
        && let Some(place) = user_at(scene, from, b':')
    {
        return Some(place);
    }
    if b"aAuU".contains(&letter)
        && command_before(text, p, letter, Where::Login) == Before::Command
        && let Some(place) = b":%,".iter().find_map(|&sign| user_at(scene, from, sign))
    {
        return Some(place);
    }
    if !b"pPawkNcAX".contains(&letter) {
        return None;
    }
    let meaning = command_before(text, p, letter, Where::Apart);
    if meaning == Before::Nothing {
        return None;
    }
    let command = meaning == Before::Command;
    if !scene.has(rule::ASSIGNED_SECRET) || text.byte(from) == b'-' {
        return None;
    }
    if !command && b"akNcAX".contains(&letter) {
        return None;
    }
    // Names of communities of SNMP that everybody knows.
    if text.starts(from, b"public ") || text.starts(from, b"private ") {
        return None;
    }
    let place = match is_quote(text.byte(from)) {
        true => scene.quoted(Promise::Password, from, false, command),
        false => scene.value(Promise::Password, from, p, false, command, false),
    };
    // Ports, where no command says that it is a password: `docker run -u node -p 8080:80`.
    place.filter(|&(_, start, end)| command || end == 0 || !is_ports(&text.bytes[start..end]))
}

/// `curl -sSLu bob:hunter2`
fn cluster_at(scene: Scene<'_, '_>, p: usize) -> Place {
    let text = scene.text;
    let mut e = p + 1;
    while e - p < CLUSTER_MAX && text.is(e, LOWER | UPPER) {
        e += 1;
    }
    let mine = text.before(e) == b'u'
        && is_blank(text.byte(e))
        && command_before(text, p, b'u', Where::Joined) == Before::Command;
    match mine {
        true => user_at(scene, scene.skip(e), b':'),
        false => None,
    }
}

/// Whether a value is ports as containers publish them: `80`, `127.0.0.1:8080-8081:80/tcp`.
fn is_ports(value: &[u8]) -> bool {
    let protocols: [&[u8]; 3] = [b"/tcp", b"/udp", b"/sctp"];
    let without = protocols.iter().find_map(|name| value.strip_suffix(*name));
    let numbers = without.unwrap_or(value);
    !numbers.is_empty()
        && numbers
            .iter()
            .all(|byte| byte.is_ascii_digit() || b".:[]-".contains(byte))
}

/// The value of the option whose name begins at `s`.
fn named_at(scene: Scene<'_, '_>, p: usize, s: usize, long: bool) -> Place {
    let text = scene.text;
    let mut e = s;
    while e - s < NAME_MAX && is_name(text.byte(e)) {
        e += 1;
    }
    let mut from;
    if is_quote(text.byte(e)) && text.byte(e + 1) == b',' {
        // One of a list of strings.
        from = scene.skip(e + 2);
        if !is_quote(text.byte(from)) || text.byte(from + 1) == b'-' {
            return None;
        }
    } else {
        if !is_blank(text.byte(e)) {
            return None;
        }
        // A line that goes on is one with an end in what the text stands for.
        from = scene.skip_line(scene.skip(e));
        if text.byte(from) == b'-' {
            return None;
        }
    }
    let promise = promise_of(text, s, e);
    let Some(promise @ (Promise::Password | Promise::Token)) = promise else {
        let name = &text.bytes[s..e];
        let user = long && (name.ends_with(b"user") || name.ends_with(b"auth"));
        return match user {
            true => user_at(scene, from, b':'),
            false => None,
        };
    };
    if !scene.has(rule::ASSIGNED_SECRET) {
        return None;
    }
    // openssl's way to say that it is here.
    if text.starts(from, b"pass:") {
        from += 5;
    }
    scene.value(promise, from, p, false, false, false)
}

/// `mysql -phunter2`, `curl -ubob:hunter2`
fn joined_at(scene: Scene<'_, '_>, p: usize, letter: u8) -> Place {
    let text = scene.text;
    if command_before(text, p, letter, Where::Joined) != Before::Command {
        return None;
    }
    if letter == b'u' {
        return user_at(scene, p + 2, b':');
    }
    if !scene.has(rule::ASSIGNED_SECRET) {
        return None;
    }
    // rar -hp...
    let mut from = p + 2;
    if letter == b'h' {
        if text.byte(from) != b'p' {
            return None;
        }
        from += 1;
    }
    if is_quote(text.byte(from)) {
        return scene.quoted(Promise::Password, from, false, true);
    }
    // Ports of a container that has the name of a command.
    let is_pair = |value: &[u8]| {
        let mut parts = value.split(|&byte| byte == b':');
        let port =
            |part: Option<&[u8]>| part.is_some_and(|part| !part.is_empty() && are_digits(part));
        port(parts.next()) && port(parts.next()) && parts.next().is_none()
    };
    scene
        .value(Promise::Password, from, p, false, true, false)
        .filter(|&(_, start, end)| end == 0 || !is_pair(&text.bytes[start..end]))
}

/// Whether a command whose option a letter is stands before it on its line, or else an option that names a user.
fn command_before(text: Text<'_>, p: usize, letter: u8, place: Where) -> Before {
    let mut found = Before::Nothing;
    let mut e = p;
    let stop = p.saturating_sub(LINE_MAX);
    for q in (stop..p).rev() {
        let byte = text.byte(q);
        if (byte < b' ' && byte != b'\t') || byte > 126 {
            break;
        }
        if !is_name(byte) {
            e = q;
            continue;
        }
        if q > stop && is_name(text.byte(q - 1)) {
            continue;
        }
        // A word from here to `e`.
        if e - q > WORD_MAX || (!is_blank(text.byte(e)) && !is_quote(text.byte(e))) {
            continue;
        }
        let word = &text.bytes[q..e];
        if place == Where::Apart && matches!(word, b"-u" | b"-U" | b"--user") {
            found = Before::User;
        }
        let mine = COMMANDS.iter().find(|&&(name, ..)| name == word);
        let is_mine = mine.is_some_and(|&(_, apart, joined, login)| match place {
            Where::Apart => apart.contains(&letter),
            Where::Joined => joined.contains(&letter),
            Where::Login => login.contains(&letter),
        });
        if is_mine {
            return Before::Command;
        }
    }
    found
}

/// The password of `bob:hunter2` at `from`; it is parted by `sign` from the name.
fn user_at(scene: Scene<'_, '_>, from: usize, sign: u8) -> Place {
    if !scene.has(rule::URL_CREDENTIALS) {
        return None;
    }
    let text = scene.text;
    let quote = text.byte(from);
    let quoted = is_quote(quote);
    let s = from + usize::from(quoted);
    let mut p = s;
    while p - s < NAME_MAX && is_user(text.byte(p)) {
        p += 1;
    }
    // Numbers of a user and a group.
    if p == s || text.byte(p) != sign || are_digits(&text.bytes[s..p]) {
        return None;
    }
    let start = p + 1;
    let mut e = start;
    let mut units = 0;
    while e < text.len() && units < VALUE_MAX {
        let byte = text.byte(e);
        let ends = match quoted {
            true => byte == quote || is_line_end(byte),
            false => byte <= b' ' || is_quote(byte),
        };
        if ends {
            break;
        }
        units += units_of(byte);
        e += 1;
    }
    if text.open(e) {
        return Some((rule::URL_CREDENTIALS, start, 0));
    }
    if units < 3 || matches!(text.byte(start), b'$' | b'<' | b'{') {
        return None;
    }
    Some((rule::URL_CREDENTIALS, start, e))
}

/// Whether a character is of the name of a user: a domain may stand before it.
fn is_user(byte: u8) -> bool {
    is_name(byte) || matches!(byte, b'\\' | b'@')
}
