//! Hosts and ports that may be reached.

use std::net::IpAddr;

/// A host, or all names below one, and a port.
#[derive(Debug)]
struct Rule {
    host: String,
    below: bool,
    port: u16,
    /// Whether what goes there need not be TLS, where it otherwise must.
    any: bool,
}

/// The port at which everything but TLS is refused, unless a rule says otherwise.
const TLS_PORT: u16 = 443;
/// How a rule says otherwise.
const ANY: &str = "/tcp";

/// What may be reached.
#[derive(Debug, Default)]
pub struct Rules(Vec<Rule>);

/// Names by which clouds reach their metadata services, whatever they resolve to.
const METADATA_NAMES: &[&str] = &[
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "metadata.azure.internal",
    "metadata.tencentyun.com",
    "instance-data",
    "instance-data.ec2.internal",
];

impl Rules {
    /// Adds `host:port`, where the host may be `*.` and a name, and `/tcp` may follow.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let wrong = || format!("{text:?} is not host:port");
        let (target, any) = match text.strip_suffix(ANY) {
            Some(target) => (target, true),
            None => (text, false),
        };
        let (host, port) = target.rsplit_once(':').ok_or_else(wrong)?;
        let port = port
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or_else(wrong)?;
        let (below, host) = match host.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, host),
        };
        let host = normal(host).ok_or_else(wrong)?;
        self.0.push(Rule {
            host,
            below,
            port,
            any,
        });
        Ok(())
    }

    /// Whether a host in its normal form may be reached on a port.
    pub fn permits(&self, host: &str, port: u16) -> bool {
        self.0
            .iter()
            .any(|rule| rule.port == port && rule.holds(host))
    }

    /// Whether only TLS may go to a host that may be reached on this port.
    pub fn wants_tls(&self, host: &str, port: u16) -> bool {
        port == TLS_PORT
            && !self
                .0
                .iter()
                .any(|rule| rule.any && rule.port == port && rule.holds(host))
    }

    /// Whether a host may be reached on any port.
    pub fn names(&self, host: &str) -> bool {
        self.0.iter().any(|rule| rule.holds(host))
    }

    /// The ports, each once.
    pub fn ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> = self.0.iter().map(|rule| rule.port).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }
}

impl Rule {
    fn holds(&self, host: &str) -> bool {
        if self.below {
            let rest = host.strip_suffix(self.host.as_str());
            rest.is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        } else {
            host == self.host
        }
    }
}

/// A host in the one spelling that is compared: lowercase, no dot at the end, addresses as the
/// standard library writes them. None for what is neither a name nor an address.
pub fn normal(host: &str) -> Option<String> {
    if let Some(inner) = host.strip_prefix('[') {
        let address: std::net::Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
        return Some(IpAddr::V6(address).to_string());
    }
    if let Ok(IpAddr::V4(address)) = host.parse() {
        return Some(address.to_string());
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let fits = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    (name.len() <= 253 && name.split('.').all(fits)).then_some(name)
}

/// Whether a name is that of a metadata service.
pub fn is_metadata(host: &str) -> bool {
    METADATA_NAMES.contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(list: &[&str]) -> Rules {
        let mut rules = Rules::default();
        for text in list {
            rules.add(text).unwrap();
        }
        rules
    }

    #[test]
    fn a_rule_is_exact() {
        let rules = rules(&[
            "Example.org.:443",
            "*.example.net:80",
            "192.0.2.7:1",
            "[::2]:9",
        ]);
        assert!(rules.permits("example.org", 443));
        assert!(!rules.permits("example.org", 80));
        assert!(!rules.permits("www.example.org", 443));
        assert!(!rules.permits("example.org.evil.test", 443));
        assert!(rules.permits("a.b.example.net", 80));
        assert!(!rules.permits("example.net", 80));
        assert!(!rules.permits(".example.net", 80));
        assert!(!rules.permits("badexample.net", 80));
        assert!(rules.permits("192.0.2.7", 1));
        assert!(rules.permits("::2", 9));
        assert_eq!(rules.ports(), [1, 9, 80, 443]);
    }

    #[test]
    fn at_one_port_only_tls_unless_said_otherwise() {
        let rules = rules(&["example.org:443", "example.org:22", "raw.test:443/tcp"]);
        assert!(rules.wants_tls("example.org", 443));
        assert!(!rules.wants_tls("example.org", 22));
        assert!(!rules.wants_tls("raw.test", 443));
        assert!(rules.permits("raw.test", 443));
        for text in ["a:443/udp", "a:443/tcp/tcp", "a:443/TCP", "a/tcp:443"] {
            assert!(Rules::default().add(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "", ".", "a..b", "a b", "user@a", "a/b", "a:b", "[::1", "é.test", "*",
        ] {
            assert_eq!(normal(text), None, "{text:?}");
        }
        for text in ["a", "a:0", "a:65536", ":443", "a:-1", "*:443", "*.*.a:1"] {
            assert!(Rules::default().add(text).is_err(), "{text:?}");
        }
    }
}
