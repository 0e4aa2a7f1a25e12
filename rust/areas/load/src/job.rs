//! What is to be done, as the TypeScript side says it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use agent_ffi::Failure;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, Uri, Version};
use rustls::ClientConfig;
use serde_json::Value;

use crate::connect;

/// Threads of one run.
const MOST_THREADS: usize = 64;

/// A load test.
pub struct Job {
    /// Where the connections go.
    pub(crate) address: SocketAddr,
    /// The name that a certificate must have.
    pub(crate) host: String,
    /// What TLS trusts; none for plain HTTP.
    pub(crate) tls: Option<Arc<ClientConfig>>,
    /// Whether HTTP/2 is spoken.
    pub(crate) http2: bool,
    /// Each request.
    pub(crate) request: Request<Full<Bytes>>,
    /// Starts a second; none in the closed model.
    pub(crate) rate: Option<f64>,
    /// In the closed model: the most starts a second.
    pub(crate) cap: Option<f64>,
    /// How many connections.
    pub(crate) connections: usize,
    /// How many requests are under way on each.
    pub(crate) streams: usize,
    /// How many threads.
    pub(crate) threads: usize,
    /// How long, without the warm-up.
    pub(crate) duration: Duration,
    /// How long before that.
    pub(crate) warm_up: Duration,
    /// How many requests at most.
    pub(crate) requests: Option<u64>,
    /// The longest wait for a whole answer.
    pub(crate) timeout: Duration,
    /// The largest body, in bytes.
    pub(crate) most_body: u64,
    /// The share of failures beyond which it ends.
    pub(crate) most_failed: f64,
    /// The width of the report's time line.
    pub(crate) interval: Duration,
}

impl Job {
    /// Reads a job; `body` is that of each request.
    pub fn from_json(text: &str, body: &[u8]) -> Result<Self, Failure> {
        let job: Value = serde_json::from_str(text)
            .map_err(|error| Failure::invalid(format!("The load test is no JSON: {error}")))?;
        let wrong = |what: &str| Failure::invalid(format!("The load test has no fit {what}"));
        let word = |name: &'static str| job[name].as_str().ok_or_else(|| wrong(name));
        let number = |name: &'static str| {
            let value = job[name].as_f64().filter(|value| *value >= 0.0);
            value.ok_or_else(|| wrong(name))
        };
        let time = |name: &'static str| {
            Duration::try_from_secs_f64(number(name)? / 1_000.0).map_err(|_| wrong(name))
        };
        let rate = |name: &'static str| job[name].as_f64().filter(|rate| *rate > 0.0);
        let address = word("address")?.parse().map_err(|_| wrong("address"))?;
        let port = job["port"]
            .as_u64()
            .and_then(|port| u16::try_from(port).ok())
            .ok_or_else(|| wrong("port"))?;
        let is_tls = job["tls"].as_bool().ok_or_else(|| wrong("tls"))?;
        let http2 = job["http"].as_u64() == Some(2);
        let connections = (number("connections")? as usize).clamp(1, 1 << 16);
        Ok(Self {
            address: SocketAddr::new(address, port),
            host: word("host")?.to_owned(),
            tls: is_tls
                .then(|| connect::trust(word("roots")?, http2))
                .transpose()?,
            http2,
            request: request(&job, http2, is_tls, body).ok_or_else(|| wrong("request"))?,
            rate: rate("rate"),
            cap: rate("cap"),
            connections,
            streams: (number("streams")? as usize).clamp(1, 1 << 10),
            threads: std::thread::available_parallelism()
                .map_or(1, usize::from)
                .min(connections)
                .min(MOST_THREADS),
            duration: time("durationMs")?,
            warm_up: time("warmUpMs")?,
            requests: job["requests"].as_u64(),
            timeout: time("timeoutMs")?,
            most_body: number("maxBodyBytes")? as u64,
            most_failed: number("maxErrorShare")?,
            interval: time("intervalMs")?.max(Duration::from_millis(1)),
        })
    }
}

fn request(job: &Value, http2: bool, is_tls: bool, body: &[u8]) -> Option<Request<Full<Bytes>>> {
    let (authority, path) = (job["authority"].as_str()?, job["path"].as_str()?);
    let scheme = if is_tls { "https" } else { "http" };
    let uri: Uri = if http2 {
        format!("{scheme}://{authority}{path}").parse().ok()?
    } else {
        path.parse().ok()?
    };
    let mut request = Request::builder()
        .method(job["method"].as_str()?)
        .uri(uri)
        .version(if http2 {
            Version::HTTP_2
        } else {
            Version::HTTP_11
        })
        .body(Full::new(Bytes::copy_from_slice(body)))
        .ok()?;
    if !http2 {
        let host = HeaderValue::from_str(authority).ok()?;
        request.headers_mut().insert("host", host);
    }
    for field in job["headers"].as_array()? {
        let name: HeaderName = field[0].as_str()?.parse().ok()?;
        let value = HeaderValue::from_bytes(field[1].as_str()?.as_bytes()).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}
