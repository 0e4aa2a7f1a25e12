//! Queues in one SQLite file. All isolates of the process that use a file share one connection, on a thread of its own:
//! what they ask while it writes goes into its next transaction (group commit), and it renews their leases whatever
//! their event loops do. The twin is `src/queue/file/pure`; what the file holds stands in `src/queue/file/sql.ts`.

mod calls;
mod claims;
mod db;
mod error;
mod flows;
mod leases;
mod look;
mod lost;
mod registry;
mod retention;
mod session;
mod sql;
mod take;
mod wire;
mod work;
mod writer;

pub use error::FileError;
pub use registry::{Held, Options};
pub use wire::Units;
