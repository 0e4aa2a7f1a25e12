//! The C exports of this library, and the only unsafe code in it. What every library exports besides
//! is in `agent_ffi`.
#![allow(unsafe_code)]

pub mod cache;
pub mod markdown;
pub mod near;
pub mod redact;
pub mod text;
pub mod tokens;
