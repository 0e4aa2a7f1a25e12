//! Caches by name: every isolate that opens a name gets a view of the same cache, for as long as any
//! view of it lives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::{Cache, Options, View};

static NAMED: Mutex<Option<HashMap<String, Weak<Cache>>>> = Mutex::new(None);

/// A cache of the name exists with other options.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// What it exists with.
    pub existing: Options,
}

/// A view of the cache of a name, which is made if there is none; without a name, of a new cache.
pub fn open(name: Option<&str>, options: Options) -> Result<View, Mismatch> {
    let Some(name) = name else {
        return Ok(Cache::new(options).view());
    };
    let mut guard = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    let named = guard.get_or_insert_default();
    if let Some(cache) = named.get(name).and_then(Weak::upgrade) {
        if *cache.options() == options {
            return Ok(cache.view());
        }
        // The guard goes first: this may turn out to be the last hold on that cache.
        let existing = *cache.options();
        drop(guard);
        return Err(Mismatch { existing });
    }
    named.retain(|_, cache| cache.strong_count() > 0);
    let cache = Cache::new(options);
    named.insert(name.to_owned(), Arc::downgrade(&cache));
    Ok(cache.view())
}
