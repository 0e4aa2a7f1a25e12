//! When requests start. One schedule for all threads: in the open model each start has its time whether or not somebody
//! is free for it, in the closed one whoever is free starts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::job::Job;

/// A start that a worker took.
pub(crate) struct Start {
    /// When it was to be.
    pub(crate) intended: Instant,
    /// Whether it is left out of the figures.
    pub(crate) is_warm_up: bool,
}

/// The starts of one run.
pub(crate) struct Schedule {
    /// When the figures begin.
    pub(crate) measured_from: Instant,
    /// When starts end.
    pub(crate) end: Instant,
    begun: Instant,
    rate: Option<f64>,
    cap: Option<f64>,
    /// Starts of the warm-up, and all of them; of the closed model only the requests are bounded.
    warm: u64,
    total: u64,
    requests: u64,
    workers: u64,
    /// How many are allowed: of the pacer alone.
    released: AtomicU64,
    taken: AtomicU64,
    ended: AtomicBool,
    permits: Semaphore,
}

impl Schedule {
    /// Begins now.
    pub(crate) fn begin(job: &Job) -> Self {
        let begun = Instant::now();
        let measured_from = begun + job.warm_up;
        let rate = job.rate.unwrap_or(0.0);
        let warm = (rate * job.warm_up.as_secs_f64()).ceil() as u64;
        let all = (rate * (job.warm_up + job.duration).as_secs_f64()).ceil() as u64;
        let requests = job.requests.unwrap_or(u64::MAX);
        Self {
            measured_from,
            end: measured_from + job.duration,
            begun,
            rate: job.rate,
            cap: job.cap,
            warm,
            total: all.min(warm.saturating_add(requests)),
            requests,
            workers: (job.connections * job.streams) as u64,
            released: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            ended: AtomicBool::new(false),
            permits: Semaphore::new(0),
        }
    }

    /// The next start; none once they are over.
    pub(crate) async fn next(&self) -> Option<Start> {
        if self.rate.is_some() || self.cap.is_some() {
            self.permits.acquire().await.ok()?.forget();
        }
        if let Some(rate) = self.rate {
            let at = self.taken.fetch_add(1, Ordering::Relaxed);
            return Some(Start {
                intended: self.begun + Duration::from_secs_f64(at as f64 / rate),
                is_warm_up: at < self.warm,
            });
        }
        if self.ended.load(Ordering::Relaxed) {
            return None;
        }
        let intended = Instant::now();
        let is_warm_up = intended < self.measured_from;
        if !is_warm_up && self.taken.fetch_add(1, Ordering::Relaxed) >= self.requests {
            self.stop();
            return None;
        }
        Some(Start {
            intended,
            is_warm_up,
        })
    }

    /// Lets workers have the starts that are due; says when the next is, if one is known.
    pub(crate) fn release(&self, now: Instant) -> Option<Instant> {
        let per_second = self.rate.or(self.cap)?;
        let released = self.released.load(Ordering::Relaxed);
        let limit = if self.rate.is_some() {
            self.total
        } else {
            u64::MAX
        };
        let since = now.saturating_duration_since(self.begun).as_secs_f64();
        let due = ((since * per_second) as u64).saturating_add(1).min(limit);
        if due > released {
            let mut fresh = due - released;
            if self.rate.is_none() {
                // What nobody was free for is no debt in the closed model.
                fresh = fresh.min(self.workers - self.workers.min(self.waiting()));
            }
            self.permits.add_permits(fresh as usize);
            self.released.store(due, Ordering::Relaxed);
        }
        (due < limit).then(|| self.begun + Duration::from_secs_f64(due as f64 / per_second))
    }

    fn waiting(&self) -> u64 {
        self.permits.available_permits() as u64
    }

    /// Whether all starts of the open model were taken.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.rate.is_some() && self.taken.load(Ordering::Relaxed) >= self.total
    }

    /// No further start.
    pub(crate) fn stop(&self) {
        self.ended.store(true, Ordering::Relaxed);
        self.permits.close();
    }

    /// Starts of the open model that are due at a moment, without the warm-up's.
    pub(crate) fn scheduled(&self, now: Instant) -> u64 {
        let Some(rate) = self.rate else { return 0 };
        let since = now.saturating_duration_since(self.begun).as_secs_f64();
        (((since * rate) as u64).saturating_add(1))
            .min(self.total)
            .saturating_sub(self.warm)
    }

    /// Starts that were taken, without the warm-up's.
    pub(crate) fn started(&self) -> u64 {
        let taken = self.taken.load(Ordering::Relaxed);
        if self.rate.is_some() {
            taken.saturating_sub(self.warm)
        } else {
            taken.min(self.requests)
        }
    }
}
