//! An entry on its way in and out: its life, its weight and its place.

use super::Error;
use super::data::{Data, SHARED_FROM};
use super::page::Heat;
use super::tags::{self, Tag};

/// What an entry weighs besides its key, its value and its tags; `ENTRY_OVERHEAD_BYTES` of types.ts.
pub const OVERHEAD_BYTES: u64 = 112;
/// How long an entry lives, as deadlines.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    /// When it expires, in milliseconds of the cache's clock; `u64::MAX` for never.
    pub expires: u64,
    /// Milliseconds for which it is kept after that; `u32::MAX` for ever.
    pub grace: u32,
    /// An entry that is there and has not expired keeps its own.
    pub keep: bool,
}

impl Life {
    /// The same for an entry that is not there or has expired.
    #[must_use]
    pub fn unless_there(self) -> Self {
        Self { keep: true, ..self }
    }

    /// From durations in milliseconds; infinity for ever.
    pub fn new(ttl_ms: f64, grace_ms: f64) -> Self {
        Self {
            expires: super::clock::deadline_ms(ttl_ms),
            grace: grace_ms.ceil() as u32,
            keep: false,
        }
    }
}

/// Where an entry was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its slot.
    pub slot: u32,
    /// Its version, which no other entry of the cache ever has.
    pub version: u64,
}

/// An entry that was found.
pub struct Found<'a> {
    /// Where it is.
    pub placed: Placed,
    /// Its value.
    pub value: &'a [u8],
}

/// A new entry on its way in.
pub struct Entry<'a> {
    pub key: &'a [u8],
    pub value: &'a [u8],
    pub tags: &'a [Tag<'a>],
    pub hash: u32,
    pub weight: u64,
    /// How it was used before, elsewhere.
    pub heat: Heat,
    /// A large one is copied before the lock is taken.
    pub copied: Option<Data>,
}

impl<'a> Entry<'a> {
    /// Prepares key and value. Before the lock is taken.
    pub fn new(
        key: &'a [u8],
        value: &'a [u8],
        tags: &'a [Tag<'a>],
        hash: u32,
    ) -> Result<Self, Error> {
        let size = key.len() + value.len();
        let large = size >= SHARED_FROM;
        let copied = if large {
            Some(Data::new(key, value)?)
        } else {
            None
        };
        Ok(Self {
            key,
            value,
            tags,
            hash,
            weight: weight(size) + tags::weight(tags),
            copied,
            heat: Heat::default(),
        })
    }
}

/// The weight of so many bytes of key and value.
pub fn weight(bytes: usize) -> u64 {
    bytes as u64 + OVERHEAD_BYTES
}
