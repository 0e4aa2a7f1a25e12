//! The exports of security tools. Common ones (`agent_ffi_*`) come from the toolkit crate.

mod exchange;
mod host;
mod scan;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use agent_ffi::{Call, Failure, ring};
use agent_security::probe;

/// Connects once by TCP to `port` (1 to 65535) of `address` (UTF-8, a literal IPv4 or IPv6 address;
/// a name is refused) and closes at once. The completion's payload is JSON: `state` ("open",
/// "closed", "filtered"), `reason`, and `rttMs`, null where the host did not answer.
///
/// No answer within `timeout_ms` is "filtered". Fails with IO where the probe itself was not possible.
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_security_submit_probe(
    ring: f64,
    op: u32,
    address: *const u8,
    address_len: u32,
    port: u32,
    timeout_ms: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let target = target(call.text(address, address_len)?, port)?;
        let timeout = Duration::from_millis(timeout_ms.into());
        ring::submit_io(ring, op, 0, move |_| async move {
            Ok(probe(target, timeout)
                .await?
                .to_json()
                .to_string()
                .into_bytes())
        })
    })
}

/// The digest of the headers that this library was built with, by which a caller knows that its own
/// tables were made from the same.
#[unsafe(no_mangle)]
pub extern "C" fn agent_security_digest() -> u32 {
    crate::digest::DIGEST
}

fn target(address: &str, port: u32) -> Result<SocketAddr, Failure> {
    let ip: IpAddr = address.parse().map_err(|_| {
        Failure::invalid(format!("\"{address}\" is not a literal address"))
            .field("address", address)
    })?;
    match u16::try_from(port) {
        Ok(port) if port != 0 => Ok(SocketAddr::new(ip, port)),
        _ => Err(
            Failure::invalid(format!("{port} is not a port; ports are 1 to 65535"))
                .field("port", port),
        ),
    }
}

#[cfg(test)]
mod tests {
    use agent_ffi::Status;

    use super::*;

    #[test]
    fn only_literals_and_real_ports() {
        assert_eq!(target("127.0.0.1", 80).unwrap().to_string(), "127.0.0.1:80");
        assert_eq!(target("::1", 65535).unwrap().to_string(), "[::1]:65535");
        for (address, port) in [
            ("localhost", 80),
            ("", 80),
            ("127.1", 80),
            ("::1", 0),
            ("::1", 65536),
        ] {
            assert_eq!(
                target(address, port).unwrap_err().status(),
                Status::InvalidArgument
            );
        }
    }
}
