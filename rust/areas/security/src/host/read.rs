//! Files, links and folders below an open folder, with bounds; and the one word for why not.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RawDir, Stat, openat, readlinkat_raw, statat};
use rustix::io::Errno;

/// Why something could not be read: "denied", "absent" or "failed".
pub(super) type Word = &'static str;

const LINK_MOST: usize = 4096;

/// What an error of the system comes to.
pub(super) fn word(error: Errno) -> Word {
    match error {
        Errno::ACCESS | Errno::PERM => "denied",
        Errno::NOENT | Errno::SRCH => "absent",
        _ => "failed",
    }
}

/// Opens a folder by its path.
pub(super) fn root(path: &str) -> Result<OwnedFd, Errno> {
    openat(CWD, path, FOLDER, Mode::empty())
}

/// Opens a folder below another.
pub(super) fn folder(at: &OwnedFd, name: &[u8]) -> Result<OwnedFd, Errno> {
    openat(at, name, FOLDER, Mode::empty())
}

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

/// At most `most` bytes of a file, appended to what `into` holds.
pub(super) fn file(
    at: &OwnedFd,
    name: &[u8],
    most: usize,
    into: &mut Vec<u8>,
) -> Result<(), Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = openat(at, name, flags, Mode::empty())?;
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

/// Where a link leads, as it is written.
pub(super) fn link(at: &OwnedFd, name: &[u8]) -> Result<Vec<u8>, Errno> {
    let mut buffer = vec![0; LINK_MOST];
    let length = readlinkat_raw(at, name, &mut buffer[..])?;
    buffer.truncate(length);
    Ok(buffer)
}

/// The number in a link that is `<kind>:[<number>]`, such as that of a socket.
pub(super) fn numbered(
    at: &OwnedFd,
    name: impl rustix::path::Arg,
    kind: &[u8],
) -> Result<Option<u64>, Errno> {
    let mut buffer = [0; 64];
    let length = readlinkat_raw(at, name, &mut buffer[..])?;
    let number = buffer[..length]
        .strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix(b":["))
        .and_then(|rest| rest.strip_suffix(b"]"));
    Ok(number.and_then(decimal))
}

/// The facts of the file that a name leads to.
pub(super) fn facts(at: &OwnedFd, name: &[u8]) -> Result<Stat, Errno> {
    statat(at, name, AtFlags::empty())
}

/// Calls `each` with the name of every entry but `.` and `..`, in no order.
pub(super) fn entries(
    folder: &OwnedFd,
    buffer: &mut [MaybeUninit<u8>],
    mut each: impl FnMut(&CStr),
) -> Result<(), Errno> {
    let mut names = RawDir::new(folder, buffer);
    while let Some(entry) = names.next() {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            each(name);
        }
    }
    Ok(())
}

/// The number of an open file, by its name: plain, without zeros before it.
pub(super) fn plain(name: &[u8]) -> Option<u32> {
    let is_plain = name.len() <= 9 && (name.len() == 1 || name.first() != Some(&b'0'));
    decimal(name)
        .filter(|_| is_plain)
        .and_then(|number| u32::try_from(number).ok())
}

/// A number as a name, made without allocating.
pub(super) struct Name {
    digits: [u8; 11],
    begin: usize,
}

impl Name {
    /// The name.
    pub(super) fn of(number: u32) -> Self {
        let mut digits = [0; 11];
        // The last byte stays the NUL that the system wants.
        let mut begin = digits.len() - 1;
        let mut rest = number;
        loop {
            begin -= 1;
            digits[begin] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break Self { digits, begin };
            }
        }
    }

    /// As the system takes it.
    pub(super) fn text(&self) -> &CStr {
        CStr::from_bytes_with_nul(&self.digits[self.begin..]).unwrap_or_default()
    }
}

/// A whole number of at most 15 decimal digits, which JSON's readers hold exactly.
pub(super) fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 15 {
        return None;
    }
    text.iter().try_fold(0, |number: u64, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u64::from(byte - b'0'))
    })
}

/// The parts of a line between spaces and tabs.
pub(super) fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| matches!(byte, b' ' | b'\t'))
        .filter(|field| !field.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain_decimals() {
        assert_eq!(decimal(b"0"), Some(0));
        assert_eq!(decimal(b"999999999999999"), Some(999_999_999_999_999));
        for text in ["", "-1", "+1", "1 ", "0x1", "1000000000000000"] {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn names_of_open_files_are_plain_numbers() {
        for number in [0, 7, 10, 99, 1_048_576, u32::MAX] {
            let name = Name::of(number);
            assert_eq!(name.text().to_str(), Ok(&*number.to_string()));
        }
        assert_eq!(plain(b"0"), Some(0));
        assert_eq!(plain(b"999999999"), Some(999_999_999));
        for text in ["", "00", "07", "x", "-1", "1000000000"] {
            assert_eq!(plain(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn fields_lie_between_spaces_and_tabs() {
        let found: Vec<_> = fields(b" \ta  b\tc ").collect();
        assert_eq!(found, [b"a", b"b", b"c"]);
    }
}
