//! AGENT's HTTP engine: exchanges over HTTP/1.1 and HTTP/2, one at a time each, to addresses that were checked before.
//! It resolves no name, follows no redirect and decides nothing; what decides stands above it, in TypeScript.
//!
//! A [`Client`] has connections and what it trusts; [`start`] runs an [`Exchange`] on the engine's own thread. Twin:
//! src/http/transport/pure/.
#![forbid(unsafe_code)]

mod client;
mod clock;
mod coding;
mod connection;
mod dial;
mod engine;
mod exchange;
mod fault;
mod held;
mod order;
mod pool;
mod spare;
mod stream;
mod tls;
mod transfer;
mod tunnel;
mod upload;
mod wire;

pub use client::Client;
pub use engine::{Exchange, start};
pub use exchange::Way;
pub use held::Body;
pub use order::{Limits, Order, Proxy};
pub use upload::{Payload, Upload};

#[cfg(test)]
mod tests;
