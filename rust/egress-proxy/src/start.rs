//! Finds the inner leg, makes sure that the host is not on it, and serves.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::hello::{Hello, is_tls, look};
use crate::log::Log;
use crate::meter::{Meter, Metered};
use crate::proxy::{Proxy, Refusal, Wish};
use crate::rules::normal;
use crate::{http, names, tunnel};

/// How long the gateway's address gets to answer. On a bridge a host answers at once.
const PROBE: Duration = Duration::from_millis(250);

/// Why it cannot go on: a word, and the details.
type Failure = (&'static str, String);

/// Serves until the program is ended.
pub async fn run(config: Config, log: Log) -> Result<(), Failure> {
    let system = |error: std::io::Error| ("system", error.to_string());
    let own = inner_address(config.beside).await.map_err(system)?;
    if let Some(gateway) = config.gateway
        && let Some(found) = neighbour(own, gateway).await.map_err(system)?
    {
        return Err(("host-address", format!("{gateway} is at {found}")));
    }
    let resolver = names::resolver(&config.servers, config.limits.connect);
    let resolver = resolver.map_err(|why| ("dns", why))?;
    let mut listeners = vec![(None, listen(own, config.port).await?)];
    for port in config.rules.ports() {
        // A host's own port 3128 goes through the proxy's.
        if port != config.port {
            listeners.push((Some(port), listen(own, port).await?));
        }
    }
    let questions = UdpSocket::bind((own, 53)).await.map_err(system)?;
    let slots = Arc::new(Semaphore::new(config.limits.connections));
    let proxy = Arc::new(Proxy {
        config,
        log,
        total: Arc::default(),
        resolver,
        own,
    });
    proxy
        .log
        .event(json!({ "event": "ready", "address": own.to_string() }));
    tokio::spawn(names::answer(proxy.clone(), questions, own));
    let numbers = Arc::new(AtomicU64::new(1));
    let mut serving = Vec::new();
    for (port, listener) in listeners {
        let (proxy, slots, numbers) = (proxy.clone(), slots.clone(), numbers.clone());
        serving.push(tokio::spawn(accept(proxy, listener, port, slots, numbers)));
    }
    for one in serving {
        one.await.map_err(|error| ("system", error.to_string()))?;
    }
    Ok(())
}

/// The address of the leg in the inner network: where the system would send from.
async fn inner_address(beside: Ipv4Addr) -> std::io::Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    socket.connect((beside, 9)).await?;
    match socket.local_addr()? {
        SocketAddr::V4(address) => Ok(*address.ip()),
        SocketAddr::V6(_) => Err(ErrorKind::AddrNotAvailable.into()),
    }
}

/// The hardware address at which someone answers for the gateway's address, if someone does.
async fn neighbour(own: Ipv4Addr, gateway: Ipv4Addr) -> std::io::Result<Option<String>> {
    if own == gateway {
        return Ok(None);
    }
    let socket = UdpSocket::bind((own, 0)).await?;
    // Only to have the system ask who has the address.
    let _ = socket.send_to(&[], (gateway, 9)).await;
    let end = tokio::time::Instant::now() + PROBE;
    loop {
        let table = std::fs::read_to_string("/proc/net/arp")?;
        if let Some(found) = found_in(&table, gateway) {
            return Ok(Some(found.to_owned()));
        }
        if tokio::time::Instant::now() >= end {
            return Ok(None);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The complete entry of an address in the table of neighbours.
fn found_in(table: &str, address: Ipv4Addr) -> Option<&str> {
    let wanted = address.to_string();
    table.lines().skip(1).find_map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let flags = u32::from_str_radix(words.get(2)?.strip_prefix("0x")?, 16).ok()?;
        (words.first() == Some(&wanted.as_str()) && flags & 2 != 0)
            .then(|| words.get(3).copied())?
    })
}

async fn listen(own: Ipv4Addr, port: u16) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(SocketAddrV4::new(own, port)).await;
    bound.map_err(|error| ("system", format!("port {port}: {error}")))
}

