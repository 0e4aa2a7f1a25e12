//! Whole microseconds of a clock that never goes back, from the first look at it on.

use std::sync::OnceLock;
use std::time::Instant;

static START: OnceLock<Instant> = OnceLock::new();

/// Now.
#[inline]
pub fn now_us() -> f64 {
    START.get_or_init(Instant::now).elapsed().as_micros() as f64
}
