//! What one job's end means for others: parents that wait for it, children that are cancelled with it, jobs that are
//! retried together. Its twin is `src/queue/file/pure/flows.ts`.

use std::collections::HashSet;

use rusqlite::Row;

use super::error::Result;
use super::sql::Sql;
use super::work::{BLOCKED, DEAD, DELAYED, ENDED, WAITING, Work};
use crate::child_error::child_error;

/// How a job stands.
pub(crate) struct Standing {
    pub(crate) seq: i64,
    pub(crate) state: i64,
    pub(crate) group: String,
    pub(crate) key: String,
    pub(crate) repeat: String,
    pub(crate) parent: String,
    pub(crate) children: i64,
    pub(crate) tolerant: bool,
    pub(crate) due: i64,
}

impl Standing {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            state: row.get(1)?,
            group: row.get(2)?,
            key: row.get(3)?,
            repeat: row.get(4)?,
            parent: row.get(5)?,
            children: row.get(6)?,
            tolerant: row.get(7)?,
            due: row.get(8)?,
        })
    }
}

/// A job that came to nothing; without an error it was cancelled.
pub(crate) struct Failed {
    pub(crate) id: String,
    pub(crate) error: Option<String>,
}

impl Work<'_> {
    pub(crate) fn standing(&self, id: &str) -> Result<Option<Standing>> {
        self.db.get(Sql::Standing, (self.queue, id), Standing::read)
    }

    /// Looks after the parent of a job that ended.
    pub(crate) fn child_ended(&mut self, parent: &str, failed: Option<Failed>) -> Result<()> {
        let (mut parent, mut failed) = (parent.to_owned(), failed);
        while !parent.is_empty() {
            let Some(row) = self.standing(&parent)? else {
                return Ok(());
            };
            if row.state != BLOCKED {
                return Ok(());
            }
            if let Some(child) = failed.take().filter(|_| !row.tolerant) {
                let error = child_error(&child.id, child.error.as_deref());
                let end = self.end();
                self.db.run(Sql::Kill, (row.seq, &error, end, self.now))?;
                failed = Some(Failed {
                    id: std::mem::replace(&mut parent, row.parent),
                    error: Some(error),
                });
                continue;
            }
            if self.db.any(Sql::OpenChild, (self.queue, &parent))? {
                return Ok(());
            }
            let state = if row.due > self.now { DELAYED } else { WAITING };
            self.db.run(Sql::Unblock, (row.seq, state, self.now))?;
            if state == WAITING {
                self.enter(&row.group)?;
            }
            return Ok(());
        }
        Ok(())
    }

    /// Cancels a job and its children; false if it had ended, or is not there.
    pub(crate) fn cancel(&mut self, id: &str) -> Result<bool> {
        let Some(first) = self.standing(id)?.filter(|row| row.state < ENDED) else {
            return Ok(false);
        };
        let mut open = vec![id.to_owned()];
        while let Some(next) = open.pop() {
            let Some(row) = self.standing(&next)?.filter(|row| row.state < ENDED) else {
                continue;
            };
            let end = self.end();
            self.db.run(Sql::Cancel, (row.seq, end, self.now))?;
            if row.state == WAITING {
                self.left(&row.group)?;
            }
            if row.children > 0 {
                let children = (self.queue, &next);
                open.extend(self.db.all(Sql::OpenChildren, children, |row| row.get(0))?);
            }
        }
        let failed = Failed {
            id: id.to_owned(),
            error: None,
        };
        self.child_ended(&first.parent, Some(failed))?;
        Ok(true)
    }

    /// Puts a dead job back, with those of its children that it died of. How many; 0 if that cannot be: then that job
    /// and all above it are stuck, so that a long chain is not gone through anew for each of its jobs.
    pub(crate) fn revive(&mut self, id: &str, stuck: &mut HashSet<String>) -> Result<i64> {
        if self.standing(id)?.is_none_or(|row| row.state != DEAD) {
            return Ok(0);
        }
        let mut family: Vec<(String, Standing, bool)> = Vec::new();
        let mut ids = vec![id.to_owned()];
        // Through whom each came into the family.
        let mut by = vec![None];
        let mut at = 0;
        while at < ids.len() {
            let id = ids[at].clone();
            let found = match stuck.contains(&id) {
                true => None,
                false => self.revivable(&id)?,
            };
            let Some((row, keyed)) = found else {
                let mut above = Some(at);
                while let Some(place) = above {
                    stuck.insert(ids[place].clone());
                    above = by[place];
                }
                return Ok(0);
            };
            if row.children > 0 && !row.tolerant {
                let failed = (self.queue, &id);
                ids.extend(self.db.all(Sql::FailedChildren, failed, |row| row.get(0))?);
                by.resize(ids.len(), Some(at));
            }
            family.push((id, row, keyed));
            at += 1;
        }
        // Children first, so that their parents see them.
        for (id, row, keyed) in family.iter().rev() {
            let blocked = row.children > 0
                && !row.tolerant
                && self.db.any(Sql::OpenChild, (self.queue, id))?;
            let state = if blocked { BLOCKED } else { WAITING };
            let key = keyed.then_some(&row.key);
            self.db.run(Sql::Revive, (row.seq, state, self.now, key))?;
            if state == WAITING {
                self.enter(&row.group)?;
            }
        }
        Ok(family.len() as i64)
    }

    /// A job that can be put back, and whether it then holds its key.
    fn revivable(&self, id: &str) -> Result<Option<(Standing, bool)>> {
        let Some(row) = self.standing(id)? else {
            return Ok(None);
        };
        let keyed = row.repeat.is_empty() && !row.key.is_empty();
        if keyed && self.db.any(Sql::KeyHolder, (self.queue, &row.key))? {
            return Ok(None);
        }
        if row.children > 0 && !row.tolerant {
            let children = (self.queue, id, row.seq);
            if self.db.number(Sql::KnownChildren, children)? < row.children {
                return Ok(None);
            }
        }
        Ok(Some((row, keyed)))
    }
}
