//! What is counted: times in histograms of fixed memory, kinds of failure, and a time line.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use agent_ffi::Failure;
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::fault::{Fault, NAMES};

/// An hour in nanoseconds: what is longer counts as this in percentiles. The twin has the same bound.
const HIGHEST: u64 = 3_600_000_000_000;
const STATUSES: usize = 1_000;
/// Rows of the time line; the last holds what comes after.
const MOST_ROWS: usize = 100_000;

/// Times, with exact extremes and sum beside the histogram.
pub(crate) struct Times {
    histogram: Histogram<u64>,
    min: u64,
    max: u64,
    sum: u128,
}

impl Times {
    pub(crate) fn new() -> Result<Self, Failure> {
        let histogram = Histogram::new_with_bounds(1, HIGHEST, 3)
            .map_err(|error| Failure::invalid(error.to_string()))?;
        Ok(Self {
            histogram,
            min: u64::MAX,
            max: 0,
            sum: 0,
        })
    }

    #[inline]
    pub(crate) fn record(&mut self, time: Duration) {
        self.record_number(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    #[inline]
    fn record_number(&mut self, value: u64) {
        self.histogram.saturating_record(value.min(HIGHEST));
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum += u128::from(value);
    }

    fn add(&mut self, other: &Self) {
        // Of equal bounds, so that it cannot fail.
        let _ = self.histogram.add(&other.histogram);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
    }

    fn to_json(&self) -> Value {
        let slots: Vec<Value> = self
            .histogram
            .iter_recorded()
            .map(|slot| json!([slot.value_iterated_to(), slot.count_at_value()]))
            .collect();
        json!({
            "min": if self.histogram.is_empty() { 0 } else { self.min },
            "max": self.max,
            "sum": self.sum as f64,
            "slots": slots,
        })
    }
}

/// One row of the time line.
#[derive(Clone, Default)]
struct Row {
    requests: u64,
    failed: u64,
    sum: u128,
    max: u64,
}

/// What one thread counted.
pub(crate) struct Tally {
    service: Times,
    response: Times,
    lag: Times,
    requests: u64,
    succeeded: u64,
    bytes: u64,
    warm_up: u64,
    statuses: Vec<u64>,
    errors: [u64; NAMES.len()],
    rows: Vec<Row>,
    interval: Duration,
    last: Option<Instant>,
}

/// A request that is over.
pub(crate) struct Finished {
    /// From the real start.
    pub(crate) service: Duration,
    /// From the intended one.
    pub(crate) response: Duration,
    /// How late the start was though somebody was free.
    pub(crate) lag: Duration,
    /// When it was over.
    pub(crate) at: Instant,
    /// Status and bytes, or what went wrong.
    pub(crate) outcome: Result<(u16, u64), Fault>,
}

impl Tally {
    pub(crate) fn new(interval: Duration) -> Result<Self, Failure> {
        Ok(Self {
            service: Times::new()?,
            response: Times::new()?,
            lag: Times::new()?,
            requests: 0,
            succeeded: 0,
            bytes: 0,
            warm_up: 0,
            statuses: vec![0; STATUSES],
            errors: [0; NAMES.len()],
            rows: Vec::new(),
            interval,
            last: None,
        })
    }

    /// One of the warm-up is over.
    pub(crate) fn warm_up(&mut self) {
        self.warm_up += 1;
    }

    /// A request is over.
    pub(crate) fn record(&mut self, finished: &Finished, measured_from: Instant) {
        let Finished {
            service,
            response,
            lag,
            at,
            outcome,
        } = finished;
        self.requests += 1;
        self.lag.record(*lag);
        self.last = Some(self.last.map_or(*at, |last| last.max(*at)));
        let has_failed = match *outcome {
            Ok((status, bytes)) => {
                self.bytes += bytes;
                self.statuses[usize::from(status).min(STATUSES - 1)] += 1;
                status >= 400
            }
            Err(fault) => {
                self.errors[fault as usize] += 1;
                true
            }
        };
        self.succeeded += u64::from(!has_failed);
        let is_timed = matches!(outcome, Ok(_) | Err(Fault::Timeout));
        if is_timed {
            self.service.record(*service);
            self.response.record(*response);
        }
        let since = at.saturating_duration_since(measured_from).as_nanos();
        let row = (since / self.interval.as_nanos()) as usize;
        let row = row.min(MOST_ROWS - 1);
        if row >= self.rows.len() {
            self.rows.resize(row + 1, Row::default());
        }
        let row = &mut self.rows[row];
        row.requests += 1;
        row.failed += u64::from(has_failed);
        if is_timed {
            row.sum += response.as_nanos();
            row.max = row.max.max(response.as_nanos() as u64);
        }
    }

    /// Adds what another thread counted.
    pub(crate) fn add(&mut self, other: &Self) {
        self.service.add(&other.service);
        self.response.add(&other.response);
        self.lag.add(&other.lag);
        self.requests += other.requests;
        self.succeeded += other.succeeded;
        self.bytes += other.bytes;
        self.warm_up += other.warm_up;
        for (own, more) in self.statuses.iter_mut().zip(&other.statuses) {
            *own += more;
        }
        for (own, more) in self.errors.iter_mut().zip(&other.errors) {
            *own += more;
        }
        if self.rows.len() < other.rows.len() {
            self.rows.resize(other.rows.len(), Row::default());
        }
        for (own, more) in self.rows.iter_mut().zip(&other.rows) {
            own.requests += more.requests;
            own.failed += more.failed;
            own.sum += more.sum;
            own.max = own.max.max(more.max);
        }
        self.last = self.last.max(other.last);
    }

    /// When the last request was over.
    pub(crate) fn last(&self) -> Option<Instant> {
        self.last
    }

    /// The counts, as the TypeScript side reads them.
    pub(crate) fn to_json(&self) -> Value {
        let pairs = |counts: &[u64]| -> Vec<(usize, u64)> {
            let counted = counts.iter().copied().enumerate();
            counted.filter(|(_, count)| *count > 0).collect()
        };
        let errors: Vec<Value> = pairs(&self.errors)
            .into_iter()
            .map(|(kind, count)| json!([NAMES[kind], count]))
            .collect();
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| json!([row.requests, row.failed, row.sum as f64, row.max]))
            .collect();
        json!({
            "requests": self.requests,
            "succeeded": self.succeeded,
            "bytes": self.bytes,
            "warmUp": self.warm_up,
            "statuses": pairs(&self.statuses),
            "errors": errors,
            "service": self.service.to_json(),
            "response": self.response.to_json(),
            "lag": self.lag.to_json(),
            "timeline": rows,
        })
    }
}

/// What is known while it runs: one for each thread, on a cache line of its own.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Live {
    requests: AtomicU64,
    failed: AtomicU64,
}

