//! What the requests of one transaction do to a queue, statement by statement. Its twin is
//! `src/queue/file/pure/work.ts`, which does the same with the same statements.

use std::collections::{HashMap, HashSet};

use rusqlite::Row;

use super::db::Db;
use super::error::{FileError, Result};
use super::flows::Failed;
use super::sql::Sql;
use super::wire::{Kind, Reply, Unit};

pub(crate) const WAITING: i64 = 0;
pub(crate) const DELAYED: i64 = 1;
pub(crate) const BLOCKED: i64 = 2;
pub(crate) const DONE: i64 = 4;
pub(crate) const DEAD: i64 = 5;
pub(crate) const CANCELLED: i64 = 6;
/// From here on states are final.
pub(crate) const ENDED: i64 = DONE;

/// Who takes jobs: its number, 0 if it has none, and its lease.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HolderOf {
    pub(crate) id: i64,
    pub(crate) lease: i64,
    /// Whether it gave a sign of life in this transaction.
    alive: bool,
    /// Whether its last sign of life is recent enough.
    fresh: bool,
    /// Whether it gave one that others see.
    pub(crate) beaten: bool,
    /// Whether others thought that it was gone.
    pub(crate) renewed: bool,
}

impl HolderOf {
    pub(crate) fn new(id: i64, lease: i64, fresh: bool) -> Self {
        Self {
            id,
            lease,
            fresh,
            ..Self::default()
        }
    }

    /// Gives a sign of life; with a new number if others thought that there was none any more.
    pub(crate) fn beat(&mut self, db: &Db, now: i64) -> Result<i64> {
        if self.alive {
            return Ok(self.id);
        }
        self.alive = true;
        if self.fresh && self.id != 0 && db.any(Sql::HolderThere, [self.id])? {
            return Ok(self.id);
        }
        self.beaten = true;
        if self.id != 0 {
            if db.run(Sql::HolderBeat, (self.id, now))? > 0 {
                return Ok(self.id);
            }
            self.renewed = true;
        }
        self.id = db.insert(Sql::HolderMake, (now, self.lease))?;
        Ok(self.id)
    }
}

/// One queue within one transaction.
pub(crate) struct Work<'d> {
    pub(crate) db: &'d Db,
    pub(crate) queue: i64,
    /// The time, as everything in this transaction sees it.
    pub(crate) now: i64,
    pub(crate) holder: HolderOf,
    pub(crate) paused: bool,
    pub(crate) turn: i64,
    pub(crate) ended: i64,
    read: (i64, i64),
    promoted: bool,
    entered: bool,
    /// Groups that are known to have their turn.
    groups: HashSet<String>,
}

impl<'d> Work<'d> {
    /// Begins it.
    pub(crate) fn new(db: &'d Db, queue: i64, now: i64, holder: HolderOf) -> Result<Self> {
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let found = db.get(Sql::QueueRead, [queue], read)?;
        let (paused, turn, ended) = found.ok_or_else(|| {
            FileError::Sqlite(rusqlite::ffi::SQLITE_CORRUPT, "a queue is gone".to_owned())
        })?;
        Ok(Self {
            db,
            queue,
            now,
            holder,
            paused,
            turn,
            ended,
            read: (turn, ended),
            promoted: false,
            entered: false,
            groups: HashSet::new(),
        })
    }

    /// Writes down what it counted; to be called last. Whether something came to wait that may be taken.
    pub(crate) fn finish(&self) -> Result<bool> {
        if self.read != (self.turn, self.ended) {
            let row = (self.queue, self.turn, self.ended);
            self.db.run(Sql::QueueWrite, row)?;
        }
        Ok(self.entered && !self.paused && self.db.any(Sql::AnyWaiting, [self.queue])?)
    }

    /// The number of one more end.
    pub(crate) fn end(&mut self) -> i64 {
        self.ended += 1;
        self.ended
    }

    pub(crate) fn alive(&mut self) -> Result<i64> {
        self.holder.beat(self.db, self.now)
    }

