//! Queues in memory, one for all isolates of the process under a name. Twin: src/queue/memory/pure, which
//! defines the behaviour: what comes first, what follows from what, which error is written.
//!
//! [`core`](self::core) is the jobs and their states; [`queue`](self::queue) is who shares them and who is
//! told what.

mod core;
mod ending;
mod events;
mod job;
mod lanes;
mod list;
mod queue;
mod reviving;
mod slots;
#[cfg(test)]
mod tests;
mod view;

pub use self::core::{Counts, Options};
pub use self::events::{ALARM, ENDED, MORE, READY, Wake};
pub use self::job::{NewJob, State, Taken};
pub use self::queue::{Mismatch, open};
pub use self::view::View;
