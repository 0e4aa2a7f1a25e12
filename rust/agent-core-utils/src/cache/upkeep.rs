//! The exports for a cache as a whole: how much it holds, what it holds, clearing it.

use agent_ffi::{Call, Columns, guard_number, handles};

use super::hot::Held;

/// Removes every entry: 0, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_cache_clear(handle: f64) -> i32 {
    guard_number(|| {
        handles::with(handle, |view: &Held| {
            view.cache().clear();
            0
        })
    })
}

/// How many entries have not expired, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_cache_size(handle: f64) -> f64 {
    guard_number(|| handles::with(handle, |view: &Held| view.cache().size() as f64))
}

/// Removes what has expired and returns how many entries that were, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_cache_purge(handle: f64) -> f64 {
    guard_number(|| handles::with(handle, |view: &Held| view.cache().purge() as f64))
}

/// Writes six numbers (f64), over all isolates: entries and bytes that have not expired, hits,
/// misses, evictions, expirations.
///
/// @result f64s
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_stats(handle: f64, out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let stats = handles::with(handle, |view: &Held| view.stats())?;
        let numbers = [
            stats.entries,
            stats.bytes,
            stats.hits,
            stats.misses,
            stats.evictions,
            stats.expirations,
        ];
        out.f64s(numbers.into_iter().map(|number| number as f64));
        Ok(())
    })
}

/// Writes keys of entries that have not expired, from the place `from` on (0 at first): where to go
/// on (u32; all ones at the end), how many keys there are (u32), and for each its length in bytes
/// (u32) and its UTF-8, padded to 4 bytes. A key that changes meanwhile may come twice.
///
/// @result written
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_keys(
    handle: f64,
    from: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let room = out.capacity().saturating_sub(8);
        let mut bytes: Vec<u8> = Vec::new();
        let mut count = 0u32;
        let next = handles::with(handle, |view: &Held| {
            view.cache().keys(from, |key| {
                if count > 0 && bytes.len() + 8 + key.len() > room {
                    return false;
                }
                bytes.extend_from_slice(&(key.len() as u32).to_le_bytes());
                bytes.extend_from_slice(key);
                bytes.resize(bytes.len().next_multiple_of(4), 0);
                count += 1;
                true
            })
        })?;
        out.write_u32(next.unwrap_or(u32::MAX));
        out.write_u32(count);
        out.write(&bytes);
        Ok(())
    })
}
