//! Looks at hosts and ports. Twin: `src/security/pure.ts`.
#![forbid(unsafe_code)]

mod probe;

pub use probe::{Probe, State, probe};
