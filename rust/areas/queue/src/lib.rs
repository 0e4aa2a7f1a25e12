//! AGENT's task queue in memory and in a file.
#![forbid(unsafe_code)]

pub mod file;
pub mod memory;
