//! AGENT's native text tools and cache: fast safe code in an area's module, its C exports in `ffi`.
#![deny(unsafe_code)]

pub mod cache;
pub mod ffi;
pub mod markdown;
pub mod near;
pub mod redact;
pub mod text;
pub mod tokens;
