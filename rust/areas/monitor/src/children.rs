//! CPU time of the children that this process waited for, by `getrusage`.

use agent_ffi::Failure;
use serde_json::{Value, json};

/// CPU time of children and of theirs, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Children {
    /// In the programs.
    pub user_ms: f64,
    /// In the system for them.
    pub system_ms: f64,
}

impl Children {
    /// The figures as they travel.
    pub fn to_json(&self) -> Value {
        json!({ "userMs": self.user_ms, "systemMs": self.system_ms })
    }
}

/// Reads the figures now. `Unsupported` where the system does not tell.
#[cfg(unix)]
pub fn children() -> Result<Children, Failure> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_err(|error| crate::unsupported("CPU time of children", &error.to_string()))?;
    // Microseconds of three hundred years are below the integers that a double holds.
    let ms = |time: nix::sys::time::TimeVal| time.num_microseconds() as f64 / 1e3;
    Ok(Children {
        user_ms: ms(usage.user_time()),
        system_ms: ms(usage.system_time()),
    })
}

/// Reads the figures now. `Unsupported` where the system does not tell.
#[cfg(not(unix))]
pub fn children() -> Result<Children, Failure> {
    Err(crate::unsupported(
        "CPU time of children",
        "it has no getrusage",
    ))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_child_that_worked_is_counted_once_it_is_waited_for() {
        let before = children().unwrap();
        let busy = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";
        assert!(
            Command::new("sh")
                .args(["-c", busy])
                .status()
                .unwrap()
                .success()
        );
        let after = children().unwrap();
        let used = after.user_ms + after.system_ms - before.user_ms - before.system_ms;
        assert!(used > 1.0, "{before:?} {after:?}");
    }
}
