//! AGENT's native security tools as a C-ABI library: exports only. What they do is safe code in
//! `rust/areas/security`; what every library exports besides is in [`agent_ffi`].

mod digest;
mod security;
