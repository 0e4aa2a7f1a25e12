//! The kernel's own counters, as Linux shows them below `/proc` and `/sys`: texts of files as they are,
//! and the processes as a table of numbers. What they mean is decided in TypeScript, once for both twins.
//! Twin: `src/monitor/source/pure/`, which says what is read and what counts as broken.

mod clock;
mod process;
mod processes;
mod read;
mod sampler;
mod table;

pub use sampler::Sampler;
