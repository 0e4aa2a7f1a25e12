//! The engine against servers on loopback that say exactly what a test has them say.

mod hostile;
mod http1;
mod http2;
mod pooling;
mod proxies;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::Client;
use crate::exchange::{self, Way};
use crate::fault::{Fault, Kind};
use crate::held::Body;
use crate::order::{Limits, Order};
use crate::upload::Payload;

/// Nothing here takes so long unless it hangs.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(60);

pub(super) fn limits() -> Limits {
    Limits {
        connect: LONG,
        first_byte: LONG,
        body: LONG,
        total: LONG,
        max_body: 1 << 20,
        max_head: 64 << 10,
    }
}

/// A server that gives each connection to a function, and counts them.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Server {
    pub(super) fn new(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let counter = accepted.clone();
        let serve = Arc::new(serve);
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                counter.fetch_add(1, Ordering::SeqCst);
                let serve = serve.clone();
                std::thread::spawn(move || serve(stream));
            }
        });
        Self { address, accepted }
    }

    /// A server that answers every request with these bytes, and closes if it is told to.
    pub(super) fn answering(answer: impl Into<Vec<u8>>, close: bool) -> Self {
        let answer = answer.into();
        Self::new(move |mut stream| {
            while !head(&mut stream).is_empty() {
                // A client that has seen enough may have hung up.
                if stream.write_all(&answer).is_err() || close {
                    break;
                }
            }
            let _ = stream.shutdown(Shutdown::Write);
        })
    }

    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Reads a request's head; empty at the connection's end.
pub(super) fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return String::new(),
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

#[derive(Debug)]
pub(super) struct Seen {
    pub(super) status: u32,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

pub(super) fn client() -> Arc<Client> {
    Arc::new(Client::new(8, LONG))
}

pub(super) fn order(method: &str, url: &str, limits: Limits, payload: Payload) -> Order {
    let text = format!("{method}\n{url}\n127.0.0.1\n\n\nx-test:1");
    Order::read(text.into_bytes(), limits, payload).unwrap()
}

/// Does an exchange whose body is kept, which shows both.
pub(super) async fn run(client: &Arc<Client>, order: Order) -> Result<Seen, Fault> {
    let held = Arc::new(Body::default());
    let work = exchange::run(client, order, Way::Hold(held.clone()));
    let payload = tokio::time::timeout(2 * LONG, work)
        .await
        .expect("no exchange hangs")?;
    let number = |at: usize| u32::from_le_bytes(payload[at..at + 4].try_into().unwrap());
    let head = &payload[16..16 + number(4) as usize];
    assert_eq!(number(12) as usize, held.len());
    Ok(Seen {
        status: number(0),
        head: String::from_utf8_lossy(head).into_owned(),
        body: held.take().unwrap(),
    })
}

pub(super) async fn get(client: &Arc<Client>, url: &str) -> Result<Seen, Fault> {
    get_within(client, url, limits()).await
}

pub(super) async fn get_within(
    client: &Arc<Client>,
    url: &str,
    limits: Limits,
) -> Result<Seen, Fault> {
    run(client, order("GET", url, limits, Payload::Empty)).await
}

/// The kind of fault that a server's answer leads to.
pub(super) async fn fault_of(answer: impl Into<Vec<u8>>, close: bool) -> Kind {
    let server = Server::answering(answer, close);
    get(&client(), &server.url("/")).await.unwrap_err().kind
}
