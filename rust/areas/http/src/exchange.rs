//! One exchange: a connection, the request, the response's head, its body. No redirect, no repetition but one: where a
//! connection that was kept turned out to be closed before anything was sent on it.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use agent_ffi::Failure;
use agent_ffi::ring::Task;
use bytes::Bytes;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue, PROXY_AUTHORIZATION};
use hyper::http::response::Parts;
use hyper::{Method, Request, StatusCode};
use tokio::sync::oneshot;

use crate::client::{Client, Ready};
use crate::clock::{Clock, timer};
use crate::coding::{Decoder, Refused};
use crate::connection::{Answer, H1, MOST_FIELDS, Stream2, Unsent, drive};
use crate::fault::{Fault, Kind};
use crate::held::Body;
use crate::order::Order;
use crate::transfer::has_odd_coding;
use crate::upload::{Payload, Sending};
use crate::wire;

/// A body's length is believed so far when room is made for it.
const BELIEVED: u64 = 1 << 20;
/// Larger bodies do not come along with their head: they are copied once, to where they stay.
const APART: usize = 16 << 10;
/// Answers before the answer (RFC 9110, 15.2) that are passed over.
const MOST_INTERIM: usize = 8;
/// Pieces of a stream fit the buffer that completions are taken with.
const PIECE: usize = 60 << 10;

/// Where the response goes.
pub enum Way {
    /// Head and body in one completion.
    Whole,
    /// The head in a completion; the body stays here.
    Hold(Arc<Body>),
    /// The head and the pieces of the body as a stream of this operation.
    Stream(Task),
}

/// The connection of an exchange: one of the two.
struct Line {
    h1: Option<Box<H1>>,
    h2: Option<Stream2>,
}

/// Does an exchange. What it gives is the payload of its last completion.
pub(crate) async fn run(
    client: &Arc<Client>,
    mut order: Order,
    way: Way,
) -> Result<Vec<u8>, Fault> {
    let limits = order.limits;
    let (sleep, armed, end) = timer(limits.total, limits.first_byte);
    let sleep = pin!(sleep);
    let mut clock = Clock::new(sleep, armed, end);
    let mut line = Line { h1: None, h2: None };
    let answer = answer(client, &mut order, &mut clock, &mut line).await?;
    let (parts, body) = answer.into_parts();
    let mut reader = Reader::new(&order, &parts, body)?;
    let room = reader.expected();
    let bodiless = reader.bodiless;
    let decoded = reader.decoder.is_some();
    let begin = |room| {
        wire::head(
            parts.status.as_u16(),
            &parts.headers,
            decoded,
            bodiless,
            room,
        )
        .map_err(memory)
    };
    match way {
        Way::Whole => {
            let mut payload = begin(if room > APART { wire::ID } else { room })?;
            let mut bytes = if room > APART {
                client.room(room).map_err(memory)?
            } else {
                Vec::new()
            };
            let head = payload.len();
            let target = if room > APART {
                &mut bytes
            } else {
                &mut payload
            };
            reader.read_all(target, &mut line, &mut clock).await?;
            finish(client, &order, line);
            if bytes.is_empty() && payload.len() - head > APART {
                bytes = payload.split_off(head);
            }
            if bytes.is_empty() {
                let length = payload.len() - head;
                wire::set_body_length(&mut payload, length);
            } else {
                wire::set_body_length(&mut payload, bytes.len());
                wire::set_apart(&mut payload, client.set_apart(bytes));
            }
            Ok(payload)
        }
        Way::Hold(held) => {
            let mut payload = begin(0)?;
            let mut bytes = agent_ffi::payload(room).map_err(memory)?;
            reader.read_all(&mut bytes, &mut line, &mut clock).await?;
            wire::set_body_length(&mut payload, bytes.len());
            held.fill(bytes);
            finish(client, &order, line);
            Ok(payload)
        }
        Way::Stream(task) => {
            emit(&task, &mut clock, begin(0)?).await?;
            while let Some(piece) = reader.next(&mut line, &mut clock).await? {
                for piece in piece.chunks(PIECE) {
                    emit(&task, &mut clock, piece.to_vec()).await?;
                }
            }
            finish(client, &order, line);
            Ok(Vec::new())
        }
    }
}

fn memory(failure: Failure) -> Fault {
    Fault::new(Kind::BodyTooLarge, failure.message())
}

async fn emit(task: &Task, clock: &mut Clock<'_>, piece: Vec<u8>) -> Result<(), Fault> {
    let emitted = clock.at_all(task.emit(piece)).await?;
    emitted.map_err(|failure| Fault::new(Kind::Reset, failure.message()))
}

fn finish(client: &Client, order: &Order, line: Line) {
    if let Some(h1) = line.h1 {
        client.keep(&order.key, h1);
    }
}

