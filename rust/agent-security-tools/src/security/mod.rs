//! The exports of security tools. Common ones (`agent_ffi_*`) come from the toolkit crate.

mod exchange;
mod host;
mod scan;

use std::net::{IpAddr, SocketAddr};

use agent_ffi::Failure;

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
