//! What went wrong in an exchange, by kind: the twins make the same error of the same kind, and only the
//! detail is the system's or a library's own words.

use std::error::Error as _;
use std::io;

/// The kinds; their numbers are the places in `FAULT_KINDS` of `src/http/transport/native/wire.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    /// No connection could be made, or a proxy would not make one.
    Connect = 0,
    /// None was made in time.
    ConnectTimeout = 1,
    /// The server's identity or the handshake failed.
    Tls = 2,
    /// The connection ended before the response's head was whole.
    Reset = 3,
    /// What came is not HTTP.
    Protocol = 4,
    /// The response's head is over its limit.
    HeadTooLarge = 5,
    /// The head did not come in time.
    FirstByteTimeout = 6,
    /// The next piece of the body did not come in time.
    BodyTimeout = 7,
    /// All of it took too long.
    TotalTimeout = 8,
    /// The decoded body is over its limit.
    BodyTooLarge = 9,
    /// The body ended early.
    BodyIncomplete = 10,
    /// The body is not what its coding says.
    Encoding = 11,
}

/// A failed exchange.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What went wrong.
    pub kind: Kind,
    /// The words of whoever noticed.
    pub detail: String,
    /// Whether nothing of the request was processed, so that it may be sent again whatever it is.
    pub unsent: bool,
}

impl Fault {
    /// A fault after something may have been sent.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            unsent: false,
        }
    }

    /// A fault before anything was sent.
    pub fn unsent(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            unsent: true,
            ..Self::new(kind, detail)
        }
    }

    /// What the making of a connection failed with.
    pub(crate) fn connect(error: &io::Error) -> Self {
        Self::unsent(Kind::Connect, error.to_string())
    }

    /// What hyper says before the head is there.
    pub(crate) fn of_head(error: &hyper::Error) -> Self {
        let kind = if error.is_parse_too_large() {
            Kind::HeadTooLarge
        } else if error.is_parse() || error.is_user() || h2_reason(error).is_some_and(is_protocol) {
            Kind::Protocol
        } else {
            Kind::Reset
        };
        let mut fault = Self::new(kind, words(error));
        // The server says that it did not look at it.
        fault.unsent = h2_reason(error) == Some(h2::Reason::REFUSED_STREAM);
        fault
    }

    /// What hyper says after the head.
    pub(crate) fn of_body(error: &hyper::Error) -> Self {
        let invalid = source_io(error).is_some_and(|io| {
            matches!(
                io.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
            )
        });
        let kind = if error.is_parse() || invalid || h2_reason(error).is_some_and(is_protocol) {
            Kind::Protocol
        } else {
            Kind::BodyIncomplete
        };
        Self::new(kind, words(error))
    }
}

/// Violations of the protocol, as opposed to streams that were ended.
fn is_protocol(reason: h2::Reason) -> bool {
    matches!(
        reason,
        h2::Reason::PROTOCOL_ERROR
            | h2::Reason::FLOW_CONTROL_ERROR
            | h2::Reason::FRAME_SIZE_ERROR
            | h2::Reason::COMPRESSION_ERROR
    )
}

fn h2_reason(error: &hyper::Error) -> Option<h2::Reason> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(h2) = inner.downcast_ref::<h2::Error>() {
            return h2.reason();
        }
        source = inner.source();
    }
    None
}

fn source_io(error: &hyper::Error) -> Option<&io::Error> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return Some(io);
        }
        source = inner.source();
    }
    None
}

fn words(error: &hyper::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        words.push_str(": ");
        words.push_str(&inner.to_string());
        source = inner.source();
    }
    words
}
