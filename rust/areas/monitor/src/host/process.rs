//! One process, by its files below `/proc`.

use std::io::Write as _;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, fstat, statat};
use rustix::io::Errno;

use super::read::{self, FAILED, decimal, reason};
use super::table::Row;

const STAT_MOST: usize = 4096;
const IO_MOST: usize = 4096;
const STATM_MOST: usize = 256;

/// What stays the same while processes are gone through.
pub(super) struct Scratch {
    /// Whether the size of the folder `fd` is the number of its entries, as of late Linux tells.
    pub(super) tells: bool,
    /// For listings.
    pub(super) entries: Vec<MaybeUninit<u8>>,
    text: Vec<u8>,
    path: Vec<u8>,
}

impl Scratch {
    pub(super) fn new() -> Self {
        Self {
            tells: false,
            entries: vec![MaybeUninit::uninit(); 32 << 10],
            text: vec![0; STAT_MOST.max(IO_MOST)],
            path: Vec::with_capacity(32),
        }
    }
}

/// Why there is no row of a process.
#[derive(Clone, Copy)]
pub(super) enum Gone {
    /// It may not be looked at.
    Denied,
    /// It ended.
    Ended,
    /// What stands there is not what the kernel writes.
    Broken,
}

impl From<Errno> for Gone {
    fn from(error: Errno) -> Self {
        match error {
            Errno::ACCESS | Errno::PERM => Self::Denied,
            _ => Self::Ended,
        }
    }
}

/// The path of a process's file below `/proc`.
fn path_of<'p>(path: &'p mut Vec<u8>, pid: u64, file: &str) -> &'p [u8] {
    path.clear();
    // A vector takes whatever is written to it.
    let _ = write!(path, "{pid}{file}");
    path
}

/// Reads all of a process. `stat` is opened first and read last: while it can be read, the number is
/// still that of the process that it was opened of.
pub(super) fn whole(proc: &OwnedFd, pid: u64, scratch: &mut Scratch) -> Result<Row, Gone> {
    let file = read::open(proc, path_of(&mut scratch.path, pid, "/stat"))?;
    let uid = statat(proc, path_of(&mut scratch.path, pid, ""), AtFlags::empty())
        .map_or_else(reason, |facts| f64::from(facts.st_uid));
    let descriptors = descriptors(proc, pid, scratch);
    let [read, written] = read::open(proc, path_of(&mut scratch.path, pid, "/io"))
        .and_then(|io| read::beginning(io, &mut scratch.text[..IO_MOST]).map(moved))
        .unwrap_or_else(|error| [reason(error); 2]);
    let resident = open(proc, pid, "/statm", scratch).and_then(resident);
    let text = read::beginning(file.as_fd(), &mut scratch.text[..STAT_MOST])?;
    let stat = parse_stat(text).ok_or(Gone::Broken)?;
    Ok(Row {
        pid,
        parent: stat.parent,
        state: stat.state,
        uid,
        ticks: (stat.user + stat.system) as f64,
        threads: stat.threads as f64,
        start: stat.start as f64,
        virtual_bytes: stat.virtual_bytes as f64,
        // `stat` tells what was counted up lately, `statm` of late Linux what there is.
        resident_pages: resident.unwrap_or(stat.resident_pages as f64),
        descriptors,
        read,
        written,
        name: String::from_utf8_lossy(stat.name)
            .replace('\0', "\u{fffd}")
            .into(),
    })
}

/// How many files it has open.
pub(super) fn descriptors(proc: &OwnedFd, pid: u64, scratch: &mut Scratch) -> f64 {
    let path = path_of(&mut scratch.path, pid, "/fd");
    if scratch.tells {
        return statat(proc, path, AtFlags::empty())
            .map_or_else(reason, |facts| facts.st_size as f64);
    }
    let mut count = 0.0;
    read::folder(proc, path)
        .and_then(|folder| read::entries(&folder, &mut scratch.entries, |_| count += 1.0))
        .map_or_else(reason, |()| count)
}

