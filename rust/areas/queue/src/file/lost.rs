//! Jobs whose holder is gone.

use std::collections::HashSet;

use rusqlite::Row;

use super::db::Db;
use super::error::Result;
use super::flows::Failed;
use super::sql::Sql;
use super::work::{HolderOf, Work};

/// A job that is lost so often ends whoever runs it.
const MOST_LOST: i64 = 20;

/// A job whose holder is gone.
pub(crate) struct LostJob {
    pub(crate) seq: i64,
    pub(crate) queue: i64,
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) parent: String,
    pub(crate) lost: i64,
}

impl LostJob {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            queue: row.get(1)?,
            id: row.get(2)?,
            group: row.get(3)?,
            parent: row.get(4)?,
            lost: row.get(5)?,
        })
    }
}

/// Gives all jobs of a holder back, in a transaction.
pub(crate) fn give_back_all(db: &Db, holder: i64, lost: bool, now: i64) -> Result<()> {
    let jobs = db.all(Sql::Lost, [holder], LostJob::read)?;
    let queues: HashSet<i64> = jobs.iter().map(|job| job.queue).collect();
    for queue in queues {
        let mut work = Work::new(db, queue, now, HolderOf::default())?;
        for job in jobs.iter().filter(|job| job.queue == queue) {
            work.give_back(job, lost)?;
        }
        work.finish()?;
    }
    db.run(Sql::HolderEnd, [holder])?;
    Ok(())
}

impl Work<'_> {
    /// Gives jobs of a holder back to the queue, or ends one that was lost too often.
    pub(crate) fn give_back(&mut self, job: &LostJob, lost: bool) -> Result<()> {
        let times = job.lost + 1;
        if lost && times >= MOST_LOST {
            let error = format!("Lost {times} times: what ran it ended or stood still");
            let end = self.end();
            self.db.run(Sql::Kill, (job.seq, &error, end, self.now))?;
            let failed = Failed {
                id: job.id.clone(),
                error: Some(error),
            };
            return self.child_ended(&job.parent, Some(failed));
        }
        self.db.run(Sql::GiveBack, (job.seq, lost))?;
        self.enter(&job.group)
    }
}
