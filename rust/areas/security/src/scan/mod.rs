//! Scans of many TCP ports by connect, from one thread ([`halves`]: two on loopback). Twin: `src/security/scan/pure.ts`, which follows the
//! same steps:
//!
//! 1. Round by round. In the first every port of every address is asked once, ports in order and the
//!    addresses of a port one after the other.
//! 2. What gave no answer is uncertain and asked again in the next round. There are two rounds, and further ones
//!    (six at most) while rounds of uncertain ports still get answers: then packets are being lost.
//! 3. How many probes are under way, how long an answer is waited for and how many go out a second is
//!    [`pace`]'s. A probe for which this machine had no means (descriptors, source ports) is put back, never
//!    lost.

mod engine;
mod halves;
mod limits;
mod pace;
mod report;
mod socket;

use std::net::IpAddr;
use std::time::Duration;

use agent_ffi::Failure;
use agent_shared::Control;
use serde_json::Value;

pub use limits::descriptors;
pub use pace::Rate;
pub(crate) use pace::Rates;

/// Rounds that there are at most.
const MOST_ROUNDS: u32 = 6;

/// The most probes of one scan.
pub const MOST_PROBES: usize = 5_000_000;

/// What is to be scanned, and how.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The addresses, which are this order's.
    pub addresses: Vec<IpAddr>,
    /// The ports, ascending.
    pub ports: Vec<u16>,
    /// The longest wait for an answer.
    pub timeout: Duration,
    /// The most probes under way at once.
    pub concurrency: usize,
    /// The most probes a second to addresses that are not loopback.
    pub rate: Rate,
    /// The most rounds.
    pub rounds: u32,
    /// When the whole scan ends, done or not.
    pub limit: Duration,
    /// Whether closed and filtered ports are listed too.
    pub lists_all: bool,
}

impl Scan {
    /// Reads a request: `addresses`, `ports` (ranges of two numbers), `timeoutMs`, `concurrency`, `rate` and `hostRate`
    /// (null for none), `limitMs`, `all`, `rounds` (six if it is left out).
    pub fn from_json(text: &str) -> Result<Self, Failure> {
        let request: Value = serde_json::from_str(text)
            .map_err(|error| Failure::invalid(format!("The scan is no JSON: {error}")))?;
        let wrong = |what: &str| Failure::invalid(format!("The scan has no fit {what}"));
        let addresses = request["addresses"]
            .as_array()
            .ok_or_else(|| wrong("addresses"))?
            .iter()
            .map(|address| address.as_str().and_then(|text| text.parse().ok()))
            .collect::<Option<Vec<IpAddr>>>()
            .ok_or_else(|| wrong("addresses"))?;
        let mut ports = Vec::new();
        for range in request["ports"].as_array().ok_or_else(|| wrong("ports"))? {
            let port = |at: usize| range[at].as_u64().and_then(|port| u16::try_from(port).ok());
            match (port(0), port(1)) {
                (Some(first), Some(last)) if first > 0 && first <= last => {
                    ports.extend(first..=last);
                }
                _ => return Err(wrong("ports")),
            }
        }
        if !ports.is_sorted_by(|before, after| before < after) {
            return Err(wrong("ports"));
        }
        let probes = addresses.len().saturating_mul(ports.len());
        if probes > MOST_PROBES {
            return Err(Failure::too_large(
                format!("A scan of {probes} probes is over {MOST_PROBES}"),
                "scan",
                probes,
                MOST_PROBES,
            ));
        }
        let milliseconds = |name: &str| {
            request[name]
                .as_u64()
                .filter(|ms| *ms > 0)
                .map(Duration::from_millis)
                .ok_or_else(|| wrong(name))
        };
        Ok(Self {
            addresses,
            ports,
            timeout: milliseconds("timeoutMs")?,
            concurrency: request["concurrency"]
                .as_u64()
                .filter(|count| *count > 0)
                .ok_or_else(|| wrong("concurrency"))? as usize,
            rate: Rate::from_json(&request),
            rounds: match &request["rounds"] {
                Value::Null => MOST_ROUNDS,
                rounds => rounds
                    .as_u64()
                    .filter(|rounds| (1..=MOST_ROUNDS.into()).contains(rounds))
                    .ok_or_else(|| wrong("rounds"))? as u32,
            },
            limit: milliseconds("limitMs")?,
            lists_all: request["all"].as_bool().unwrap_or(false),
        })
    }

    /// Scans, until all is known, the time is over or the caller gives up. The answer is JSON, as
    /// [`report`] writes it.
    pub fn run(&self, control: &dyn Control) -> Result<Vec<u8>, Failure> {
        let found = if halves::fits(self) {
            halves::run(self, control)?
        } else {
            engine::Engine::new(self)?.run(control)?
        };
        Ok(report::to_json(self, &found).into_bytes())
    }
}

impl Rate {
    /// Reads `rate` and `hostRate` of a request: probes a second, null for no limit.
    pub fn from_json(request: &Value) -> Self {
        let rate = |name: &str| request[name].as_f64().filter(|rate| *rate > 0.0);
        Self {
            all: rate("rate"),
            host: rate("hostRate"),
        }
    }
}

#[cfg(test)]
mod tests;
