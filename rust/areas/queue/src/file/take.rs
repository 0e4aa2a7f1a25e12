//! Handing out jobs: groups in turn, within a group the best first.

use rusqlite::Row;

use super::error::Result;
use super::look::text;
use super::sql::Sql;
use super::wire::Reply;
use super::work::Work;

/// A job that was handed out.
struct Handed {
    seq: i64,
    repeats: bool,
    children: i64,
    /// Where the count of its children's results goes.
    children_at: usize,
}

impl Work<'_> {
    /// Hands out up to so many jobs.
    pub(crate) fn take(&mut self, most: f64, reply: &mut Reply) -> Result<()> {
        self.promote()?;
        let count_at = reply.numbers.len();
        reply.whole(0);
        let next_due = self.next_due()?;
        reply.whole(next_due);
        let most = most as i64;
        let mut taken = Vec::new();
        while !self.paused && (taken.len() as i64) < most {
            let groups: Vec<String> = self
                .db
                .all(Sql::GroupFirst, [self.queue], |row| row.get(0))?;
            let Some(group) = groups.first() else {
                break;
            };
            let alone = groups.len() == 1;
            let wanted = if alone { most - taken.len() as i64 } else { 1 };
            let more = self.hand_out(group, wanted, &mut taken, reply)?;
            if !more {
                self.leave(group)?;
            } else if !alone {
                self.turn += 1;
                let row = (self.queue, group, self.turn);
                self.db.run(Sql::GroupTurn, row)?;
            }
        }
        reply.numbers[count_at] = taken.len() as f64;
        // Results of children come behind all jobs, so that the strings of the jobs stand together.
        for job in taken.iter().filter(|job| job.children > 0) {
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
            let results: Vec<(String, String)> = self.db.all(Sql::ChildResults, [job.seq], read)?;
            reply.numbers[job.children_at] = results.len() as f64;
            for (id, result) in &results {
                reply.text(id)?;
                reply.text(result)?;
            }
        }
        Ok(())
    }

    /// Hands out the best jobs of a group. Whether it has more.
    fn hand_out(
        &mut self,
        group: &str,
        wanted: i64,
        taken: &mut Vec<Handed>,
        reply: &mut Reply,
    ) -> Result<bool> {
        let mut handed: Vec<Handed> = Vec::new();
        let mut more = false;
        let mut seen = 0;
        let mut turn = self.turn;
        let mut failed = None;
        self.db
            .all(Sql::Best, (self.queue, group, wanted + 1), |row| {
                seen += 1;
                if seen > wanted {
                    more = true;
                    return Ok(());
                }
                turn += 1;
                reply.whole(row.get::<_, i64>(3)? + 1);
                reply.whole(row.get(4)?);
                reply.whole(row.get(5)?);
                reply.whole(row.get(6)?);
                reply.whole(row.get(7)?);
                reply.whole(-row.get::<_, i64>(8)?);
                reply.whole(turn);
                let children: i64 = row.get(12)?;
                handed.push(Handed {
                    seq: row.get(0)?,
                    repeats: !text(row, 11)?.is_empty(),
                    children,
                    children_at: reply.numbers.len(),
                });
                reply.whole(0);
                for column in [1, 2, 9, 10, 11] {
                    if let Err(error) = reply.text(text(row, column)?) {
                        failed = Some(error);
                    }
                }
                Ok(())
            })?;
        if let Some(error) = failed {
            return Err(error);
        }
        let holder = if handed.is_empty() { 0 } else { self.alive()? };
        for job in &handed {
            self.turn += 1;
            self.db.run(Sql::Take, (job.seq, holder, self.turn))?;
            if job.repeats {
                self.db.run(Sql::DropKey, [job.seq])?;
            }
        }
        debug_assert_eq!(turn, self.turn);
        taken.extend(handed);
        Ok(more)
    }
}
