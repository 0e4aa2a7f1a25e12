//! Requests that only look, and how jobs are answered.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::error::Result;
use super::sql::Sql;
use super::wire::{Kind, Reply, Unit};
use super::work::{CANCELLED, DEAD, DONE, ENDED, Work};

impl Work<'_> {
    /// Answers a request that only looks.
    pub(crate) fn look(&mut self, unit: &Unit<'_>, reply: &mut Reply) -> Result<()> {
        let db = self.db;
        let queue = self.queue;
        match unit.kind {
            Kind::Get => {
                let at = reply.numbers.len();
                reply.flag(false);
                let found = self.stored(Sql::Get, (queue, unit.text(0)), reply)?;
                reply.numbers[at] = found as f64;
            }
            Kind::List => {
                let sql = match unit.whole(0) >= ENDED {
                    true => Sql::ListEnded,
                    false => Sql::ListOpen,
                };
                let at = reply.numbers.len();
                reply.whole(0);
                // A limit may be infinite.
                let page = (queue, unit.whole(0), unit.whole(1), unit.whole(2));
                let found = self.stored(sql, page, reply)?;
                reply.numbers[at] = found as f64;
            }
            Kind::Paused => reply.flag(self.paused),
            Kind::Counts => {
                let read =
                    |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.unwrap_or(0)));
                let delayed: Option<(i64, i64)> = db.get(Sql::CountDelayed, [queue], read)?;
                let (delayed, retrying) = delayed.unwrap_or_default();
                reply.whole(db.number(Sql::CountWaiting, [queue])?);
                reply.whole(delayed);
                reply.whole(db.number(Sql::CountBlocked, [queue])?);
                reply.whole(db.number(Sql::CountRunning, [queue])?);
                for state in [DONE, DEAD, CANCELLED] {
                    reply.whole(db.number(Sql::CountEnded, (queue, state))?);
                }
                reply.whole(retrying);
            }
            Kind::Held => {
                let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
                let held: Vec<(String, i64)> = db.all(Sql::HeldIds, [self.holder.id], read)?;
                reply.whole(held.len() as i64);
                for (id, token) in &held {
                    reply.text(id)?;
                    reply.whole(*token);
                }
            }
            _ => self.news(unit, reply)?,
        }
        Ok(())
    }

    fn news(&mut self, unit: &Unit<'_>, reply: &mut Reply) -> Result<()> {
        let (db, queue) = (self.db, self.queue);
        let next_due = self.next_due()?;
        let due = next_due >= 0 && next_due <= self.now;
        reply.flag(!self.paused && (due || db.any(Sql::AnyWaiting, [queue])?));
        reply.whole(next_due);
        reply.whole(self.ended);
        reply.whole(db.number(Sql::Held, [self.holder.id])?);
        let since = unit.whole(0);
        let at = reply.numbers.len();
        reply.whole(0);
        if since >= 0 {
            let found = self.stored(Sql::EndedSince, (queue, since), reply)?;
            reply.numbers[at] = found as f64;
        }
        for id in unit.texts() {
            let read = |row: &Row<'_>| row.get::<_, Option<String>>(0);
            let progress = db.get(Sql::Progress, (queue, id), read)?.flatten();
            reply.flag(progress.is_some());
            if let Some(progress) = progress {
                reply.text(&progress)?;
            }
        }
        Ok(())
    }

    /// Answers with jobs. How many.
    fn stored(&self, sql: Sql, params: impl rusqlite::Params, reply: &mut Reply) -> Result<usize> {
        let mut failed = None;
        let found = self.db.all(sql, params, |row| {
            let mut flags = 0;
            for (bit, column) in [3, 4, 5].into_iter().enumerate() {
                if row.get_ref(column)? != ValueRef::Null {
                    flags |= 1 << bit;
                }
            }
            for number in [
                row.get(1)?,
                row.get(6)?,
                row.get(7)?,
                row.get::<_, Option<i64>>(8)?.unwrap_or(-1),
                -row.get::<_, i64>(9)?,
                row.get(13)?,
                flags,
            ] {
                reply.whole(number);
            }
            for column in [0, 2, 10, 11, 12, 3, 4, 5] {
                if row.get_ref(column)? == ValueRef::Null {
                    continue;
                }
                if let Err(error) = reply.text(text(row, column)?) {
                    failed = Some(error);
                }
            }
            Ok(())
        })?;
        match failed {
            Some(error) => Err(error),
            None => Ok(found.len()),
        }
    }
}

/// A column of text.
pub(crate) fn text<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<&'r str> {
    Ok(row.get_ref(column)?.as_str()?)
}
