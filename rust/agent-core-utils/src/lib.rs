//! AGENT's native text tools and cache as a C-ABI library: exports only, one module an area. What they
//! do is safe code in the crates under `rust/areas/`; what every library exports besides is in
//! [`agent_ffi`].

mod cache;
mod digest;
mod duplicates;
mod embedding;
mod http;
mod library;
mod limiter;
mod markdown;
mod pages;
mod queue;
mod redact;
mod text;
mod tokens;
