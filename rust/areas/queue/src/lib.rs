//! AGENT's task queue in memory and in a file.
#![forbid(unsafe_code)]

mod child_error;
pub mod file;
pub mod memory;
