//! How long work is watched from outside: cancellation, progress, and what can go wrong.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

/// The outside of a long computation.
pub trait Control: Sync {
    /// Whether the result is no longer wanted. Asked often, so it must be cheap.
    fn is_cancelled(&self) -> bool;

    /// Told how many of how many items are done.
    fn progress(&self, _done: usize, _total: usize) {}
}

/// For calls that nobody watches.
pub struct Uncontrolled;

impl Control for Uncontrolled {
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Why a text function gave no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The caller gave up.
    Cancelled,
    /// The argument cannot be what it claims to be; the sentence says why.
    Invalid(&'static str),
    /// The result would be over the bound of one call. Bytes.
    TooLarge {
        /// What the result would take.
        size: usize,
        /// What one call may give.
        limit: usize,
    },
    /// Memory could not be had.
    OutOfMemory,
}

impl From<std::collections::TryReserveError> for Error {
    fn from(_: std::collections::TryReserveError) -> Self {
        Self::OutOfMemory
    }
}

/// How many steps of an inner loop (a nanosecond or so each) may pass between two looks at a [`Control`].
const STEPS: u64 = 1 << 20;

/// Counts steps and asks the control now and then.
pub struct Ticker<'c> {
    control: &'c dyn Control,
    left: u64,
}

impl<'c> Ticker<'c> {
    /// Asks `control`.
    pub fn new(control: &'c dyn Control) -> Self {
        Self {
            control,
            left: STEPS,
        }
    }

    /// Takes note of `steps` of work; fails if the caller gave up meanwhile.
    #[inline]
    pub fn spend(&mut self, steps: usize) -> Result<(), Error> {
        match self.left.checked_sub(steps as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => self.ask(),
        }
    }

    #[cold]
    fn ask(&mut self) -> Result<(), Error> {
        self.left = STEPS;
        check(self.control)
    }
}

/// Fails if the caller gave up.
#[inline]
pub fn check(control: &dyn Control) -> Result<(), Error> {
    if control.is_cancelled() {
        Err(Error::Cancelled)
    } else {
        Ok(())
    }
}

/// Does each item of a batch over the threads of the current pool, and tells the progress after each.
pub fn each<R: Send, E: From<Error> + Send>(
    count: usize,
    control: &dyn Control,
    item: impl Fn(usize) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let done = AtomicUsize::new(0);
    (0..count)
        .into_par_iter()
        .map(|index| {
            check(control)?;
            let result = item(index)?;
            control.progress(done.fetch_add(1, Ordering::Relaxed) + 1, count);
            Ok(result)
        })
        .collect()
}
