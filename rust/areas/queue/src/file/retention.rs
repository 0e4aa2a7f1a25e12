//! How long jobs that are done or cancelled are kept. Its twin is `src/queue/file/pure/retention.ts`.

use super::error::{FileError, Result};
use super::sql::Sql;
use super::work::{CANCELLED, DONE, Work};

/// So many ends are let pass before ended jobs are looked at again.
const EVERY: i64 = 256;
/// Where others wait for ends, nothing is removed so soon after its own, so that they see it.
const GRACE_MS: f64 = 1_000.0;

/// What is kept; both may be infinite.
pub(crate) struct Retention {
    done_ms: f64,
    done_count: f64,
    ends: i64,
}

impl Retention {
    pub(crate) fn new(done_ms: f64, done_count: f64) -> Self {
        Self {
            done_ms,
            done_count,
            ends: 0,
        }
    }

    /// Counts ends. Whether it is time to look.
    pub(crate) fn count(&mut self, ends: i64) -> bool {
        self.ends += ends;
        self.ends >= EVERY
    }

    /// Whether anything ended since the last look.
    pub(crate) fn pending(&self) -> bool {
        self.ends > 0
    }

    /// Whether something was kept long enough.
    pub(crate) fn is_over(&self, work: &Work<'_>) -> Result<bool> {
        if self.done_ms.is_infinite() {
            return Ok(false);
        }
        for state in [DONE, CANCELLED] {
            let oldest = work
                .db
                .get(Sql::Oldest, (work.queue, state), |row| row.get::<_, i64>(0))?;
            if oldest.is_some_and(|ended_at| ended_at as f64 <= work.now as f64 - self.done_ms) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes what is not to be kept; with a grace where others wait for the ends of jobs.
    pub(crate) fn apply(&mut self, work: &Work<'_>, others_wait: bool) -> Result<()> {
        self.ends = 0;
        let Work { db, queue, now, .. } = work;
        let grace = if others_wait { GRACE_MS } else { 0.0 };
        for state in [DONE, CANCELLED] {
            if self.done_count.is_finite() {
                let line = (*queue, state, self.done_count as i64);
                let found = db.get(Sql::TrimLine, line, |row| row.get::<_, i64>(0))?;
                if let Some(found) = found {
                    let before = *now - grace as i64;
                    db.run(Sql::Trim, (*queue, state, found, before, *now))?;
                    // What is kept for the others is looked at again.
                    self.ends = i64::from(others_wait);
                }
            }
            if self.done_ms.is_finite() {
                let before = (*now as f64 - self.done_ms.max(grace)) as i64;
                let is_old = || {
                    let oldest =
                        db.get(Sql::Oldest, (*queue, state), |row| row.get::<_, i64>(0))?;
                    Ok::<_, FileError>(oldest.is_some_and(|ended_at| ended_at <= before))
                };
                while is_old()? && db.run(Sql::TrimOld, (*queue, state, before))? == 500 {}
            }
        }
        Ok(())
    }
}
