//! The settings, as `src/containers/egress/plan.ts` writes them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::Value;

use crate::rules::Rules;

/// Settings of a proxy.
pub struct Config {
    /// What may be reached.
    pub rules: Rules,
    /// The address that an engine would give to the host in the inner network: no one must have it.
    pub gateway: Option<Ipv4Addr>,
    /// Any address of the inner network, by which the leg in it is found.
    pub beside: Ipv4Addr,
    /// The port for requests to a proxy.
    pub port: u16,
    /// Whether networks of one's own may be reached.
    pub allow_private: bool,
    /// Name servers; those of the system if empty.
    pub servers: Vec<SocketAddr>,
    /// What no one may exceed.
    pub limits: Limits,
}

/// What no one may exceed.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Connections of the box at a time.
    pub connections: usize,
    /// Bytes of a connection, both ways together.
    pub bytes: u64,
    /// Bytes of all connections, ever.
    pub total_bytes: u64,
    /// How long a name and a connection may take.
    pub connect: Duration,
    /// How long a connection may be silent.
    pub idle: Duration,
    /// How long a connection may last.
    pub duration: Duration,
}

impl Config {
    /// Reads settings.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut rules = Rules::default();
        for rule in list(&value, "allow")? {
            rules.add(rule)?;
        }
        let mut servers = Vec::new();
        for server in list(&value, "dns")? {
            let address = server.parse::<SocketAddr>();
            let plain = || server.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
            servers.push(
                address
                    .or_else(|_| plain())
                    .map_err(|error| format!("{server}: {error}"))?,
            );
        }
        let gateway = match &value["gateway"] {
            Value::Null => None,
            other => Some(address(other).ok_or("gateway is no IPv4 address")?),
        };
        let millis = |name| number(&value, name).map(Duration::from_millis);
        Ok(Self {
            rules,
            gateway,
            beside: address(&value["beside"]).ok_or("beside is no IPv4 address")?,
            port: u16::try_from(number(&value, "port")?).map_err(|_| "port is too large")?,
            allow_private: value["allowPrivate"]
                .as_bool()
                .ok_or("allowPrivate is missing")?,
            servers,
            limits: Limits {
                connections: usize::try_from(number(&value, "connections")?)
                    .map_err(|_| "connections is too large")?,
                bytes: number(&value, "bytes")?,
                total_bytes: number(&value, "totalBytes")?,
                connect: millis("connectMs")?,
                idle: millis("idleMs")?,
                duration: millis("durationMs")?,
            },
        })
    }
}

fn address(value: &Value) -> Option<Ipv4Addr> {
    value.as_str()?.parse().ok()
}

fn list<'a>(value: &'a Value, name: &str) -> Result<Vec<&'a str>, String> {
    let items = value[name]
        .as_array()
        .ok_or_else(|| format!("{name} is no list"))?;
    let texts = items.iter().map(Value::as_str).collect::<Option<_>>();
    texts.ok_or_else(|| format!("{name} holds something else than texts"))
}

fn number(value: &Value, name: &str) -> Result<u64, String> {
    value[name]
        .as_u64()
        .ok_or_else(|| format!("{name} is no whole number"))
}
