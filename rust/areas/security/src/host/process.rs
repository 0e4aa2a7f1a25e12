//! One process, read through the descriptor of its folder.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use rayon::prelude::*;
use rustix::io::Errno;

use super::json::Json;
use super::read::{self, Word, decimal, fields};

const STAT_MOST: usize = 4096;
const STATUS_MOST: usize = 8192;
const COMMAND_MOST: usize = 4096;
const GROUPS_MOST: usize = 4096;
const ENVIRONMENT_MOST: usize = 1 << 20;

/// What `stat` says of a process.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stat {
    name: Vec<u8>,
    state: u8,
    parent: u64,
    flags: u64,
    pub(super) start: u64,
}

/// Reads `stat`; none for a line that is not what the kernel writes.
pub(super) fn stat(process: &OwnedFd) -> Result<Option<Stat>, Errno> {
    let mut text = Vec::new();
    read::file(process, b"stat", STAT_MOST, &mut text)?;
    Ok(parse_stat(&text))
}

/// A name may hold anything, parentheses and spaces too: it ends with the last of them.
fn parse_stat(text: &[u8]) -> Option<Stat> {
    let open = text.iter().position(|byte| *byte == b'(')?;
    let close = text.iter().rposition(|byte| *byte == b')')?;
    let name = text.get(open + 1..close)?.to_vec();
    let line = text[close + 1..].split(|byte| *byte == b'\n').next()?;
    let mut fields = fields(line);
    let state = match fields.next()? {
        [state] if state.is_ascii_alphabetic() => *state,
        _ => return None,
    };
    let parent = decimal(fields.next()?)?;
    let flags = decimal(fields.nth(4)?)?;
    let start = decimal(fields.nth(12)?)?;
    Some(Stat {
        name,
        state,
        parent,
        flags,
        start,
    })
}

/// The sockets among the open files, and what stands at 0, 1 and 2.
#[derive(Default)]
pub(super) struct Open {
    /// Their inodes, in ascending order.
    pub(super) sockets: Vec<u64>,
    /// The inodes of sockets at the standard streams.
    pub(super) standard: [Option<u64>; 3],
}

/// How many open files one thread looks at before it asks for more.
const FILES: u32 = 128;
/// How many numbers tell whether most of them are given.
const SAMPLES: u32 = 16;

/// Goes through the open files once; where there are many, on several threads: to ask for one after
/// the other is most of what a look at sockets costs.
///
/// `count`: how many there are, if the system told. Numbers are given from 0 on, nearly without gaps: of many files
/// they are tried, which is cheaper than a listing before. Else the folder is listed.
pub(super) fn open_files(
    folder: &OwnedFd,
    count: Option<u32>,
    buffer: &mut [MaybeUninit<u8>],
) -> Result<Open, Errno> {
    let tried = count.and_then(|count| try_numbers(folder, count));
    let files = match tried {
        Some(files) => files,
        None => {
            let mut names = Vec::new();
            read::entries(folder, buffer, |name| {
                names.extend(read::plain(name.to_bytes()));
            })?;
            let ask = |some: &[u32]| some.iter().map(|file| ask(folder, *file)).collect();
            let found: Vec<Vec<_>> = names.par_chunks(FILES as usize).map(ask).collect();
            found.concat()
        }
    };
    let mut open = Open::default();
    for file in files {
        // A file that was closed since is none of the open ones.
        let File::Socket(number, inode) = file else {
            continue;
        };
        if let Some(stream) = open.standard.get_mut(number as usize) {
            *stream = Some(inode);
        }
        open.sockets.push(inode);
    }
    open.sockets.sort_unstable();
    open.sockets.dedup();
    Ok(open)
}

/// What is behind the number of an open file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum File {
    None,
    Other,
    Socket(u32, u64),
}

fn ask(folder: &OwnedFd, number: u32) -> File {
    match read::numbered(folder, read::Name::of(number).text(), b"socket") {
        Ok(Some(inode)) => File::Socket(number, inode),
        Err(Errno::NOENT) => File::None,
        // One that may not be looked at is there all the same.
        Ok(None) | Err(_) => File::Other,
    }
}

/// Tries numbers until so many files were found; none where they are few, lie too far apart, or were closed meanwhile.
fn try_numbers(folder: &OwnedFd, count: u32) -> Option<Vec<File>> {
    let is_there = |number| ask(folder, number) != File::None;
    // A number that nobody has costs as much as one that somebody has: a few tell whether it is worth it.
    if count < 2 * FILES || !(0..count).step_by((count / SAMPLES) as usize).all(is_there) {
        return None;
    }
    let part = |part: u32| {
        let end = count.min((part + 1) * FILES);
        let some = part * FILES..end;
        some.map(|number| ask(folder, number)).collect()
    };
    let parts = 0..count.div_ceil(FILES);
    let found: Vec<Vec<_>> = parts.into_par_iter().map(part).collect();
    let mut files = found.concat();
    let mut missing = files.iter().filter(|file| **file == File::None).count();
    let most = count / 8;
    for number in count..count.saturating_add(most) {
        if missing == 0 || missing > most as usize {
            break;
        }
        let file = ask(folder, number);
        if file != File::None {
            files.push(file);
            missing -= 1;
        }
    }
    (missing == 0).then_some(files)
}

