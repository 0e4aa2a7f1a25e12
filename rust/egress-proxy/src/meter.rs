//! A connection of the box, counted: an end to what takes too many bytes, too long, or says nothing.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::config::Limits;

/// What a connection came to.
pub struct Meter {
    began: Instant,
    limits: Limits,
    /// Bytes of all connections.
    total: Arc<AtomicU64>,
    sent: AtomicU64,
    received: AtomicU64,
    /// When bytes went last, milliseconds after the beginning.
    active: AtomicU64,
    spent: AtomicBool,
}

impl Meter {
    /// Begins to count.
    pub fn new(limits: Limits, total: Arc<AtomicU64>) -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            limits,
            total,
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            active: AtomicU64::new(0),
            spent: AtomicBool::new(false),
        })
    }

    /// Bytes from the box, bytes to it, and milliseconds.
    pub fn figures(&self) -> (u64, u64, u64) {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (load(&self.sent), load(&self.received), self.elapsed())
    }

    /// Whether it was ended for its bytes.
    pub fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed)
    }

    /// Resolves when the connection has been silent or open for too long, with the word for which.
    pub async fn overdue(&self) -> &'static str {
        let end = self.began + self.limits.duration;
        loop {
            let active = Duration::from_millis(self.active.load(Ordering::Relaxed));
            let silent = self.began + active + self.limits.idle;
            if Instant::now() >= end {
                return "time";
            }
            if Instant::now() >= silent {
                return "idle";
            }
            tokio::time::sleep_until(silent.min(end)).await;
        }
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// How many bytes may go yet.
    fn left(&self) -> usize {
        let (sent, received, _) = self.figures();
        let own = self
            .limits
            .bytes
            .saturating_sub(sent.saturating_add(received));
        let all = self
            .limits
            .total_bytes
            .saturating_sub(self.total.load(Ordering::Relaxed));
        usize::try_from(own.min(all)).unwrap_or(usize::MAX)
    }

    /// Ends the connection for its bytes.
    fn spend(&self) -> io::Error {
        self.spent.store(true, Ordering::Relaxed);
        io::Error::other("too many bytes")
    }

    /// Counts bytes that went one way; an error if they were too many.
    fn count(&self, way: &AtomicU64, bytes: usize) -> io::Result<()> {
        let bytes = bytes as u64;
        way.fetch_add(bytes, Ordering::Relaxed);
        self.active.store(self.elapsed(), Ordering::Relaxed);
        let total = self
            .total
            .fetch_add(bytes, Ordering::Relaxed)
            .saturating_add(bytes);
        let (sent, received, _) = self.figures();
        if total > self.limits.total_bytes || sent.saturating_add(received) > self.limits.bytes {
            return Err(self.spend());
        }
        Ok(())
    }
}

/// A stream whose bytes are counted.
pub struct Metered<S> {
    stream: S,
    meter: Arc<Meter>,
}

impl<S> Metered<S> {
    /// Counts a stream's bytes.
    pub fn new(stream: S, meter: Arc<Meter>) -> Self {
        Self { stream, meter }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if matches!(result, Poll::Ready(Ok(()))) {
            self.meter
                .count(&self.meter.sent, buffer.filled().len() - before)?;
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let most = self.meter.left().min(bytes.len());
        if most == 0 && !bytes.is_empty() {
            return Poll::Ready(Err(self.meter.spend()));
        }
        let result = Pin::new(&mut self.stream).poll_write(context, &bytes[..most]);
        if let Poll::Ready(Ok(written)) = &result {
            self.meter.count(&self.meter.received, *written)?;
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