    /// Makes sure that a group has its turn.
    pub(crate) fn enter(&mut self, group: &str) -> Result<()> {
        self.entered = true;
        if self.groups.contains(group) {
            return Ok(());
        }
        self.groups.insert(group.to_owned());
        let row = (self.queue, group, self.turn + 1);
        if self.db.run(Sql::GroupEnter, row)? > 0 {
            self.turn += 1;
        }
        Ok(())
    }

    /// A group has one job less to be taken.
    pub(crate) fn left(&mut self, group: &str) -> Result<()> {
        if !self.db.any(Sql::GroupAny, (self.queue, group))? {
            self.leave(group)?;
        }
        Ok(())
    }

    pub(crate) fn leave(&mut self, group: &str) -> Result<()> {
        self.db.run(Sql::GroupLeave, (self.queue, group))?;
        self.groups.remove(group);
        Ok(())
    }

    /// When the next delayed job is due; -1 if none is.
    pub(crate) fn next_due(&self) -> Result<i64> {
        let found = self.db.get(Sql::NextDue, [self.queue], |row| {
            row.get::<_, Option<i64>>(0)
        })?;
        Ok(found.flatten().unwrap_or(-1))
    }

    /// Whether a delayed job is due.
    pub(crate) fn is_due(&self) -> Result<bool> {
        let due = self.next_due()?;
        Ok(due >= 0 && due <= self.now)
    }

