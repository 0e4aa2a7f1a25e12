//! What an operation sees of its caller: whether it was cancelled, and where its pieces go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use agent_shared::Control as _;
use tokio::sync::Notify;

use super::queue::{Outcome, Queue};
use crate::status::Failure;

/// The part that the isolate and the operation share.
#[derive(Default)]
pub(crate) struct Control {
    cancelled: AtomicBool,
    credit: AtomicU32,
    changed: Notify,
}

impl Control {
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }

    /// Allows `more` further pieces of a stream.
    pub(crate) fn grant(&self, more: u32) {
        let _ = self
            .credit
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |credit| {
                Some(credit.saturating_add(more))
            });
        self.changed.notify_waiters();
    }

    fn spend(&self) -> bool {
        self.credit
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |credit| {
                credit.checked_sub(1)
            })
            .is_ok()
    }
}

/// One operation, as its own code sees it.
#[derive(Clone)]
pub struct Task {
    pub(crate) op: u32,
    pub(crate) queue: Arc<Queue>,
    pub(crate) control: Arc<Control>,
}

impl Task {
    /// Fails with `Cancelled` if the caller gave up.
    pub fn check(&self) -> Result<(), Failure> {
        if self.is_cancelled() {
            Err(cancelled())
        } else {
            Ok(())
        }
    }

    /// Ends when the caller gives up.
    pub async fn cancelled(&self) {
        loop {
            let changed = self.control.changed.notified();
            if self.is_cancelled() {
                return;
            }
            changed.await;
        }
    }

    /// Sends a piece of a stream, after waiting until the caller has room for it.
    pub async fn emit(&self, payload: Vec<u8>) -> Result<(), Failure> {
        loop {
            let changed = self.control.changed.notified();
            self.check()?;
            if self.control.spend() {
                self.queue.push(self.op, Outcome::Stream(payload));
                return Ok(());
            }
            changed.await;
        }
    }

    pub(crate) fn finish(&self, result: Result<Vec<u8>, Failure>) {
        self.queue.push(
            self.op,
            match result {
                Ok(payload) => Outcome::Done(payload),
                Err(failure) => Outcome::Failed(failure),
            },
        );
    }
}

/// The outside of the areas' long computations.
impl agent_shared::Control for Task {
    #[inline]
    fn is_cancelled(&self) -> bool {
        self.control.cancelled.load(Ordering::Relaxed)
    }

    /// Lost where the caller has not yet taken the last: progress never slows the work down.
    fn progress(&self, done: usize, total: usize) {
        if self.control.spend() {
            let mut payload = Vec::with_capacity(8);
            payload.extend_from_slice(&(done as u32).to_le_bytes());
            payload.extend_from_slice(&(total as u32).to_le_bytes());
            self.queue.push(self.op, Outcome::Stream(payload));
        }
    }
}

pub(crate) fn cancelled() -> Failure {
    agent_shared::Error::Cancelled.into()
}
