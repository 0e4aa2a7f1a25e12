//! A line to the server that carries one request after the other. Of HTTP/1.1 it is a connection that the worker drives
//! itself: no task, no channel to another and no wake-up stand between the socket and the request.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::sync::Mutex;

use crate::connect::{Stream, dial};
use crate::fault::Fault;
use crate::job::Job;

/// Room for a head; the twin has the same bound.
const MOST_HEAD: usize = 64 << 10;
/// Fields of a head; the twin has the same bound. Hyper makes room for so many with each answer.
const MOST_FIELDS: usize = 256;

/// "Switching protocols".
const SWITCHING: u16 = 101;

type Sent = Full<Bytes>;

/// The connection that workers of HTTP/2 share.
pub(crate) type Shared = Rc<Mutex<Option<http2::SendRequest<Sent>>>>;

/// A worker's line.
pub(crate) enum Line {
    /// Its own connection of HTTP/1.1; none if it has to be made.
    One(Option<Box<H1>>),
    /// A shared one of HTTP/2.
    Two(Shared),
}

/// What came of a request.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// Bytes of the body.
    pub(crate) bytes: u64,
}

impl Line {
    /// Makes the connection if there is none that can be used.
    pub(crate) async fn open(&mut self, job: &Job) -> Result<(), Fault> {
        match self {
            Self::One(own) => {
                if !own.as_mut().is_some_and(|connection| connection.is_free()) {
                    *own = None;
                    *own = Some(Box::new(H1::open(job).await?));
                }
            }
            Self::Two(shared) => {
                let mut shared = shared.lock().await;
                if shared.as_ref().is_none_or(http2::SendRequest::is_closed) {
                    *shared = None;
                    *shared = Some(open_h2(job).await?);
                }
            }
        }
        Ok(())
    }

    /// Sends a request and takes the answer to its end.
    pub(crate) async fn exchange(&mut self, job: &Job) -> Result<Answer, Fault> {
        for is_first in [true, false] {
            self.open(job).await?;
            let request = job.request.clone();
            let outcome = match self {
                Self::One(own) => {
                    let connection = own.as_mut().ok_or(Fault::Reset)?;
                    let outcome = connection.exchange(request, job.most_body).await;
                    if outcome.is_err() {
                        // What is left on it belongs to nobody.
                        *own = None;
                    }
                    outcome
                }
                Self::Two(shared) => {
                    let send = shared.lock().await.clone().ok_or(Fault::Reset)?;
                    exchange_h2(send, request, job.most_body).await
                }
            };
            match outcome {
                // It ended while nobody used it, and nothing was sent.
                Err((_, true)) if is_first => {}
                other => return other.map_err(|(fault, _)| fault),
            }
        }
        Err(Fault::Reset)
    }

    /// Gives up what is under way.
    pub(crate) fn give_up(&mut self) {
        if let Self::One(own) = self {
            *own = None;
        }
    }
}

/// A fault, and whether nothing was sent.
type Outcome = Result<Answer, (Fault, bool)>;

/// A connection of HTTP/1.1.
pub(crate) struct H1 {
    send: http1::SendRequest<Sent>,
    connection: http1::Connection<TokioIo<Stream>, Sent>,
    over: bool,
}

impl H1 {
    async fn open(job: &Job) -> Result<Self, Fault> {
        let stream = TokioIo::new(dial(job).await?);
        let (send, connection) = http1::Builder::new()
            .max_header_size(MOST_HEAD)
            .max_headers(MOST_FIELDS)
            .handshake(stream)
            .await
            .map_err(|error| Fault::of_head(&error))?;
        Ok(Self {
            send,
            connection,
            over: false,
        })
    }

    fn turn(&mut self, context: &mut Context<'_>) {
        if !self.over {
            // An error of the connection comes out at what depends on it too.
            self.over = Pin::new(&mut self.connection).poll(context).is_ready();
        }
    }

    /// Whether it can carry another request: alive, and nothing left over from the last one.
    fn is_free(&mut self) -> bool {
        self.turn(&mut Context::from_waker(Waker::noop()));
        !self.over && self.send.is_ready()
    }

    /// Polls what depends on the connection, and the connection.
    async fn drive<T>(&mut self, mut part: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
        poll_fn(|context| {
            if let Poll::Ready(output) = part(context) {
                return Poll::Ready(output);
            }
            self.turn(context);
            part(context)
        })
        .await
    }

    async fn exchange(&mut self, request: Request<Sent>, most: u64) -> Outcome {
        let mut sending = pin!(self.send.try_send_request(request));
        let sent = self.drive(|context| sending.as_mut().poll(context)).await;
        let response = sent.map_err(|error| {
            let unsent = error.message().is_some();
            (Fault::of_head(error.error()), unsent)
        })?;
        let (status, mut body) = parts(response);
        if status == SWITCHING {
            // Nobody asked for another protocol.
            return Err((Fault::Protocol, false));
        }
        let mut bytes = 0;
        while let Some(frame) = self
            .drive(|context| Pin::new(&mut body).poll_frame(context))
            .await
        {
            bytes = count(frame, bytes, most)?;
        }
        Ok(Answer { status, bytes })
    }
}

async fn open_h2(job: &Job) -> Result<http2::SendRequest<Sent>, Fault> {
    let stream = TokioIo::new(dial(job).await?);
    let (send, connection) = http2::Builder::new(Local)
        .max_header_list_size(MOST_HEAD as u32)
        .handshake(stream)
        .await
        .map_err(|error| Fault::of_head(&error))?;
    tokio::task::spawn_local(async {
        // Its error comes out at the requests too.
        let _ = connection.await;
    });
    Ok(send)
}

async fn exchange_h2(
    mut send: http2::SendRequest<Sent>,
    request: Request<Sent>,
    most: u64,
) -> Outcome {
    let sent = send.try_send_request(request).await;
    let response = sent.map_err(|error| {
        let unsent = error.message().is_some();
        (Fault::of_head(error.error()), unsent)
    })?;
    let (status, mut body) = parts(response);
    let mut bytes = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        bytes = count(frame, bytes, most)?;
    }
    Ok(Answer { status, bytes })
}

fn parts(response: Response<Incoming>) -> (u16, Incoming) {
    (response.status().as_u16(), response.into_body())
}

fn count(
    frame: Result<hyper::body::Frame<Bytes>, hyper::Error>,
    bytes: u64,
    most: u64,
) -> Result<u64, (Fault, bool)> {
    let frame = frame.map_err(|error| (Fault::of_body(&error), false))?;
    let bytes = bytes + frame.data_ref().map_or(0, Bytes::len) as u64;
    if bytes > most {
        return Err((Fault::TooLarge, false));
    }
    Ok(bytes)
}

/// Tasks stay on the thread that begins them.
#[derive(Clone, Copy)]
struct Local;

impl<F: Future<Output = ()> + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}
