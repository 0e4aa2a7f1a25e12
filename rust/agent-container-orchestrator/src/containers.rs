//! The exports of containers. Common ones (`agent_ffi_*`) come from the toolkit crate.

use std::time::Duration;

use agent_containers::{Host, ping};
use agent_ffi::{Call, ring};

/// Asks the container engine at `host` (UTF-8: `unix:///path`, or `tcp://` with a literal address and
/// a port) for its version. The completion's payload is JSON: `apiVersion` (the lower of the
/// engine's and this client's), `version`, `os`, `arch`; null where the engine does not say.
///
/// Fails with NOT_FOUND (no such socket), IO (not reachable, or an error status), UNSUPPORTED (no
/// engine's answer) or TIMEOUT after `timeout_ms`.
///
/// @result json
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
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let host = Host::parse(call.text(host, host_len)?)?;
        let timeout = Duration::from_millis(timeout_ms.into());
        ring::submit_io(ring, op, host_len as usize, move |_| async move {
            Ok(ping(&host, timeout).await?.to_string().into_bytes())
        })
    })
}

/// The digest of the headers that this library was built with, by which a caller knows that its own
/// tables were made from the same.
#[unsafe(no_mangle)]
pub extern "C" fn agent_containers_digest() -> u32 {
    crate::digest::DIGEST
}
