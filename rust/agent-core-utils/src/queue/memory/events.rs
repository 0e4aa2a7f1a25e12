//! What a view is told of what others do.

use agent_ffi::{Call, guard_number, handles, ring};
use agent_queue::memory::View;

/// Says whether the view wants to be told of jobs to take and of jobs that end: 1 if there is something to take, 0,
/// or a negative status.
///
/// @flag jobs ends
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_queue_watch(handle: f64, jobs: u32, ends: u32) -> i32 {
    guard_number(|| {
        let watch = |view: &View| view.watch(jobs == 1, ends == 1);
        handles::with(handle, watch).map(i32::from)
    })
}

/// Asks to be told once when a job ends: 1, 0 if it is not there or has ended, or a negative status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_await_end(
    handle: f64,
    id: *const u8,
    id_len: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let id = call.text(id, id_len)?;
        handles::with(handle, |view: &View| view.await_end(id)).map(i32::from)
    })
}

/// Asks to be told of a job's progress, or no more: 0, or a negative status.
///
/// @flag wanted
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_listen(
    handle: f64,
    id: *const u8,
    id_len: u32,
    wanted: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let id = call.text(id, id_len)?;
        handles::with(handle, |view: &View| view.listen(id, wanted == 1))?;
        Ok(0)
    })
}

/// Takes the flags of what the view was not told: 1 something may be taken, 2 another delayed job is the first, 4 jobs
/// have ended, 8 there is more to be read; or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_queue_flags(handle: f64) -> i32 {
    guard_number(|| handles::with(handle, |view: &View| view.flags() as i32))
}

/// Writes what else the view was not told, as JSON: `settled` (jobs that ended), `revoked` (ids and tokens),
/// `progress` (ids and values).
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_take_events(
    handle: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        handles::with(handle, |view: &View| {
            view.events(|json| {
                out.write(json.as_bytes());
                out.fits()
            });
        })
    })
}

/// Completes, without a payload, when there is something that the view was not told, and at the next wake.
///
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_submit_events(
    ring: f64,
    op: u32,
    handle: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        ring::submit_pending_on(ring, op, handle, |view: &View, completer| {
            view.on_event(completer.bell())
        })
    })
}

/// Completes the operation that waits for events, if there is one: 0, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_queue_wake(handle: f64) -> i32 {
    guard_number(|| {
        handles::with(handle, View::wake)?;
        Ok(0)
    })
}