/// Sends the request and waits for the head of the final answer.
async fn answer(
    client: &Arc<Client>,
    order: &mut Order,
    clock: &mut Clock<'_>,
    line: &mut Line,
) -> Result<Answer, Fault> {
    let limits = order.limits;
    let repeatable = matches!(order.method, Method::GET | Method::HEAD | Method::OPTIONS)
        && matches!(order.payload, Payload::Empty);
    let (body, mut sent) = Sending::new(std::mem::replace(&mut order.payload, Payload::Empty));
    let mut request = Request::new(body);
    *request.method_mut() = order.method.clone();
    *request.headers_mut() = std::mem::take(&mut order.headers);
    let mut fresh = false;
    loop {
        let obtained = clock
            .within(
                limits.connect,
                Kind::ConnectTimeout,
                client.obtain(order, fresh),
            )
            .await
            .map_err(|fault| Fault {
                unsent: true,
                ..fault
            })??;
        let used = match obtained {
            Ready::H1(one, used) => {
                line.h1 = Some(one);
                used
            }
            Ready::H2(stream, used) => {
                line.h2 = Some(stream);
                used
            }
        };
        address(order, &mut request, line.h2.is_some())?;
        match send(request, &mut sent, clock, line, limits.first_byte).await? {
            Ok(answer) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
                let detail = "the server switched to a protocol that nobody asked for";
                return Err(Fault::new(Kind::Protocol, detail));
            }
            Ok(answer) if has_odd_coding(&answer, &order.method) => {
                let detail = "a transfer coding that nobody asked for";
                return Err(Fault::new(Kind::Protocol, detail));
            }
            Ok(answer) => return Ok(answer),
            Err(mut failed) => match failed.take_message() {
                Some(back) if used && !fresh => {
                    request = back;
                    *line = Line { h1: None, h2: None };
                    fresh = true;
                }
                back => {
                    let mut fault = Fault::of_head(failed.error());
                    // A connection that was kept may have ended just as it was taken. Whether the server saw the
                    // request cannot be known then; for these methods it makes no difference.
                    let harmless = fault.kind == Kind::Reset && used && repeatable;
                    fault.unsent |= back.is_some() || harmless;
                    return Err(fault);
                }
            },
        }
    }
}

/// Writes into the request where it goes, in the way of the connection's protocol.
fn address(order: &Order, request: &mut Request<Sending>, h2: bool) -> Result<(), Fault> {
    let odd = |error: &dyn std::fmt::Display| Fault::unsent(Kind::Protocol, error.to_string());
    let absolute = order.proxy.as_ref().filter(|_| !order.tls);
    let target = order.target(h2 || absolute.is_some());
    *request.uri_mut() = target.map_err(|error| odd(&error))?;
    let no_body = matches!(request.body(), Sending::Empty);
    // A body of no bytes is a body: it is said to be so, whatever the method.
    let empty_body = matches!(request.body(), Sending::Full(bytes) if bytes.is_empty());
    let expects = matches!(order.method, Method::POST | Method::PUT | Method::PATCH);
    let fields = request.headers_mut();
    if h2 {
        fields.remove(HOST);
    } else if !fields.contains_key(HOST) {
        let host = HeaderValue::from_maybe_shared(order.authority.clone());
        fields.insert(HOST, host.map_err(|error| odd(&error))?);
    }
    if empty_body || no_body && expects {
        fields.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    if let Some(value) = absolute.and_then(|proxy| proxy.authorization.clone()) {
        fields.insert(PROXY_AUTHORIZATION, value);
    }
    Ok(())
}

/// Sends on a connection. The time for the head begins when all of the request was handed over.
async fn send(
    request: Request<Sending>,
    sent: &mut Option<oneshot::Receiver<()>>,
    clock: &mut Clock<'_>,
    line: &mut Line,
    first_byte: std::time::Duration,
) -> Result<Result<Answer, Unsent>, Fault> {
    let Line { h1, h2 } = line;
    let mut request = request;
    let interim = Arc::new(AtomicUsize::new(0));
    let seen = interim.clone();
    hyper::ext::on_informational(&mut request, move |_| {
        seen.fetch_add(1, Ordering::Relaxed);
    });
    let answer = match (h1.as_mut(), h2.as_ref()) {
        (Some(h1), _) => Either::H1(h1.send(request)),
        (None, Some(h2)) => Either::H2(h2.send(request)),
        (None, None) => return Err(Fault::unsent(Kind::Connect, "there is no connection")),
    };
    // Whoever sends them without end is not listened to until the time is over.
    let mut answer = pin!(bounded(answer.get(), interim));
    if let Some(mut sent) = sent.take() {
        let either = std::future::poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => Pin::new(&mut sent).poll(context).map(|_| None),
        });
        if let Some(answer) = clock.at_all(drive(h1, either)).await? {
            return answer;
        }
    }
    clock
        .within(first_byte, Kind::FirstByteTimeout, drive(h1, answer))
        .await?
}

/// A future that fails once there were too many interim answers.
async fn bounded<T>(
    answer: impl Future<Output = T>,
    interim: Arc<AtomicUsize>,
) -> Result<T, Fault> {
    let mut answer = pin!(answer);
    std::future::poll_fn(|context| {
        let polled = answer.as_mut().poll(context);
        if interim.load(Ordering::Relaxed) > MOST_INTERIM {
            let detail = "answers before the answer that were not asked for";
            return Poll::Ready(Err(Fault::new(Kind::Protocol, detail)));
        }
        polled.map(Ok)
    })
    .await
}

