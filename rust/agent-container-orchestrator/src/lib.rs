//! AGENT's native client of container engines (Docker, Podman), built as a C-ABI library.
//!
//! [`containers`] is the safe code; `ffi` holds the exports and the only unsafe blocks. The pure twin
//! is `src/containers/pure.ts`, and the conformance suite in `tests/conformance/` runs on both.

#![deny(unsafe_code)]

pub mod containers;
#[allow(unsafe_code)]
mod ffi;

pub use ffi::*;
