//! One look at sockets and processes, as JSON.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use agent_ffi::{Failure, Status};
use agent_shared::{Control, check, each};
use rustix::io::Errno;

use super::json::Json;
use super::process::{self, Open, Stat};
use super::read;
use super::tables::Tables;

/// What a scan is to bring.
#[derive(Clone, Copy, Debug)]
pub struct Want {
    /// The tables of sockets.
    pub sockets: bool,
    /// Every process; without it, those that own a socket.
    pub processes: bool,
    /// What more there is to say of each than its name.
    pub details: bool,
    /// Numbers up to this one are tried for processes that the listing leaves out; 0 for none.
    pub hidden_most: u64,
}

/// Reads what is wanted below `root`, which is `/proc` or has its form. `cancelled` ends it between two
/// processes.
pub fn scan(root: &str, want: Want, control: &dyn Control) -> Result<Vec<u8>, Failure> {
    let failed = |error: Errno| {
        Failure::new(Status::Io, format!("{root} cannot be read: {error}"))
            .field("path", root)
            .field("operation", "read")
    };
    let proc = read::root(root).map_err(failed)?;
    let mut buffer = vec![MaybeUninit::uninit(); BUFFER];
    // Of late Linux tells how many files a process has open as the size of their folder: threads of the
    // kernel and processes that ended have none, and most of a machine's processes are such.
    let told = read::facts(&proc, b"self/fd").is_ok_and(|facts| facts.st_size > 0);
    let counts = root == "/proc" && told;
    let look = || {
        let mut buffer = vec![MaybeUninit::uninit(); BUFFER];
        let mut pids = listed(&proc, &mut buffer).map_err(failed)?;
        pids.sort_unstable();
        let parts = each(pids.len().div_ceil(PART), control, |part| {
            let pids = &pids[part * PART..pids.len().min((part + 1) * PART)];
            Ok::<_, Failure>(look(&proc, pids, want, counts))
        })?;
        let seen: Vec<_> = parts.into_iter().flatten().collect();
        Ok::<_, Failure>((pids, seen))
    };
    let mut json = Json::default();
    json.raw("{");
    let mut wanted = Vec::new();
    let (pids, mut seen);
    if want.sockets {
        // The tables first: a socket that is opened later is in none of the rows that need an owner. What takes long is
        // read while open files are looked at.
        let mut tables = Tables::read(&proc, root == "/proc");
        let (first, late) = rayon::join(look, || tables.read_rest(&proc));
        let mut all = first?;
        wanted = tables.write(&mut json);
        json.raw(",");
        // One without an owner may have been opened after its process was looked at: a look that begins now misses no
        // owner of what the tables hold, but for those that ended.
        if has_more(&late, &all.1) {
            all = look()?;
        }
        (pids, seen) = all;
    } else {
        (pids, seen) = look()?;
    }
    let denied = seen.iter().filter(|one| one.is_denied()).count();
    for one in &mut seen {
        one.keep(&wanted);
    }
    seen.retain(|one| want.processes || one.owns());
    let parts = each(seen.len().div_ceil(PART), control, |part| {
        let some = &seen[part * PART..seen.len().min((part + 1) * PART)];
        Ok::<_, Failure>(written(&proc, some, want))
    })?;
    json.raw("\"processes\":[");
    for part in &parts {
        json.append(&part.json);
    }
    json.raw("],\"listed\":").number(pids.len() as u64);
    json.raw(",\"denied\":").number(denied as u64);
    json.raw(",\"ended\":")
        .number(parts.iter().map(|part| part.ended).sum());
    let mut scratch = Vec::new();
    if want.hidden_most > 0 {
        json.raw(",\"hidden\":[");
        let last = pids.last().copied().unwrap_or(0).min(want.hidden_most);
        for pid in 1..=last {
            if pid % 1024 == 0 {
                check(control)?;
            }
            if pids.binary_search(&pid).is_ok() {
                continue;
            }
            let name = pid.to_string();
            let Ok(folder) = read::folder(&proc, name.as_bytes()) else {
                continue;
            };
            if process::group_of(&folder, &mut scratch) != Some(pid) {
                continue;
            }
            // It may have begun since the listing was made.
            if !listed(&proc, &mut buffer).map_err(failed)?.contains(&pid) {
                json.next().number(pid);
            }
        }
        json.raw("]");
    }
    json.raw("}");
    Ok(json.into_bytes())
}

