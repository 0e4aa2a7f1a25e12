//! The exports of queues in a file.

use std::path::Path;
use std::sync::Arc;

use agent_ffi::{Call, Failure, Status, handles, ring};
use agent_queue::file::{Held, Options, Units};

/// Opens the queue `name` of the file at `path` (absolute, checked by the caller), which is made where there is none.
/// A failure's message is a kind, a number and SQLite's words, a line each.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_file_open(
    path: *const u8,
    path_len: u32,
    name: *const u8,
    name_len: u32,
    lease_ms: f64,
    done_ms: f64,
    done_count: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        let options = Options {
            name: call.text(name, name_len)?.to_owned(),
            lease_ms,
            done_ms,
            done_count,
        };
        let path = Path::new(call.text(path, path_len)?);
        Ok(Arc::new(Held::open(path, options)?))
    })
}

/// Does requests at the time `now_ms`, all in one transaction where that can be. How they and their answers are written
/// stands in `src/queue/file/native/wire.ts`.
///
/// @bytes numbers
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_file_submit_run(
    ring: f64,
    op: u32,
    handle: f64,
    now_ms: f64,
    numbers: *const u8,
    numbers_len: u32,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let strings = call.owned_strings(strings, strings_len, lengths, lengths_count)?;
        let units = Units::new(call.bytes(numbers, numbers_len)?, strings)?;
        ring::submit_pending_on(ring, op, handle, |held: &Held, completer| {
            held.run(units, now_ms, completer)
        })
    })
}

/// Makes what was changed before survive a loss of power.
///
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_file_submit_sync(
    ring: f64,
    op: u32,
    handle: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let sync = handles::get::<Held>(handle)?.sync();
        // It waits for the disk: not on the pool that computes.
        ring::submit_io(ring, op, 0, |_| async {
            let done = ring::runtime()?.spawn_blocking(sync).await;
            done.map_err(|_| Failure::new(Status::Panic, "The sync failed inside"))??;
            Ok(Vec::new())
        })
    })
}

/// Completes when somebody else may have changed the file, or changed it since this completed last.
///
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_file_submit_wait(
    ring: f64,
    op: u32,
    handle: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        ring::submit_pending_on(ring, op, handle, Held::wait)
    })
}

/// Completes what waits.
///
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_file_wake(
    handle: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| handles::with(handle, Held::wake))
}

/// Gives back what is held and closes the queue; the file too if it was the last. The handle is to be closed after it.
///
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_file_submit_close(
    ring: f64,
    op: u32,
    handle: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        ring::submit_pending_on(ring, op, handle, Held::close)
    })
}
