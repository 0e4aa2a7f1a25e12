//! The processes, looked at again and again. Of thousands most have done nothing since the last look,
//! which the clock of each tells for a tenth of what reading it costs. Of those only what others may have
//! changed is read: how much memory they have left, how many files are open, and who their parent is
//! now, if theirs ended. What runs at this very moment is counted up to the last tick, so that a figure
//! may be as old as that.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicUsize, Ordering};

use agent_ffi::Failure;
use agent_shared::{Control, check};
use rustix::fs::{AtFlags, CWD, PROC_SUPER_MAGIC, fstatfs, statat};
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

use super::clock;
use super::process::{self, Gone, Scratch};
use super::read;
use super::table::Row;

/// Descriptors that are kept open at most, by all samplers of this process together, and at most a third of
/// what it may have.
const KEPT_MOST: u64 = 8_192;
/// Of one process.
const EACH: u64 = 2;

/// What is known of the processes.
#[derive(Default)]
pub(super) struct Processes {
    known: Vec<Known>,
}

struct Known {
    row: Row,
    /// Nanoseconds that it had run when the row was begun; none if that is not to be trusted.
    runtime: Option<u64>,
    /// What is kept open of it.
    open: Option<Open>,
    /// Whether all of it was read at the last look.
    is_new: bool,
}

impl Processes {
    /// The rows, in ascending order of the numbers.
    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = &Row> + Clone {
        self.known.iter().map(|known| &known.row)
    }

    /// Looks at them all; gives how many are listed, denied, ended, broken.
    pub(super) fn read(
        &mut self,
        root: &str,
        control: &dyn Control,
    ) -> Result<Result<[f64; 4], Errno>, Failure> {
        let mut before = std::mem::take(&mut self.known).into_iter().peekable();
        let mut scratch = Scratch::new();
        let listing = read::folder(CWD, format!("{root}/proc").as_bytes())
            .and_then(|proc| Ok((listed(&proc, &mut scratch)?, proc)));
        let (pids, proc) = match listing {
            Ok(listing) => listing,
            Err(error) => return Ok(Err(error)),
        };
        let is_kernels = fstatfs(&proc).is_ok_and(|facts| facts.f_type == PROC_SUPER_MAGIC);
        scratch.tells = is_kernels
            && statat(&proc, c"self/fd", AtFlags::empty()).is_ok_and(|facts| facts.st_size > 0);
        let has_clocks = is_kernels && clock::has_own_numbers(&proc);
        let room = kept_most();
        let mut lost = [0.0; 3];
        // Whose children have another parent by now.
        let mut ended = Vec::new();
        self.known
            .try_reserve(pids.len())
            .map_err(agent_shared::Error::from)?;
        for (at, pid) in pids.iter().copied().enumerate() {
            if at % 128 == 0 {
                check(control)?;
            }
            while let Some(gone) = before.next_if(|known| known.row.pid < pid) {
                ended.push(gone.row.pid);
            }
            let old = before.next_if(|known| known.row.pid == pid);
            let runtime = if has_clocks {
                clock::runtime(pid)
            } else {
                None
            };
            let start = old.as_ref().map(|old| old.row.start);
            match look(&proc, pid, old, runtime, room, &mut scratch) {
                Ok(known) => {
                    let is_other = start.is_some_and(|start| start != known.row.start);
                    if is_other || matches!(known.row.state, b'Z' | b'X') {
                        ended.push(pid);
                    }
                    self.known.push(known);
                }
                Err(gone) => {
                    ended.push(pid);
                    lost[gone as usize] += 1.0;
                }
            }
        }
        ended.extend(before.map(|gone| gone.row.pid));
        ended.sort_unstable();
        self.known.retain_mut(|known| {
            if known.is_new || ended.binary_search(&known.row.parent).is_err() {
                return true;
            }
            let row = process::whole(&proc, known.row.pid, &mut scratch);
            row.map(|row| known.row = row)
                .inspect_err(|gone| lost[*gone as usize] += 1.0)
                .is_ok()
        });
        let [denied, gone, broken] = lost;
        Ok(Ok([pids.len() as f64, denied, gone, broken]))
    }
}

