//! The exports of loading: one loader in the process at a time for a key.

use agent_cache::{Acquired, LeaseTags};
use agent_ffi::{Call, Failure, guard_number, guard_value, handles, ring};

use super::hot::Held;
use super::{NOTHING, life, odd, place};

/// The number of a lease, as JavaScript has it.
fn token(value: f64) -> Result<u64, Failure> {
    let whole = value as u64;
    if whole as f64 == value {
        Ok(whole)
    } else {
        Err(odd("token", value))
    }
}

/// A token as `agent_core_cache_acquire` returns it.
fn answer(acquired: Acquired) -> f64 {
    match acquired {
        Acquired::Mine(token) => token as f64,
        Acquired::Held(token) => -(token as f64),
    }
}

/// Acquires by handle, key, tags and timeout, or answers 0 if those cannot be had.
pub(super) fn acquire<'k>(
    inputs: impl FnOnce() -> Result<(f64, &'k [u8], LeaseTags, f64), Failure>,
) -> f64 {
    guard_value(NOTHING, || {
        let acquired = inputs().and_then(|(handle, key, tags, timeout_ms)| {
            // Neither negative nor NaN.
            let timeout_ms = if timeout_ms > 0.0 { timeout_ms } else { 0.0 };
            handles::with(handle, |view: &Held| view.acquire(key, &tags, timeout_ms))
        });
        acquired.map_or(NOTHING, answer)
    })
}

/// Asks for the lease of loading `key`, for `timeout_ms`: its token if it was given, the negated
/// token of who holds it if not, 0 if the handle is none.
///
/// @signed
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_acquire(
    handle: f64,
    key: *const u8,
    key_len: u32,
    timeout_ms: f64,
) -> f64 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    acquire(|| {
        Ok((
            handle,
            call.bytes(key, key_len)?,
            LeaseTags::default(),
            timeout_ms,
        ))
    })
}

/// Gives the lease of `key` back: 0, or a negative status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_release(
    handle: f64,
    key: *const u8,
    key_len: u32,
    token: f64,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let key = call.bytes(key, key_len)?;
        handles::with(handle, |view: &Held| {
            view.release(key, token as u64);
            0
        })
    })
}

/// Stores what was loaded with the tags of its lease, if that still stands, and ends the lease. Writes nothing if it does
/// not; else the version (f64) and the slot (u32).
///
/// @content value
/// @result written
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_publish(
    handle: f64,
    token: f64,
    key: *const u8,
    key_len: u32,
    value: *const u8,
    value_len: u32,
    ttl_ms: f64,
    grace_ms: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let key = call.bytes(key, key_len)?;
        let value = call.bytes(value, value_len)?;
        let life = life(ttl_ms, grace_ms)?;
        let token = self::token(token)?;
        let placed = handles::with(handle, |view: &Held| view.publish(key, token, value, life))??;
        if let Some(placed) = placed {
            place(out, placed);
        }
        Ok(())
    })
}

/// Completes, without a payload, when the lease of `key` that `token` names has ended.
///
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_submit_wait(
    ring: f64,
    op: u32,
    handle: f64,
    key: *const u8,
    key_len: u32,
    token: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let key = call.bytes(key, key_len)?;
        let token = self::token(token)?;
        ring::submit_pending_on(ring, op, handle, |view: &Held, completer| {
            view.wait(key, token, completer.bell());
        })
    })
}
