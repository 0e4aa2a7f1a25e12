//! Batches: many entries under one hold of the lock, and others in between.

use std::sync::Arc;

use super::{After, BATCH, Cache, Entry, Error, Found, Life, Tag, Which};

impl Cache {
    /// Shows the entries of many keys to `read`, in order.
    pub fn get_many<'k>(
        &self,
        keys: impl Iterator<Item = &'k [u8]>,
        mut read: impl FnMut(Option<Found<'_>>),
    ) {
        let mut guard = None;
        for (number, key) in keys.enumerate() {
            let hash = self.hash(key);
            if number % BATCH == 0 {
                // Others get their turn.
                drop(guard.take());
                self.give_way();
            }
            let inner = guard.get_or_insert_with(|| self.lock());
            let Some((placed, slot)) = inner.store.get(hash, key, Which::Live) else {
                read(None);
                continue;
            };
            self.validity.read(slot);
            let entry = inner.store.slots().get(slot);
            match entry.shared() {
                None => read(Some(Found {
                    placed,
                    value: entry.value(),
                })),
                Some((bytes, at)) => {
                    drop(guard.take());
                    read(Some(Found {
                        placed,
                        value: &bytes[at..],
                    }));
                }
            }
        }
    }

    /// Stores many values; all are checked before the first goes in.
    pub fn set_many<'e>(
        self: &Arc<Self>,
        entries: impl Iterator<Item = (&'e [u8], &'e [u8])> + Clone,
        tags: &[Tag<'_>],
        life: Life,
    ) -> Result<(), Error> {
        for (key, value) in entries.clone() {
            self.check_weight(key, value, tags)?;
        }
        let batch = BATCH / (1 + tags.len());
        let mut after = After::default();
        let mut guard = None;
        for (number, (key, value)) in entries.enumerate() {
            let mut entry = Entry::new(key, value, tags, self.hash(key))?;
            if number % batch == 0 {
                // Others get their turn.
                drop(guard.take());
                self.give_way();
            }
            loop {
                let inner = guard.get_or_insert_with(|| self.lock());
                if !inner.leases.is_empty() {
                    inner.leases.end(key, &mut after.woken);
                }
                if inner
                    .store
                    .set(&mut entry, life, &mut after.garbage)?
                    .is_some()
                {
                    break;
                }
                drop(guard.take());
            }
        }
        if let Some(inner) = guard {
            self.schedule(inner, life);
        }
        Ok(())
    }
}
