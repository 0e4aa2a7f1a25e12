//! Limiters by name: every isolate that opens a name gets a view of the same limiter. It outlives its
//! last view for as long as what was reserved counts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::limiter::{Limiter, View};
use crate::state::Options;

static NAMED: Mutex<Option<HashMap<String, Arc<Limiter>>>> = Mutex::new(None);

/// A limiter of the name is in use with other options.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// What it was made with.
    pub existing: Options,
}

/// A view of the limiter of a name, which is made if there is none; without a name, of a new one.
pub fn open(name: Option<&str>, options: Options, told: bool) -> Result<View, Mismatch> {
    let Some(name) = name else {
        return Ok(Limiter::new(options, told).view());
    };
    let mut guard = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    let named = guard.get_or_insert_default();
    named.retain(|_, limiter| limiter.matters());
    if let Some(limiter) = named.get(name) {
        if *limiter.options() == options {
            return Ok(limiter.view());
        }
        if limiter.is_used() {
            return Err(Mismatch {
                existing: *limiter.options(),
            });
        }
    }
    let limiter = Limiter::new(options, told);
    let view = limiter.view();
    named.insert(name.to_owned(), limiter);
    Ok(view)
}
