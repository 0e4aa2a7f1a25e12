//! A client: its connections, what it trusts, and whether it is still open.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use agent_ffi::Failure;
use bytes::Bytes;
use tokio::sync::Notify;

use crate::connection::{Dialled, H1, Stream2, connect};
use crate::fault::{Fault, Kind};
use crate::order::Order;
use crate::pool::{Obtained, Pool, SWEEP_EVERY};
use crate::spare::Spare;
use crate::tls::Trust;

/// A client as exchanges see it.
pub struct Client {
    pool: Arc<Pool>,
    trust: Trust,
    closed: AtomicBool,
    closing: Notify,
    sweeping: AtomicBool,
    apart: Mutex<Apart>,
    spare: Spare,
}

/// Bodies that wait to be fetched, by number.
#[derive(Default)]
struct Apart {
    bodies: HashMap<u32, Vec<u8>>,
    last: u32,
}

/// A connection to send on, and whether it was used before.
pub(crate) enum Ready {
    H1(Box<H1>, bool),
    H2(Stream2, bool),
}

impl Client {
    /// A client that keeps up to `idle_per_place` connections idle for one place, each for `idle_for`.
    pub fn new(idle_per_place: usize, idle_for: Duration) -> Self {
        Self {
            pool: Arc::new(Pool::new(idle_per_place, idle_for)),
            trust: Trust::default(),
            closed: AtomicBool::new(false),
            closing: Notify::new(),
            sweeping: AtomicBool::new(false),
            apart: Mutex::default(),
            spare: Spare::default(),
        }
    }

    /// Says whom it trusts, PEM: `usual` authorities, of which those are left out that cannot be read, and `own` ones,
    /// which all must be authorities; and, if they are `built_in`, those of Mozilla that came with this crate.
    pub fn trust(&self, built_in: bool, usual: &[u8], own: &[u8]) -> Result<(), Failure> {
        self.trust.set(built_in, usual, own)
    }

    /// Closes its connections and ends what is under way.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.closing.notify_waiters();
        self.pool.close();
        self.spare.clear();
    }

    /// Sets a body apart, for whoever fetches it by the number that this gives.
    pub(crate) fn set_apart(&self, body: Vec<u8>) -> u32 {
        let mut apart = self.apart();
        let mut id = apart.last;
        loop {
            id = id.wrapping_add(1);
            if let Entry::Vacant(place) = apart.bodies.entry(id) {
                place.insert(body);
                apart.last = id;
                return id;
            }
        }
    }

    /// Takes a body that was set apart.
    pub fn fetch(&self, id: u32) -> Option<Vec<u8>> {
        self.apart().bodies.remove(&id)
    }

    /// Takes back the memory of a body that was fetched.
    pub fn reuse(&self, body: Vec<u8>) {
        self.spare.give(body);
    }

    /// Room for a body.
    pub(crate) fn room(&self, size: usize) -> Result<Vec<u8>, Failure> {
        self.spare.take(size)
    }

    fn apart(&self) -> MutexGuard<'_, Apart> {
        self.apart.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends when the client is closed.
    pub(crate) async fn closed(&self) {
        let closing = self.closing.notified();
        if !self.closed.load(Ordering::Acquire) {
            closing.await;
        }
    }

    /// A connection for an order; a new one if `fresh`.
    pub(crate) async fn obtain(
        self: &Arc<Self>,
        order: &Order,
        fresh: bool,
    ) -> Result<Ready, Fault> {
        let probe = loop {
            match self.pool.obtain(order) {
                Obtained::H1(one) if !fresh => return Ok(Ready::H1(one, true)),
                Obtained::H1(_) => {}
                Obtained::H2(stream) => return Ok(Ready::H2(stream, true)),
                Obtained::Wait(probed) => probed.await,
                Obtained::Dial(probe) => break probe,
            }
        };
        // In memory of its own: it is large and rare, and every exchange would carry it.
        let dialled = Box::pin(connect(order, &self.trust)).await?;
        self.look_after();
        match dialled {
            Dialled::H1(one) => {
                if let Some(probe) = probe {
                    probe.speaks_h1();
                }
                Ok(Ready::H1(one, false))
            }
            Dialled::H2(one) => {
                let stream = one
                    .join()
                    .ok_or_else(|| Fault::unsent(Kind::Reset, "the connection was closed"))?;
                if let Some(probe) = probe {
                    probe.share(&one);
                }
                Ok(Ready::H2(stream, false))
            }
        }
    }

    pub(crate) fn keep(&self, key: &Bytes, one: Box<H1>) {
        self.pool.keep(key, one);
    }

    /// Has idle connections looked after, for as long as there are any.
    fn look_after(self: &Arc<Self>) {
        if !self.sweeping.swap(true, Ordering::AcqRel) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }
}

async fn sweep(client: Weak<Client>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let Some(client) = client.upgrade() else {
            return;
        };
        client.spare.clear();
        if !client.pool.sweep() {
            // The next connection that is made starts it again.
            client.sweeping.store(false, Ordering::Release);
            return;
        }
    }
}
