//! One look at sockets and processes, as JSON.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use agent_ffi::{Failure, Status};
use agent_shared::{Control, check, each};

use super::json::Json;
use super::process;
use super::read;
use super::tables;

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
    let failed = |error: rustix::io::Errno| {
        Failure::new(Status::Io, format!("{root} cannot be read: {error}"))
            .field("path", root)
            .field("operation", "read")
    };
    let proc = read::root(root).map_err(failed)?;
    let mut json = Json::default();
    json.raw("{");
    let mut wanted = Vec::new();
    if want.sockets {
        // The tables first: a socket that is opened later is in none of the rows that need an owner.
        wanted = tables::write(&proc, root == "/proc", &mut json);
        json.raw(",");
    }
    let mut buffer = vec![MaybeUninit::uninit(); BUFFER];
    let mut pids = listed(&proc, &mut buffer).map_err(failed)?;
    pids.sort_unstable();
    // Of late Linux tells how many files a process has open as the size of their folder: threads of the
    // kernel and processes that ended have none, and most of a machine's processes are such.
    let told = read::facts(&proc, b"self/fd").is_ok_and(|facts| facts.st_size > 0);
    let skips = root == "/proc" && told && !want.processes;
    let parts = each(pids.len().div_ceil(PART), control, |part| {
        let pids = &pids[part * PART..pids.len().min((part + 1) * PART)];
        Ok::<_, Failure>(look(&proc, pids, &wanted, want, skips))
    })?;
    json.raw("\"processes\":[");
    for part in &parts {
        json.append(&part.json);
    }
    let sum = |count: fn(&Part) -> u64| parts.iter().map(count).sum();
    json.raw("],\"listed\":").number(pids.len() as u64);
    json.raw(",\"denied\":").number(sum(|part| part.denied));
    json.raw(",\"ended\":").number(sum(|part| part.ended));
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

/// What some of the processes came to.
#[derive(Default)]
struct Part {
    json: Json,
    denied: u64,
    ended: u64,
}

fn look(proc: &OwnedFd, pids: &[u64], wanted: &[u64], want: Want, skips: bool) -> Part {
    let mut part = Part::default();
    let mut buffer = vec![MaybeUninit::uninit(); BUFFER];
    let mut scratch = Vec::new();
    for pid in pids {
        let name = pid.to_string();
        let path = format!("{name}/fd");
        if skips && read::facts(proc, path.as_bytes()).is_ok_and(|facts| facts.st_size == 0) {
            continue;
        }
        let files = read::folder(proc, path.as_bytes());
        let open = files.as_ref().map_err(|error| *error);
        let open = open.and_then(|files| process::open_files(files, wanted, &mut buffer));
        if open
            .as_ref()
            .is_err_and(|error| read::word(*error) == "denied")
        {
            part.denied += 1;
        }
        let owns = open.as_ref().is_ok_and(|open| !open.sockets.is_empty());
        if !want.processes && !owns {
            continue;
        }
        // Whose files were seen is beside their folder, even if the number is another process's by now.
        let folder = match &files {
            Ok(files) => read::folder(files, b".."),
            Err(_) => read::folder(proc, name.as_bytes()),
        };
        let stat = folder.as_ref().map(process::stat);
        let (Ok(folder), Ok(Ok(Some(stat)))) = (&folder, stat) else {
            part.ended += 1;
            continue;
        };
        process::write(&mut part.json, *pid, &stat, &open);
        if want.details {
            process::write_details(&mut part.json, folder, &open, &mut scratch);
        }
        process::end(&mut part.json);
    }
    part
}

fn listed(proc: &OwnedFd, buffer: &mut [MaybeUninit<u8>]) -> Result<Vec<u64>, rustix::io::Errno> {
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