/// Writes what is said of every process.
pub(super) fn write(json: &mut Json, pid: u64, stat: &Stat, open: &Result<Open, Errno>) {
    json.next().raw("{\"pid\":").number(pid);
    json.raw(",\"start\":").number(stat.start);
    json.raw(",\"parent\":").number(stat.parent);
    json.raw(",\"state\":").string(&[stat.state]);
    json.raw(",\"flags\":").number(stat.flags);
    json.raw(",\"name\":").string(&stat.name);
    match open {
        Ok(open) => {
            json.raw(",\"sockets\":[");
            for inode in &open.sockets {
                json.next().number(*inode);
            }
            json.raw("]");
        }
        Err(error) => {
            json.raw(",\"sockets\":")
                .string(read::word(*error).as_bytes());
        }
    }
}

/// Writes the rest: users, executable, command line, groups, name space, and what only rules want.
pub(super) fn write_details(
    json: &mut Json,
    process: &OwnedFd,
    open: &Result<Open, Errno>,
    scratch: &mut Vec<u8>,
) {
    let text = |name: &str, most: usize, scratch: &mut Vec<u8>| -> Result<(), Word> {
        scratch.clear();
        read::file(process, name.as_bytes(), most, scratch).map_err(read::word)
    };
    let status = text("status", STATUS_MOST, scratch).is_ok();
    let line =
        |key: &[u8], at: usize, scratch: &[u8]| status.then(|| of_line(scratch, key, at)).flatten();
    json.raw(",\"uid\":")
        .maybe_number(line(b"Uid:", 0, scratch));
    json.raw(",\"effectiveUid\":")
        .maybe_number(line(b"Uid:", 1, scratch));
    json.raw(",\"tracer\":")
        .maybe_number(line(b"TracerPid:", 0, scratch));
    written(
        json,
        ",\"executable\":",
        read::link(process, b"exe").map_err(read::word),
    );
    let facts = read::facts(process, b"exe").ok();
    json.raw(",\"mode\":")
        .maybe_number(facts.as_ref().map(|facts| u64::from(facts.st_mode)));
    // A number of 32 bits on some processors.
    #[allow(clippy::useless_conversion)]
    let links = facts.as_ref().map(|facts| u64::from(facts.st_nlink));
    json.raw(",\"links\":").maybe_number(links);
    json.raw(",\"owner\":")
        .maybe_number(facts.as_ref().map(|facts| u64::from(facts.st_uid)));
    let command = text("cmdline", COMMAND_MOST, scratch).map(|()| scratch.clone());
    written(json, ",\"command\":", command);
    let groups = text("cgroup", GROUPS_MOST, scratch).map(|()| scratch.clone());
    written(json, ",\"groups\":", groups);
    let network = read::numbered(process, "ns/net", b"net").ok().flatten();
    json.raw(",\"network\":").maybe_number(network);
    json.raw(",\"standard\":[");
    for stream in 0..3 {
        let inode = open.as_ref().ok().and_then(|open| open.standard[stream]);
        json.next().maybe_number(inode);
    }
    json.raw("]");
    // Of the environment nothing but this leaves the process that reads it.
    let preload = text("environ", ENVIRONMENT_MOST, scratch)
        .ok()
        .map(|()| is_preloaded(scratch));
    scratch.fill(0);
    json.raw(",\"preload\":").maybe_flag(preload);
}

/// Ends what `write` began.
pub(super) fn end(json: &mut Json) {
    json.raw("}");
}

/// A text, or `{"error": word}`.
pub(super) fn written(json: &mut Json, key: &str, text: Result<Vec<u8>, Word>) {
    json.raw(key);
    match text {
        Ok(text) => json.string(&text),
        Err(word) => json.raw("{\"error\":").string(word.as_bytes()).raw("}"),
    };
}

/// The number at a place of the line that begins with a key.
fn of_line(text: &[u8], key: &[u8], at: usize) -> Option<u64> {
    text.split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(key))
        .and_then(|rest| fields(rest).nth(at))
        .and_then(decimal)
}

fn is_preloaded(environment: &[u8]) -> bool {
    environment.split(|byte| *byte == 0).any(|entry| {
        entry
            .strip_prefix(b"LD_PRELOAD=")
            .is_some_and(|value| !value.is_empty())
    })
}

/// The number of the thread group that a folder belongs to: a process's is its own.
pub(super) fn group_of(process: &OwnedFd, scratch: &mut Vec<u8>) -> Option<u64> {
    scratch.clear();
    read::file(process, b"status", STATUS_MOST, scratch).ok()?;
    of_line(scratch, b"Tgid:", 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_parentheses_and_lines() {
        let text = b"12 (a) (b\n) S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 998877 10 20\n";
        let stat = parse_stat(text).unwrap();
        assert_eq!(stat.name, b"a) (b\n");
        assert_eq!((stat.state, stat.parent), (b'S', 1));
        assert_eq!((stat.flags, stat.start), (4_194_560, 998_877));
        for text in [
            "",
            "1",
            "1 (a",
            "1 (a)",
            "1 (a) S",
            "1 (a) SS 1 1 1 1 1 1",
            ")(",
        ] {
            assert_eq!(parse_stat(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn only_that_something_is_preloaded_is_told() {
        assert!(is_preloaded(b"A=1\0LD_PRELOAD=/x.so\0B=2\0"));
        assert!(!is_preloaded(b"A=1\0LD_PRELOAD=\0XLD_PRELOAD=/x.so"));
        assert!(!is_preloaded(b""));
    }

    #[test]
    fn lines_of_the_status_are_found_by_their_key() {
        let text = b"Name:\tx\nUid:\t1000\t0\t0\t0\nTracerPid:\t7\n";
        assert_eq!(of_line(text, b"Uid:", 1), Some(0));
        assert_eq!(of_line(text, b"TracerPid:", 0), Some(7));
        assert_eq!(of_line(text, b"Tgid:", 0), None);
    }
}
