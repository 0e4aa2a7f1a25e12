//! Reads the same things again and again: texts of files, and the table of processes.

use std::mem::MaybeUninit;
use std::sync::{Mutex, PoisonError};

use agent_ffi::{Failure, payload};
use agent_shared::Control;
use rustix::fs::CWD;
use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};

use super::processes::Processes;
use super::read::{self, ABSENT, reason};
use super::table::{COLUMNS, write_names, write_numbers};

/// Numbers at the beginning of a payload, in the order of `src/monitor/source/native.ts`.
const HEAD: usize = 8;
/// A folder of more entries is cut.
const NAMES_MOST: usize = 1 << 20;

/// Reads below one root.
pub struct Sampler {
    root: String,
    processes: Mutex<Processes>,
}

impl Sampler {
    /// `root` is empty for the machine itself, or a folder with folders of the form of `/proc` and `/sys`.
    pub fn new(root: &str) -> Self {
        Self {
            root: root.to_owned(),
            processes: Mutex::default(),
        }
    }

    /// Reads files, each at most `most` bytes, and the processes if they are wanted. A path that ends
    /// with a slash stands for the names in a folder, a line each.
    ///
    /// The payload begins with f64 numbers: the monotonic clock, and the same at the processes, both in
    /// milliseconds; milliseconds of CPU time that this took; how many processes follow, or a negative
    /// reason; how many the listing shows, may not be looked at, ended meanwhile, are broken; for each
    /// path a length or a negative reason; the columns of processes. Then come the texts of the files,
    /// and the names of the processes with a NUL between two.
    pub fn sample<'p>(
        &self,
        paths: impl Iterator<Item = &'p str>,
        most: usize,
        processes: bool,
        control: &dyn Control,
    ) -> Result<Vec<u8>, Failure> {
        let began = milliseconds(ClockId::ThreadCPUTime);
        let mut head = [
            milliseconds(ClockId::Monotonic),
            0.0,
            0.0,
            ABSENT,
            0.0,
            0.0,
            0.0,
            0.0,
        ];
        let mut lengths = Vec::new();
        let mut texts = Vec::new();
        for path in paths {
            let begin = texts.len();
            let read = self.append(check_path(path)?, most, &mut texts);
            lengths.push(match read {
                Ok(()) => (texts.len() - begin) as f64,
                Err(error) => {
                    texts.truncate(begin);
                    reason(error)
                }
            });
        }
        head[1] = milliseconds(ClockId::Monotonic);
        // After a reading that was cancelled or failed, all is read anew.
        let mut table = self
            .processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if processes {
            head[3] = match table.read(&self.root, control)? {
                Ok(counts) => {
                    head[4..].copy_from_slice(&counts);
                    table.rows().len() as f64
                }
                Err(error) => reason(error),
            };
        }
        let count = head[3].max(0.0) as usize;
        let rows = || table.rows().take(count);
        let numbers = HEAD + lengths.len() + COLUMNS * count;
        let mut result = payload(numbers * 8 + texts.len())?;
        head[2] = milliseconds(ClockId::ThreadCPUTime) - began;
        for number in head.into_iter().chain(lengths) {
            result.extend_from_slice(&number.to_le_bytes());
        }
        write_numbers(rows(), &mut result);
        result.extend_from_slice(&texts);
        write_names(rows(), &mut result);
        Ok(result)
    }

    fn append(&self, path: &str, most: usize, into: &mut Vec<u8>) -> Result<(), Errno> {
        let whole = format!("{}{path}", self.root);
        if !path.ends_with('/') {
            return read::append(read::open(CWD, whole.as_bytes())?, most, into);
        }
        let folder = read::folder(CWD, whole.as_bytes())?;
        let end = into.len().saturating_add(most.min(NAMES_MOST));
        let mut buffer = vec![MaybeUninit::uninit(); 8 << 10];
        read::entries(&folder, &mut buffer, |name| {
            if into.len() + name.len() < end {
                into.extend_from_slice(name);
                into.push(b'\n');
            }
        })
    }
}

fn milliseconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// Nothing but the kernel's own folders is ever read, whoever asks.
fn check_path(path: &str) -> Result<&str, Failure> {
    let is_below = path.starts_with("/proc/") || path.starts_with("/sys/");
    if is_below && path.split('/').all(|part| part != "..") && !path.contains('\0') {
        return Ok(path);
    }
    let message = format!("\"{path}\" is not a path below /proc or /sys");
    Err(Failure::invalid(message).field("path", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use agent_ffi::Status;
    use agent_shared::Uncontrolled;

    fn numbers(payload: &[u8], count: usize) -> Vec<f64> {
        let numbers = payload.as_chunks::<8>().0.iter().take(count);
        numbers.map(|bytes| f64::from_le_bytes(*bytes)).collect()
    }

    #[test]
    fn it_reads_this_machine() {
        let sampler = Sampler::new("");
        for _ in 0..3 {
            let paths = ["/proc/loadavg", "/proc/none", "/proc/self/"];
            let payload = sampler
                .sample(paths.into_iter(), 1 << 16, true, &Uncontrolled)
                .unwrap();
            let head = numbers(&payload, HEAD + 3);
            assert!(head[3] > 0.0 && head[3] <= head[4], "{head:?}");
            assert!(
                head[8] > 0.0 && head[9] == ABSENT && head[10] > 0.0,
                "{head:?}"
            );
            let all = numbers(&payload, HEAD + 3 + COLUMNS * head[3] as usize);
            let pids = &all[HEAD + 3..HEAD + 3 + head[3] as usize];
            assert!(pids.is_sorted() && pids.contains(&f64::from(std::process::id())));
        }
    }

    #[test]
    fn other_paths_are_refused() {
        let sampler = Sampler::new("");
        for path in [
            "/etc/passwd",
            "proc/stat",
            "/proc/../etc/passwd",
            "/proc",
            "",
            "/sys/\0",
        ] {
            let read = sampler.sample([path].into_iter(), 1, false, &Uncontrolled);
            assert_eq!(
                read.unwrap_err().status(),
                Status::InvalidArgument,
                "{path}"
            );
        }
    }
}
