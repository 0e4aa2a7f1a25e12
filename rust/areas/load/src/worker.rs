//! One worker: takes a start, sends, takes the answer, counts.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::{Sleep, sleep, sleep_until, timeout};

use crate::fault::Fault;
use crate::job::Job;
use crate::line::Line;
use crate::run::Shared;
use crate::schedule::Schedule;
use crate::tally::{Finished, Live, Tally};

/// After a connection that could not be made, so that a target that is gone is not dialled in a tight loop.
const PAUSE: Duration = Duration::from_millis(20);

/// What the workers of a thread have in common.
pub(crate) struct Local {
    pub(crate) shared: Arc<Shared>,
    pub(crate) thread: usize,
    pub(crate) tally: RefCell<Tally>,
}

impl Local {
    fn job(&self) -> &Job {
        &self.shared.job
    }

    fn live(&self) -> &Live {
        &self.shared.live[self.thread]
    }
}

/// Works until there is no start any more.
pub(crate) async fn work(
    local: Rc<Local>,
    mut line: Line,
    mut begin: watch::Receiver<Option<Arc<Schedule>>>,
) {
    let job = local.job();
    // What goes wrong here comes again at the first request, and is counted there.
    let _ = timeout(job.timeout, line.open(job)).await;
    local.shared.connected();
    let Ok(schedule) = begin
        .wait_for(Option::is_some)
        .await
        .map(|begun| begun.clone())
    else {
        return;
    };
    let Some(schedule) = schedule else { return };
    let mut alarm = pin!(sleep(job.timeout));
    let mut free_since = Instant::now();
    while let Some(start) = schedule.next().await {
        let started = Instant::now();
        let due = start.intended.max(free_since);
        let deadline = started + job.timeout;
        let exchange = line.exchange(job);
        let outcome = within(alarm.as_mut(), deadline, exchange).await;
        let outcome = outcome.unwrap_or_else(|| {
            line.give_up();
            Err(Fault::Timeout)
        });
        let at = Instant::now();
        let finished = Finished {
            service: at - started,
            // Nothing but the answer before fixes a start of the closed model.
            response: at.saturating_duration_since(if job.rate.is_some() {
                start.intended
            } else {
                started
            }),
            lag: started.saturating_duration_since(due),
            at,
            outcome: outcome.map(|answer| (answer.status, answer.bytes)),
        };
        let has_failed = finished.outcome.is_err_or(|(status, _)| status >= 400);
        local.live().count(has_failed);
        if start.is_warm_up {
            local.tally.borrow_mut().warm_up();
        } else {
            let mut tally = local.tally.borrow_mut();
            tally.record(&finished, schedule.measured_from);
        }
        if job.rate.is_none() && finished.outcome.is_err_and(is_of_connecting) {
            sleep_until((at + PAUSE).into()).await;
        }
        free_since = Instant::now();
    }
}

trait IsErrOr<T> {
    fn is_err_or(&self, test: impl FnOnce(T) -> bool) -> bool;
}

impl<T: Copy, E> IsErrOr<T> for Result<T, E> {
    fn is_err_or(&self, test: impl FnOnce(T) -> bool) -> bool {
        self.as_ref().map_or(true, |value| test(*value))
    }
}

fn is_of_connecting(fault: Fault) -> bool {
    use Fault::{Connect, Descriptors, Ports, Refused, Tls, Unreachable};
    matches!(
        fault,
        Refused | Unreachable | Connect | Tls | Descriptors | Ports
    )
}

/// What a future gives before a deadline. The alarm is one of earlier deadlines, and is moved only when it rings: a
/// timer for each request would cost more than the request's own work.
async fn within<F: Future>(
    mut alarm: Pin<&mut Sleep>,
    deadline: Instant,
    future: F,
) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(move |context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        while alarm.as_mut().poll(context).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(None);
            }
            alarm.as_mut().reset(deadline.into());
        }
        Poll::Pending
    })
    .await
}
