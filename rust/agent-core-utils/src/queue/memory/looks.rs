//! How jobs stand, and what is done to those that nobody holds.

use agent_ffi::{Call, Failure, guard_number, handles};
use agent_queue::memory::{State, View};

use super::{odd, write_json};

fn state(number: u32) -> Result<State, Failure> {
    State::from_number(number).ok_or_else(|| odd("state", number))
}

/// Writes a job as JSON; nothing if it is not there.
///
/// @result written
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_get(
    handle: f64,
    now: f64,
    id: *const u8,
    id_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let id = call.text(id, id_len)?;
        if let Some(job) = handles::with(handle, |view: &View| view.get(id, now))? {
            write_json(out, &job);
        }
        Ok(())
    })
}

/// Writes jobs of a state (0 waiting, delayed, blocked, running, done, dead, 6 cancelled) as a list of JSON, oldest
/// first.
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_list(
    handle: f64,
    now: f64,
    state: u32,
    offset: f64,
    limit: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let state = self::state(state)?;
        let list = |view: &View| view.list(state, offset as usize, limit as usize, now);
        write_json(out, &serde_json::Value::from(handles::with(handle, list)?));
        Ok(())
    })
}

/// Puts dead jobs back, those with these ids, or all where `all` is 1: how many, or a negative status.
///
/// @flag all
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_retry(
    handle: f64,
    now: f64,
    all: u32,
    ids: *const u8,
    ids_len: u32,
    lengths: *const u32,
    lengths_count: u32,
) -> f64 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let ids = call.strings(ids, ids_len, lengths, lengths_count)?;
        let named = (all == 0).then(|| ids.iter());
        let count = handles::with(handle, |view: &View| view.retry(named, now))?;
        Ok(count as f64)
    })
}

/// Removes jobs of a state that ended at a time or before: how many, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_queue_purge(handle: f64, state: u32, before: f64) -> f64 {
    guard_number(|| {
        let state = self::state(state)?;
        if !state.is_end() {
            return Err(odd("state", state.word()));
        }
        let count = handles::with(handle, |view: &View| view.purge(state, before))?;
        Ok(count as f64)
    })
}

/// Hands out nothing any more, or again: 0, or a negative status.
///
/// @flag paused
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_queue_set_paused(handle: f64, paused: u32) -> i32 {
    guard_number(|| {
        handles::with(handle, |view: &View| view.set_paused(paused == 1))?;
        Ok(0)
    })
}

/// Whether nothing is handed out: 1, 0, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_queue_is_paused(handle: f64) -> i32 {
    guard_number(|| handles::with(handle, View::is_paused).map(i32::from))
}

/// Writes how many jobs stand where: eight numbers (f64), one for each state and one for those of the delayed that
/// were tried before.
///
/// @result f64s
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_counts(
    handle: f64,
    now: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let counts = handles::with(handle, |view: &View| view.counts(now))?;
        for count in counts {
            out.write_f64(count as f64);
        }
        Ok(())
    })
}

/// Looks at the time: when the first delayed job is due, infinity if there is none, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_queue_tick(handle: f64, now: f64) -> f64 {
    guard_number(|| handles::with(handle, |view: &View| view.tick(now)))
}
