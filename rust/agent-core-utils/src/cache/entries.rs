//! The exports for one entry: is it still this one, reading, storing, removing.

use agent_cache::{Read, reading};
use agent_ffi::{Call, Failure, guard_hot, guard_number, handles};

use super::hot::{self, Held};
use super::{entry, life, odd, place};

/// Milliseconds of a clock that never goes back: by the kernel's coarse clock, which costs a few
/// nanoseconds, or (`precise` is 1) with fractions by the precise one, which that one lags behind.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_cache_clock(precise: u32) -> f64 {
    guard_hot(0.0, || reading(precise == 1))
}

/// Whether a slot still holds this version and it has not expired: 1, and it counts as read; or 0.
/// The hot path of every read: no lock, no allocation.
///
/// @raw
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_cache_touch(handle: f64, slot: u32, version: f64) -> u32 {
    guard_hot(0, || {
        u32::from(hot::with(handle, |view| view.touch(slot, version)))
    })
}

/// The same without counting.
///
/// @raw
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_cache_check(handle: f64, slot: u32, version: f64) -> u32 {
    guard_hot(0, || {
        u32::from(hot::with(handle, |view| view.check(slot, version)))
    })
}

/// Reads the value of `key`. `how` is 0 for a caller, 1 without a trace, 2 for what has expired and
/// is kept for its grace, without a trace. Writes nothing if there is none; else the version (f64),
/// the slot (u32), the length (u32) and the value.
///
/// @result written
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_get(
    handle: f64,
    key: *const u8,
    key_len: u32,
    how: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let key = call.bytes(key, key_len)?;
        let how = match how {
            0 => Read::Get,
            1 => Read::Peek,
            2 => Read::Stale,
            _ => return Err(odd("how", how)),
        };
        handles::with(handle, |view: &Held| {
            view.get(key, how, |found| {
                entry(out, &found);
                // A value that did not fit is asked for again: that one counts.
                out.fits()
            });
        })
    })
}

/// Whether `key` has an entry that has not expired: 1 or 0, or a negative status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_has(handle: f64, key: *const u8, key_len: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let key = call.bytes(key, key_len)?;
        handles::with(handle, |view: &Held| i32::from(view.cache().has(key)))
    })
}

/// Stores a value under `key`. Writes the version (f64) and the slot (u32) that it got. With a negative
/// `ttl_ms`, here and in the other calls that store, an entry that is there keeps its end and its grace.
///
/// @content value
/// @result written
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_set(
    handle: f64,
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
        let placed = handles::with(handle, |view: &Held| {
            view.cache().set(key, value, &[], life)
        })?;
        place(out, placed?);
        Ok(())
    })
}

/// Gives the entry of `key` another end, and `grace_ms` if it had none: 1 if it has one that has not
/// expired, 0 if not, or a negative status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_expire(
    handle: f64,
    key: *const u8,
    key_len: u32,
    ttl_ms: f64,
    grace_ms: f64,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let key = call.bytes(key, key_len)?;
        let life = life(ttl_ms, grace_ms)?;
        let found = handles::with(handle, |view: &Held| view.cache().expire(key, life))?;
        Ok::<_, Failure>(i32::from(found?))
    })
}

/// Removes `key`: 1 if it had an entry that had not expired, 0 if not, or a negative status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_delete(handle: f64, key: *const u8, key_len: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let key = call.bytes(key, key_len)?;
        handles::with(handle, |view: &Held| i32::from(view.cache().delete(key)))
    })
}
