//! Loads: one loader of the process works at a key.

use std::sync::Arc;

use super::{After, Cache, Error, Life, NEVER, Placed};
use crate::clock::now_ms;
use crate::leases::{Acquired, LeaseTags, Wake};
use crate::sweeper;

impl Cache {
    /// Asks for the lease of a key, for `owner` and until the deadline.
    pub fn acquire(&self, key: &[u8], tags: &LeaseTags, owner: u64, deadline: u64) -> Acquired {
        let mut after = After::default();
        self.lock()
            .leases
            .acquire(key, tags, owner, deadline, now_ms(), &mut after.woken)
    }

    /// Gives a lease back.
    pub fn release(&self, key: &[u8], token: u64) {
        let mut after = After::default();
        self.lock().leases.release(key, token, &mut after.woken);
    }

    /// Has `wake` called when a lease ends.
    pub fn wait(self: &Arc<Self>, key: &[u8], token: u64, wake: Wake) {
        let mut after = After::default();
        let deadline = self.lock().leases.wait(key, token, wake, &mut after.woken);
        if deadline != NEVER {
            sweeper::need(self, deadline);
        }
    }

    /// Stores a value with the tags of its lease, if that stands, and ends the lease.
    pub fn publish(
        self: &Arc<Self>,
        key: &[u8],
        token: u64,
        value: &[u8],
        life: Life,
    ) -> Result<Option<Placed>, Error> {
        let tags = self.lock().leases.standing(key, token).cloned();
        let tags = tags.unwrap_or_default();
        let tags = self.tags(tags.iter().map(|tag| &**tag));
        let mut entry = self.entry(key, value, &tags)?;
        let mut after = After::default();
        loop {
            let mut inner = self.lock();
            if inner.leases.standing(key, token).is_none() {
                inner.leases.release(key, token, &mut after.woken);
                return Ok(None);
            }
            if let Some(placed) = inner.store.set(&mut entry, life, &mut after.garbage)? {
                inner.leases.end(key, &mut after.woken);
                self.schedule(inner, life);
                return Ok(Some(placed));
            }
        }
    }
}
