//! The body of a request: none, bytes, or pieces that arrive while it is being sent.

use std::fmt;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::{mpsc, oneshot};

/// Pieces that may wait to be sent beside the one that is.
const WAITING: usize = 2;

pub(crate) enum Piece {
    Bytes(Bytes),
    End,
}

/// Where the pieces come in. Dropped before the end, it breaks the exchange off.
pub struct Upload {
    pieces: Mutex<Option<mpsc::Sender<Piece>>>,
    receiver: Mutex<Option<mpsc::Receiver<Piece>>>,
}

impl Default for Upload {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self {
            pieces: Mutex::new(Some(sender)),
            receiver: Mutex::new(Some(receiver)),
        }
    }
}

impl Upload {
    /// Takes a piece as soon as there is room for it; false if the exchange is over.
    pub async fn push(&self, bytes: Vec<u8>) -> bool {
        let Some(sender) = self.sender() else {
            return false;
        };
        sender.send(Piece::Bytes(bytes.into())).await.is_ok()
    }

    /// Says that the last piece was pushed; false if the exchange is over.
    pub async fn end(&self) -> bool {
        let Some(sender) = lock(&self.pieces).take() else {
            return false;
        };
        sender.send(Piece::End).await.is_ok()
    }

    /// The end that the exchange reads from; it can be had once.
    pub fn take(&self) -> Option<Incoming> {
        lock(&self.receiver).take().map(Incoming)
    }

    /// Gives up: the exchange fails.
    pub fn abort(&self) {
        drop(lock(&self.pieces).take());
    }

    fn sender(&self) -> Option<mpsc::Sender<Piece>> {
        lock(&self.pieces).clone()
    }
}

/// The end of an upload that an exchange reads from.
pub struct Incoming(mpsc::Receiver<Piece>);

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Whoever had the pieces gave up.
#[derive(Debug)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request's body was broken off")
    }
}

impl std::error::Error for Broken {}

/// What an exchange was given to send.
pub enum Payload {
    /// No body.
    Empty,
    /// All of it.
    Full(Bytes),
    /// Pieces.
    Stream(Incoming),
}

/// A body on its way out.
pub(crate) enum Sending {
    Empty,
    Full(Bytes),
    Stream {
        pieces: mpsc::Receiver<Piece>,
        /// Told when the last piece was handed over.
        sent: Option<oneshot::Sender<()>>,
    },
}

impl Sending {
    /// The body, and what tells that all of a stream was handed over.
    pub(crate) fn new(payload: Payload) -> (Self, Option<oneshot::Receiver<()>>) {
        match payload {
            Payload::Empty => (Self::Empty, None),
            Payload::Full(bytes) => (Self::Full(bytes), None),
            Payload::Stream(Incoming(pieces)) => {
                let (sender, receiver) = oneshot::channel();
                let sent = Some(sender);
                (Self::Stream { pieces, sent }, Some(receiver))
            }
        }
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = Self::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Stream { pieces, sent } => match ready!(pieces.poll_recv(context)) {
                Some(Piece::Bytes(bytes)) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Some(Piece::End) => {
                    if let Some(sent) = sent.take() {
                        let _ = sent.send(());
                    }
                    *self = Self::Empty;
                    Poll::Ready(None)
                }
                None => Poll::Ready(Some(Err(Broken))),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Full(bytes) => bytes.is_empty(),
            Self::Stream { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream { .. } => SizeHint::default(),
        }
    }
}
