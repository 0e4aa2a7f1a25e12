//! The exports of the cache: `agent_core_cache_*`.
//!
//! A handle is one isolate's view of a cache. Keys are UTF-8; times are milliseconds, infinity for
//! ever. An entry is named by its slot and its version; what an isolate keeps of it is good for as
//! long as `agent_core_cache_touch` says so.

use agent_ffi::{Failure, Out, Status, guard_hot, guard_status, guard_value, handles, input};

use crate::cache::{
    Codec, Error, Found, Life, Mismatch, Options, Placed, Read, Tag, open, reading,
};
use crate::text::packed::{Packed, utf16_units};

mod file;
mod hot;
mod leases;
mod tags;

pub use file::*;
use hot::Held;
pub use leases::*;
pub use tags::*;

/// What the columns of `agent_core_cache_get_many` take for each key.
const COLUMNS_BYTES: usize = 20;
/// In place of a length: no entry.
const MISSING: u32 = u32::MAX;
const NOTHING: f64 = 0.0;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::OutOfMemory => Failure::new(
                Status::OutOfMemory,
                "Memory for the cache entry could not be had",
            ),
            Error::TooLarge { weight, limit } => Failure::new(
                Status::TooLarge,
                format!(
                    "The entry weighs {weight} bytes and the cache takes {limit}: raise maxBytes \
                     or store less"
                ),
            )
            .field("what", "cache entry")
            .field("size", weight)
            .field("limit", limit),
        }
    }
}

fn odd(name: &str, value: impl std::fmt::Display) -> Failure {
    Failure::new(Status::InvalidArgument, format!("{name} cannot be {value}"))
}

/// A duration in milliseconds, over 0.
fn ttl(name: &str, value: f64) -> Result<f64, Failure> {
    if value > 0.0 {
        Ok(value)
    } else {
        Err(odd(name, value))
    }
}

/// A duration in milliseconds, 0 or more.
fn grace(value: f64) -> Result<f64, Failure> {
    if value >= 0.0 {
        Ok(value)
    } else {
        Err(odd("grace_ms", value))
    }
}

fn life(ttl_ms: f64, grace_ms: f64) -> Result<Life, Failure> {
    Ok(Life::new(ttl("ttl_ms", ttl_ms)?, grace(grace_ms)?))
}

fn place(out: &mut Out<'_>, placed: Placed) {
    out.write_f64(placed.version as f64);
    out.write_u32(placed.slot);
}

/// Writes version, slot, length and value of an entry.
fn entry(out: &mut Out<'_>, found: &Found<'_>) {
    place(out, found.placed);
    out.write_u32(found.value.len() as u32);
    out.write(found.value);
}

/// The values of many entries: packed text, or bytes one behind the other.
enum Values<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

fn set_many(
    view: &Held,
    keys: &Packed<'_>,
    values: &Values<'_>,
    lengths: &[u32],
    tags: &[Tag<'_>],
    life: Life,
) -> Result<(), Failure> {
    if keys.len() != lengths.len() {
        return Err(odd("value_lengths_count", lengths.len()));
    }
    let keys = (0..keys.len()).map(|index| keys.get(index).as_bytes());
    match *values {
        Values::Text(text) => {
            let values = Packed::new(text, lengths).map_err(Failure::from)?;
            let values = (0..values.len()).map(|index| values.get(index).as_bytes());
            view.cache().set_many(keys.zip(values), tags, life)?;
        }
        Values::Bytes(bytes) => {
            let total: u64 = lengths.iter().map(|&length| u64::from(length)).sum();
            if total != bytes.len() as u64 {
                return Err(odd("the sum of value_lengths", total));
            }
            let mut at = 0;
            let values = lengths.iter().map(move |&length| {
                let from = at;
                at += length as usize;
                &bytes[from..at]
            });
            view.cache().set_many(keys.zip(values), tags, life)?;
        }
    }
    Ok(())
}

/// Opens a view of the cache that `name` (UTF-8; empty for a private cache) means for the process,
/// making the cache if there is none. `codec` is 0 text, 1 bytes, 2 JSON; `max_entries` is 1 to
/// 2^31 - 1; `max_bytes` is infinity for no bound; the times are the users' defaults.
///
/// Writes six numbers (f64): the handle, 0 if the name exists with other options; and the codec,
/// `max_entries`, `max_bytes`, `ttl_ms` and `grace_ms` of the cache. The handle is freed with
/// `agent_ffi_handle_close`.
///
/// # Safety
/// `name` points at `name_len` readable bytes, `out` at `out_cap` writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_open(
    name: *const u8,
    name_len: u32,
    codec: u32,
    max_entries: f64,
    max_bytes: f64,
    ttl_ms: f64,
    grace_ms: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            if out.capacity() < 48 {
                return Err(odd("out_cap", out.capacity()));
            }
            let name = input::text(name, name_len)?;
            let options = Options {
                codec: match codec {
                    0 => Codec::Text,
                    1 => Codec::Bytes,
                    2 => Codec::Json,
                    _ => return Err(odd("codec", codec)),
                },
                max_entries: match max_entries {
                    1.0..=2_147_483_647.0 => max_entries as u32,
                    _ => return Err(odd("max_entries", max_entries)),
                },
                max_bytes: if max_bytes >= 1.0 {
                    max_bytes as u64
                } else {
                    return Err(odd("max_bytes", max_bytes));
                },
                ttl_ms: ttl("ttl_ms", ttl_ms)?,
                grace_ms: grace(grace_ms)?,
            };
            let (handle, options) = match open((!name.is_empty()).then_some(name), options) {
                Ok(view) => (handles::insert(Held(view))?, options),
                Err(Mismatch { existing }) => (NOTHING, existing),
            };
            out.write_f64(handle);
            out.write_f64(f64::from(options.codec as u8));
            out.write_f64(f64::from(options.max_entries));
            out.write_f64(match options.max_bytes {
                u64::MAX => f64::INFINITY,
                bytes => bytes as f64,
            });
            out.write_f64(options.ttl_ms);
            out.write_f64(options.grace_ms);
            Ok(())
        })
    }
}

