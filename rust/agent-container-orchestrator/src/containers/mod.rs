//! What is known about container engines, on bollard.

mod host;
mod ping;

pub use host::Host;
pub use ping::{CLIENT_API, ping};
