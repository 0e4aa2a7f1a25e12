//! Text tools, native half: the twin of `src/text/pure.ts`, which defines every result.
//!
//! Safe code only. What blocks for long takes a [`Control`] that it asks often whether to stop.
//! Limits: one call's text is at most 4 GiB of UTF-8, since the boundary counts bytes in 32 bits.

pub mod batch;
mod control;
pub mod hash;
pub mod keywords;
pub mod matcher;
pub mod metrics;
pub mod packed;
mod rank;
mod stop_words;
pub mod transform;
mod tokens;

pub use control::{Control, Error, Uncontrolled};
pub use rank::{Best, Ranked, is_large, rank};
