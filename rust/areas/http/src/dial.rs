//! Sockets: a connection to the first of some addresses that answers, tried in order, each a little after the one
//! before it (RFC 8305 without its name lookups: the addresses are given).

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::fault::{Fault, Kind};

/// How long one address has before the next is tried too.
const STAGGER: Duration = Duration::from_millis(250);
/// A peer that is gone is noticed within 30 seconds: asked after 10 of silence, then twice more...
const KEEPALIVE_AFTER: Duration = Duration::from_secs(10);
const KEEPALIVE_EVERY: Duration = Duration::from_secs(5);
const KEEPALIVE_TIMES: u32 = 3;
/// ...and given up when it has not acknowledged for so long.
const UNACKNOWLEDGED: Duration = Duration::from_secs(25);

type Attempt = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

/// Connects to the first address that answers.
pub(crate) async fn dial(addresses: &[IpAddr], port: u16) -> Result<(TcpStream, IpAddr), Fault> {
    let mut left = addresses.iter();
    let mut attempts: Vec<(IpAddr, Attempt)> = Vec::new();
    let mut failed = Fault::unsent(Kind::Connect, "there is no address to dial");
    while let Some(&address) = left.next() {
        let target = SocketAddr::new(address, port);
        attempts.push((address, Box::pin(connect(target))));
        if left.as_slice().is_empty() {
            break;
        }
        // The next one joins in when this one has failed, or has had its time.
        match timeout(STAGGER, first(&mut attempts)).await {
            Ok(Ok(connected)) => return Ok(connected),
            Ok(Err(error)) => failed = Fault::connect(&error),
            Err(_) => {}
        }
    }
    while !attempts.is_empty() {
        match first(&mut attempts).await {
            Ok(connected) => return Ok(connected),
            Err(error) => failed = Fault::connect(&error),
        }
    }
    Err(failed)
}

/// The first attempt that ends, which is then one of them no more.
async fn first(attempts: &mut Vec<(IpAddr, Attempt)>) -> io::Result<(TcpStream, IpAddr)> {
    poll_fn(|context| {
        for at in 0..attempts.len() {
            if let Poll::Ready(outcome) = attempts[at].1.as_mut().poll(context) {
                let (address, _) = attempts.swap_remove(at);
                return Poll::Ready(outcome.map(|stream| (stream, address)));
            }
        }
        Poll::Pending
    })
    .await
}

async fn connect(target: SocketAddr) -> io::Result<TcpStream> {
    let socket = if target.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    let options = SockRef::from(&socket);
    options.set_tcp_nodelay(true)?;
    options.set_tcp_keepalive(
        &TcpKeepalive::new()
            .with_time(KEEPALIVE_AFTER)
            .with_interval(KEEPALIVE_EVERY)
            .with_retries(KEEPALIVE_TIMES),
    )?;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    options.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
    let stream = socket.connect(target).await?;
    if stream.local_addr().ok() == Some(target) {
        // Nothing listens there: the port was free, and chosen for our own end.
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}
