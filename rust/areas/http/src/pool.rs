//! Connections that wait for their next exchange, by where they lead. One is used only if its peer is among the
//! addresses that the exchange may go to now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;
use tokio::time::Instant;

use crate::connection::{H1, H2, Stream2};
use crate::order::Order;

/// Idle connections of one client over all places.
const MOST_IDLE: usize = 512;
/// How often dead and old ones are looked for.
pub(crate) const SWEEP_EVERY: Duration = Duration::from_secs(2);

/// What a place speaks, as far as is known. Until it is, one connection is made, which the others wait for: it may carry
/// them all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaks {
    Unknown,
    H1,
    H2,
}

struct Place {
    /// The last one was used last. Boxed as they are while in use: moving one would cost more than finding it.
    #[allow(clippy::vec_box)]
    idle: Vec<Box<H1>>,
    shared: Vec<Arc<H2>>,
    speaks: Speaks,
    /// Set while one connection is made that others wait for.
    probing: Option<Arc<Notify>>,
}

impl Place {
    fn new(speaks: Speaks) -> Self {
        Self {
            idle: Vec::new(),
            shared: Vec::new(),
            speaks,
            probing: None,
        }
    }

    fn is_empty(&self) -> bool {
        self.idle.is_empty() && self.shared.is_empty() && self.probing.is_none()
    }
}

#[derive(Default)]
struct Places {
    by_key: HashMap<Bytes, Place>,
    idle: usize,
    closed: bool,
}

/// The pool of a client.
pub(crate) struct Pool {
    places: Mutex<Places>,
    per_place: usize,
    idle_for: Duration,
}

/// How an exchange gets its connection.
pub(crate) enum Obtained {
    /// One that was used before.
    H1(Box<H1>),
    /// A place on one that is shared.
    H2(Stream2),
    /// Another exchange makes one that may do: to be waited for, then asked again. It hears of an end that comes before
    /// it is waited for.
    Wait(OwnedNotified),
    /// By making one.
    Dial(Option<Probe>),
}

impl Pool {
    pub(crate) fn new(per_place: usize, idle_for: Duration) -> Self {
        Self {
            places: Mutex::default(),
            per_place,
            idle_for,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn obtain(self: &Arc<Self>, order: &Order) -> Obtained {
        let mut places = self.lock();
        let Places { by_key, idle, .. } = &mut *places;
        if !order.tls && !by_key.contains_key(&order.key) {
            return Obtained::Dial(None);
        }
        if !by_key.contains_key(&order.key) {
            // A copy: the key is a piece of its order's text. Without TLS the first connection makes the entry.
            by_key.insert(
                Bytes::copy_from_slice(&order.key),
                Place::new(Speaks::Unknown),
            );
        }
        let Some(place) = by_key.get_mut(&order.key) else {
            return Obtained::Dial(None);
        };
        while let Some(at) = place
            .idle
            .iter()
            .rposition(|one| order.addresses.contains(&one.peer))
        {
            let mut one = place.idle.remove(at);
            *idle -= 1;
            if one.idle_since.elapsed() < self.idle_for && one.is_free() {
                return Obtained::H1(one);
            }
        }
        place.shared.retain(|one| !one.is_closed());
        let fitting = |one: &&Arc<H2>| order.addresses.contains(&one.peer);
        if let Some(stream) = place.shared.iter().filter(fitting).find_map(H2::join) {
            return Obtained::H2(stream);
        }
        if place.speaks == Speaks::H1 {
            return Obtained::Dial(None);
        }
        if let Some(probing) = &place.probing {
            return Obtained::Wait(probing.clone().notified_owned());
        }
        let done = Arc::new(Notify::new());
        place.probing = Some(done.clone());
        Obtained::Dial(Some(Probe {
            pool: self.clone(),
            key: order.key.clone(),
            done,
        }))
    }

    /// Keeps a connection for the next exchange, if it can carry one and there is room.
    pub(crate) fn keep(&self, key: &Bytes, mut one: Box<H1>) {
        if !one.is_free() {
            return;
        }
        one.idle_since = Instant::now();
        let mut places = self.lock();
        if places.closed || places.idle >= MOST_IDLE {
            return;
        }
        let Places { by_key, idle, .. } = &mut *places;
        if let Some(place) = by_key.get_mut(key) {
            if place.idle.len() < self.per_place {
                place.idle.push(one);
                *idle += 1;
            }
        } else if self.per_place > 0 {
            let mut place = Place::new(Speaks::H1);
            place.idle.push(one);
            by_key.insert(Bytes::copy_from_slice(key), place);
            *idle += 1;
        }
    }

    /// Lets go of what is dead or has been idle for too long; false once nothing is left to look after.
    pub(crate) fn sweep(&self) -> bool {
        let mut places = self.lock();
        let mut left = 0;
        places.by_key.retain(|_, place| {
            place
                .idle
                .retain_mut(|one| one.idle_since.elapsed() < self.idle_for && one.is_free());
            left += place.idle.len();
            place
                .shared
                .retain(|one| !one.is_closed() && one.idle_for() < self.idle_for);
            !place.is_empty()
        });
        places.idle = left;
        !places.by_key.is_empty()
    }

    /// Lets go of everything.
    pub(crate) fn close(&self) {
        let mut places = self.lock();
        places.closed = true;
        places.idle = 0;
        let by_key = std::mem::take(&mut places.by_key);
        drop(places);
        drop(by_key);
    }
}

/// The making of the first connection to a place, or of the next one that many may share. Its end lets the others go on.
pub(crate) struct Probe {
    pool: Arc<Pool>,
    key: Bytes,
    done: Arc<Notify>,
}

impl Probe {
    /// The place speaks HTTP/1.1: each makes its own.
    pub(crate) fn speaks_h1(&self) {
        if let Some(place) = self.pool.lock().by_key.get_mut(&self.key) {
            place.speaks = Speaks::H1;
        }
    }

    /// The place speaks HTTP/2: here is a connection for all.
    pub(crate) fn share(&self, one: &Arc<H2>) {
        let mut places = self.pool.lock();
        if places.closed {
            return;
        }
        if let Some(place) = places.by_key.get_mut(&self.key) {
            place.speaks = Speaks::H2;
            place.shared.push(one.clone());
        }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        if let Some(place) = self.pool.lock().by_key.get_mut(&self.key) {
            place.probing = None;
        }
        self.done.notify_waiters();
    }
}
