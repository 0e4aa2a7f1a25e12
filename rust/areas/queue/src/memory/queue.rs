//! Queues by name, and who is told of what happens in them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::core::{Core, Options};
use super::events::{ALARM, ENDED, Effects, Events, MORE, READY, Wake};
use super::job::State;
use super::view::View;

static NAMED: Mutex<Option<HashMap<String, Weak<Queue>>>> = Mutex::new(None);

/// A queue of the name exists with other options.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// What it exists with.
    pub existing: Options,
}

/// One queue.
pub(super) struct Queue {
    options: Options,
    state: Mutex<Shared>,
}

pub(super) struct Shared {
    pub(super) core: Core,
    pub(super) views: HashMap<u64, ViewState>,
    last_view: u64,
}

/// What the queue knows of a view.
#[derive(Default)]
pub(super) struct ViewState {
    /// Whether it waits for jobs.
    pub(super) watching: bool,
    /// Whether it wants to know when jobs end.
    pub(super) ending: bool,
    pub(super) events: Events,
    pub(super) wake: Option<Wake>,
    pub(super) flags: Arc<AtomicU32>,
}

/// A view of the queue of a name, which is made if there is none; without a name, of a new queue.
pub fn open(name: Option<&str>, options: Options) -> Result<View, Mismatch> {
    let Some(name) = name else {
        return Ok(Queue::make(options).view());
    };
    let mut guard = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    let named = guard.get_or_insert_default();
    if let Some(queue) = named.get(name).and_then(Weak::upgrade) {
        let existing = queue.options;
        if existing == options {
            return Ok(queue.view());
        }
        return Err(Mismatch { existing });
    }
    named.retain(|_, queue| queue.strong_count() > 0);
    let queue = Queue::make(options);
    named.insert(name.to_owned(), Arc::downgrade(&queue));
    Ok(queue.view())
}

impl Queue {
    fn make(options: Options) -> Arc<Self> {
        let core = Core::new(options);
        let views = HashMap::new();
        let state = Mutex::new(Shared {
            core,
            views,
            last_view: 0,
        });
        Arc::new(Self { options, state })
    }

    fn view(self: &Arc<Self>) -> View {
        let mut shared = self.lock();
        shared.last_view += 1;
        let id = shared.last_view;
        let state = ViewState::default();
        let flags = state.flags.clone();
        shared.views.insert(id, state);
        View {
            queue: self.clone(),
            id,
            flags,
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Shared> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a call of a view and tells the views what came of it.
    pub(super) fn change<R>(&self, me: u64, body: impl FnOnce(&mut Core) -> R) -> R {
        let mut shared = self.lock();
        let result = body(&mut shared.core);
        let woken = shared.tell(me);
        drop(shared);
        for wake in woken {
            wake();
        }
        result
    }
}

impl Shared {
    /// Hands the effects of a call to the views that they concern; those to be woken are given back.
    fn tell(&mut self, me: u64) -> Vec<Wake> {
        let mut woken = Vec::new();
        let effects = &mut self.core.effects;
        if !effects.is_any() {
            return woken;
        }
        let effects = std::mem::take(effects);
        let Effects {
            ready,
            alarm,
            ended,
            ..
        } = effects;
        for (waiters, outcome) in effects.settled {
            for waiter in waiters {
                // Who completes a job knows its result.
                if waiter == me && outcome.state == State::Done {
                    continue;
                }
                if let Some(view) = self.views.get_mut(&waiter) {
                    view.events.settled.push(outcome.clone());
                }
            }
        }
        for (holder, id, token) in effects.revoked {
            if let Some(view) = self.views.get_mut(&holder) {
                view.events.revoked.push((id, token));
            }
        }
        for (listeners, id, value) in effects.progress {
            for listener in listeners {
                if let Some(view) = self.views.get_mut(&listener) {
                    view.events.progress.push((id.clone(), value.clone()));
                }
            }
        }
        for (&id, view) in &mut self.views {
            let mut flags = 0;
            if view.watching {
                flags |= u32::from(ready) * READY + u32::from(alarm) * ALARM;
            }
            if view.ending {
                flags |= u32::from(ended) * ENDED;
            }
            if !view.events.is_empty() {
                flags |= MORE;
            }
            if flags == 0 {
                continue;
            }
            view.flags.fetch_or(flags, Ordering::AcqRel);
            // Who calls looks for itself.
            if id != me {
                woken.extend(view.wake.take());
            }
        }
        woken
    }
}

impl Effects {
    fn is_any(&self) -> bool {
        self.ready
            || self.alarm
            || self.ended
            || !self.settled.is_empty()
            || !self.revoked.is_empty()
            || !self.progress.is_empty()
    }
}
