//! Text tools, native half: the twins of `src/text/{hash,transform,keywords,match,process}/`, which define
//! every result.
//!
//! What blocks for long takes a [`Control`](agent_shared::Control) that it asks often whether to stop.
//! Limits: one call's text is at most 4 GiB of UTF-8, since the boundary counts bytes in 32 bits.
// Unsafe are only the calls of functions made for a feature of the processor, right behind the look
// whether it is there: in `lanes` and `metrics::partial`.
#![deny(unsafe_code)]

pub mod batch;
mod best;
pub mod hash;
pub mod keywords;
mod lane_query;
mod lanes;
pub mod matcher;
pub mod metrics;
mod phrases;
mod rank;
mod stage;
mod stop_words;
pub mod transform;
#[cfg(test)]
mod vectors;
mod vocabulary;
mod words;

pub use best::{Best, Ranked};
pub use rank::{is_large, rank};