/// Milliseconds of a clock that never goes back: by the kernel's coarse clock, which costs a few
/// nanoseconds, or (`precise` is 1) with fractions by the precise one, which that one lags behind.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_cache_clock(precise: u32) -> f64 {
    guard_hot(0.0, || reading(precise == 1))
}

/// Whether a slot still holds this version and it has not expired: 1, and it counts as read; or 0.
/// The hot path of every read: no lock, no allocation.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_cache_touch(handle: f64, slot: u32, version: f64) -> u32 {
    guard_hot(0, || {
        u32::from(hot::with(handle, |view| view.touch(slot, version)))
    })
}

/// The same without counting.
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
/// # Safety
/// `key` points at `key_len` readable bytes, `out` at `out_cap` writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_get(
    handle: f64,
    key: *const u8,
    key_len: u32,
    how: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let key = input::bytes(key, key_len)?;
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
                    out.len() <= out.capacity()
                });
            })
        })
    }
}

/// Whether `key` has an entry that has not expired: 1 or 0, or a negative status.
///
/// # Safety
/// `key` points at `key_len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_has(handle: f64, key: *const u8, key_len: u32) -> i32 {
    guard_value(Status::Panic as i32, || {
        // SAFETY: passed on to the caller.
        let Ok(key) = (unsafe { input::bytes(key, key_len) }) else {
            return Status::InvalidArgument as i32;
        };
        handles::peek(handle, |view: &Held| i32::from(view.cache().has(key)))
            .unwrap_or(Status::InvalidHandle as i32)
    })
}

/// Reads the values of `lengths_count` keys, packed: UTF-8 with a line feed between two, `lengths` in
/// UTF-16 units. Writes four columns, a number for each key: the versions (f64), the slots (u32), the
/// lengths in bytes (u32; all ones if there is no entry) and the lengths in UTF-16 units (u32; as the
/// bytes if values are bytes); then the values, one behind the other.
///
/// # Safety
/// `keys` points at `keys_len` readable bytes, `lengths` at `lengths_count` numbers, `out` at
/// `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_get_many(
    handle: f64,
    keys: *const u8,
    keys_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let keys = Packed::new(
                input::text(keys, keys_len)?,
                input::u32s(lengths, lengths_count)?,
            )
            .map_err(Failure::from)?;
            handles::with(handle, |view: &Held| {
                let (mut hits, mut misses) = (0, 0);
                let count = keys.len();
                let is_text = view.cache().options().codec != Codec::Bytes;
                out.skip(COLUMNS_BYTES * count);
                let mut row = 0;
                view.get_many(keys.iter().map(str::as_bytes), |found| {
                    let (slots, bytes, units) = (8 * count, 12 * count, 16 * count);
                    match found {
                        None => {
                            misses += 1;
                            out.fill(bytes + 4 * row, MISSING.to_le_bytes());
                        }
                        Some(Found { placed, value }) => {
                            hits += 1;
                            let length = value.len() as u32;
                            let in_units = match is_text {
                                true => utf16_units(value) as u32,
                                false => length,
                            };
                            out.fill(8 * row, (placed.version as f64).to_le_bytes());
                            out.fill(slots + 4 * row, placed.slot.to_le_bytes());
                            out.fill(bytes + 4 * row, length.to_le_bytes());
                            out.fill(units + 4 * row, in_units.to_le_bytes());
                            out.write(value);
                        }
                    }
                    row += 1;
                });
                if out.len() <= out.capacity() {
                    view.count(hits, misses);
                }
            })
        })
    }
}

