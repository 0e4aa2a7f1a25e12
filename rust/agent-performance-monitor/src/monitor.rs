//! The exports of the monitor. Common ones (`agent_ffi_*`) come from the toolkit crate.

use std::sync::Arc;

use agent_ffi::{Call, handles, ring};
use agent_monitor::{children, memory};

/// Writes the machine's memory and CPUs as JSON: `total`, `available`, `swapTotal`, `swapFree` in
/// bytes, and `cpus`, how many this process may use. Returns its length.
///
/// Fails with UNSUPPORTED where the system does not tell.
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_monitor_memory(out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        out.write(memory()?.to_json().to_string().as_bytes());
        Ok(())
    })
}

/// Writes the CPU time of all children that this process waited for, and of theirs, as JSON: `userMs`
/// and `systemMs` in milliseconds since the process began. Returns its length.
///
/// Fails with UNSUPPORTED where the system does not tell.
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_monitor_children(out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        out.write(children()?.to_json().to_string().as_bytes());
        Ok(())
    })
}

/// What reads counters below `root` again and again: empty for the machine, or a folder with folders of
/// the form of `/proc` and `/sys`. Whether they may be read is asked of Deno before, by the TypeScript side.
///
/// UNSUPPORTED but on Linux.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_monitor_sampler(
    root: *const u8,
    root_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        Ok(Arc::new(linux::sampler(call.text(root, root_len)?)?))
    })
}

/// Reads at most `most` bytes of each of some files below `/proc` and `/sys`, and with `processes` the
/// table of processes. `Sampler::sample` of the area's crate has the form of the completion's payload.
///
/// @flag processes
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_monitor_submit_sample(
    ring: f64,
    op: u32,
    sampler: f64,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    most: u32,
    processes: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let paths = call.owned_strings(strings, strings_len, lengths, lengths_count)?;
        let sampler = handles::get::<linux::Sampler>(sampler)?;
        ring::submit_cpu(ring, op, paths.bytes(), move |task| {
            linux::sample(&sampler, &paths, most as usize, processes != 0, task)
        })
    })
}

#[cfg(target_os = "linux")]
mod linux {
    use agent_ffi::Failure;
    pub(super) use agent_monitor::host::Sampler;
    use agent_shared::{Control, PackedBuf};

    pub(super) fn sampler(root: &str) -> Result<Sampler, Failure> {
        Ok(Sampler::new(root))
    }

    pub(super) fn sample(
        sampler: &Sampler,
        paths: &PackedBuf,
        most: usize,
        processes: bool,
        control: &dyn Control,
    ) -> Result<Vec<u8>, Failure> {
        sampler.sample(paths.packed()?.iter(), most, processes, control)
    }
}

#[cfg(not(target_os = "linux"))]
mod linux {
    use agent_ffi::{Failure, Status};
    use agent_shared::{Control, PackedBuf};

    pub(super) struct Sampler;

    pub(super) fn sampler(_: &str) -> Result<Sampler, Failure> {
        Err(unsupported())
    }

    pub(super) fn sample(
        _: &Sampler,
        _: &PackedBuf,
        _: usize,
        _: bool,
        _: &dyn Control,
    ) -> Result<Vec<u8>, Failure> {
        Err(unsupported())
    }

    fn unsupported() -> Failure {
        Failure::new(Status::Unsupported, "This system has no /proc to read").field("what", "/proc")
    }
}

/// The digest of the headers that this library was built with, by which a caller knows that its own
/// tables were made from the same.
#[unsafe(no_mangle)]
pub extern "C" fn agent_monitor_digest() -> u32 {
    crate::digest::DIGEST
}
