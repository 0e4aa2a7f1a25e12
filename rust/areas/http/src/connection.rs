//! Connections that speak HTTP. One of HTTP/1.1 belongs to an exchange, which drives it itself: no task, no channel
//! and no wake-up stand between the socket and the exchange. One of HTTP/2 has a task of its own and is shared.

use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::client::conn::{TrySendError, http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::Instant;

use crate::fault::{Fault, Kind};
use crate::order::Order;
use crate::stream::Stream;
use crate::tls::Trust;
use crate::upload::Sending;
use crate::{dial, tunnel};

/// A silent HTTP/2 connection is asked so often whether it is alive...
const PING_EVERY: Duration = Duration::from_secs(10);
/// ...and given up without an answer for so long.
const PING_WITHIN: Duration = Duration::from_secs(10);
/// Exchanges on one HTTP/2 connection; more get another one.
const STREAMS: usize = 100;
/// Flow-control windows: what a server may send ahead of the reader.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;
/// What a connection reads at once is bounded by the room for a head, which is this much larger than the limit so that
/// the limit is noticed exactly. Small: it is held for every connection.
const HEAD_ROOM: usize = 8 << 10;
/// The fields of a head; hyper's own bound of 100 is below what some servers send. The twin has the same bound.
pub(crate) const MOST_FIELDS: usize = 1024;

pub(crate) type Answer = Response<hyper::body::Incoming>;
/// A request that failed; with it, if nothing of it was sent.
pub(crate) type Unsent = TrySendError<Request<Sending>>;

/// A connection of HTTP/1.1.
pub(crate) struct H1 {
    send: http1::SendRequest<Sending>,
    connection: http1::Connection<TokioIo<Stream>, Sending>,
    over: bool,
    pub(crate) peer: IpAddr,
    pub(crate) idle_since: Instant,
}

impl H1 {
    /// Sends a request; the answer comes while the connection is driven.
    pub(crate) fn send(
        &mut self,
        request: Request<Sending>,
    ) -> impl Future<Output = Result<Answer, Unsent>> + use<> {
        self.send.try_send_request(request)
    }

    /// Polls what depends on the connection, and the connection, for as long as one brings the other forward.
    pub(crate) fn poll_with<T>(
        &mut self,
        context: &mut Context<'_>,
        mut part: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        if let Poll::Ready(output) = part(context) {
            return Poll::Ready(output);
        }
        self.turn(context);
        part(context)
    }

    fn turn(&mut self, context: &mut Context<'_>) {
        if !self.over {
            // An error of the connection comes out at what depends on it too.
            self.over = Pin::new(&mut self.connection).poll(context).is_ready();
        }
    }

    /// Whether it can carry another exchange: alive, and nothing left over from the last one.
    pub(crate) fn is_free(&mut self) -> bool {
        self.turn(&mut Context::from_waker(std::task::Waker::noop()));
        !self.over && self.send.is_ready()
    }
}

/// A connection of HTTP/2.
pub(crate) struct H2 {
    send: http2::SendRequest<Sending>,
    active: AtomicUsize,
    /// How many exchanges the server allows at once.
    most: Arc<AtomicUsize>,
    /// When the last exchange on it ended.
    idle_since: Mutex<Instant>,
    pub(crate) peer: IpAddr,
}

impl H2 {
    /// Joins the exchanges on it; none if it is closed or full.
    pub(crate) fn join(self: &Arc<Self>) -> Option<Stream2> {
        let most = self.most.load(Ordering::Relaxed).clamp(1, STREAMS);
        if self.send.is_closed() || self.active.load(Ordering::Relaxed) >= most {
            return None;
        }
        self.active.fetch_add(1, Ordering::Relaxed);
        Some(Stream2(self.clone()))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.send.is_closed()
    }

    /// How long nobody has used it.
    pub(crate) fn idle_for(&self) -> Duration {
        if self.active.load(Ordering::Relaxed) > 0 {
            return Duration::ZERO;
        }
        self.lock().elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, Instant> {
        self.idle_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one exchange on a connection of HTTP/2.
pub(crate) struct Stream2(Arc<H2>);

impl Stream2 {
    pub(crate) async fn send(&self, request: Request<Sending>) -> Result<Answer, Unsent> {
        let mut send = self.0.send.clone();
        send.try_send_request(request).await
    }
}

impl Drop for Stream2 {
    fn drop(&mut self) {
        *self.0.lock() = Instant::now();
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a dial gives.
pub(crate) enum Dialled {
    H1(Box<H1>),
    H2(Arc<H2>),
}

/// Makes a connection for an order: dials, passes the proxy, shakes hands.
pub(crate) async fn connect(order: &Order, trust: &Trust) -> Result<Dialled, Fault> {
    let port = order.proxy.as_ref().map_or(order.port, |proxy| proxy.port);
    let (socket, peer) = dial::dial(&order.addresses, port).await?;
    let (stream, h2) = match &order.proxy {
        Some(proxy) if proxy.tls => {
            let mut stream = trust.proxy(&proxy.host, socket).await?;
            if order.tls {
                tunnel::open(order, &mut stream).await?;
                let stream = trust.origin(&order.host, stream).await?;
                let h2 = is_h2(stream.get_ref().1);
                (Stream::Nested(Box::new(stream)), h2)
            } else {
                (Stream::Tls(Box::new(stream)), false)
            }
        }
        proxy => {
            let mut socket = socket;
            if order.tls {
                if proxy.is_some() {
                    tunnel::open(order, &mut socket).await?;
                }
                let stream = trust.origin(&order.host, socket).await?;
                let h2 = is_h2(stream.get_ref().1);
                (Stream::Tls(Box::new(stream)), h2)
            } else {
                (Stream::Tcp(socket), false)
            }
        }
    };
    let io = TokioIo::new(stream);
    let failed = |error: hyper::Error| Fault::unsent(Kind::Protocol, error.to_string());
    if h2 {
        let (send, mut connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_WITHIN)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(head_room(order).try_into().unwrap_or(u32::MAX))
            .handshake(io)
            .await
            .map_err(failed)?;
        let most = Arc::new(AtomicUsize::new(STREAMS));
        let told = most.clone();
        tokio::spawn(std::future::poll_fn(move |context| {
            let over = Pin::new(&mut connection).poll(context);
            told.store(connection.current_max_send_streams(), Ordering::Relaxed);
            // What ends it comes out at each exchange.
            over.map(drop)
        }));
        return Ok(Dialled::H2(Arc::new(H2 {
            send,
            active: AtomicUsize::new(0),
            most,
            idle_since: Mutex::new(Instant::now()),
            peer,
        })));
    }
    let (send, connection) = http1::Builder::new()
        .max_buf_size(head_room(order))
        .max_headers(MOST_FIELDS)
        .handshake(io)
        .await
        .map_err(failed)?;
    let mut fresh = Box::new(H1 {
        send,
        connection,
        over: false,
        peer,
        idle_since: Instant::now(),
    });
    // It is ready for a request once it was turned.
    fresh.is_free();
    Ok(Dialled::H1(fresh))
}

fn head_room(order: &Order) -> usize {
    // hyper wants no less.
    const LEAST: usize = 8 << 10;
    let head = order.limits.max_head.clamp(LEAST, u32::MAX as usize / 2);
    head + HEAD_ROOM
}

fn is_h2(session: &rustls::ClientConnection) -> bool {
    session.alpn_protocol() == Some(b"h2")
}

/// Drives a connection of HTTP/1.1 until a part of the exchange is over.
pub(crate) async fn drive<F: Future>(connection: &mut Option<Box<H1>>, part: F) -> F::Output {
    let mut part = pin!(part);
    std::future::poll_fn(|context| match connection {
        Some(h1) => h1.poll_with(context, |context| part.as_mut().poll(context)),
        None => part.as_mut().poll(context),
    })
    .await
}
