//! The boundary between AGENT's Rust libraries and Deno, written once.
//!
//! Each of the four libraries links this crate and so exports the same `agent_ffi_*` symbols. What
//! an export of a library needs is here: [`Call`] (what its caller vouches for, pointers and lengths to
//! slices, no panic crosses), [`guard_number`] and its like (the same without a buffer), [`Out`] and
//! [`Columns`] (results), [`handles`] (objects that JavaScript names by number) and [`ring`]
//! (asynchronous work).
//!
//! The modules stand in layers, each using those before it: `status`, `output`, `guard`, `work` (pools
//! and queue), `table`, `isolate`, [`handles`] and [`ring`], `call`, `exports`.
//!
//! The rules that this crate keeps, each with its test, are listed in `README.md` beside it.

mod call;
mod exports;
mod guard;
pub mod handles;
mod isolate;
mod output;
pub mod ring;
mod status;
mod table;
mod work;

pub use call::{Call, copy};
pub use guard::{Number, guard_hot, guard_number, guard_value, quiet_panics_on_this_thread};
pub use isolate::enter;
pub use output::{Columns, Out, payload};
pub use status::{Failure, Status};

/// The number that both sides of the boundary must agree on. It changes with every change of an
/// existing export's signature or meaning; new exports leave it alone.
pub const ABI_VERSION: u32 = 2;
