//! The machine's figures.

mod memory;

pub use memory::{Memory, memory};
