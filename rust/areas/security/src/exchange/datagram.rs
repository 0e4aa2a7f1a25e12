//! One datagram there, and the first that comes back from there.

use std::net::SocketAddr;
use std::time::Duration;

use agent_ffi::Failure;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use super::{Answer, End, end_of};

/// Sends `send` to `target` from `local` and waits for an answer, of which `most` bytes are kept.
/// What comes from elsewhere is passed over.
pub async fn datagram(
    local: SocketAddr,
    target: SocketAddr,
    send: &[u8],
    wait: Duration,
    most: usize,
) -> Result<Answer, Failure> {
    let failed = |error: std::io::Error| end_of(&error, &target).map(Answer::none);
    let socket = match UdpSocket::bind(local).await {
        Ok(socket) => socket,
        Err(error) => return failed(error),
    };
    if let Err(error) = socket.send_to(send, target).await {
        return failed(error);
    }
    let over = Instant::now() + wait;
    let mut buffer = vec![0; 65_536];
    loop {
        match timeout_at(over, socket.recv_from(&mut buffer)).await {
            Err(_) => return Ok(Answer::none(End::Silent)),
            Ok(Err(error)) => return failed(error),
            Ok(Ok((count, from))) if from.ip() == target.ip() && from.port() == target.port() => {
                buffer.truncate(count.min(most));
                return Ok(Answer::new(End::Quiet, buffer));
            }
            Ok(Ok(_)) => {}
        }
    }
}
