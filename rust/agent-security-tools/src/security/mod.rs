//! Looking at hosts and ports.

mod probe;

pub use probe::{Probe, State, probe};
