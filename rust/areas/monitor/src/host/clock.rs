//! How long a process has run, to the nanosecond: a system call of half a microsecond that tells whether it
//! has done anything at all since the last look.

use std::os::fd::OwnedFd;

use nix::time::{ClockId, clock_gettime};

use super::read;

const STATUS_MOST: usize = 8192;

/// Whether the numbers of processes in this folder are those by which this process knows them too: it may
/// be of another name space, as where a container is shown its host's.
pub(super) fn has_own_numbers(proc: &OwnedFd) -> bool {
    let mut buffer = [0; STATUS_MOST];
    read::open(proc, b"self/status")
        .and_then(|status| read::beginning(status, &mut buffer).map(numbers))
        .is_ok_and(|found| found == Some(u64::from(std::process::id())))
}

/// The only number that `NSpid` tells: there is one for each name space from that of the folder inwards.
fn numbers(status: &[u8]) -> Option<u64> {
    let mut lines = status.split(|byte| *byte == b'\n');
    let line = lines.find_map(|line| line.strip_prefix(b"NSpid:"))?;
    let mut fields = line
        .split(|byte| matches!(byte, b' ' | b'\t'))
        .filter(|field| !field.is_empty());
    let number = read::decimal(fields.next()?);
    fields.next().is_none().then_some(number).flatten()
}

/// Nanoseconds that a process has run; none where the kernel does not tell. What runs at this moment is counted
/// up to the last tick.
pub(super) fn runtime(pid: u64) -> Option<u64> {
    // As the kernel numbers clocks of processes: the complement of the number, then how it counts, here
    // by the scheduler.
    let clock = (!i32::try_from(pid).ok()?) << 3 | 2;
    let time = clock_gettime(ClockId::from_raw(clock)).ok()?;
    let (seconds, rest) = (u64::try_from(time.tv_sec()).ok()?, time.tv_nsec());
    Some(seconds * 1_000_000_000 + u64::try_from(rest).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_is_told_from_one_that_does_not() {
        let own = u64::from(std::process::id());
        let before = runtime(own).unwrap();
        let sum: u64 = (0..200_000_u64).map(std::hint::black_box).sum();
        assert!(sum > 0 && runtime(own).unwrap() > before);
        assert_eq!(runtime(u64::MAX), None);
    }

    #[test]
    fn only_numbers_of_the_own_name_space_are_trusted() {
        assert_eq!(numbers(b"Name:\tx\nNSpid:\t12\nNSsid:\t1\n"), Some(12));
        assert_eq!(numbers(b"NSpid:\t712\t12\n"), None);
        assert_eq!(numbers(b"Pid:\t12\n"), None);
    }
}
