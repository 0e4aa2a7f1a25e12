//! The machine's figures. Twins: `src/monitor/pure.ts` and `src/monitor/source/pure/`.
#![forbid(unsafe_code)]

mod children;
#[cfg(target_os = "linux")]
pub mod host;
mod memory;

use agent_ffi::{Failure, Status};

pub use children::{Children, children};
pub use memory::{Memory, memory};

fn unsupported(what: &str, why: &str) -> Failure {
    Failure::new(
        Status::Unsupported,
        format!("The system does not tell its {what}: {why}"),
    )
    .field("what", what)
}
