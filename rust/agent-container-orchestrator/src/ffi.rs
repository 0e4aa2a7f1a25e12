//! The exports of containers. Common ones (`agent_ffi_*`) come from the toolkit crate.

use std::time::Duration;

use agent_ffi::{guard_status, input, ring};

use crate::containers::{Host, ping};

/// Asks the container engine at `host` (UTF-8: `unix:///path`, or `tcp://` with a literal address and
/// a port) for its version. The completion's payload is JSON: `apiVersion` (the lower of the
/// engine's and this client's), `version`, `os`, `arch`; null where the engine does not say.
///
/// Fails with NOT_FOUND (no such socket), IO (not reachable, or an error status), UNSUPPORTED (no
/// engine's answer) or TIMEOUT after `timeout_ms`.
///
/// # Safety
/// `host` points at `host_len` readable bytes, `out` at `out_cap` writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_containers_submit_ping(
    ring: f64,
    op: u32,
    host: *const u8,
    host_len: u32,
    timeout_ms: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let host = Host::parse(input::text(host, host_len)?)?;
            let timeout = Duration::from_millis(timeout_ms.into());
            ring::submit_io(ring, op, host_len as usize, move |_| async move {
                Ok(ping(&host, timeout).await?.to_string().into_bytes())
            })
        })
    }
}
