//! Bytes there and back: one connection or one datagram, read under limits. What is sent and what an
//! answer means is the TypeScript side's; its twin is `src/security/services/exchange/pure.ts`.
//!
//! Nothing here keeps more than a step's `most` bytes, whatever a server sends.

mod datagram;
mod line;

#[cfg(test)]
mod tests;

pub use datagram::datagram;
pub use line::{Line, Step};

use std::io::ErrorKind;

use agent_ffi::{Failure, Status};

/// Why an answer ends where it does; the numbers travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum End {
    /// Something came, and then nothing for the quiet time.
    Quiet = 0,
    /// Nothing came in the time for the first byte.
    Silent = 1,
    /// The other side closed.
    Closed = 2,
    /// The other side broke the connection.
    Reset = 3,
    /// Something kept coming until the time for all was over.
    Late = 4,
    /// As many bytes came as may be kept.
    Full = 5,
    /// Nothing listens there.
    Refused = 6,
    /// There is no way there.
    Unreachable = 7,
    /// A firewall of this machine forbids it.
    Prohibited = 8,
    /// No connection in the time for it.
    Timeout = 9,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Why it ends.
    pub end: End,
    /// What was read.
    pub bytes: Vec<u8>,
}

impl Answer {
    fn new(end: End, bytes: Vec<u8>) -> Self {
        Self { end, bytes }
    }

    fn none(end: End) -> Self {
        Self::new(end, Vec::new())
    }

    /// As it travels: the number of the end, then the bytes.
    pub fn into_payload(self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(self.bytes.len() + 1);
        payload.push(self.end as u8);
        payload.extend_from_slice(&self.bytes);
        payload
    }
}

/// What an error of a connect says; one that says nothing about the other side is a failure.
fn end_of(error: &std::io::Error, target: &std::net::SocketAddr) -> Result<End, Failure> {
    Ok(match error.kind() {
        ErrorKind::ConnectionRefused => End::Refused,
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
            End::Reset
        }
        ErrorKind::TimedOut => End::Timeout,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => End::Unreachable,
        ErrorKind::PermissionDenied => End::Prohibited,
        _ => {
            return Err(
                Failure::new(Status::Io, format!("{target} cannot be asked: {error}"))
                    .field("path", target.to_string())
                    .field("operation", "exchange"),
            );
        }
    })
}
