//! The exports of the monitor. Common ones (`agent_ffi_*`) come from the toolkit crate.

use agent_ffi::guard_status;

use crate::monitor::memory;

/// Writes the machine's memory and CPUs as JSON: `total`, `available`, `swapTotal`, `swapFree` in
/// bytes, and `cpus`, how many this process may use. Returns its length.
///
/// Fails with UNSUPPORTED where the system does not tell.
///
/// # Safety
/// `out` points at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_monitor_memory(out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            out.write(memory()?.to_json().to_string().as_bytes());
            Ok(())
        })
    }
}