/// Looks at one process. Of `room` processes something may be kept open.
fn look(
    proc: &OwnedFd,
    pid: u64,
    old: Option<Known>,
    runtime: Option<u64>,
    room: usize,
    scratch: &mut Scratch,
) -> Result<Known, Gone> {
    if let Some(mut old) = old
        && old.is_idle(runtime)
        && old.refresh(proc, room, scratch)
    {
        return Ok(old);
    }
    Ok(Known {
        row: process::whole(proc, pid, scratch)?,
        runtime,
        open: None,
        is_new: true,
    })
}

impl Known {
    /// Whether it is the same process (no other has run for as many nanoseconds) and has done nothing
    /// since. Only of one that slept that says that it still does.
    fn is_idle(&self, runtime: Option<u64>) -> bool {
        runtime.is_some_and(|runtime| runtime > 0)
            && self.runtime == runtime
            && matches!(self.row.state, b'S' | b'I')
    }

    /// Reads what others may have changed.
    fn refresh(&mut self, proc: &OwnedFd, room: usize, scratch: &mut Scratch) -> bool {
        self.is_new = false;
        let open = self.open.take();
        let Some(open) = open.or_else(|| Open::new(proc, &self.row, room, scratch)) else {
            return false;
        };
        self.row.descriptors = match &open.files {
            Some(files) => process::entries_told(files),
            None => process::descriptors(proc, self.row.pid, scratch),
        };
        if let Some(memory) = &open.memory {
            let Some(resident) = process::resident(memory) else {
                return false;
            };
            self.row.resident_pages = resident;
        }
        self.open = Some(open).filter(|open| open.place.is_some());
        true
    }
}

/// What is kept open of a process that does nothing.
struct Open {
    /// Tells how much memory it has. Threads of the kernel have none of their own.
    memory: Option<OwnedFd>,
    /// The folder of its open files, where its size tells how many they are and this program may open it.
    files: Option<OwnedFd>,
    /// None where there is no room: it is closed after this look.
    place: Option<Place>,
}

/// So many places are taken, by all samplers of this process.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// One of the processes that something may be kept open of. It is given back when it is dropped.
struct Place(&'static AtomicUsize);

impl Place {
    /// Takes one of `most` places, if one is free.
    fn take(taken: &'static AtomicUsize, most: usize) -> Option<Self> {
        taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
                (taken < most).then_some(taken + 1)
            })
            .is_ok()
            .then(|| Self(taken))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Open {
    fn new(proc: &OwnedFd, row: &Row, room: usize, scratch: &mut Scratch) -> Option<Self> {
        let memory = if row.virtual_bytes > 0.0 {
            Some(process::open(proc, row.pid, "/statm", scratch)?)
        } else {
            None
        };
        let files = scratch
            .tells
            .then(|| process::open(proc, row.pid, "/fd", scratch));
        Some(Self {
            memory,
            files: files.flatten(),
            place: Place::take(&TAKEN, room),
        })
    }
}

fn listed(proc: &OwnedFd, scratch: &mut Scratch) -> Result<Vec<u64>, Errno> {
    let mut pids = Vec::new();
    read::entries(proc, &mut scratch.entries, |name| {
        if name.first() != Some(&b'0') && name.len() <= 10 {
            pids.extend(read::decimal(name));
        }
    })?;
    pids.sort_unstable();
    Ok(pids)
}

/// How many processes something is kept open of.
fn kept_most() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(KEPT_MOST.min(limit / 3) / EACH).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_given_back() {
        static PLACES: AtomicUsize = AtomicUsize::new(0);
        let first = Place::take(&PLACES, 2);
        let second = Place::take(&PLACES, 2);
        assert!(first.is_some() && second.is_some());
        assert!(Place::take(&PLACES, 2).is_none());
        drop(first);
        assert!(Place::take(&PLACES, 2).is_some());
        drop(second);
        assert_eq!(PLACES.load(Ordering::Relaxed), 0);
        assert!(Place::take(&PLACES, 0).is_none());
    }
}
