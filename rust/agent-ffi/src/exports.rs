//! The exports that every library has, under the names `agent_ffi_*`.
//!
//! Those named `agent_ffi_test_*` do nothing useful; with them the boundary's own rules are tested on
//! the very library that ships.

use std::time::Duration;

use crate::status::Failure;
use crate::{
    ABI_VERSION, Call, guard_number, guard_value, handles, isolate, quiet_panics_on_this_thread,
    ring,
};

/// The ABI number. The only symbol that may be called before the numbers were compared.
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_abi_version() -> u32 {
    ABI_VERSION
}

/// Writes the library's version, as `1.2.3`, or `1.2.3+build` where the builder named the build by the
/// environment variable `AGENT_BUILD_ID`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_ffi_version(out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call::new`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        out.write(env!("CARGO_PKG_VERSION").as_bytes());
        if let Some(build) = option_env!("AGENT_BUILD_ID").filter(|build| !build.is_empty()) {
            out.write(b"+");
            out.write(build.as_bytes());
        }
        Ok(())
    })
}

/// Says which isolate (a whole number of the caller's choice) the calling thread hosts, and which
/// library this is (1 to 7). To be called before anything else; again with the same number it does
/// nothing; with another number it ends and frees all that the former isolate left on the thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_ffi_enter(
    isolate: f64,
    library: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call::new`.
    let call = unsafe { Call::new() };
    let status = call.answer(out, out_cap, |_| isolate::enter(isolate, library));
    // The thread hosts JavaScript: whatever panics on it in this library is told to its caller.
    quiet_panics_on_this_thread();
    status
}

/// Opens a ring for the calling isolate: its number, or a negative status. The isolate owns it; it
/// ends with `agent_ffi_ring_close` or with the isolate.
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_ring_open() -> f64 {
    guard_number(ring::open)
}

/// Blocks until the ring has a completion: 1, or 0 when it is closed. May run on any thread.
///
/// With `wanted` over 1 it then lingers for a tenth of a millisecond, or until so many can be taken:
/// with many operations under way a few large batches cost less than many small ones.
///
/// @nonblocking
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_ring_wait(ring: f64, wanted: u32) -> i32 {
    guard_number(|| Ok(i32::from(ring::wait(ring, wanted))))
}

/// Ends the ring's wait, or the next one if there is none, although there is no completion: 1.
///
/// A wait keeps the program of its host alive; this is for when nobody would be there for what it brings.
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_ring_release(ring: f64) -> i32 {
    guard_number(|| ring::release(ring).map(|()| 1))
}

/// Writes as many completions as fit and returns their length. Each is a head of four 32-bit
/// numbers (operation; kind: 0 done, 1 failed, 2 stream; length of the payload; status) and a payload
/// padded to 8 bytes; a failure's payload is its JSON. If the first does not fit, nothing is taken
/// and the answer is "too small" with the size needed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_ffi_ring_take(ring: f64, out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call::new`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| ring::take(ring, out))
}

/// Asks an operation to stop. Its completion still comes. An operation that is over is no error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_ffi_ring_cancel(
    ring: f64,
    op: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call::new`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| ring::cancel(ring, op))
}

/// Allows an operation to send `more` further pieces of its stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_ffi_ring_credit(
    ring: f64,
    op: u32,
    more: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call::new`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| ring::credit(ring, op, more))
}

/// Closes a ring: cancels its operations and wakes its wait. 1 if it was open, 0 if not.
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_ring_close(ring: f64) -> i32 {
    guard_number(|| Ok(i32::from(ring::close(ring))))
}

/// Closes a handle of any kind: 1 if it was open, 0 if not.
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_handle_close(handle: f64) -> i32 {
    guard_number(|| Ok(i32::from(handles::remove(handle))))
}

/// How many handles are open in the process.
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_live_handles() -> f64 {
    guard_value(-1.0, || handles::live() as f64)
}

/// How many rings are open in the process.
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_live_rings() -> u32 {
    guard_value(u32::MAX, || ring::live() as u32)
}

/// How many operations run or wait to run in the process.
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_active_tasks() -> u32 {
    guard_value(u32::MAX, ring::active)
}

/// Does nothing: the bare crossing.
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_test_nothing() -> u32 {
    guard_value(0, || 1)
}

/// Does nothing on another thread: the bare nonblocking crossing.
///
/// @nonblocking
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_test_nothing_nonblocking() -> u32 {
    guard_value(0, || 1)
}

/// Copies the input to the output.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_ffi_test_echo(
    data: *const u8,
    data_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call::new`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        out.write(call.bytes(data, data_len)?);
        Ok(())
    })
}

/// Panics inside the guard.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_ffi_test_panic(out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call::new`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| panic!("a panic on purpose"))
}

/// Makes an object that is nothing but open, and gives its handle or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_ffi_test_handle() -> f64 {
    guard_number(|| handles::insert(()))
}

/// Starts an operation that, by `kind`: 0 sleeps `amount` milliseconds on the runtime; 1 computes
/// until it is cancelled or `amount` milliseconds are over; 2 panics on the computing pool; 3 panics
/// on the runtime; 4 sends `amount` pieces of a stream (each a 32-bit number); 5 answers with
/// `amount` zero bytes, as a short operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_ffi_test_submit(
    ring: f64,
    op: u32,
    kind: u32,
    amount: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call::new`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| submit_test(ring, op, kind, amount))
}

fn submit_test(ring: f64, op: u32, kind: u32, amount: u32) -> Result<(), Failure> {
    let time = Duration::from_millis(amount.into());
    match kind {
        0 => ring::submit_io(ring, op, 0, move |_| async move {
            tokio::time::sleep(time).await;
            Ok(Vec::new())
        }),
        1 => ring::submit_cpu(ring, op, 0, move |task| {
            let end = std::time::Instant::now() + time;
            while std::time::Instant::now() < end {
                task.check()?;
                std::thread::sleep(Duration::from_micros(200));
            }
            Ok(Vec::new())
        }),
        2 => ring::submit_cpu(ring, op, 0, |_| panic!("a panic on purpose, computing")),
        3 => ring::submit_io(ring, op, 0, |_| async {
            panic!("a panic on purpose, waiting")
        }),
        4 => ring::submit_io(ring, op, 0, move |task| async move {
            for number in 0..amount {
                task.emit(number.to_le_bytes().to_vec()).await?;
            }
            Ok(Vec::new())
        }),
        5 => ring::submit_short(ring, op, 0, move |_| {
            let mut payload = Vec::new();
            payload.try_reserve_exact(amount as usize)?;
            payload.resize(amount as usize, 0);
            Ok(payload)
        }),
        _ => Err(Failure::invalid(format!(
            "No test operation of kind {kind}"
        ))),
    }
}
