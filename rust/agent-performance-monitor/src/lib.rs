//! AGENT's native performance monitor as a C-ABI library: exports only. What they do is safe code in
//! `rust/areas/monitor` and `rust/areas/load`; what every library exports besides is in [`agent_ffi`].

mod digest;
mod load;
mod monitor;
