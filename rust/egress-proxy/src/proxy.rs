//! The decision: whether a host may be reached, at which address, and the connection to it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use hickory_resolver::TokioResolver;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::address::kind;
use crate::config::Config;
use crate::log::Log;
use crate::rules;

/// What all connections share.
pub struct Proxy {
    /// The settings.
    pub config: Config,
    /// Where decisions are written.
    pub log: Log,
    /// Bytes of all connections.
    pub total: Arc<AtomicU64>,
    /// Asks for addresses.
    pub resolver: TokioResolver,
    /// Where the box finds it.
    pub own: Ipv4Addr,
}

/// Why a host is not reached.
#[derive(Debug)]
pub struct Refusal {
    /// A word for it, which the log has.
    pub reason: &'static str,
    /// What there is to add.
    pub detail: String,
}

impl Refusal {
    /// One without details.
    pub fn new(reason: &'static str) -> Self {
        Self {
            reason,
            detail: String::new(),
        }
    }

    /// Whether the host is refused, rather than not reached.
    pub fn is_final(&self) -> bool {
        !matches!(self.reason, "name" | "connect")
    }
}

/// A request of the box, as the log has it.
pub struct Wish<'a> {
    /// The number of its connection.
    pub connection: u64,
    /// How it was said: `connect`, `http`, `tls` or `host`.
    pub via: &'static str,
    /// The host in its normal form, or what stands for it.
    pub host: &'a str,
    /// The port.
    pub port: u16,
}

impl Proxy {
    /// Connects to a host that may be reached, and logs what came of it.
    pub async fn open(&self, wish: &Wish<'_>) -> Result<TcpStream, Refusal> {
        match self.try_open(wish.host, wish.port).await {
            Ok((stream, address)) => {
                let mut event = describe("allowed", wish);
                event["address"] = json!(address.ip().to_string());
                self.log.event(event);
                Ok(stream)
            }
            Err(refusal) => {
                self.refuse(wish, &refusal);
                Err(refusal)
            }
        }
    }

    /// Logs that something is refused.
    pub fn refuse(&self, wish: &Wish<'_>, refusal: &Refusal) {
        let mut event = describe("refused", wish);
        event["reason"] = json!(refusal.reason);
        if !refusal.detail.is_empty() {
            event["detail"] = json!(refusal.detail);
        }
        self.log.event(event);
    }

    async fn try_open(&self, host: &str, port: u16) -> Result<(TcpStream, SocketAddr), Refusal> {
        if !self.config.rules.permits(host, port) {
            return Err(Refusal::new("not-allowed"));
        }
        if rules::is_metadata(host) {
            return Err(Refusal {
                reason: "address",
                detail: "a metadata service".into(),
            });
        }
        let addresses = match host.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self.resolve(host).await?,
        };
        // All of them, so that no order of answers leads round the check.
        for address in &addresses {
            // Through itself a connection would go round for as long as there are places.
            if address.to_canonical() == IpAddr::V4(self.own) {
                return Err(Refusal {
                    reason: "address",
                    detail: format!("{address} is the proxy"),
                });
            }
            let kind = kind(*address);
            if !kind.may_dial(self.config.allow_private) {
                let detail = format!("{address} is {}", kind.name());
                return Err(Refusal {
                    reason: "address",
                    detail,
                });
            }
        }
        let mut last = Refusal::new("name");
        for address in addresses.into_iter().take(4) {
            let target = SocketAddr::new(address, port);
            match timeout(self.config.limits.connect, TcpStream::connect(target)).await {
                Ok(Ok(stream)) => {
                    let _ = stream.set_nodelay(true);
                    return Ok((stream, target));
                }
                Ok(Err(error)) => {
                    last = Refusal {
                        reason: "connect",
                        detail: error.kind().to_string(),
                    };
                }
                Err(_) => {
                    last = Refusal {
                        reason: "connect",
                        detail: "timed out".into(),
                    }
                }
            }
        }
        Err(last)
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Refusal> {
        let name = format!("{host}.");
        let failed = |detail: String| Refusal {
            reason: "name",
            detail,
        };
        match timeout(self.config.limits.connect, self.resolver.lookup_ip(name)).await {
            Ok(Ok(found)) => Ok(found.iter().collect()),
            Ok(Err(error)) if error.is_no_records_found() => {
                Err(failed("it does not exist".into()))
            }
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_) => Err(failed("no answer".into())),
        }
    }
}

fn describe(event: &str, wish: &Wish<'_>) -> serde_json::Value {
    // What the box says is shown, but not at any length.
    let host: String = wish.host.chars().take(253).collect();
    json!({
        "event": event,
        "connection": wish.connection,
        "via": wish.via,
        "host": host,
        "port": wish.port,
    })
}
