//! What was let pass and what not: a JSON object a line, on standard output.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// Lines that a proxy writes at most: a box must not fill the disk with them.
const MOST_LINES: u64 = 20_000;

/// Writes lines.
#[derive(Clone, Default)]
pub struct Log(Arc<AtomicU64>);

impl Log {
    /// Writes an event with the time, milliseconds since 1970.
    pub fn event(&self, mut event: Value) {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        if count > MOST_LINES {
            return;
        }
        if count == MOST_LINES {
            event = json!({ "event": "full" });
        }
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        event["time"] = json!(u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
        let mut line = event.to_string();
        line.push('\n');
        // Without a reader the proxy goes on: what it decides does not depend on the log.
        let _ = std::io::stdout().lock().write_all(line.as_bytes());
    }

    /// Says why the proxy cannot go on.
    pub fn failed(&self, reason: &str, detail: &str) -> ExitCode {
        self.event(json!({ "event": "failed", "reason": reason, "detail": detail }));
        ExitCode::FAILURE
    }
}
