//! What several areas need: packed strings, the control of long work, the engine's letter case.
//!
//! A thing belongs here when two areas use it, and nowhere else: areas do not use each other. It knows
//! nothing of the boundary; `agent-ffi` turns what is here into what crosses.
#![forbid(unsafe_code)]

mod case;
mod control;
mod packed;

pub use case::{lowercase, uppercase};
pub use control::{Control, Error, Ticker, Uncontrolled, check, each};
pub use packed::{Packed, PackedBuf, Strings, count_codes, utf16_len, utf16_units};
