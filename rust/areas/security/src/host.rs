//! The machine's own tables, as Linux shows them below `/proc`: sockets, processes, and texts of files.
//! Read only, never interpreted: what the figures mean is decided in TypeScript. Twin:
//! `src/security/host/pure.ts`, which says what is read and what counts as broken.
//!
//! All of a process is read through one descriptor of its folder, which stays that process's: when it
//! ends and its number is given to another, the reads fail instead of mixing the two.

mod diag;
mod files;
mod json;
mod process;
mod read;
mod scan;
mod tables;

pub use files::files;
pub use scan::{Want, scan};
