//! Looks at hosts and ports. Twins: `src/security/pure.ts`, `src/security/scan/pure.ts`.
#![forbid(unsafe_code)]

mod datagram;
pub mod exchange;
#[cfg(target_os = "linux")]
pub mod host;
mod probe;
mod scan;

pub use datagram::{Question, ask, echo, questions};
pub use probe::{Probe, State, probe};
pub use scan::{MOST_PROBES, Scan, descriptors};
