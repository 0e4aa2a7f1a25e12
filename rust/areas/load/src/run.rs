//! A run: threads with workers, and this thread, which lets starts go, looks at failures and at the caller, and tells how
//! far it is.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use agent_ffi::{Failure, Status, quiet_panics_on_this_thread, ring::Task};
use agent_shared::Control;
use serde_json::json;
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinSet, LocalSet};

use crate::job::Job;
use crate::line::Line;
use crate::schedule::Schedule;
use crate::tally::{Live, Tally};
use crate::worker::{Local, work};

/// How often this thread looks around at least.
const TICK: Duration = Duration::from_millis(10);
/// Starts that are less apart go together, which spares wake-ups.
const TOGETHER: Duration = Duration::from_micros(50);
const TELL_EVERY: Duration = Duration::from_millis(100);
/// For so long after the end a start that was due may still be taken by somebody who is free.
const SLACK: Duration = Duration::from_millis(100);
/// Failures are looked at over at least so long and so many requests; the twin has the same window.
const WINDOW: Duration = Duration::from_secs(1);
const WINDOW_REQUESTS: u64 = 20;

/// What all threads see.
pub(crate) struct Shared {
    pub(crate) job: Job,
    pub(crate) live: Vec<Live>,
    connected: AtomicUsize,
}

impl Shared {
    /// A worker has made its connection, or has failed to.
    pub(crate) fn connected(&self) {
        self.connected.fetch_add(1, Ordering::Release);
    }
}

/// What a thread brings home.
struct Home {
    tally: Tally,
    cpu: Option<Duration>,
    wall: Duration,
}

/// Runs a job to its end, and gives the counts as JSON: also of a run that the caller ended.
pub fn run(job: Job, task: &Task) -> Result<Vec<u8>, Failure> {
    let threads = job.threads;
    let shared = Arc::new(Shared {
        live: (0..threads).map(|_| Live::default()).collect(),
        connected: AtomicUsize::new(0),
        job,
    });
    let (begin, begun) = watch::channel(None);
    let (kill, killed) = watch::channel(false);
    let handles = (0..threads)
        .map(|thread| {
            let (shared, begun, killed) = (shared.clone(), begun.clone(), killed.clone());
            std::thread::Builder::new()
                .name(format!("agent-load-{thread}"))
                .spawn(move || {
                    quiet_panics_on_this_thread();
                    serve(shared, thread, begun, killed)
                })
                .map_err(|error| no_thread(&error))
        })
        .collect::<Result<Vec<_>, _>>();
    let handles = match handles {
        Ok(handles) => handles,
        Err(failure) => {
            // Those that were started wait for a beginning that does not come.
            drop(begin);
            let _ = kill.send(true);
            return Err(failure);
        }
    };
    let wanted = shared.job.connections * shared.job.streams;
    while shared.connected.load(Ordering::Acquire) < wanted
        && !task.is_cancelled()
        && !handles.iter().any(JoinHandle::is_finished)
    {
        std::thread::sleep(Duration::from_millis(1));
    }
    let schedule = Arc::new(Schedule::begin(&shared.job));
    let _ = begin.send(Some(schedule.clone()));
    let (ended, stopped_at) = conduct(&shared, &schedule, &handles, task);
    if ended != "done" {
        let _ = kill.send(true);
    }
    let mut sum = Tally::new(shared.job.interval)?;
    let (mut cpu, mut wall) = (Some(Duration::ZERO), Duration::ZERO);
    for handle in handles {
        let home = handle.join().map_err(|_| {
            Failure::new(
                Status::Panic,
                "A thread of the load test panicked".to_owned(),
            )
        })??;
        sum.add(&home.tally);
        cpu = cpu.zip(home.cpu).map(|(sum, own)| sum + own);
        wall += home.wall;
    }
    let open_end = stopped_at.min(schedule.end);
    let until = match (shared.job.rate, ended) {
        (None, "done") => sum.last().unwrap_or(stopped_at),
        (None, _) => stopped_at,
        (Some(_), _) => open_end,
    };
    let elapsed = until.saturating_duration_since(schedule.measured_from);
    let mut result = sum.to_json();
    result["ended"] = json!(ended);
    result["elapsedMs"] = json!(elapsed.as_secs_f64() * 1_000.0);
    result["scheduled"] = json!(schedule.scheduled(open_end));
    result["started"] = json!(schedule.started());
    result["threads"] = json!(threads);
    result["cpu"] = json!(cpu.map(|cpu| cpu.as_secs_f64() / wall.as_secs_f64().max(1e-9)));
    Ok(result.to_string().into_bytes())
}

