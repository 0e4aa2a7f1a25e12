//! The exports of the monitor. Common ones (`agent_ffi_*`) come from the toolkit crate.

use agent_ffi::Call;
use agent_monitor::memory;

/// Writes the machine's memory and CPUs as JSON: `total`, `available`, `swapTotal`, `swapFree` in
/// bytes, and `cpus`, how many this process may use. Returns its length.
///
/// Fails with UNSUPPORTED where the system does not tell.
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_monitor_memory(out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        out.write(memory()?.to_json().to_string().as_bytes());
        Ok(())
    })
}

/// The digest of the headers that this library was built with, by which a caller knows that its own
/// tables were made from the same.
#[unsafe(no_mangle)]
pub extern "C" fn agent_monitor_digest() -> u32 {
    crate::digest::DIGEST
}
