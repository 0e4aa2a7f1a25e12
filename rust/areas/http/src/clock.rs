//! The time limits of one exchange on one timer, which is set anew only where a limit comes earlier than it would ring.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::fault::{Fault, Kind};

/// The clock of an exchange.
pub(crate) struct Clock<'a> {
    sleep: Pin<&'a mut Sleep>,
    /// When the timer rings.
    armed: Instant,
    /// When all must be over.
    end: Instant,
}

/// The timer of a clock, to be pinned by whoever makes the clock.
pub(crate) fn timer(total: Duration, first: Duration) -> (Sleep, Instant, Instant) {
    let now = Instant::now();
    let armed = now + total.min(first);
    (sleep_until(armed), armed, now + total)
}

impl<'a> Clock<'a> {
    pub(crate) fn new(sleep: Pin<&'a mut Sleep>, armed: Instant, end: Instant) -> Self {
        Self { sleep, armed, end }
    }

    /// Runs a part of the exchange within its own limit and that of the whole.
    pub(crate) async fn within<F: Future>(
        &mut self,
        limit: Duration,
        kind: Kind,
        part: F,
    ) -> Result<F::Output, Fault> {
        let own = Instant::now() + limit;
        let (deadline, kind) = if own < self.end {
            (own, kind)
        } else {
            (self.end, Kind::TotalTimeout)
        };
        if deadline < self.armed {
            self.arm(deadline);
        }
        let mut part = pin!(part);
        poll_fn(|context| {
            if let Poll::Ready(output) = part.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            loop {
                ready!(self.sleep.as_mut().poll(context));
                if Instant::now() >= deadline {
                    return Poll::Ready(Err(Fault::new(kind, "the time was over")));
                }
                self.arm(deadline);
            }
        })
        .await
    }

    /// The same within the limit of the whole only.
    pub(crate) async fn at_all<F: Future>(&mut self, part: F) -> Result<F::Output, Fault> {
        self.within(FOREVER, Kind::TotalTimeout, part).await
    }

    fn arm(&mut self, deadline: Instant) {
        self.sleep.as_mut().reset(deadline);
        self.armed = deadline;
    }
}

const FOREVER: Duration = Duration::from_secs(1 << 30);