/// Until all is over: how it ended, and when the last start was.
fn conduct(
    shared: &Shared,
    schedule: &Schedule,
    handles: &[JoinHandle<Result<Home, Failure>>],
    task: &Task,
) -> (&'static str, Instant) {
    let job = &shared.job;
    let mut window = (Instant::now(), 0, 0);
    let mut told = Instant::now();
    let mut stopped_at = None;
    loop {
        let now = Instant::now();
        let next = schedule.release(now);
        if task.is_cancelled() {
            schedule.stop();
            return ("aborted", stopped_at.unwrap_or(now));
        }
        let (requests, failed) = Live::sum(&shared.live);
        let (fresh, wrong) = (requests - window.1, failed - window.2);
        if now - window.0 >= WINDOW && fresh >= WINDOW_REQUESTS {
            if wrong as f64 > fresh as f64 * job.most_failed {
                schedule.stop();
                return ("errors", stopped_at.unwrap_or(now));
            }
            window = (now, requests, failed);
        }
        if now - told >= TELL_EVERY {
            told = now;
            tell(task, job, schedule, now, (requests, failed));
        }
        let is_late = now >= schedule.end && (job.rate.is_none() || now >= schedule.end + SLACK);
        if stopped_at.is_none() && (is_late || schedule.is_exhausted()) {
            schedule.stop();
            stopped_at = Some(now);
        }
        if handles.iter().all(JoinHandle::is_finished) {
            return ("done", stopped_at.unwrap_or(now));
        }
        let tick = now + TICK;
        let until = next.map_or(tick, |next| next.max(now + TOGETHER).min(tick));
        std::thread::sleep(until.saturating_duration_since(Instant::now()));
    }
}

/// Four u32: how much of how much is done, requests, failures. Lost where the caller has not taken the last.
fn tell(task: &Task, job: &Job, schedule: &Schedule, now: Instant, counts: (u64, u64)) {
    let (done, total) = if let Some(requests) = job.requests {
        (schedule.started().min(requests), requests)
    } else {
        let all = job.warm_up + job.duration;
        let left = schedule.end.saturating_duration_since(now);
        let done = all.saturating_sub(left);
        (done.as_millis() as u64, all.as_millis() as u64)
    };
    let numbers = [done, total, counts.0, counts.1];
    let payload = numbers
        .iter()
        .flat_map(|number| u32::try_from(*number).unwrap_or(u32::MAX).to_le_bytes())
        .collect();
    let mut context = Context::from_waker(Waker::noop());
    let _ = pin!(task.emit(payload)).poll(&mut context);
}

/// What a thread does: its share of the workers on a runtime of its own.
fn serve(
    shared: Arc<Shared>,
    thread: usize,
    begun: watch::Receiver<Option<Arc<Schedule>>>,
    mut killed: watch::Receiver<bool>,
) -> Result<Home, Failure> {
    let begin = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| no_thread(&error))?;
    let (connections, threads, streams, http2) = {
        let job = &shared.job;
        (job.connections, job.threads, job.streams, job.http2)
    };
    let own = connections / threads + usize::from(thread < connections % threads);
    let local = Rc::new(Local {
        tally: RefCell::new(Tally::new(shared.job.interval)?),
        shared,
        thread,
    });
    let set = LocalSet::new();
    let workers = local.clone();
    runtime.block_on(set.run_until(async move {
        let mut all = JoinSet::new();
        for _ in 0..own {
            let line: Rc<Mutex<_>> = Rc::default();
            for _ in 0..streams {
                let line = if http2 {
                    Line::Two(line.clone())
                } else {
                    Line::One(None)
                };
                all.spawn_local(work(workers.clone(), line, begun.clone()));
            }
        }
        drop(workers);
        tokio::select! {
            _ = killed.wait_for(|is_killed| *is_killed) => all.abort_all(),
            () = async { while all.join_next().await.is_some() {} } => {}
        }
    }));
    drop(set);
    drop(runtime);
    let tally = Rc::try_unwrap(local)
        .map_err(|_| Failure::new(Status::Panic, "A worker outlived its thread".to_owned()))?
        .tally
        .into_inner();
    Ok(Home {
        tally,
        cpu: cpu(),
        wall: begin.elapsed(),
    })
}

/// CPU time of this thread.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn cpu() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn cpu() -> Option<Duration> {
    None
}

fn no_thread(error: &std::io::Error) -> Failure {
    Failure::new(Status::Io, format!("No thread could be started: {error}"))
        .field("path", "threads")
        .field("operation", "spawn")
}
