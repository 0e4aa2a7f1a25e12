//! One TCP connect to one port, and what its outcome says about the port.
//!
//! The connection is closed as soon as it is there; nothing is sent. What to probe is decided before:
//! scope and permissions are the TypeScript side's.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use agent_ffi::{Failure, Status};
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// What a port is, as seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Something accepted the connection.
    Open,
    /// The host answered that nothing listens there.
    Closed,
    /// Nothing that the host itself said came back.
    Filtered,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Filtered => "filtered",
        }
    }
}

/// The outcome of one probe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probe {
    /// What the port is.
    pub state: State,
    /// The one word of evidence for it.
    pub reason: &'static str,
    /// Time to the host's answer; none if it gave none.
    pub round_trip: Option<Duration>,
}

impl Probe {
    /// The outcome as it travels: `state`, `reason`, `rttMs`.
    pub fn to_json(&self) -> Value {
        json!({
            "state": self.state.name(),
            "reason": self.reason,
            "rttMs": self.round_trip.map(|time| time.as_secs_f64() * 1e3),
        })
    }
}

/// Connects once. Only what says nothing about the port (no socket to be had, say) is a failure.
pub async fn probe(target: SocketAddr, timeout: Duration) -> Result<Probe, Failure> {
    let start = Instant::now();
    let outcome = tokio::time::timeout(timeout, TcpStream::connect(target)).await;
    let round_trip = Some(start.elapsed());
    let found = |state, reason, round_trip| {
        Ok(Probe {
            state,
            reason,
            round_trip,
        })
    };
    match outcome {
        Err(_) => found(State::Filtered, "timeout", None),
        Ok(Ok(stream)) if self_connected(&stream) => {
            found(State::Closed, "self-connect", round_trip)
        }
        Ok(Ok(_)) => found(State::Open, "accepted", round_trip),
        Ok(Err(error)) => match error.kind() {
            ErrorKind::ConnectionRefused => found(State::Closed, "refused", round_trip),
            ErrorKind::ConnectionReset => found(State::Closed, "reset", round_trip),
            ErrorKind::TimedOut => found(State::Filtered, "timeout", None),
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                found(State::Filtered, "unreachable", None)
            }
            ErrorKind::PermissionDenied => found(State::Filtered, "prohibited", None),
            _ => Err(
                Failure::new(Status::Io, format!("{target} cannot be probed: {error}"))
                    .field("path", target.to_string())
                    .field("operation", "connect"),
            ),
        },
    }
}

/// With a source port equal to the target's, TCP connects a socket to itself: nobody listens.
fn self_connected(stream: &TcpStream) -> bool {
    matches!((stream.local_addr(), stream.peer_addr()), (Ok(local), Ok(peer)) if local == peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(target: SocketAddr) -> Probe {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime
            .block_on(probe(target, Duration::from_secs(5)))
            .unwrap()
    }

    #[test]
    fn a_listener_is_open_and_its_end_closes_the_port() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let target = listener.local_addr().unwrap();
        let seen = run(target);
        assert_eq!((seen.state, seen.reason), (State::Open, "accepted"));
        assert!(seen.round_trip.is_some());
        drop(listener);
        let seen = run(target);
        assert_eq!((seen.state, seen.reason), (State::Closed, "refused"));
    }

    #[test]
    fn a_socket_connected_to_itself_is_told_from_a_listener() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let own = socket.local_addr().unwrap();
            assert!(self_connected(&socket.connect(own).await.unwrap()));
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let target = listener.local_addr().unwrap();
            assert!(!self_connected(&TcpStream::connect(target).await.unwrap()));
        });
    }

    #[test]
    fn json_has_null_where_nothing_was_measured() {
        let seen = Probe {
            state: State::Filtered,
            reason: "timeout",
            round_trip: None,
        };
        assert_eq!(
            seen.to_json(),
            json!({ "state": "filtered", "reason": "timeout", "rttMs": null })
        );
    }
}
