//! What the views of a queue are told of what others do.

use std::sync::Arc;

use serde_json::json;

use super::job::Outcome;

/// Wakes the isolate of a view. Called without any lock.
pub type Wake = Box<dyn FnOnce() + Send>;

/// What one call had for an effect on others.
#[derive(Default)]
pub struct Effects {
    pub ready: bool,
    /// The first delayed job is another one.
    pub alarm: bool,
    pub ended: bool,
    /// Jobs that ended and how, with the views that wait for that.
    pub settled: Vec<(Vec<u64>, Outcome)>,
    /// Jobs taken from their holders.
    pub revoked: Vec<(u64, Arc<str>, u64)>,
    pub progress: Vec<(Vec<u64>, Arc<str>, Box<str>)>,
}

/// Something may be taken.
pub const READY: u32 = 1;
/// The first delayed job is another one.
pub const ALARM: u32 = 2;
/// Jobs have ended.
pub const ENDED: u32 = 4;
/// There is something to be read.
pub const MORE: u32 = 8;

/// What a view has not been told yet, but for what its flags say.
#[derive(Default)]
pub struct Events {
    pub settled: Vec<Outcome>,
    pub revoked: Vec<(Arc<str>, u64)>,
    pub progress: Vec<(Arc<str>, Box<str>)>,
}

impl Events {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.settled.is_empty() && self.revoked.is_empty() && self.progress.is_empty()
    }

    /// As JavaScript reads them.
    pub fn to_json(&self) -> String {
        let revoked = self.revoked.iter();
        let progress = self.progress.iter();
        let settled = self.settled.iter().map(|outcome| {
            json!({
                "id": &*outcome.id,
                "state": outcome.state.word(),
                "result": outcome.result.as_deref(),
                "error": outcome.error.as_deref(),
                "attempts": outcome.attempts,
            })
        });
        json!({
            "settled": settled.collect::<Vec<_>>(),
            "revoked": revoked.map(|(id, token)| json!([&**id, token])).collect::<Vec<_>>(),
            "progress": progress.map(|(id, value)| json!([&**id, &**value])).collect::<Vec<_>>(),
        })
        .to_string()
    }
}