/// The same of the open folder, where its size tells.
pub(super) fn entries_told(folder: impl AsFd) -> f64 {
    fstat(folder).map_or_else(reason, |facts| facts.st_size as f64)
}

/// Opens one of its files or folders.
pub(super) fn open(proc: &OwnedFd, pid: u64, file: &str, scratch: &mut Scratch) -> Option<OwnedFd> {
    read::open(proc, path_of(&mut scratch.path, pid, file)).ok()
}

/// Resident pages, by `statm`.
pub(super) fn resident(statm: impl AsFd) -> Option<f64> {
    let mut buffer = [0; STATM_MOST];
    let text = read::beginning(statm, &mut buffer).ok()?;
    let second = text.split(|byte| *byte == b' ').nth(1)?;
    decimal(second).map(|pages| pages as f64)
}

/// What `stat` says.
#[derive(Debug, PartialEq, Eq)]
struct Stat<'t> {
    name: &'t [u8],
    state: u8,
    parent: u64,
    user: u64,
    system: u64,
    threads: u64,
    start: u64,
    virtual_bytes: u64,
    resident_pages: u64,
}

/// A name may hold anything, parentheses and spaces too: it ends with the last of them.
fn parse_stat(text: &[u8]) -> Option<Stat<'_>> {
    let open = text.iter().position(|byte| *byte == b'(')?;
    let close = text.iter().rposition(|byte| *byte == b')')?;
    let name = text.get(open + 1..close)?;
    let line = text[close + 1..].split(|byte| *byte == b'\n').next()?;
    let mut fields = line
        .split(|byte| *byte == b' ')
        .filter(|field| !field.is_empty());
    let state = match fields.next()? {
        [state] if state.is_ascii_alphabetic() => *state,
        _ => return None,
    };
    // How many fields of proc(5) are passed over before each.
    let mut field = |skipped: usize| decimal(fields.nth(skipped)?);
    Some(Stat {
        name,
        state,
        parent: field(0)?,
        user: field(9)?,
        system: field(0)?,
        threads: field(4)?,
        start: field(1)?,
        virtual_bytes: field(0)?,
        resident_pages: field(0)?,
    })
}

/// Bytes read from and written to devices.
fn moved(text: &[u8]) -> [f64; 2] {
    let mut moved = [FAILED; 2];
    for line in text.split(|byte| *byte == b'\n') {
        for (at, key) in [&b"read_bytes: "[..], b"write_bytes: "].iter().enumerate() {
            if let Some(value) = line.strip_prefix(*key) {
                moved[at] = decimal(value).map_or(FAILED, |bytes| bytes as f64);
            }
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_parentheses_and_lines() {
        let text =
            b"12 (a) (b\n) S 1 12 12 0 -1 4194560 1 2 3 4 50 60 7 8 20 0 3 0 998877 4096 20 18446744073709551615 1\n";
        let stat = parse_stat(text).unwrap();
        assert_eq!(
            (stat.name, stat.state, stat.parent),
            (&b"a) (b\n"[..], b'S', 1)
        );
        assert_eq!((stat.user, stat.system, stat.threads), (50, 60, 3));
        assert_eq!((stat.start, stat.virtual_bytes), (998_877, 4096));
        assert_eq!(stat.resident_pages, 20);
        for text in ["", "1", "1 (a", "1 (a)", "1 (a) S", "1 (a) SS 1 1", ")("] {
            assert_eq!(parse_stat(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn bytes_are_found_by_their_line() {
        let text = b"rchar: 1\nread_bytes: 2\nwrite_bytes: 3\ncancelled_write_bytes: 4\n";
        assert_eq!(moved(text), [2.0, 3.0]);
        assert_eq!(moved(b"read_bytes: x\n"), [FAILED; 2]);
        assert_eq!(moved(b""), [FAILED; 2]);
    }
}
