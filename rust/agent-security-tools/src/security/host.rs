//! The exports that read the machine's tables. Whether they may be read is asked of Deno before, by
//! the TypeScript side.

use agent_ffi::{Call, ring};

/// Reads sockets and processes below `root` (`/proc`, or a folder of its form). The completion's
/// payload is JSON; `src/security/host/raw.ts` has its form.
///
/// `sockets`: the tables of sockets. `processes`: all processes, else those that own a socket.
/// `details`: more of each than its name. `hidden_most`: numbers up to it are tried for processes that no listing shows.
/// UNSUPPORTED but on Linux; IO where `root` itself cannot be read.
///
/// @flag sockets processes details
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_security_submit_host_scan(
    ring: f64,
    op: u32,
    root: *const u8,
    root_len: u32,
    sockets: u32,
    processes: u32,
    details: u32,
    hidden_most: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let root = call.text(root, root_len)?.to_owned();
        ring::submit_cpu(ring, op, root.len(), move |task| {
            linux::scan(
                &root,
                [sockets != 0, processes != 0, details != 0],
                hidden_most,
                task,
            )
        })
    })
}

/// Reads at most `most` bytes of each of some files below `root`. The completion's payload is JSON: a
/// list with a text for each file, or `error`: "denied", "absent" or "failed".
///
/// UNSUPPORTED but on Linux; IO where `root` itself cannot be read.
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_security_submit_host_files(
    ring: f64,
    op: u32,
    root: *const u8,
    root_len: u32,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    most: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let root = call.text(root, root_len)?.to_owned();
        let paths = call.owned_strings(strings, strings_len, lengths, lengths_count)?;
        ring::submit_cpu(ring, op, root.len() + paths.bytes(), move |task| {
            linux::files(&root, &paths, most as usize, task)
        })
    })
}

#[cfg(target_os = "linux")]
mod linux {
    use agent_ffi::Failure;
    use agent_security::host;
    use agent_shared::{Control, PackedBuf};

    pub(super) fn scan(
        root: &str,
        [sockets, processes, details]: [bool; 3],
        hidden_most: u32,
        control: &dyn Control,
    ) -> Result<Vec<u8>, Failure> {
        let want = host::Want {
            sockets,
            processes,
            details,
            hidden_most: hidden_most.into(),
        };
        host::scan(root, want, control)
    }

    pub(super) fn files(
        root: &str,
        paths: &PackedBuf,
        most: usize,
        control: &dyn Control,
    ) -> Result<Vec<u8>, Failure> {
        host::files(root, paths.packed()?.iter(), most, control)
    }
}

#[cfg(not(target_os = "linux"))]
mod linux {
    use agent_ffi::{Failure, Status};
    use agent_shared::{Control, PackedBuf};

    pub(super) fn scan(_: &str, _: [bool; 3], _: u32, _: &dyn Control) -> Result<Vec<u8>, Failure> {
        Err(unsupported())
    }

    pub(super) fn files(
        _: &str,
        _: &PackedBuf,
        _: usize,
        _: &dyn Control,
    ) -> Result<Vec<u8>, Failure> {
        Err(unsupported())
    }

    fn unsupported() -> Failure {
        Failure::new(Status::Unsupported, "This system has no /proc to read").field("what", "/proc")
    }
}
