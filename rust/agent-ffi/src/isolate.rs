//! What belongs to one JavaScript isolate: its handles and its rings.
//!
//! It lives in thread-local storage, because an isolate never leaves its thread. When the thread
//! ends (a Worker was terminated or closed itself) the storage is dropped: operations are cancelled,
//! waits are woken, objects are freed. A thread that goes on to host another isolate (a test runner
//! does that) announces it by a new number in [`enter`], which drops what the former left behind.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::status::{Failure, Status};
use crate::table::Table;
use crate::work::owner::Owner;

#[derive(Default)]
pub(crate) struct Isolate {
    id: u64,
    pub(crate) handles: Table,
    pub(crate) rings: Vec<Owner>,
}

thread_local! {
    static CURRENT: RefCell<Isolate> = RefCell::new(Isolate::default());
}

/// Which of the four libraries this copy of the crate was linked into, as the loader says.
static LIBRARY: AtomicU32 = AtomicU32::new(0);

pub(crate) fn library() -> u64 {
    u64::from(LIBRARY.load(Ordering::Relaxed))
}

/// Makes `id` the isolate of this thread. What another isolate left on the thread is dropped.
pub fn enter(id: f64, library: u32) -> Result<(), Failure> {
    if !((1.0..9_007_199_254_740_992.0).contains(&id) && (1..8).contains(&library)) {
        return Err(Failure::invalid(format!(
            "Isolate {id} of library {library}: not numbers that a loader gives"
        )));
    }
    LIBRARY.store(library, Ordering::Relaxed);
    let left = with(|isolate| {
        if isolate.id == id as u64 {
            return None;
        }
        Some(std::mem::replace(
            isolate,
            Isolate {
                id: id as u64,
                ..Isolate::default()
            },
        ))
    })?;
    drop(left);
    Ok(())
}

/// Runs a closure on this thread's isolate. The closure must not call back in here, and what it
/// takes out is to be dropped by the caller: an object's drop may call back.
pub(crate) fn with<R>(body: impl FnOnce(&mut Isolate) -> R) -> Result<R, Failure> {
    CURRENT
        .try_with(|current| match current.try_borrow_mut() {
            Ok(mut isolate) => Ok(body(&mut isolate)),
            Err(_) => Err(Failure::new(
                Status::Panic,
                "The isolate's table was used within its own use",
            )),
        })
        .unwrap_or_else(|_| {
            Err(Failure::new(
                Status::Closed,
                "The isolate's thread is ending",
            ))
        })
}

/// The same for reading only: nested readers are allowed.
#[inline]
pub(crate) fn with_ref<R>(body: impl FnOnce(&Isolate) -> R) -> Option<R> {
    CURRENT
        .try_with(|current| current.try_borrow().ok().map(|isolate| body(&isolate)))
        .ok()
        .flatten()
}
