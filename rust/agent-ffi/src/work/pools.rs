//! Where operations run: a rayon pool for computing, a tokio runtime for waiting. Each starts at its
//! first use and lives as long as the process; their threads never print a panic.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;

use super::task::{Task, cancelled};
use crate::guard::{catch, panic_failure, quiet_panics_on_this_thread};
use crate::status::{Failure, Status};

static POOL: OnceLock<Result<rayon::ThreadPool, String>> = OnceLock::new();
static RUNTIME: OnceLock<Result<tokio::runtime::Runtime, String>> = OnceLock::new();
static ACTIVE: AtomicU32 = AtomicU32::new(0);

/// The pool for computing, one thread a core. It also serves calls that compute in parallel
/// synchronously.
pub fn pool() -> Result<&'static rayon::ThreadPool, Failure> {
    POOL.get_or_init(|| {
        rayon::ThreadPoolBuilder::new()
            .thread_name(|index| format!("agent-cpu-{index}"))
            .start_handler(|_| quiet_panics_on_this_thread())
            .panic_handler(std::mem::forget)
            .build()
            .map_err(|error| error.to_string())
    })
    .as_ref()
    .map_err(|error| no_threads(error))
}

/// The runtime for sockets, files and timers.
pub fn runtime() -> Result<&'static tokio::runtime::Runtime, Failure> {
    RUNTIME
        .get_or_init(|| {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("agent-io")
                .on_thread_start(quiet_panics_on_this_thread)
                .enable_all()
                .build()
                .map_err(|error| error.to_string())
        })
        .as_ref()
        .map_err(|error| no_threads(error))
}

fn no_threads(error: &str) -> Failure {
    Failure::new(
        Status::Io,
        format!("Native threads could not be started: {error}"),
    )
    .field("path", "threads")
    .field("operation", "spawn")
}

/// How many operations run or wait to run, in the whole process, in this library.
pub fn active() -> u32 {
    ACTIVE.load(Ordering::Acquire)
}

/// Counts an operation while it lives, on whatever path it ends.
pub(crate) struct Active;

impl Active {
    pub(crate) fn new() -> Self {
        ACTIVE.fetch_add(1, Ordering::AcqRel);
        Self
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        ACTIVE.fetch_sub(1, Ordering::AcqRel);
    }
}

/// How long an operation computes, as far as its submitter can say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// Some microseconds: the thread that waits for completions may do it itself.
    Short,
    /// Unknown: only threads of the pool do it.
    Long,
}

struct Job {
    length: Length,
    run: Box<dyn FnOnce() + Send>,
}

/// Operations that wait for a thread. The pool is told once for a run of them: telling it of each would
/// wake a thread each time, which costs more than a short operation itself.
static JOBS: Mutex<Jobs> = Mutex::new(Jobs {
    waiting: VecDeque::new(),
    runners: 0,
});

struct Jobs {
    waiting: VecDeque<Job>,
    /// Threads of the pool that are at it.
    runners: usize,
}

impl Jobs {
    /// Whether one more thread of the pool is to join in, which then counts as a runner.
    fn start(&mut self, jobs: usize, threads: usize) -> bool {
        let start = self.runners < jobs.min(threads);
        self.runners += usize::from(start);
        start
    }
}

/// No panic happens while the lock is held.
fn jobs() -> MutexGuard<'static, Jobs> {
    JOBS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run_jobs() {
    loop {
        let mut jobs = jobs();
        let Some(job) = jobs.waiting.pop_front() else {
            jobs.runners -= 1;
            return;
        };
        drop(jobs);
        (job.run)();
    }
}

/// Runs the operation that is next, if it is a short one; false if it is not.
pub(crate) fn run_short() -> bool {
    let mut jobs = jobs();
    match jobs.waiting.front() {
        Some(job) if job.length == Length::Short => {
            let job = jobs.waiting.pop_front();
            drop(jobs);
            if let Some(job) = job {
                (job.run)();
            }
            true
        }
        _ => false,
    }
}

/// Has the pool do what a thread that waited would have done, now that it is gone.
pub(crate) fn flush() {
    if let Ok(pool) = pool() {
        let mut jobs = jobs();
        let waiting = jobs.waiting.len();
        let start = jobs.start(waiting, pool.current_num_threads());
        drop(jobs);
        if start {
            pool.spawn(run_jobs);
        }
    }
}

pub(crate) fn spawn_cpu(
    task: Task,
    length: Length,
    work: impl FnOnce(&Task) -> Result<Vec<u8>, Failure> + Send + 'static,
) -> Result<(), Failure> {
    let pool = pool()?;
    let active = Active::new();
    let queue = task.queue.clone();
    let run = Box::new(move || {
        let result = catch(|| {
            task.check()?;
            work(&task)
        });
        // The count goes first: who sees the completion sees the pool idle.
        drop(active);
        task.finish(result);
    });
    let mut jobs = jobs();
    jobs.waiting.push_back(Job { length, run });
    // Of short ones the first is left to the thread that waits, which is there anyway: alone it is
    // the nearest, and the core it runs on is no other's.
    let (waiting, threads) = (jobs.waiting.len(), pool.current_num_threads());
    let start = match length {
        Length::Short => jobs.start(waiting - 1, threads.max(2) - 1),
        Length::Long => jobs.start(waiting, threads),
    };
    drop(jobs);
    if start {
        pool.spawn(run_jobs);
    }
    if length == Length::Short {
        queue.nudge();
    }
    Ok(())
}

pub(crate) fn spawn_io<F>(
    task: Task,
    work: impl FnOnce(Task) -> F + Send + 'static,
) -> Result<(), Failure>
where
    F: Future<Output = Result<Vec<u8>, Failure>> + Send + 'static,
{
    let active = Active::new();
    runtime()?.spawn(async move {
        let result = {
            // Dropping the future is what stops sockets and timers, so it ends with this block.
            let mut body = Box::pin(guarded(work, task.clone()));
            let mut given_up = Box::pin(task.cancelled());
            std::future::poll_fn(move |context| {
                if let Poll::Ready(result) = body.as_mut().poll(context) {
                    return Poll::Ready(result);
                }
                given_up.as_mut().poll(context).map(|()| Err(cancelled()))
            })
            .await
        };
        drop(active);
        task.finish(result);
    });
    Ok(())
}

/// Runs the operation's future with every poll inside the panic guard.
async fn guarded<F>(work: impl FnOnce(Task) -> F, task: Task) -> Result<Vec<u8>, Failure>
where
    F: Future<Output = Result<Vec<u8>, Failure>>,
{
    let future = catch_unwind(AssertUnwindSafe(|| work(task))).map_err(panic_failure)?;
    let mut future = Box::pin(future);
    std::future::poll_fn(move |context| {
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)))
            .unwrap_or_else(|payload| Poll::Ready(Err(panic_failure(payload))))
    })
    .await
}
