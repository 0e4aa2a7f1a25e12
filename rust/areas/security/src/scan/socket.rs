//! One non-blocking connect: started, and looked at until it is decided.
//!
//! On loopback it is decided before the call that started it returns, so that a second call to
//! `connect` tells the outcome and nothing has to be waited for. On Linux a refused socket may connect
//! again, which saves making and closing one for each closed port.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};

/// Whether a second `connect` tells how the first went, and a refused socket can be used again.
const ASKS_BY_CONNECT: bool = cfg!(target_os = "linux");

/// What a probe has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Open,
    Refused,
    Reset,
    SelfConnect,
    Timeout,
    Unreachable,
    Prohibited,
}

/// What came of looking at a probe.
pub(super) enum Look {
    Answer(Answer),
    /// Nothing yet.
    Pending,
    /// This machine lacks the means for one more: later it may have them.
    Exhausted(io::Error),
    /// The probe itself is not possible.
    Failed(io::Error),
}

/// A socket of a family that is not connected.
pub(super) fn open(target: SocketAddr) -> Result<Socket, Look> {
    let socket = Socket::new(
        Domain::for_address(target),
        Type::STREAM,
        Some(Protocol::TCP),
    )
    .map_err(look_at)?;
    socket.set_nonblocking(true).map_err(look_at)?;
    Ok(socket)
}

/// Starts to connect, and says what is known at once.
pub(super) fn start(socket: &Socket, target: SocketAddr) -> Look {
    match socket.connect(&SockAddr::from(target)) {
        Ok(()) => accepted(socket),
        Err(error) if is_under_way(&error) => look(&SockRef::from(socket), target),
        Err(error) => look_at(error),
    }
}

/// How a connect that was started stands.
pub(super) fn look(socket: &SockRef<'_>, target: SocketAddr) -> Look {
    if ASKS_BY_CONNECT {
        return match socket.connect(&SockAddr::from(target)) {
            Ok(()) => accepted(socket),
            Err(error) if is_under_way(&error) => Look::Pending,
            Err(error) => look_at(error),
        };
    }
    match socket.take_error() {
        Ok(None) => match socket.peer_addr() {
            Ok(_) => accepted(socket),
            Err(_) => Look::Pending,
        },
        Ok(Some(error)) | Err(error) => look_at(error),
    }
}

/// Whether the socket may be used for another connect, after this answer.
pub(super) fn is_reusable(answer: Answer) -> bool {
    ASKS_BY_CONNECT && answer == Answer::Refused
}

/// Has the connection end without a trace, by a reset.
pub(super) fn forget(socket: &SockRef<'_>) {
    let _ = socket.set_linger(Some(Duration::ZERO));
}

/// With a source port equal to the target's, TCP connects a socket to itself: nobody listens.
fn accepted(socket: &Socket) -> Look {
    match (socket.local_addr(), socket.peer_addr()) {
        (Ok(local), Ok(peer)) if local.as_socket() == peer.as_socket() => {
            Look::Answer(Answer::SelfConnect)
        }
        _ => Look::Answer(Answer::Open),
    }
}

fn is_under_way(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        matches!(
            Errno::from_io_error(error),
            Some(Errno::INPROGRESS | Errno::ALREADY)
        )
    }
    #[cfg(not(unix))]
    {
        error.kind() == ErrorKind::WouldBlock
    }
}

fn look_at(error: io::Error) -> Look {
    match error.kind() {
        ErrorKind::ConnectionRefused => Look::Answer(Answer::Refused),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Look::Answer(Answer::Reset),
        ErrorKind::TimedOut => Look::Answer(Answer::Timeout),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            Look::Answer(Answer::Unreachable)
        }
        ErrorKind::PermissionDenied => Look::Answer(Answer::Prohibited),
        ErrorKind::AddrNotAvailable | ErrorKind::AddrInUse | ErrorKind::OutOfMemory => {
            Look::Exhausted(error)
        }
        _ if is_exhausted(&error) => Look::Exhausted(error),
        _ => Look::Failed(error),
    }
}

fn is_exhausted(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        matches!(
            Errno::from_io_error(error),
            Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM | Errno::AGAIN)
        )
    }
    #[cfg(not(unix))]
    {
        // WSAEMFILE and WSAENOBUFS.
        matches!(error.raw_os_error(), Some(10_024 | 10_055))
    }
}
