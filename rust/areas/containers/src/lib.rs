//! One exchange with a container engine (Docker, Podman): bytes out, bytes in. Twin: `src/containers/engine/pure.ts`.
//!
//! On bollard, whose requests, time limits and bodies these are, with two things of our own, because bollard keeps them
//! to itself. Its client hides an answer's status and fields and hands on only the raw streams that it knows, so that
//! each exchange rides on the one call that passes a body through, and the answer's head is taken where it comes by,
//! in a transport that bollard is given ([`engine`]). And its ways to connect know a name and not the addresses that
//! were checked, so that the connector ([`connect`]) is under that transport. What is sent is the caller's target as it
//! is: bollard 0.21 drops the version of the API from the path, whatever was negotiated.
#![forbid(unsafe_code)]

mod connect;
mod engine;
mod exchange;
mod fault;
mod host;
mod order;
mod tls;
mod upload;
mod wire;

pub use engine::Engine;
pub use exchange::exchange;
pub use host::{Host, Settings};
pub use order::Order;
pub use upload::{Incoming, Upload};
