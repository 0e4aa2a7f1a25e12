//! A limiter that isolates share, and an isolate's view of it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::now_us;
use crate::line::Waiter;
use crate::mailbox::{Bell, Mailbox};
use crate::state::{Observed, Options, State, Stats};
use crate::waker;

static NEXT_VIEW: AtomicU64 = AtomicU64::new(1);
/// The number of no view.
const NOBODY: u64 = 0;

struct Inner {
    state: State,
    /// What time it is, where that is said and not asked.
    told: Option<f64>,
}

impl Inner {
    fn now(&self) -> f64 {
        self.told.unwrap_or_else(now_us)
    }
}

/// A limiter.
pub struct Limiter {
    options: Options,
    inner: Mutex<Inner>,
    views: AtomicUsize,
}

impl Limiter {
    /// Makes one. With `told`, its time begins at 0 and passes with [`View::advance`].
    pub fn new(options: Options, told: bool) -> Arc<Self> {
        Arc::new(Self {
            options,
            inner: Mutex::new(Inner {
                state: State::new(&options),
                told: told.then_some(0.0),
            }),
            views: AtomicUsize::new(0),
        })
    }

    /// What it was made with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// A view of it.
    pub fn view(self: &Arc<Self>) -> View {
        self.views.fetch_add(1, Ordering::AcqRel);
        View {
            limiter: self.clone(),
            id: NEXT_VIEW.fetch_add(1, Ordering::Relaxed),
            mailbox: Arc::default(),
        }
    }

    /// Whether it has views, or is still to be known by those to come.
    pub(crate) fn matters(&self) -> bool {
        let inner = self.lock();
        self.is_used() || inner.state.matters_until() > inner.now()
    }

    /// Whether it has views.
    pub(crate) fn is_used(&self) -> bool {
        self.views.load(Ordering::Acquire) > 0
    }

    /// Serves those whose time has come.
    pub(crate) fn tick(self: &Arc<Self>) {
        self.change(NOBODY, |_| ());
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something for a view, and serves those who can be served then.
    fn change(self: &Arc<Self>, view: u64, body: impl FnOnce(&mut Inner)) {
        let mut inner = self.lock();
        body(&mut inner);
        if !inner.state.has_waiters() {
            return;
        }
        let mut bells = Vec::new();
        let now = inner.now();
        let due = inner.state.pump(now, view, &mut bells);
        let told = inner.told.is_some();
        drop(inner);
        bells.into_iter().for_each(|bell| bell());
        if !told && due < f64::INFINITY {
            waker::need(self, due);
        }
    }
}

/// An isolate's view of a limiter. What it reserved and has not ended ends with it.
pub struct View {
    limiter: Arc<Limiter>,
    id: u64,
    mailbox: Arc<Mailbox>,
}

impl View {
    /// What the limiter was made with.
    pub fn options(&self) -> &Options {
        &self.limiter.options
    }

    /// Reserves: a number over 0, or 0 if that must wait.
    pub fn take(&self, tokens: f64) -> f64 {
        let mut inner = self.limiter.lock();
        let now = inner.now();
        inner.state.take(now, self.id, tokens)
    }

    /// Waits in line under a number of the view's own, under which the mailbox will have what is given.
    /// [`crate::ready`] was asked before.
    pub fn wait(&self, number: u64, tokens: f64, group: &str) {
        let waiter = Waiter {
            view: self.id,
            number,
            tokens,
            mailbox: self.mailbox.clone(),
        };
        let mut inner = self.limiter.lock();
        // Whoever stands first has had a time set at which to look again.
        let is_first = !inner.state.has_waiters();
        inner.state.wait(group, waiter);
        drop(inner);
        if is_first {
            self.change(|_| ());
        }
    }

    /// Waits no longer; gives back what was given meanwhile.
    pub fn give_up(&self, number: u64) {
        self.change(|inner| inner.state.give_up(self.id, number));
        self.mailbox.discard(number);
    }

    /// How much is in the mailbox.
    pub fn given(&self) -> usize {
        self.mailbox.count()
    }

    /// Takes out of the mailbox at most so much: waiters' numbers, and their reservations'.
    pub fn fetch(&self, most: usize) -> Vec<(u64, f64)> {
        self.mailbox.fetch(most)
    }

    /// Has a bell rung when something is put into the mailbox that no call of this view put there; at
    /// once, if something is there.
    pub fn hang(&self, bell: Bell) {
        if let Some(bell) = self.mailbox.hang(bell) {
            bell();
        }
    }

    /// Drops the bell.
    pub fn hush(&self) {
        drop(self.mailbox.hush());
    }

    /// A reservation's request was made and took so many tokens.
    pub fn settle(&self, id: u64, actual: f64) {
        self.change(|inner| {
            let more = inner.state.settle(self.id, id, actual);
            if more > 0.0 {
                let now = inner.now();
                inner.state.take_more(now, more);
            }
        });
    }

    /// A reservation's request was not made.
    pub fn release(&self, id: u64) {
        self.change(|inner| inner.state.release(self.id, id));
    }

    /// A reservation was lost.
    pub fn forget(&self, id: u64) {
        self.change(|inner| inner.state.forget(self.id, id));
    }

    /// Takes over what a server said.
    pub fn observe(&self, said: &Observed) {
        self.change(|inner| {
            let now = inner.now();
            inner.state.observe(now, said);
        });
    }

    fn change(&self, body: impl FnOnce(&mut Inner)) {
        self.limiter.change(self.id, body);
    }

    /// What the limiter holds.
    pub fn stats(&self) -> Stats {
        let mut inner = self.limiter.lock();
        let now = inner.now();
        inner.state.stats(now)
    }

    /// Lets time pass where it is told, and serves each who waits at its time. False where it is not.
    pub fn advance(&self, by_us: f64) -> bool {
        let Some(start) = self.limiter.lock().told else {
            return false;
        };
        let end = start + by_us;
        loop {
            let mut bells = Vec::new();
            let mut inner = self.limiter.lock();
            let now = inner.now();
            let due = inner.state.pump(now, self.id, &mut bells);
            inner.told = Some(due.min(end));
            drop(inner);
            bells.into_iter().for_each(|bell| bell());
            if due > end {
                return true;
            }
        }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.change(|inner| inner.state.end_view(self.id));
        self.limiter.views.fetch_sub(1, Ordering::AcqRel);
    }
}
