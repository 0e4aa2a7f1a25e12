//! AGENT's native security tools, built as a C-ABI library.
//!
//! [`security`] is the safe code; `ffi` holds the exports and the only unsafe blocks. The pure twin is
//! `src/security/pure.ts`, and the conformance suite in `tests/conformance/` runs on both.

#![deny(unsafe_code)]

#[allow(unsafe_code)]
mod ffi;
pub mod security;

pub use ffi::*;
