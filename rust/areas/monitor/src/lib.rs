//! The machine's figures. Twin: `src/monitor/pure.ts`.
#![forbid(unsafe_code)]

mod memory;

pub use memory::{Memory, memory};
