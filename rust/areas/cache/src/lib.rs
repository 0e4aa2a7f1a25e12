//! The cache that all isolates of a process share.
//!
//! [`registry`] finds a [`Cache`] by name; a [`View`] is one isolate's hold on it. The entries live
//! in a [`store`] behind one lock: a slab of [`slots`], found through sharded hash [`table`]s, in the
//! queues of S3-FIFO ([`queues`], [`ghost`]), in a timer [`wheel`] and in the lists of their [`tags`]. What an isolate asks at each
//! read of a value that it holds already (is it still this version? has it expired?) is answered
//! from [`validity`] without the lock. One [`sweeper`] thread removes what expired; [`leases`] let one
//! loader of the process work at a key.
//!
//! No housekeeping holds the lock for long: tables grow in small shards, expiry, eviction and
//! clearing go in slices or are handed to the sweeper. Twin: src/cache/pure.ts.
#![forbid(unsafe_code)]

mod clock;
mod data;
mod entry;
mod ghost;
mod hasher;
mod leases;
mod page;
mod process;
mod queues;
mod registry;
mod slab;
mod slots;
mod store;
mod sweeper;
mod table;
mod tags;
mod validity;
mod view;
mod wheel;

#[cfg(test)]
mod tests;

pub use clock::reading;
pub use entry::{Found, Life, OVERHEAD_BYTES, Placed};
pub use leases::{Acquired, LeaseTags, Wake};
pub use process::{Cache, Codec, Imported, Options, Stats};
pub use registry::{Mismatch, open};
pub use tags::{MOST_TAG_BYTES, MOST_TAGS, Tag};
pub use view::{Read, View};

/// What can go wrong in the cache itself.
#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// Memory for the entry could not be had; nothing changed.
    OutOfMemory,
    /// The entry is heavier than the cache or any cache may hold; nothing changed.
    TooLarge {
        /// What it weighs, in bytes.
        weight: u64,
        /// What the cache takes, in bytes.
        limit: u64,
    },
}

impl From<std::collections::TryReserveError> for Error {
    fn from(_: std::collections::TryReserveError) -> Self {
        Self::OutOfMemory
    }
}

impl From<Error> for agent_ffi::Failure {
    fn from(error: Error) -> Self {
        use agent_ffi::Failure;
        match error {
            Error::OutOfMemory => Failure::out_of_memory("cache entry"),
            Error::TooLarge { weight, limit } => {
                let message = format!(
                    "The entry weighs {weight} bytes and the cache takes {limit}: raise maxBytes \
                     or store less"
                );
                Failure::too_large(message, "cache entry", weight, limit)
            }
        }
    }
}