async fn accept(
    proxy: Arc<Proxy>,
    listener: TcpListener,
    port: Option<u16>,
    slots: Arc<Semaphore>,
    numbers: Arc<AtomicU64>,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, or a connection that has gone again.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let Ok(slot) = slots.clone().try_acquire_owned() else {
            let wish = Wish {
                connection: number,
                via: "connect",
                host: "",
                port: port.unwrap_or(0),
            };
            proxy.refuse(&wish, &Refusal::new("connections"));
            continue;
        };
        let proxy = proxy.clone();
        tokio::spawn(async move {
            connection(proxy, number, port, stream).await;
            drop(slot);
        });
    }
}

/// One connection of the box, from its beginning to its figures.
async fn connection(proxy: Arc<Proxy>, number: u64, port: Option<u16>, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let meter = Meter::new(proxy.config.limits, proxy.total.clone());
    let stream = Metered::new(stream, meter.clone());
    let end = tokio::select! {
        () = converse(&proxy, number, port, stream) => {
            if meter.is_spent() { "bytes" } else { "closed" }
        }
        end = meter.overdue() => end,
    };
    let (sent, received, ms) = meter.figures();
    proxy.log.event(json!({
        "event": "closed",
        "connection": number,
        "sent": sent,
        "received": received,
        "ms": ms,
        "end": end,
    }));
}

async fn converse(
    proxy: &Arc<Proxy>,
    number: u64,
    port: Option<u16>,
    mut stream: Metered<TcpStream>,
) {
    let Some(port) = port else {
        return http::serve(proxy.clone(), number, None, stream).await;
    };
    let mut first = Vec::new();
    let end = tokio::time::Instant::now() + proxy.config.limits.idle;
    loop {
        let read = tokio::time::timeout_at(end, stream.read_buf(&mut first)).await;
        match read.unwrap_or(Ok(0)) {
            Ok(0) | Err(_) => return,
            Ok(_) if !is_tls(&first) => {
                let stream = Begun {
                    first: std::io::Cursor::new(first),
                    stream,
                };
                return http::serve(proxy.clone(), number, Some(port), stream).await;
            }
            Ok(_) => match look(&first) {
                Hello::Unfinished => {}
                Hello::Tls(Some(name)) => {
                    let host = normal(&name).unwrap_or_default();
                    let wish = Wish {
                        connection: number,
                        via: "tls",
                        host: &host,
                        port,
                    };
                    if let Ok(server) = proxy.open(&wish).await {
                        let _ = tunnel::tunnel(proxy, &wish, stream, first, server).await;
                    }
                    return;
                }
                _ => {
                    let wish = Wish {
                        connection: number,
                        via: "tls",
                        host: "",
                        port,
                    };
                    return proxy.refuse(&wish, &Refusal::new("tls"));
                }
            },
        }
    }
}

/// A stream of which some bytes were read already.
struct Begun<S> {
    first: std::io::Cursor<Vec<u8>>,
    stream: S,
}

impl<S: tokio::io::AsyncRead + Unpin> tokio::io::AsyncRead for Begun<S> {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let at = usize::try_from(self.first.position()).unwrap_or(usize::MAX);
        let rest = self.first.get_ref().get(at..).unwrap_or_default();
        if rest.is_empty() {
            return std::pin::Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let count = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..count]);
        self.first.set_position((at + count) as u64);
        std::task::Poll::Ready(Ok(()))
    }
}

impl<S: tokio::io::AsyncWrite + Unpin> tokio::io::AsyncWrite for Begun<S> {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        std::pin::Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_neighbours() {
        let table = "IP address  HW type  Flags  HW address  Mask  Device\n\
            172.18.0.1  0x1  0x2  02:42:fd:90:f1:1b  *  eth0\n\
            172.19.0.1  0x1  0x0  00:00:00:00:00:00  *  eth0\n";
        let found = |text: &str| found_in(table, text.parse().unwrap());
        assert_eq!(found("172.18.0.1"), Some("02:42:fd:90:f1:1b"));
        assert_eq!(found("172.19.0.1"), None);
        assert_eq!(found("172.18.0.11"), None);
    }
}
