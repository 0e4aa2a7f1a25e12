//! How many sockets this process may open.

/// Where nothing says how many descriptors there may be.
const UNKNOWN: usize = 8_192;
/// More sockets at once gain nothing.
const MOST: usize = 65_536;

/// How many descriptors this process may have, once its soft limit is raised to the hard one.
#[cfg(unix)]
pub fn descriptors() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    if limit.current < limit.maximum || (limit.current.is_some() && limit.maximum.is_none()) {
        // Refused or not, what holds is read below.
        let _ = setrlimit(
            Resource::Nofile,
            Rlimit {
                current: limit.maximum,
                maximum: limit.maximum,
            },
        );
    }
    getrlimit(Resource::Nofile).current.map_or(MOST, |current| {
        usize::try_from(current).unwrap_or(MOST).min(MOST)
    })
}

/// How many sockets this process may have: nothing says so here.
#[cfg(not(unix))]
pub fn descriptors() -> usize {
    UNKNOWN
}

/// How many sockets a scan may hold at once: a fifth of the descriptors stays free for everybody else.
pub(super) fn sockets() -> usize {
    let all = descriptors().max(16);
    (all - all.div_ceil(5)).min(MOST).min(UNKNOWN.max(all))
}
