//! The exports of tags: `agent_core_cachetags_*`, a table of their own for caches that use tags.
//!
//! Tags are packed as keys are: UTF-8 with a line feed between two, and their lengths in UTF-16 units. At
//! most 64, none empty, each of at most 1,024 bytes, all different.

use agent_ffi::{Failure, Status, guard_status, guard_value, handles, input};

use super::hot::Held;
use super::leases::answer;
use super::{Packed, Values, life, odd, place, set_many};
use crate::cache::{LeaseTags, MOST_TAG_BYTES, MOST_TAGS};

/// Checks packed tags.
fn unpack<'a>(text: &'a str, lengths: &[u32]) -> Result<Packed<'a>, Failure> {
    if lengths.len() > MOST_TAGS {
        return Err(odd("tag_lengths_count", lengths.len()));
    }
    let tags = Packed::new(text, lengths).map_err(Failure::from)?;
    for (index, tag) in tags.iter().enumerate() {
        if !(1..=MOST_TAG_BYTES).contains(&tag.len()) {
            return Err(odd("the length of a tag", tag.len()));
        }
        if (0..index).any(|before| tags.get(before) == tag) {
            return Err(odd("a tag", "given twice"));
        }
    }
    Ok(tags)
}

fn texts<'a>(tags: &'a Packed<'a>) -> impl Iterator<Item = &'a [u8]> {
    tags.iter().map(str::as_bytes)
}

/// Stores a value under `key` with tags. Writes the version (f64) and the slot (u32) that it got.
///
/// # Safety
/// `key` points at `key_len` readable bytes, `value` at `value_len`, `tags` at `tags_len`,
/// `tag_lengths` at `tag_lengths_count` numbers, `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cachetags_set(
    handle: f64,
    key: *const u8,
    key_len: u32,
    value: *const u8,
    value_len: u32,
    tags: *const u8,
    tags_len: u32,
    tag_lengths: *const u32,
    tag_lengths_count: u32,
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
            let tags = unpack(
                input::text(tags, tags_len)?,
                input::u32s(tag_lengths, tag_lengths_count)?,
            )?;
            let life = life(ttl_ms, grace_ms)?;
            let placed = handles::with(handle, |view: &Held| {
                let cache = view.cache();
                cache.set(key, value, &cache.tags(texts(&tags)), life)
            })??;
            place(out, placed);
            Ok(())
        })
    }
}

/// Stores values under as many keys, as `agent_core_cache_set_many` does, all with the same tags.
///
/// # Safety
/// `keys` points at `keys_len` readable bytes, `values` at `values_len`, `tags` at `tags_len`, each
/// list of lengths at as many numbers as its count says, `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cachetags_set_many(
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
    tags: *const u8,
    tags_len: u32,
    tag_lengths: *const u32,
    tag_lengths_count: u32,
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
            let tags = unpack(
                input::text(tags, tags_len)?,
                input::u32s(tag_lengths, tag_lengths_count)?,
            )?;
            let life = life(ttl_ms, grace_ms)?;
            handles::with(handle, |view: &Held| {
                let tags = view.cache().tags(texts(&tags));
                set_many(view, &keys, &values, lengths, &tags, life)
            })?
        })
    }
}

/// Asks for the lease of loading `key` for a value with tags; answers as `agent_core_cache_acquire`
/// does, and 0 for wrong tags too. `agent_core_cache_publish` stores with those tags.
///
/// # Safety
/// `key` points at `key_len` readable bytes, `tags` at `tags_len`, `tag_lengths` at
/// `tag_lengths_count` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cachetags_acquire(
    handle: f64,
    key: *const u8,
    key_len: u32,
    tags: *const u8,
    tags_len: u32,
    tag_lengths: *const u32,
    tag_lengths_count: u32,
    timeout_ms: f64,
) -> f64 {
    guard_value(0.0, || {
        // SAFETY: passed on to the caller.
        let inputs = unsafe {
            input::bytes(key, key_len).and_then(|key| {
                let tags = input::text(tags, tags_len)?;
                Ok((
                    key,
                    unpack(tags, input::u32s(tag_lengths, tag_lengths_count)?)?,
                ))
            })
        };
        let Ok((key, tags)) = inputs else {
            return 0.0;
        };
        let tags: LeaseTags = texts(&tags).map(Box::from).collect();
        let timeout_ms = if timeout_ms > 0.0 { timeout_ms } else { 0.0 };
        handles::peek(handle, |view: &Held| view.acquire(key, &tags, timeout_ms))
            .map_or(0.0, answer)
    })
}

/// Removes every entry that carries a tag (UTF-8) and ends the loads of such: how many of them had not
/// expired, or a negative status.
///
/// # Safety
/// `tag` points at `tag_len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cachetags_delete(
    handle: f64,
    tag: *const u8,
    tag_len: u32,
) -> f64 {
    guard_value(f64::from(Status::Panic as i32), || {
        // SAFETY: passed on to the caller.
        let Ok(tag) = (unsafe { input::bytes(tag, tag_len) }) else {
            return f64::from(Status::InvalidArgument as i32);
        };
        handles::peek(handle, |view: &Held| view.cache().delete_tagged(tag) as f64)
            .unwrap_or(f64::from(Status::InvalidHandle as i32))
    })
}
