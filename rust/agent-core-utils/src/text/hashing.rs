//! Exports of hashes: at once, on the pool, and of bytes that come in parts (`agent_core_text_hasher_*`).

use std::sync::{Arc, Mutex, PoisonError};

use agent_ffi::{Call, copy, guard_number, handles, ring};
use agent_shared::Uncontrolled;
use agent_text::hash;

use super::compute;

/// BLAKE3-256 of some bytes. Result: the 32 raw bytes of the hash.
///
/// @content bytes
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_hash(
    bytes: *const u8,
    bytes_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let bytes = call.bytes(bytes, bytes_len)?;
        let hash = compute(hash::is_large(bytes), |parallel| {
            hash::hash(bytes, parallel, &Uncontrolled)
        })?;
        out.write(&hash);
        Ok(())
    })
}

/// Hashes some bytes on the pool: one completion whose payload is the 32 raw bytes of the hash.
///
/// @content bytes
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_submit_hash_one(
    ring: f64,
    op: u32,
    bytes: *const u8,
    bytes_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let mut bytes = ring::copy_input(ring, call.bytes(bytes, bytes_len)?)?;
        let (len, short) = (bytes.len(), bytes.len() <= SHORT_BYTES);
        let work = move |task: &ring::Task| {
            let parallel = hash::is_large(&bytes);
            let hash = hash::hash(&bytes, parallel, task)?;
            // The result travels in the input's memory, which so comes back to be used again.
            bytes.clear();
            bytes.shrink_to(SHORT_BYTES);
            bytes.extend_from_slice(&hash);
            Ok(bytes)
        };
        if short {
            ring::submit_short(ring, op, len, work)
        } else {
            ring::submit_cpu(ring, op, len, work)
        }
    })
}

/// Hashing up to so many bytes takes some microseconds. Memory up to this size is kept from an input
/// for its result.
const SHORT_BYTES: usize = 64 << 10;

/// Hashes many inputs on the pool. They stand one after the other in `bytes` without separators;
/// `lengths` are in BYTES. Payload: 32 raw bytes each. Progress: inputs done, inputs in all.
///
/// @content bytes
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_submit_hash_many(
    ring: f64,
    op: u32,
    bytes: *const u8,
    bytes_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let bytes = copy(call.bytes(bytes, bytes_len)?)?;
        let lengths = copy(call.u32s(lengths, lengths_count)?)?;
        // Wrong lengths are refused now rather than by a completion.
        hash::split(&bytes, &lengths)?;
        let size = bytes.len() + 4 * lengths.len();
        ring::submit_cpu(ring, op, size, move |task| {
            let hashes = hash::hash_many(&bytes, &lengths, task)?;
            Ok(hashes.into_flattened())
        })
    })
}

/// A hash in progress, as the isolate's handle holds it.
struct Shared(Mutex<hash::Stream>);

impl Shared {
    fn with<R>(&self, body: impl FnOnce(&mut hash::Stream) -> R) -> R {
        body(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Begins a hash. Result: its handle, f64. The caller closes it with `agent_ffi_handle_close`.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_hasher_new(out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        Ok(Arc::new(Shared(Mutex::new(hash::Stream::default()))))
    })
}

/// Adds bytes to a hash: 0, or a negative status.
///
/// @bytes bytes
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_hasher_update(
    handle: f64,
    bytes: *const u8,
    bytes_len: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let bytes = call.bytes(bytes, bytes_len)?;
        handles::with(handle, |shared: &Shared| {
            compute(hash::is_large(bytes), |parallel| {
                shared.with(|stream| stream.update(bytes, parallel));
                Ok(0)
            })
        })?
    })
}

/// The hash of what was added so far: 32 raw bytes. More may be added afterwards.
///
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_hasher_finish(
    handle: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let hash = handles::with(handle, |shared: &Shared| {
            shared.with(|stream| stream.finish())
        })?;
        out.write(&hash);
        Ok(())
    })
}