impl Live {
    /// A request is over.
    #[inline]
    pub(crate) fn count(&self, has_failed: bool) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if has_failed {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Requests and failures of all threads, the warm-up's with them.
    pub(crate) fn sum(all: &[Self]) -> (u64, u64) {
        all.iter().fold((0, 0), |(requests, failed), live| {
            (
                requests + live.requests.load(Ordering::Relaxed),
                failed + live.failed.load(Ordering::Relaxed),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tests/vectors/histogram.json`: the twin's percentiles are those of the crate, bounded by the greatest value.
    #[test]
    fn percentiles_are_the_twins() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../tests/vectors/histogram.json"
        );
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let cases = file["cases"].as_array().unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            let mut times = Times::new().unwrap();
            for pair in case["values"].as_array().unwrap() {
                for _ in 0..pair[1].as_u64().unwrap() {
                    times.record_number(pair[0].as_u64().unwrap());
                }
            }
            let percents = file["percents"].as_array().unwrap();
            for (percent, wanted) in percents.iter().zip(case["percentiles"].as_array().unwrap()) {
                let quantile = percent.as_f64().unwrap() / 100.0;
                let got = times.histogram.value_at_quantile(quantile).min(times.max);
                assert_eq!(got, wanted.as_u64().unwrap(), "{} {percent}", case["name"]);
            }
            assert_eq!(times.min, case["min"].as_u64().unwrap());
            assert_eq!(times.max, case["max"].as_u64().unwrap());
        }
    }
}
