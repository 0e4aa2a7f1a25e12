//! Looks at hosts and ports. Twins: `src/security/scan`, `src/security/services/exchange`, `src/security/host`.
#![forbid(unsafe_code)]

mod datagram;
mod echo;
pub mod exchange;
#[cfg(target_os = "linux")]
pub mod host;
#[cfg(target_os = "linux")]
mod neighbours;
mod scan;

pub use datagram::{Questions, ask};
pub use echo::echo;
#[cfg(target_os = "linux")]
pub use neighbours::neighbours;
pub use scan::{MOST_PROBES, Rate, Scan, descriptors};
