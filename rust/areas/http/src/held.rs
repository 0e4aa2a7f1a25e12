//! A body that stays in native memory, under a handle, for whoever reads it there.

use std::sync::{Mutex, PoisonError};

/// A decoded body. Empty until its exchange is over, and again once it was taken.
#[derive(Default)]
pub struct Body(Mutex<Option<Vec<u8>>>);

impl Body {
    /// Takes the bytes out; none if there are none yet, or none any more.
    pub fn take(&self) -> Option<Vec<u8>> {
        self.lock().take()
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.lock().as_ref().map_or(0, Vec::len)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn fill(&self, bytes: Vec<u8>) {
        *self.lock() = Some(bytes);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
