//! Where an engine listens, as the TypeScript side hands it over: `unix:///path`, or `tcp://` with a
//! literal address and a port. Names are refused: resolving one here would go round the permission
//! checks, which are made on the resolved addresses before this library is called.

use std::net::SocketAddr;

use agent_ffi::Failure;

/// A place where an engine may listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A Unix socket at an absolute path.
    Unix(String),
    /// HTTP without TLS.
    Tcp(SocketAddr),
}

impl Host {
    /// Reads a host; `InvalidArgument` if it is neither form.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        if let Some(path) = text.strip_prefix("unix://") {
            if path.starts_with('/') && !path.contains('\0') {
                return Ok(Self::Unix(path.to_owned()));
            }
        } else if let Some(address) = text.strip_prefix("tcp://")
            && let Ok(address) = address.parse()
        {
            return Ok(Self::Tcp(address));
        }
        Err(Failure::invalid(format!(
            "\"{text}\" is neither unix:///path nor tcp://address:port"
        ))
        .field("host", text))
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{path}"),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use agent_ffi::Status;

    use super::*;

    #[test]
    fn both_forms_are_read_and_written_back() {
        for text in [
            "unix:///run/engine.sock",
            "tcp://127.0.0.1:2375",
            "tcp://[::1]:2375",
        ] {
            assert_eq!(Host::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "unix://",
            "unix://relative.sock",
            "unix:///a\0b",
            "tcp://localhost:2375",
            "tcp://127.0.0.1",
            "http://127.0.0.1:1",
            "/run/engine.sock",
        ] {
            let failure = Host::parse(text).unwrap_err();
            assert_eq!(failure.status(), Status::InvalidArgument, "{text}");
        }
    }
}
