//! Text tools, native half: the twin of `src/text/pure.ts`, which defines every result.
//!
//! Safe code only. What blocks for long takes a [`Control`] that it asks often whether to stop.
//! Limits: one call's text is at most 4 GiB of UTF-8, since the boundary counts bytes in 32 bits.

pub mod batch;
mod case;
mod control;
pub mod hash;
pub mod keywords;
mod laned;
mod lanes;
pub mod matcher;
pub mod metrics;
pub mod packed;
mod rank;
mod stage;
mod stop_words;
mod tokens;
pub mod transform;

pub(crate) use case::lowercase;
pub use control::{Control, Error, Uncontrolled};
pub use rank::{Best, Ranked, is_large, rank};

#[cfg(test)]
mod vectors;
