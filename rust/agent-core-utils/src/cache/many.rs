//! The exports for many entries at once.

use agent_cache::{Codec, Found, Life, Tag};
use agent_ffi::{Call, Failure, handles};
use agent_shared::{Packed, utf16_units};

use super::hot::Held;
use super::{life, odd};

/// What the columns of `agent_core_cache_get_many` take for each key.
const COLUMNS_BYTES: usize = 20;
/// In place of a length: no entry.
const MISSING: u32 = u32::MAX;

/// The values of many entries: packed text, or bytes one behind the other with their lengths.
pub(super) enum Values<'a> {
    Text(Packed<'a>),
    Bytes(&'a [u8], &'a [u32]),
}

impl<'a> Values<'a> {
    pub(super) fn new(
        call: &'a Call,
        is_text: bool,
        values: *const u8,
        values_len: u32,
        lengths: *const u32,
        lengths_count: u32,
    ) -> Result<Self, Failure> {
        if is_text {
            return Ok(Self::Text(call.strings(
                values,
                values_len,
                lengths,
                lengths_count,
            )?));
        }
        let (bytes, lengths) = (
            call.bytes(values, values_len)?,
            call.u32s(lengths, lengths_count)?,
        );
        let total: u64 = lengths.iter().map(|&length| u64::from(length)).sum();
        if total != bytes.len() as u64 {
            return Err(odd("the sum of value_lengths", total));
        }
        Ok(Self::Bytes(bytes, lengths))
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Bytes(_, lengths) => lengths.len(),
        }
    }
}

pub(super) fn store_many(
    view: &Held,
    keys: &Packed<'_>,
    values: &Values<'_>,
    tags: &[Tag<'_>],
    life: Life,
) -> Result<(), Failure> {
    if keys.len() != values.len() {
        return Err(odd("value_lengths_count", values.len()));
    }
    let keys = (0..keys.len()).map(|index| keys.get(index).as_bytes());
    let stored = match values {
        Values::Text(values) => {
            let values = (0..values.len()).map(|index| values.get(index).as_bytes());
            view.cache().set_many(keys.zip(values), tags, life)
        }
        Values::Bytes(bytes, lengths) => {
            let mut rest = *bytes;
            let values = lengths.iter().map(move |&length| {
                let (value, after) = rest.split_at(length as usize);
                rest = after;
                value
            });
            view.cache().set_many(keys.zip(values), tags, life)
        }
    };
    Ok(stored?)
}

/// Reads the values of `lengths_count` keys, packed: UTF-8 with a line feed between two, `lengths` in
/// UTF-16 units. Writes four columns, a number for each key: the versions (f64), the slots (u32), the
/// lengths in bytes (u32; all ones if there is no entry) and the lengths in UTF-16 units (u32; as the
/// bytes if values are bytes); then the values, one behind the other.
///
/// @result written
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
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let keys = call.strings(keys, keys_len, lengths, lengths_count)?;
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
            if out.fits() {
                view.count(hits, misses);
            }
        })
    })
}

/// Stores values under as many keys, all or (if one is too large) none. The keys are packed as for
/// `agent_core_cache_get_many`; the values too if `text` is 1, else they are one behind the other with
/// `value_lengths` in bytes.
///
/// @packed values
/// @flag text
/// @result none
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
        let life = life(ttl_ms, grace_ms)?;
        handles::with(handle, |view: &Held| {
            store_many(view, &keys, &values, &[], life)
        })?
    })
}
