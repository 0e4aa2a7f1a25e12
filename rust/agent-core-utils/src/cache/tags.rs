//! The exports of tags.
//!
//! Tags are packed as keys are. At most 64, none empty, each of at most 1,024 bytes, all different.

use agent_cache::{MOST_TAG_BYTES, MOST_TAGS};
use agent_ffi::{Call, Failure, guard_number, handles};
use agent_shared::Packed;

use super::hot::Held;
use super::leases::acquire;
use super::many::{Values, store_many};
use super::{life, odd, place};

/// Checks packed tags.
fn unpack<'c>(
    call: &'c Call,
    tags: *const u8,
    tags_len: u32,
    lengths: *const u32,
    lengths_count: u32,
) -> Result<Packed<'c>, Failure> {
    if lengths_count as usize > MOST_TAGS {
        return Err(odd("tag_lengths_count", lengths_count));
    }
    let tags = call.strings(tags, tags_len, lengths, lengths_count)?;
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
/// @content value
/// @result written
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_set_tagged(
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
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let key = call.bytes(key, key_len)?;
        let value = call.bytes(value, value_len)?;
        let tags = unpack(&call, tags, tags_len, tag_lengths, tag_lengths_count)?;
        let life = life(ttl_ms, grace_ms)?;
        let placed = handles::with(handle, |view: &Held| {
            let cache = view.cache();
            cache.set(key, value, &cache.tags(texts(&tags)), life)
        })?;
        place(out, placed?);
        Ok(())
    })
}

/// Stores values under as many keys, as `agent_core_cache_set_many` does, all with the same tags.
///
/// @packed values
/// @flag text
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_set_many_tagged(
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
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let keys = call.strings(keys, keys_len, key_lengths, key_lengths_count)?;
        let values = Values::new(
            &call,
            text == 1,
            values,
            values_len,
            value_lengths,
            value_lengths_count,
        )?;
        let tags = unpack(&call, tags, tags_len, tag_lengths, tag_lengths_count)?;
        let life = life(ttl_ms, grace_ms)?;
        handles::with(handle, |view: &Held| {
            let tags = view.cache().tags(texts(&tags));
            store_many(view, &keys, &values, &tags, life)
        })?
    })
}

/// Asks for the lease of loading `key` for a value with tags; answers as `agent_core_cache_acquire`
/// does, and 0 for wrong tags too. `agent_core_cache_publish` stores with those tags.
///
/// @signed
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_acquire_tagged(
    handle: f64,
    key: *const u8,
    key_len: u32,
    tags: *const u8,
    tags_len: u32,
    tag_lengths: *const u32,
    tag_lengths_count: u32,
    timeout_ms: f64,
) -> f64 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    acquire(|| {
        let key = call.bytes(key, key_len)?;
        let tags = unpack(&call, tags, tags_len, tag_lengths, tag_lengths_count)?;
        Ok((
            handle,
            key,
            texts(&tags).map(Box::from).collect(),
            timeout_ms,
        ))
    })
}

/// Removes every entry that carries a tag (UTF-8) and ends the loads of such: how many of them had not
/// expired, or a negative status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_delete_by_tag(
    handle: f64,
    tag: *const u8,
    tag_len: u32,
) -> f64 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let tag = call.bytes(tag, tag_len)?;
        handles::with(handle, |view: &Held| view.cache().delete_tagged(tag) as f64)
    })
}
