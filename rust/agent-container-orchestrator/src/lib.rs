//! AGENT's native client of container engines (Docker, Podman) as a C-ABI library: exports only. What they do is safe code in
//! `rust/areas/containers`; what every library exports besides is in [`agent_ffi`].

mod containers;
mod digest;
