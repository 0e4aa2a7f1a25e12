//! The one thread that serves those who wait for nothing but time. It starts with the first who does,
//! sleeps until somebody's time has come, and keeps no limiter alive.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::clock::now_us;
use crate::limiter::Limiter;

/// The system gives no thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoThread;

struct State {
    running: bool,
    /// When to look after a limiter, by its address.
    due: Option<HashMap<usize, (Weak<Limiter>, f64)>>,
    /// When the thread will wake by itself.
    wakes_at: f64,
}

static STATE: Mutex<State> = Mutex::new(State {
    running: false,
    due: None,
    wakes_at: 0.0,
});
static EARLIER: Condvar = Condvar::new();

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sees to it that there is a thread.
pub fn ready() -> Result<(), NoThread> {
    let mut state = state();
    if !state.running {
        let thread = std::thread::Builder::new().name("agent-limiter".into());
        thread.spawn(run).map_err(|_| NoThread)?;
        state.running = true;
    }
    Ok(())
}

/// Has a limiter looked after at a time, or earlier.
pub fn need(limiter: &Arc<Limiter>, at: f64) {
    let mut state = state();
    let due = state.due.get_or_insert_default();
    let entry = due
        .entry(Arc::as_ptr(limiter) as usize)
        .or_insert_with(|| (Arc::downgrade(limiter), at));
    if entry.0.strong_count() == 0 {
        // Another one was at this address.
        *entry = (Arc::downgrade(limiter), at);
    }
    entry.1 = entry.1.min(at);
    if at < state.wakes_at {
        state.wakes_at = at;
        EARLIER.notify_one();
    }
}

fn run() {
    agent_ffi::quiet_panics_on_this_thread();
    loop {
        for limiter in sleep() {
            limiter.tick();
        }
    }
}

/// Sleeps until some are due, and gives them.
fn sleep() -> Vec<Arc<Limiter>> {
    let mut state = state();
    loop {
        let now = now_us();
        let due = state.due.get_or_insert_default();
        let ready: Vec<_> = due
            .extract_if(|_, (_, at)| *at <= now)
            .filter_map(|(_, (limiter, _))| limiter.upgrade())
            .collect();
        let next = due
            .values()
            .fold(f64::INFINITY, |next, (_, at)| next.min(*at));
        // Until it sleeps again, nobody needs to wake it: it looks before it does.
        state.wakes_at = if ready.is_empty() { next } else { 0.0 };
        if !ready.is_empty() {
            return ready;
        }
        state = if next == f64::INFINITY {
            EARLIER.wait(state).unwrap_or_else(PoisonError::into_inner)
        } else {
            let rest = Duration::from_micros((next - now).max(1.0) as u64);
            EARLIER
                .wait_timeout(state, rest)
                .unwrap_or_else(PoisonError::into_inner)
                .0
        };
    }
}
