//! Files and folders with bounds, and the one number for why not.

use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Mode, OFlags, RawDir, openat};
use rustix::io::Errno;

/// Why something could not be read: not permitted, not there (any more), or something else. Counts and
/// lengths are never negative, so these stand in their place.
pub(super) const DENIED: f64 = -1.0;
pub(super) const ABSENT: f64 = -2.0;
pub(super) const FAILED: f64 = -3.0;

/// What an error of the system comes to.
pub(super) fn reason(error: Errno) -> f64 {
    match error {
        Errno::ACCESS | Errno::PERM => DENIED,
        Errno::NOENT | Errno::SRCH => ABSENT,
        _ => FAILED,
    }
}

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::CLOEXEC);

/// Opens a folder below another.
pub(super) fn folder(at: impl AsFd, name: &[u8]) -> Result<OwnedFd, Errno> {
    openat(at, name, FOLDER, Mode::empty())
}

/// Opens a file below a folder.
pub(super) fn open(at: impl AsFd, name: &[u8]) -> Result<OwnedFd, Errno> {
    openat(at, name, FILE, Mode::empty())
}

/// What one read from the beginning of a file gives: all of it, for the files of a process.
pub(super) fn beginning(file: impl AsFd, buffer: &mut [u8]) -> Result<&[u8], Errno> {
    let length = rustix::io::pread(file, &mut *buffer, 0)?;
    Ok(&buffer[..length])
}

/// Appends at most `most` bytes of a file.
pub(super) fn append(file: impl AsFd, most: usize, into: &mut Vec<u8>) -> Result<(), Errno> {
    let end = into.len().saturating_add(most);
    let mut step = 4096;
    while into.len() < end {
        let begin = into.len();
        let take = step.min(end - begin);
        into.try_reserve(take).map_err(|_| Errno::NOMEM)?;
        into.resize(begin + take, 0);
        let read = rustix::io::read(&file, &mut into[begin..]);
        into.truncate(begin + *read.as_ref().unwrap_or(&0));
        if read? == 0 {
            break;
        }
        step = (step * 2).min(1 << 20);
    }
    Ok(())
}

/// Calls `each` with the name of every entry but `.` and `..`, in no order.
pub(super) fn entries(
    folder: &OwnedFd,
    buffer: &mut [MaybeUninit<u8>],
    mut each: impl FnMut(&[u8]),
) -> Result<(), Errno> {
    let mut names = RawDir::new(folder, buffer);
    while let Some(entry) = names.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            each(name);
        }
    }
    Ok(())
}

/// A whole number in plain decimal digits, at most the largest that a number of JavaScript holds exactly.
pub(super) fn decimal(text: &[u8]) -> Option<u64> {
    const MOST: u64 = (1 << 53) - 1;
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    let number = text.iter().try_fold(0, |number: u64, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u64::from(byte - b'0'))
    })?;
    (number <= MOST).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain_decimals() {
        assert_eq!(decimal(b"0"), Some(0));
        assert_eq!(decimal(b"9007199254740991"), Some((1 << 53) - 1));
        let refused = [
            "",
            "-1",
            "+1",
            "1 ",
            "0x1",
            "9007199254740992",
            "00000000000000001",
        ];
        for text in refused {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
    }
}
