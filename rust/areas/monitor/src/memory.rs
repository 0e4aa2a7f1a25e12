//! Memory and CPUs of the machine, by sysinfo. The host's figures: a container's limit is not in them.

use crate::unsupported;
use agent_ffi::Failure;
use serde_json::{Value, json};
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Memory in bytes, and how many CPUs this process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// All memory.
    pub total: u64,
    /// What can be had without swapping.
    pub available: u64,
    /// All swap space; 0 if there is none.
    pub swap_total: u64,
    /// Swap space that is not used.
    pub swap_free: u64,
    /// CPUs that this process may run on at once.
    pub cpus: usize,
}

impl Memory {
    /// The figures as they travel.
    pub fn to_json(&self) -> Value {
        json!({
            "total": self.total,
            "available": self.available,
            "swapTotal": self.swap_total,
            "swapFree": self.swap_free,
            "cpus": self.cpus,
        })
    }
}

/// Reads the figures now. `Unsupported` where the system does not tell.
pub fn memory() -> Result<Memory, Failure> {
    let kind = RefreshKind::nothing().with_memory(MemoryRefreshKind::everything());
    let system = System::new_with_specifics(kind)
        .map_err(|error| unsupported("memory", &error.to_string()))?;
    // Where a file is there but says nothing, sysinfo leaves 0; no machine has no memory.
    if system.total_memory() == 0 {
        return Err(unsupported("memory", "it is given as 0"));
    }
    let cpus = std::thread::available_parallelism()
        .map_err(|error| unsupported("CPUs", &error.to_string()))?;
    Ok(Memory {
        total: system.total_memory(),
        available: system.available_memory(),
        swap_total: system.total_swap(),
        swap_free: system.free_swap(),
        cpus: cpus.get(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_fit_together() {
        let seen = memory().unwrap();
        assert!(seen.total > 0 && seen.available <= seen.total, "{seen:?}");
        assert!(seen.swap_free <= seen.swap_total, "{seen:?}");
        assert!(seen.cpus >= 1);
    }
}
