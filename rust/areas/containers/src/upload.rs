//! Bytes that come in pieces while they are sent: the body of a request, or what is written to an upgraded connection.
//! Whoever pushes waits until there is room.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::order::Payload;

/// Pieces that may wait to be sent beside the one that is.
const WAITING: usize = 2;

enum Piece {
    Bytes(Bytes),
    End,
}

/// Where the pieces come in. Dropped before the end, it breaks the exchange off.
pub struct Upload {
    sender: Mutex<Option<mpsc::Sender<Piece>>>,
    receiver: Mutex<Option<mpsc::Receiver<Piece>>>,
}

impl Default for Upload {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self {
            sender: Mutex::new(Some(sender)),
            receiver: Mutex::new(Some(receiver)),
        }
    }
}

impl Upload {
    /// Takes a piece as soon as there is room for it; false if the exchange is over.
    pub async fn push(&self, bytes: Vec<u8>) -> bool {
        let sender = lock(&self.sender).clone();
        match sender {
            Some(sender) => sender.send(Piece::Bytes(bytes.into())).await.is_ok(),
            None => false,
        }
    }

    /// Says that the last piece was pushed; false if the exchange is over.
    pub async fn end(&self) -> bool {
        let sender = lock(&self.sender).take();
        match sender {
            Some(sender) => sender.send(Piece::End).await.is_ok(),
            None => false,
        }
    }

    /// The end that the exchange reads from; it can be had once.
    pub fn take(&self) -> Option<Incoming> {
        lock(&self.receiver).take().map(Incoming)
    }

    /// Gives up: the exchange fails.
    pub fn abort(&self) {
        drop(lock(&self.sender).take());
    }
}

/// The end of an upload that an exchange reads from.
pub struct Incoming(mpsc::Receiver<Piece>);

impl Incoming {
    /// The next piece; none behind the last, an error if whoever had them gave up.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.0.poll_recv(context).map(|piece| match piece {
            Some(Piece::Bytes(bytes)) => Some(Ok(bytes)),
            Some(Piece::End) => None,
            None => Some(Err(io::Error::other("the body was broken off"))),
        })
    }

    /// The same, awaited.
    pub(crate) async fn next(&mut self) -> Option<io::Result<Bytes>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }
}

/// A body as bollard wants it.
pub(crate) fn body_of(payload: Payload) -> <bollard::BollardRequest as Body>::Of {
    match payload {
        Payload::Empty => bollard::body_full(Bytes::new()),
        Payload::Full(bytes) => bollard::body_full(bytes),
        Payload::Stream(mut incoming) => {
            let pieces = futures_util::stream::poll_fn(move |context| incoming.poll(context));
            bollard::body_try_stream(pieces)
        }
    }
}

/// Names the body of a request, for whose type bollard has no name.
pub(crate) trait Body {
    type Of;
}

impl<B> Body for hyper::Request<B> {
    type Of = B;
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
