//! How many probes are under way, how long each is waited for, how many go out a second. Twin:
//! `src/security/scan/pace.ts`, in the same words.

use std::time::{Duration, Instant};

/// Where the number of probes under way begins on a network, and never falls below.
const FIRST: f64 = 128.0;
const LEAST: f64 = 16.0;
/// No answer over a network is waited for shorter than this.
const SHORTEST: Duration = Duration::from_millis(100);
/// A share of unanswered probes, at a host that else answers, from which the network is taken to be full.
const FULL: f64 = 0.1;
/// So much may be sent at once after a pause: what would have gone out in this time.
const BURST_SECONDS: f64 = 0.02;

/// The number of probes under way: it grows with answers and halves where answers stop coming.
#[derive(Debug)]
pub(super) struct Window {
    size: f64,
    threshold: f64,
    most: f64,
    answers: u32,
    silences: u32,
}

impl Window {
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1) as f64;
        Self {
            size: FIRST.min(most),
            threshold: most,
            most,
            answers: 0,
            silences: 0,
        }
    }

    pub(super) fn size(&self) -> usize {
        self.size as usize
    }

    /// A probe was answered.
    pub(super) fn answered(&mut self) {
        let more = if self.size < self.threshold {
            1.0
        } else {
            1.0 / self.size
        };
        self.size = (self.size + more).min(self.most);
        self.answers += 1;
        self.judge();
    }

    /// A probe of a host that else answers was not.
    pub(super) fn unanswered(&mut self) {
        self.silences += 1;
        self.judge();
    }

    /// There were no means for more than are under way.
    pub(super) fn exhausted(&mut self, under_way: usize) {
        self.size = (under_way as f64 * 0.75).clamp(1.0, self.most);
        self.threshold = self.size;
    }

    /// Looks, each time as many probes as are under way at once came back, at how many were silent.
    fn judge(&mut self) {
        let all = f64::from(self.answers + self.silences);
        if all < self.size {
            return;
        }
        if f64::from(self.silences) > all * FULL {
            self.size = (self.size / 2.0).max(LEAST.min(self.most));
            self.threshold = self.size;
        }
        (self.answers, self.silences) = (0, 0);
    }
}

/// What is known of a host's answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Host {
    pub(super) answers: u32,
    pub(super) silences: u32,
    mean: Option<f64>,
    deviation: f64,
}

impl Host {
    /// Takes a round trip into account, as TCP does (RFC 6298).
    pub(super) fn answered(&mut self, round_trip: Duration) {
        self.answers += 1;
        let time = round_trip.as_secs_f64();
        match self.mean {
            None => (self.mean, self.deviation) = (Some(time), time / 2.0),
            Some(mean) => {
                self.deviation += ((time - mean).abs() - self.deviation) / 4.0;
                self.mean = Some(mean + (time - mean) / 8.0);
            }
        }
    }

    /// Whether it answers most of what it is asked.
    pub(super) fn answers_mostly(&self) -> bool {
        self.answers > self.silences
    }

    /// How long its answer is waited for in a round: twice as long in each further one.
    pub(super) fn wait(&self, most: Duration, round: u32) -> Duration {
        let Some(mean) = self.mean else {
            return most;
        };
        let usual = Duration::from_secs_f64(mean + 4.0 * self.deviation).max(SHORTEST);
        usual.saturating_mul(1 << (round - 1).min(8)).min(most)
    }
}

/// A token bucket; without a rate it never waits.
#[derive(Clone, Debug)]
struct Bucket {
    rate: Option<f64>,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    fn new(rate: Option<f64>, now: Instant) -> Self {
        Self {
            rate,
            tokens: 1.0,
            filled: now,
        }
    }

    /// How long there is no token; nothing if there is one.
    fn wait(&mut self, now: Instant) -> Duration {
        let Some(rate) = self.rate else {
            return Duration::ZERO;
        };
        let most = (rate * BURST_SECONDS).max(1.0);
        let fresh = now.saturating_duration_since(self.filled).as_secs_f64() * rate;
        self.tokens = (self.tokens + fresh).min(most);
        self.filled = now;
        if self.tokens >= 1.0 {
            return Duration::ZERO;
        }
        Duration::from_secs_f64((1.0 - self.tokens) / rate)
    }
}

/// How many probes go out a second: to all hosts together, and to each of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rate {
    /// To all; none for no limit.
    pub all: Option<f64>,
    /// To each host; none for no limit.
    pub host: Option<f64>,
}

/// The buckets of a rate.
#[derive(Debug)]
pub(crate) struct Rates {
    all: Bucket,
    hosts: Vec<Bucket>,
}

impl Rates {
    pub(crate) fn new(rate: Rate, hosts: usize, now: Instant) -> Self {
        let hosts = if rate.host.is_some() { hosts } else { 0 };
        Self {
            all: Bucket::new(rate.all, now),
            hosts: vec![Bucket::new(rate.host, now); hosts],
        }
    }

    /// Lets a probe to a host go out, or says how long none may.
    pub(crate) fn take(&mut self, host: usize, now: Instant) -> Result<(), Duration> {
        let mut own = self.hosts.get_mut(host);
        let wait = own
            .as_mut()
            .map_or(Duration::ZERO, |bucket| bucket.wait(now))
            .max(self.all.wait(now));
        if !wait.is_zero() {
            return Err(wait);
        }
        self.all.tokens -= 1.0;
        if let Some(bucket) = own {
            bucket.tokens -= 1.0;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_its_rate_and_all_have_theirs_together() {
        let start = Instant::now();
        let rate = Rate {
            all: Some(100.0),
            host: Some(10.0),
        };
        let mut rates = Rates::new(rate, 20, start);
        let mut sent = [0; 20];
        for ms in 0..10_000 {
            let now = start + Duration::from_millis(ms);
            // One host asks without end, the others one after the other.
            for host in [0, (ms % 20) as usize] {
                sent[host] += u32::from(rates.take(host, now).is_ok());
            }
        }
        let all: u32 = sent.iter().sum();
        assert!((900..=1_003).contains(&all), "{all}");
        assert!((80..=102).contains(&sent[0]), "{}", sent[0]);
        let mut free = Rates::new(Rate::default(), 2, start);
        assert!((0..1_000).all(|_| free.take(1, start).is_ok()));
    }
}