/// How many processes one thread looks at before it asks for more.
const PART: usize = 32;
const BUFFER: usize = 32 << 10;

/// A process whose open files were looked at.
struct Seen {
    pid: u64,
    open: Result<Open, Errno>,
    stat: Option<Stat>,
}

impl Seen {
    fn is_denied(&self) -> bool {
        matches!(&self.open, Err(error) if read::word(*error) == "denied")
    }

    fn owns(&self) -> bool {
        !self.sockets().is_empty()
    }

    fn sockets(&self) -> &[u64] {
        self.open.as_ref().map_or(&[], |open| &open.sockets)
    }

    /// Forgets sockets that are in no table.
    fn keep(&mut self, wanted: &[u64]) {
        if let Ok(open) = &mut self.open {
            open.sockets
                .retain(|inode| wanted.binary_search(inode).is_ok());
        }
    }
}

/// Whether some of these inodes are in no process.
fn has_more(late: &[u64], seen: &[Seen]) -> bool {
    let mut late = late.iter().filter(|inode| **inode != 0).peekable();
    if late.peek().is_none() {
        return false;
    }
    let mut found: Vec<u64> = seen.iter().flat_map(Seen::sockets).copied().collect();
    found.sort_unstable();
    late.any(|inode| found.binary_search(inode).is_err())
}

/// Looks at the open files of some processes; of those without sockets nothing is told unless all are wanted.
fn look(proc: &OwnedFd, pids: &[u64], want: Want, counts: bool) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut buffer = vec![MaybeUninit::uninit(); BUFFER];
    for pid in pids {
        let name = pid.to_string();
        let path = format!("{name}/fd");
        let facts = counts.then(|| read::facts(proc, path.as_bytes()).ok());
        let count = facts
            .flatten()
            .and_then(|facts| u32::try_from(facts.st_size).ok());
        if count == Some(0) && !want.processes {
            continue;
        }
        let files = read::folder(proc, path.as_bytes());
        let open = files.as_ref().map_err(|error| *error);
        let open = open.and_then(|files| process::open_files(files, count, &mut buffer));
        let mut one = Seen {
            pid: *pid,
            open,
            stat: None,
        };
        if !want.processes && !one.owns() {
            if one.is_denied() {
                seen.push(one);
            }
            continue;
        }
        // Whose files were seen is beside their folder, even if the number is another process's by now.
        let folder = match &files {
            Ok(files) => read::folder(files, b".."),
            Err(_) => read::folder(proc, name.as_bytes()),
        };
        one.stat = folder
            .and_then(|folder| process::stat(&folder))
            .ok()
            .flatten();
        seen.push(one);
    }
    seen
}

/// What some of the processes came to.
#[derive(Default)]
struct Part {
    json: Json,
    ended: u64,
}

fn written(proc: &OwnedFd, seen: &[Seen], want: Want) -> Part {
    let mut part = Part::default();
    let mut scratch = Vec::new();
    for Seen { pid, open, stat } in seen {
        let Some(stat) = stat else {
            part.ended += 1;
            continue;
        };
        if !want.details {
            process::write(&mut part.json, *pid, stat, open);
            process::end(&mut part.json);
            continue;
        }
        // With another start it is another process, to which the open files do not belong.
        let folder = read::folder(proc, pid.to_string().as_bytes());
        let again = folder.as_ref().map(process::stat);
        let (Ok(folder), Ok(Ok(Some(again)))) = (&folder, again) else {
            part.ended += 1;
            continue;
        };
        if again.start != stat.start {
            part.ended += 1;
            continue;
        }
        process::write(&mut part.json, *pid, &again, open);
        process::write_details(&mut part.json, folder, open, &mut scratch);
        process::end(&mut part.json);
    }
    part
}

fn listed(proc: &OwnedFd, buffer: &mut [MaybeUninit<u8>]) -> Result<Vec<u64>, Errno> {
    let mut pids = Vec::new();
    // The place in a folder belongs to its descriptor: each listing needs one of its own.
    let folder = read::folder(proc, b".")?;
    read::entries(&folder, buffer, |name| {
        let name = name.to_bytes();
        if name.first() != Some(&b'0') && name.len() <= 10 {
            pids.extend(read::decimal(name));
        }
    })?;
    Ok(pids)
}
