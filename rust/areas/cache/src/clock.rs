//! Milliseconds of a clock that never goes back.
//!
//! Reads use the kernel's coarse clock, which costs a few nanoseconds and lags behind the precise one
//! by at most a tick (4 ms with the usual 250 ticks a second). Deadlines are counted from the
//! precise clock and rounded up, so nothing is over before its time; it may live a tick longer.

#[cfg(target_os = "linux")]
mod source {
    use rustix::time::{ClockId, Timespec, clock_gettime};

    fn nanos(time: Timespec) -> u64 {
        time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
    }

    #[inline]
    pub fn coarse_ms() -> u64 {
        let time = clock_gettime(ClockId::MonotonicCoarse);
        time.tv_sec as u64 * 1_000 + time.tv_nsec as u64 / 1_000_000
    }

    pub fn precise_nanos() -> u64 {
        nanos(clock_gettime(ClockId::Monotonic))
    }
}

#[cfg(not(target_os = "linux"))]
mod source {
    use std::sync::OnceLock;
    use std::time::Instant;

    static START: OnceLock<Instant> = OnceLock::new();

    #[inline]
    pub fn coarse_ms() -> u64 {
        precise_nanos() / 1_000_000
    }

    pub fn precise_nanos() -> u64 {
        START.get_or_init(Instant::now).elapsed().as_nanos() as u64
    }
}

/// Now, for reads.
#[inline]
pub fn now_ms() -> u64 {
    source::coarse_ms()
}

/// Now in milliseconds with their fractions, for users that keep time by it: by the coarse clock, or
/// by the precise one, which the coarse one never runs ahead of.
#[inline]
pub fn reading(precise: bool) -> f64 {
    if precise {
        source::precise_nanos() as f64 / 1e6
    } else {
        source::coarse_ms() as f64
    }
}

/// The first whole millisecond that is `after_ms` or more from now; saturating.
pub fn deadline_ms(after_ms: f64) -> u64 {
    // Rounding up twice costs less than a millisecond and can never be early.
    let now = source::precise_nanos().div_ceil(1_000_000);
    now.saturating_add(after_ms.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coarse_clock_never_runs_ahead() {
        for _ in 0..1_000 {
            let coarse = now_ms();
            assert!(coarse <= deadline_ms(0.0));
            assert!(reading(false) <= reading(true));
        }
        assert_eq!(deadline_ms(f64::INFINITY), u64::MAX);
    }
}