/// The future of either protocol's answer.
enum Either<A, B> {
    H1(A),
    H2(B),
}

impl<A, B, T> Either<A, B>
where
    A: Future<Output = T>,
    B: Future<Output = T>,
{
    async fn get(self) -> T {
        match self {
            Self::H1(answer) => answer.await,
            Self::H2(answer) => answer.await,
        }
    }
}

/// Reads a body and takes its codings off.
struct Reader {
    body: Incoming,
    decoder: Option<Decoder>,
    /// Whether the decoder may have more to give out without being fed.
    decoding: bool,
    bodiless: bool,
    read: u64,
    limits: crate::order::Limits,
}

impl Reader {
    fn new(order: &Order, parts: &Parts, body: Incoming) -> Result<Self, Fault> {
        let limits = order.limits;
        let head: usize = parts
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum();
        if head > limits.max_head {
            return Err(Fault::new(
                Kind::HeadTooLarge,
                format!("it has {head} bytes"),
            ));
        }
        if parts.headers.len() > MOST_FIELDS {
            return Err(Fault::new(
                Kind::HeadTooLarge,
                format!("it has {} fields", parts.headers.len()),
            ));
        }
        let bodiless = order.method == Method::HEAD
            || matches!(
                parts.status,
                StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
            );
        let decoder = if bodiless {
            None
        } else {
            Decoder::of(&parts.headers, limits.max_body)
                .map_err(|corrupt| Fault::new(Kind::Encoding, corrupt.0))?
        };
        let reader = Self {
            body,
            decoder,
            decoding: false,
            bodiless,
            read: 0,
            limits,
        };
        if reader.decoder.is_none() && reader.body.size_hint().lower() > limits.max_body {
            return Err(too_large());
        }
        Ok(reader)
    }

    /// For how many bytes room is to be made.
    fn expected(&self) -> usize {
        self.body.size_hint().lower().min(BELIEVED) as usize
    }

    /// The next piece as it came.
    async fn frame(
        &mut self,
        line: &mut Line,
        clock: &mut Clock<'_>,
    ) -> Result<Option<Bytes>, Fault> {
        if self.body.is_end_stream() {
            return Ok(None);
        }
        loop {
            let body = &mut self.body;
            let next = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
            let frame = clock
                .within(
                    self.limits.body,
                    Kind::BodyTimeout,
                    drive(&mut line.h1, next),
                )
                .await?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(Fault::of_body(&error)),
                // Trailers are nobody's.
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    fn count(&mut self, length: usize) -> Result<(), Fault> {
        self.read += length as u64;
        if self.read > self.limits.max_body {
            return Err(too_large());
        }
        Ok(())
    }

    /// The next decoded piece.
    async fn next(
        &mut self,
        line: &mut Line,
        clock: &mut Clock<'_>,
    ) -> Result<Option<Bytes>, Fault> {
        if self.decoder.is_none() {
            let piece = self.frame(line, clock).await?;
            self.count(piece.as_ref().map_or(0, Bytes::len))?;
            return Ok(piece);
        }
        loop {
            if self.decoding {
                let piece = self.decode()?;
                if !piece.is_empty() {
                    self.count(piece.len())?;
                    return Ok(Some(piece));
                }
            }
            match self.frame(line, clock).await? {
                Some(bytes) => self.feed(bytes),
                None => {
                    self.check_end()?;
                    return Ok(None);
                }
            }
        }
    }

    /// All of the decoded body.
    async fn read_all(
        &mut self,
        to: &mut Vec<u8>,
        line: &mut Line,
        clock: &mut Clock<'_>,
    ) -> Result<(), Fault> {
        while let Some(piece) = self.next(line, clock).await? {
            to.try_reserve(piece.len())
                .map_err(|error| Fault::new(Kind::BodyTooLarge, error.to_string()))?;
            to.extend_from_slice(&piece);
            if self.decoding {
                // Decoding is work: others are to have their turn.
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    fn feed(&mut self, bytes: Bytes) {
        self.decoding = true;
        if let Some(decoder) = &mut self.decoder {
            decoder.feed(bytes);
        }
    }

    fn decode(&mut self) -> Result<Bytes, Fault> {
        let Some(decoder) = &mut self.decoder else {
            return Ok(Bytes::new());
        };
        match decoder.next() {
            Ok(piece) => {
                self.decoding = !piece.is_empty();
                Ok(Bytes::copy_from_slice(piece))
            }
            Err(Refused::TooLarge) => Err(too_large()),
            Err(Refused::Corrupt(how)) => Err(Fault::new(Kind::Encoding, how)),
        }
    }

    fn check_end(&self) -> Result<(), Fault> {
        let whole = self.decoder.as_ref().map_or(Ok(()), Decoder::finish);
        whole.map_err(|corrupt| Fault::new(Kind::Encoding, corrupt.0))
    }
}

fn too_large() -> Fault {
    Fault::new(Kind::BodyTooLarge, "the body is over its limit")
}
