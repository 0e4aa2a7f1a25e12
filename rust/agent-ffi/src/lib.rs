//! The boundary between AGENT's Rust libraries and Deno, written once.
//!
//! Each of the four libraries links this crate and so exports the same `agent_ffi_*` symbols. What
//! an export of a library needs is here: [`guard_status`] and [`guard_value`] (no panic crosses),
//! [`input`] (pointer and length to slices), [`Out`] (results into the caller's buffer),
//! [`handles`] (objects that JavaScript names by number) and [`ring`] (asynchronous work).
//!
//! The rules that this crate keeps, each with its test, are listed in `README.md` beside it.

mod exports;
mod guard;
pub mod handles;
pub mod input;
mod isolate;
mod output;
pub mod ring;
mod status;

pub use exports::*;
pub use guard::{guard_hot, guard_status, guard_value, quiet_panics_on_this_thread};
pub use output::Out;
pub use status::{Failure, Status};

/// The number that both sides of the boundary must agree on. It changes with every change of an
/// existing export's signature or meaning; new exports leave it alone.
pub const ABI_VERSION: u32 = 1;
