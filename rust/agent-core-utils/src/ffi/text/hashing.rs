//! Exports `agent_core_text_hasher_*`: a hash of bytes that come in parts.

use std::sync::{Mutex, PoisonError};

use agent_ffi::{Status, guard_status, guard_value, handles, input};

use super::compute;
use crate::text::hash;

/// A hash in progress, as the isolate's handle holds it.
struct Shared(Mutex<hash::Stream>);

impl Shared {
    fn with<R>(&self, body: impl FnOnce(&mut hash::Stream) -> R) -> R {
        body(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Begins a hash. Result: its handle, f64. The caller closes it with `agent_ffi_handle_close`.
///
/// # Safety
/// `out` points at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_hasher_new(out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            if out.capacity() < 8 {
                out.write_f64(0.0);
                return Ok(());
            }
            out.write_f64(handles::insert(Shared(
                Mutex::new(hash::Stream::default()),
            ))?);
            Ok(())
        })
    }
}

/// Adds bytes to a hash: 0, or a negative status.
///
/// # Safety
/// `bytes` points at `bytes_len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_hasher_update(
    handle: f64,
    bytes: *const u8,
    bytes_len: u32,
) -> i32 {
    guard_value(Status::Panic as i32, || {
        // SAFETY: passed on to the caller.
        let Ok(bytes) = (unsafe { input::bytes(bytes, bytes_len) }) else {
            return Status::InvalidArgument as i32;
        };
        let updated = handles::peek(handle, |shared: &Shared| {
            compute(hash::is_large(bytes), |parallel| {
                shared.with(|stream| stream.update(bytes, parallel));
                Ok(())
            })
        });
        match updated {
            None => Status::InvalidHandle as i32,
            Some(Ok(())) => 0,
            Some(Err(_)) => Status::OutOfMemory as i32,
        }
    })
}

/// The hash of what was added so far: 32 raw bytes. More may be added afterwards.
///
/// # Safety
/// `out` points at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_hasher_finish(
    handle: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let hash = handles::with(handle, |shared: &Shared| {
                shared.with(|stream| stream.finish())
            })?;
            out.write(&hash);
            Ok(())
        })
    }
}
