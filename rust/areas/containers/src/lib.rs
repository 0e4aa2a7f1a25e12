//! A client of container engines (Docker, Podman), on bollard. Twin: `src/containers/pure.ts`.
#![forbid(unsafe_code)]

mod host;
mod ping;

pub use host::Host;
pub use ping::{CLIENT_API, ping};