/// Stores a value under `key`. Writes the version (f64) and the slot (u32) that it got.
///
/// # Safety
/// `key` points at `key_len` readable bytes, `value` at `value_len`, `out` at `out_cap` writable ones.
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
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let key = input::bytes(key, key_len)?;
            let value = input::bytes(value, value_len)?;
            let life = life(ttl_ms, grace_ms)?;
            let placed = handles::with(handle, |view: &Held| {
                view.cache().set(key, value, &[], life)
            })??;
            place(out, placed);
            Ok(())
        })
    }
}

/// Stores values under as many keys, all or (if one is too large) none. The keys are packed as for
/// `agent_core_cache_get_many`; the values too if `text` is 1, else they are one behind the other with
/// `value_lengths` in bytes.
///
/// # Safety
/// `keys` points at `keys_len` readable bytes, `values` at `values_len`, each list of lengths at as
/// many numbers as its count says, `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_set_many(
    handle: f64,
    keys: *const u8,
    keys_len: u32,
    key_lengths: *const u32,
    key_lengths_count: u32,
    values: *const u8,
    values_len: u32,
    value_lengths: *const u32,
    value_lengths_count: u32,
    text: u32,
    ttl_ms: f64,
    grace_ms: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let keys = Packed::new(
                input::text(keys, keys_len)?,
                input::u32s(key_lengths, key_lengths_count)?,
            )
            .map_err(Failure::from)?;
            let lengths = input::u32s(value_lengths, value_lengths_count)?;
            let values = if text == 1 {
                Values::Text(input::text(values, values_len)?)
            } else {
                Values::Bytes(input::bytes(values, values_len)?)
            };
            let life = life(ttl_ms, grace_ms)?;
            handles::with(handle, |view: &Held| {
                set_many(view, &keys, &values, lengths, &[], life)
            })?
        })
    }
}

/// Removes `key`: 1 if it had an entry that had not expired, 0 if not, or a negative status.
///
/// # Safety
/// `key` points at `key_len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_delete(handle: f64, key: *const u8, key_len: u32) -> i32 {
    guard_value(Status::Panic as i32, || {
        // SAFETY: passed on to the caller.
        let Ok(key) = (unsafe { input::bytes(key, key_len) }) else {
            return Status::InvalidArgument as i32;
        };
        handles::peek(handle, |view: &Held| i32::from(view.cache().delete(key)))
            .unwrap_or(Status::InvalidHandle as i32)
    })
}

/// Removes every entry: 0, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_cache_clear(handle: f64) -> i32 {
    guard_value(Status::Panic as i32, || {
        handles::peek(handle, |view: &Held| view.cache().clear())
            .map_or(Status::InvalidHandle as i32, |()| 0)
    })
}

/// How many entries have not expired, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_cache_size(handle: f64) -> f64 {
    guard_value(f64::from(Status::Panic as i32), || {
        handles::peek(handle, |view: &Held| view.cache().size() as f64)
            .unwrap_or(f64::from(Status::InvalidHandle as i32))
    })
}

/// Removes what has expired and returns how many entries that were, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_cache_purge(handle: f64) -> f64 {
    guard_value(f64::from(Status::Panic as i32), || {
        handles::peek(handle, |view: &Held| view.cache().purge() as f64)
            .unwrap_or(f64::from(Status::InvalidHandle as i32))
    })
}

/// Writes six numbers (f64), over all isolates: entries and bytes that have not expired, hits,
/// misses, evictions, expirations.
///
/// # Safety
/// `out` points at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_stats(handle: f64, out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let stats = handles::with(handle, |view: &Held| view.stats())?;
            for number in [
                stats.entries,
                stats.bytes,
                stats.hits,
                stats.misses,
                stats.evictions,
                stats.expirations,
            ] {
                out.write_f64(number as f64);
            }
            Ok(())
        })
    }
}

/// Writes keys of entries that have not expired, from the place `from` on (0 at first): where to go
/// on (u32; all ones at the end), how many keys there are (u32), and for each its length in bytes
/// (u32) and its UTF-8, padded to 4 bytes. A key that changes meanwhile may come twice.
///
/// # Safety
/// `out` points at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_keys(
    handle: f64,
    from: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
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
}
