//! AGENT's native performance monitor, built as a C-ABI library.
//!
//! [`monitor`] is the safe code; `ffi` holds the exports and the only unsafe blocks. The pure twin is
//! `src/monitor/pure.ts`, and the conformance suite in `tests/conformance/` runs on both.

#![deny(unsafe_code)]

#[allow(unsafe_code)]
mod ffi;
pub mod monitor;

pub use ffi::*;
