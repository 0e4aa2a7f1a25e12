//! Load on an HTTP server, from one thread a core. Twin: `src/monitor/load/pure`, which follows the same steps:
//!
//! 1. The connections are made, then the clock starts. In the open model starts are fixed by the rate, and a free
//!    connection takes the next one; in the closed one each connection sends again as soon as it has its answer.
//! 2. What began in the warm-up is not counted. What is scheduled when the time is over and could not begin is missed;
//!    what is under way is waited for.
//! 3. It ends early when the caller gives up, or when too many requests of a window fail; what was measured is kept.
#![forbid(unsafe_code)]

mod connect;
mod fault;
mod job;
mod line;
mod run;
mod schedule;
mod tally;
mod worker;

pub use job::Job;
pub use run::run;
