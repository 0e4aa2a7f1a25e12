//! Where an engine listens, as the TypeScript side hands it over: a socket's absolute path, or literal addresses and a
//! port. Names are refused: resolving one here would go round the permission checks, which are made on the resolved
//! addresses before this library is called.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use agent_ffi::Failure;
use serde::Deserialize;

/// A place where an engine may listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A Unix socket at an absolute path.
    Unix(String),
    /// Addresses that are tried in order.
    Tcp(Vec<SocketAddr>),
}

/// Whom a TLS connection trusts and what it shows, PEM.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Certificates {
    /// The name that the engine's certificate is for.
    pub(crate) name: String,
    /// Whether Mozilla's authorities that came with this library are trusted.
    pub(crate) built_in: bool,
    /// The usual authorities; those that cannot be used are left out.
    pub(crate) usual: String,
    pub(crate) ca: Option<String>,
    pub(crate) cert: Option<String>,
    pub(crate) key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    path: Option<String>,
    addresses: Option<Vec<String>>,
    port: Option<u16>,
    /// The value of the field `host`.
    authority: String,
    tls: Option<Certificates>,
    connect_ms: f64,
    most_idle: usize,
}

/// What an engine is connected to with.
pub struct Settings {
    pub(crate) host: Host,
    pub(crate) authority: String,
    pub(crate) tls: Option<Certificates>,
    pub(crate) connect: Duration,
    pub(crate) most_idle: usize,
}

impl Settings {
    /// Reads settings, JSON; `InvalidArgument` if they are none.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let written: Written = serde_json::from_str(text)
            .map_err(|error| Failure::invalid(format!("These are no settings: {error}")))?;
        let host = host(&written)?;
        // A day at most: longer ones are as good as none, and some cannot be waited for.
        if !(written.connect_ms > 0.0 && written.connect_ms <= 86_400_000.0) {
            return Err(Failure::invalid("connectMs is no time limit"));
        }
        Ok(Self {
            host,
            authority: written.authority,
            tls: written.tls,
            connect: Duration::from_secs_f64(written.connect_ms / 1e3),
            most_idle: written.most_idle,
        })
    }
}

fn host(written: &Written) -> Result<Host, Failure> {
    match (&written.path, &written.addresses, written.port) {
        (Some(path), None, None) if path.starts_with('/') && !path.contains('\0') => {
            Ok(Host::Unix(path.clone()))
        }
        (None, Some(addresses), Some(port)) if !addresses.is_empty() => {
            let parsed = addresses.iter().map(|text| {
                let address: IpAddr = text.parse().map_err(|_| {
                    Failure::invalid(format!("\"{text}\" is no literal address"))
                        .field("host", text.as_str())
                })?;
                Ok(SocketAddr::new(address, port))
            });
            Ok(Host::Tcp(parsed.collect::<Result<_, Failure>>()?))
        }
        _ => Err(Failure::invalid(
            "An engine is at an absolute path, or at addresses and a port",
        )),
    }
}

#[cfg(test)]
mod tests {
    use agent_ffi::Status;

    use super::*;

    fn parse(place: &str) -> Result<Settings, Failure> {
        Settings::parse(&format!(
            r#"{{{place},"authority":"localhost","tls":null,"connectMs":2000,"mostIdle":8}}"#
        ))
    }

    #[test]
    fn both_forms_are_read() {
        let unix = parse(r#""path":"/run/engine.sock""#).unwrap();
        assert_eq!(unix.host, Host::Unix("/run/engine.sock".into()));
        assert_eq!(unix.connect, Duration::from_secs(2));
        let tcp = parse(r#""addresses":["127.0.0.1","::1"],"port":2375"#).unwrap();
        let expected = ["127.0.0.1:2375", "[::1]:2375"].map(|text| text.parse().unwrap());
        assert_eq!(tcp.host, Host::Tcp(expected.to_vec()));
    }

    #[test]
    fn anything_else_is_refused() {
        for place in [
            r#""path":"relative.sock""#,
            r#""path":"/a\u0000b""#,
            r#""path":"""#,
            r#""addresses":["localhost"],"port":2375"#,
            r#""addresses":["127.0.0.1:1"],"port":2375"#,
            r#""addresses":[],"port":2375"#,
            r#""addresses":["127.0.0.1"]"#,
            r#""addresses":["127.0.0.1"],"port":70000"#,
            r#""path":"/a","addresses":["127.0.0.1"],"port":1"#,
            r#""port":1"#,
        ] {
            let failure = parse(place).err().unwrap();
            assert_eq!(failure.status(), Status::InvalidArgument, "{place}");
        }
        assert!(Settings::parse("{}").is_err());
        assert!(Settings::parse("").is_err());
    }
}
