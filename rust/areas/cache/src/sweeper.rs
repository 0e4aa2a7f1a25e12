//! The one thread that removes what expired and frees what is too much to free in passing.
//!
//! It starts with the first entry that can expire, sleeps until something is due, and holds on to no
//! cache. Work that it is given is done in slices under each cache's lock.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::Cache;
use super::clock::now_ms;

/// It comes at most so much later than something is due, in milliseconds.
const LATENESS: u64 = 200;
/// And sleeps at least so long, so that many deadlines are one visit.
const NAP: u64 = 100;
const NEVER: u64 = u64::MAX;

#[derive(Default)]
struct State {
    running: bool,
    caches: Vec<Weak<Cache>>,
    garbage: Vec<Box<dyn Any + Send>>,
}

static STATE: Mutex<State> = Mutex::new(State {
    running: false,
    caches: Vec::new(),
    garbage: Vec::new(),
});
static WORK: Condvar = Condvar::new();
/// When it will wake by itself.
static WAKE_AT: AtomicU64 = AtomicU64::new(0);

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sees to it that a cache is visited soon after `due`.
pub fn need(cache: &Arc<Cache>, due: u64) {
    let due = due.saturating_add(LATENESS);
    if cache.is_swept() && due >= WAKE_AT.load(Ordering::SeqCst) {
        return;
    }
    let mut state = state();
    if cache.set_swept() {
        state.caches.push(Arc::downgrade(cache));
    }
    if !start(&mut state) {
        // Without a thread, what expired goes when it is next looked at.
        return;
    }
    if due < WAKE_AT.load(Ordering::SeqCst) {
        WAKE_AT.store(due, Ordering::SeqCst);
        WORK.notify_one();
    }
}

/// Has something freed that takes long to free.
pub fn discard(garbage: Box<dyn Any + Send>) {
    let mut state = state();
    if start(&mut state) {
        state.garbage.push(garbage);
        WAKE_AT.store(0, Ordering::SeqCst);
        WORK.notify_one();
        return;
    }
    drop(state);
    drop(garbage);
}

fn start(state: &mut State) -> bool {
    if !state.running {
        WAKE_AT.store(NEVER, Ordering::SeqCst);
        let thread = std::thread::Builder::new().name("agent-cache".into());
        state.running = thread.spawn(run).is_ok();
    }
    state.running
}

fn run() {
    agent_ffi::quiet_panics_on_this_thread();
    loop {
        let mut state = state();
        let garbage = std::mem::take(&mut state.garbage);
        state.caches.retain(|cache| cache.strong_count() > 0);
        let caches = state.caches.clone();
        // From here on whoever adds something earlier says so; what was added before is seen below.
        WAKE_AT.store(NEVER, Ordering::SeqCst);
        drop(state);
        drop(garbage);
        let mut next = NEVER;
        for cache in &caches {
            if let Some(cache) = cache.upgrade() {
                next = next.min(cache.sweep(now_ms()).1);
            }
        }
        sleep_until(next.max(now_ms() + NAP));
    }
}

fn sleep_until(next: u64) {
    let mut state = state();
    WAKE_AT.fetch_min(next, Ordering::SeqCst);
    while state.garbage.is_empty() {
        let at = WAKE_AT.load(Ordering::SeqCst);
        let now = now_ms();
        if at <= now {
            return;
        }
        state = match at {
            NEVER => WORK.wait(state).unwrap_or_else(PoisonError::into_inner),
            _ => {
                let rest = Duration::from_millis(at - now);
                WORK.wait_timeout(state, rest)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
        };
    }
}
