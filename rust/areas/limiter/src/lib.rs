//! AGENT's rate limiter: how many requests and tokens a minute, and how many at once, over all isolates
//! of a process.
//!
//! [`open`] gives an isolate its [`View`] of a limiter; whoever cannot be served waits in line, and a
//! thread of the crate's own serves it when its time has come. The arithmetic of windows and holds is
//! the same, in the same order, as that of the TypeScript twin (`src/http/limiter/pure/`).

#![forbid(unsafe_code)]

mod clock;
mod hold;
mod limiter;
mod line;
mod mailbox;
mod registry;
mod state;
mod waker;
mod window;

pub use hold::Left;
pub use limiter::{Limiter, View};
pub use mailbox::Bell;
pub use registry::{Mismatch, open};
pub use state::{Observed, Options, Stats};
pub use waker::{NoThread, ready};

#[cfg(test)]
mod tests;
