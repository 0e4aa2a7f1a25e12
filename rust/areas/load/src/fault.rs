//! Why a request has no whole answer; the words are those of the report.

use std::error::Error as _;
use std::io;

/// The kinds, in the order of [`NAMES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nobody listens.
    Refused,
    /// No way there.
    Unreachable,
    /// No connection for another reason.
    Connect,
    /// No whole answer in time, connecting included.
    Timeout,
    /// The connection ended before the head was whole.
    Reset,
    /// It ended within the body.
    Incomplete,
    /// No trusted TLS.
    Tls,
    /// What came is not HTTP.
    Protocol,
    /// Head or body are over their bound.
    TooLarge,
    /// This process may not open more sockets.
    Descriptors,
    /// This machine has no source port left.
    Ports,
}

/// The words of the report, by the numbers of [`Fault`].
pub(crate) const NAMES: [&str; 11] = [
    "refused",
    "unreachable",
    "connect",
    "timeout",
    "reset",
    "incomplete",
    "tls",
    "protocol",
    "too-large",
    "descriptors",
    "ports",
];

impl Fault {
    /// What the making of a connection failed with.
    pub(crate) fn of_connect(error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::ConnectionRefused => Self::Refused,
            Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => {
                Self::Unreachable
            }
            Kind::TimedOut => Self::Timeout,
            Kind::ConnectionReset | Kind::ConnectionAborted => Self::Reset,
            Kind::AddrNotAvailable => Self::Ports,
            // EMFILE and ENFILE have no kind of their own.
            _ if matches!(error.raw_os_error(), Some(23 | 24)) => Self::Descriptors,
            _ => Self::Connect,
        }
    }

    /// What hyper says before the head is there.
    pub(crate) fn of_head(error: &hyper::Error) -> Self {
        if error.is_parse_too_large() {
            Self::TooLarge
        } else if error.is_parse() || error.is_user() || is_protocol(error) {
            Self::Protocol
        } else {
            Self::Reset
        }
    }

    /// What hyper says after the head.
    pub(crate) fn of_body(error: &hyper::Error) -> Self {
        let invalid = source::<io::Error>(error).is_some_and(|io| {
            matches!(
                io.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
            )
        });
        if error.is_parse() || invalid || is_protocol(error) {
            Self::Protocol
        } else {
            Self::Incomplete
        }
    }
}

/// Violations of HTTP/2, as opposed to streams that were ended.
fn is_protocol(error: &hyper::Error) -> bool {
    use h2::Reason;
    source::<h2::Error>(error)
        .and_then(h2::Error::reason)
        .is_some_and(|reason| {
            matches!(
                reason,
                Reason::PROTOCOL_ERROR
                    | Reason::FLOW_CONTROL_ERROR
                    | Reason::FRAME_SIZE_ERROR
                    | Reason::COMPRESSION_ERROR
            )
        })
}

fn source<E: std::error::Error + 'static>(error: &hyper::Error) -> Option<&E> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(found) = inner.downcast_ref::<E>() {
            return Some(found);
        }
        source = inner.source();
    }
    None
}