    /// Lets delayed jobs that are due wait.
    pub(crate) fn promote(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.promoted, true) {
            return Ok(());
        }
        loop {
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
            let rows: Vec<(i64, String)> = self.db.all(Sql::Due, (self.queue, self.now), read)?;
            for (seq, group) in &rows {
                self.db.run(Sql::Wait, [seq])?;
                self.enter(group)?;
            }
            if rows.len() < 1000 {
                return Ok(());
            }
        }
    }

    /// Does what a request asks and answers it.
    pub(crate) fn apply(&mut self, unit: &Unit<'_>, reply: &mut Reply) -> Result<()> {
        reply.flag(true);
        match unit.kind {
            Kind::Add => self.add(unit, reply),
            Kind::Take => self.take(unit.number(0), reply),
            Kind::Complete => {
                let done = self.complete(unit)?;
                reply.flag(done);
                Ok(())
            }
            Kind::Fail => {
                let failed = self.fail(unit)?;
                reply.flag(failed);
                Ok(())
            }
            Kind::Release => {
                let key = (self.queue, unit.text(0), unit.whole(0));
                let group = self
                    .db
                    .get(Sql::Release, key, |row| row.get::<_, String>(0))?;
                if let Some(group) = &group {
                    self.enter(group)?;
                }
                reply.flag(group.is_some());
                Ok(())
            }
            Kind::Report => {
                let row = (self.queue, unit.text(0), unit.whole(0), unit.text(1));
                reply.flag(self.db.any(Sql::Report, row)?);
                Ok(())
            }
            Kind::Cancel => {
                let cancelled = self.cancel(unit.text(0))?;
                reply.flag(cancelled);
                Ok(())
            }
            Kind::Retry => {
                let revived = self.retry(unit)?;
                reply.whole(revived);
                Ok(())
            }
            Kind::Purge => {
                let key = (self.queue, unit.whole(0), unit.whole(1));
                reply.whole(self.db.run(Sql::Purge, key)? as i64);
                Ok(())
            }
            Kind::Pause => {
                self.paused = unit.whole(0) != 0;
                self.entered |= !self.paused;
                self.db.run(Sql::QueuePause, (self.queue, self.paused))?;
                reply.flag(true);
                Ok(())
            }
            Kind::Wait => {
                let holder = self.alive()?;
                let waits = unit.whole(0);
                reply.flag(self.db.run(Sql::HolderWaits, (holder, waits))? > 0);
                Ok(())
            }
            Kind::Get | Kind::List | Kind::Paused | Kind::Counts | Kind::News | Kind::Held => {
                self.look(unit, reply)
            }
        }
    }

    fn add(&mut self, unit: &Unit<'_>, reply: &mut Reply) -> Result<()> {
        self.promote()?;
        // Jobs that are not added, with the ids that hold in their place.
        let mut replaced: HashMap<&str, String> = HashMap::new();
        let mut ids: Vec<(&str, bool)> = Vec::new();
        for job in unit.jobs() {
            let mut holder = match job.parent {
                "" => None,
                parent => replaced.get(parent).cloned(),
            };
            if holder.is_none() && !job.key.is_empty() {
                let key = (self.queue, job.key);
                holder = self.db.get(Sql::KeyHolder, key, |row| row.get(0))?;
            }
            if let Some(holder) = holder {
                replaced.insert(job.id, holder);
                ids.push((job.id, true));
                continue;
            }
            let state = match (job.children, job.run_at) {
                (1.., _) => BLOCKED,
                (_, run_at) if run_at > self.now => DELAYED,
                _ => WAITING,
            };
            self.db.run(
                Sql::Insert,
                rusqlite::params![
                    self.queue,
                    job.id,
                    state,
                    -job.priority,
                    job.run_at.max(self.now),
                    job.retries,
                    job.backoff,
                    job.timeout,
                    job.group,
                    job.key,
                    (!job.key.is_empty()).then_some(job.key),
                    job.parent,
                    job.children,
                    job.tolerant,
                    job.repeat,
                    self.now,
                    job.data,
                ],
            )?;
            if state == WAITING {
                self.enter(job.group)?;
            }
            ids.push((job.id, false));
        }
        reply.flag(!replaced.is_empty());
        if !replaced.is_empty() {
            for (id, is_replaced) in ids {
                reply.text(if is_replaced { &replaced[id] } else { id })?;
            }
        }
        Ok(())
    }

    fn complete(&mut self, unit: &Unit<'_>) -> Result<bool> {
        let (id, result) = (unit.text(0), unit.text(1));
        let row = (
            self.queue,
            id,
            unit.whole(0),
            result,
            self.ended + 1,
            self.now,
        );
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let found: Option<(i64, String)> = self.db.get(Sql::Complete, row, read)?;
        let Some((seq, parent)) = found else {
            return Ok(false);
        };
        self.end();
        if !parent.is_empty() {
            let kept = (self.queue, &parent, seq, id, result);
            self.db.run(Sql::KeepResult, kept)?;
            self.child_ended(&parent, None)?;
        }
        Ok(true)
    }

    fn fail(&mut self, unit: &Unit<'_>) -> Result<bool> {
        let (id, error, token) = (unit.text(0), unit.text(1), unit.whole(0));
        let retry_at = unit.whole(1);
        if retry_at >= 0 {
            self.promote()?;
            let state = if retry_at > self.now {
                DELAYED
            } else {
                WAITING
            };
            let due = retry_at.max(self.now);
            let row = (self.queue, id, token, state, error, due);
            let group: Option<String> = self.db.get(Sql::FailAgain, row, |row| row.get(0))?;
            if let Some(group) = group.as_deref().filter(|_| state == WAITING) {
                self.enter(group)?;
            }
            return Ok(group.is_some());
        }
        let row = (self.queue, id, token, error, self.ended + 1, self.now);
        let parent: Option<String> = self.db.get(Sql::FailDead, row, |row| row.get(0))?;
        let Some(parent) = parent else {
            return Ok(false);
        };
        self.end();
        let failed = Failed {
            id: id.to_owned(),
            error: Some(error.to_owned()),
        };
        self.child_ended(&parent, Some(failed))?;
        Ok(true)
    }

    fn retry(&mut self, unit: &Unit<'_>) -> Result<i64> {
        self.promote()?;
        let ids: Vec<String> = if unit.whole(0) < 0 {
            self.db.all(Sql::DeadIds, [self.queue], |row| row.get(0))?
        } else {
            let mut found = Vec::new();
            for id in unit.texts() {
                let seq = self.standing(id)?.map_or(0, |row| row.seq);
                found.push((seq, id.to_owned()));
            }
            found.sort_by_key(|(seq, _)| *seq);
            found.into_iter().map(|(_, id)| id).collect()
        };
        let mut revived = 0;
        let mut stuck = HashSet::new();
        for id in &ids {
            revived += self.revive(id, &mut stuck)?;
        }
        Ok(revived)
    }
}
