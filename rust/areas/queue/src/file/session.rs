//! One queue of an open file, for one store object of one isolate.

use std::time::Instant;

use agent_ffi::ring::Completer;

use super::db::Db;
use super::error::{FileError, Result};
use super::retention::Retention;
use super::sql::Sql;
use super::wire::{Kind, Reply, Unit};
use super::work::{HolderOf, Work};

/// How a queue of a file is used. Milliseconds.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its name in the file.
    pub name: String,
    /// How long its jobs stay with a holder that gives no sign of life.
    pub lease_ms: f64,
    /// How long done jobs are kept, and how many; both may be infinite.
    pub done_ms: f64,
    /// See `done_ms`.
    pub done_count: f64,
}

/// A session.
pub(crate) struct Session {
    pub(crate) queue: i64,
    pub(crate) lease: f64,
    pub(crate) retention: Retention,
    /// Its number in the file; 0 before it takes anything.
    pub(crate) holder: i64,
    /// The same as it was when a transaction was kept last.
    kept_holder: i64,
    beat_at: Option<Instant>,
    /// Whether it must beat: it holds jobs, or others are to know that it waits.
    pub(crate) holds: bool,
    pub(crate) waits: bool,
    /// Whether somebody else may have changed something since it was told last.
    news: bool,
    /// Who is to be told.
    waiter: Option<Completer>,
}

/// What came of the requests of one call.
pub(crate) struct Done {
    pub(crate) reply: Reply,
    pub(crate) ready: bool,
    holder: i64,
    renewed: bool,
    beaten: bool,
    took: bool,
    waits: Option<bool>,
}

impl Session {
    /// Finds or makes a queue.
    pub(crate) fn open(db: &mut Db, options: &Options) -> Result<Self> {
        let name = options.name.as_str();
        if !db.any(Sql::QueueFind, [name])? {
            db.transaction(|db| db.run(Sql::QueueMake, [name]))?;
        }
        Ok(Self {
            queue: db.number(Sql::QueueFind, [name])?,
            lease: options.lease_ms,
            retention: Retention::new(options.done_ms, options.done_count),
            holder: 0,
            kept_holder: 0,
            beat_at: None,
            holds: false,
            waits: false,
            news: false,
            waiter: None,
        })
    }

    fn holder_of(&self) -> HolderOf {
        let fresh = self
            .beat_at
            .is_some_and(|at| at.elapsed().as_secs_f64() * 1_000.0 < self.lease / 3.0);
        HolderOf::new(self.holder, self.lease as i64, fresh)
    }

    /// Answers requests that only look; `None` if there is something to be written first.
    pub(crate) fn look(&self, db: &Db, units: &[Unit<'_>], now: i64) -> Result<Option<Done>> {
        let mut work = Work::new(db, self.queue, now, self.holder_of())?;
        let is_exact = units.iter().any(|unit| unit.kind.is_exact());
        if self.retention.pending()
            || (is_exact && (work.is_due()? || self.retention.is_over(&work)?))
        {
            return Ok(None);
        }
        let mut reply = Reply::default();
        for unit in units {
            work.apply(unit, &mut reply)?;
        }
        Ok(Some(Done::new(reply, &work, false)))
    }

    /// Does requests in a transaction. What the session remembers of it is noted once that is kept.
    pub(crate) fn write(&mut self, db: &Db, units: &[Unit<'_>], now: i64) -> Result<Done> {
        let mut work = Work::new(db, self.queue, now, self.holder_of())?;
        let ended = work.ended;
        let looks = |unit: &Unit<'_>| matches!(unit.kind, Kind::Get | Kind::List | Kind::Counts);
        if units.iter().any(looks) {
            work.promote()?;
            self.trim(&work)?;
        }
        let mut reply = Reply::default();
        for unit in units {
            work.apply(unit, &mut reply)?;
        }
        let ends = work.ended - ended;
        if self.retention.count(ends) {
            self.trim(&work)?;
        }
        let ready = work.finish()?;
        let mut done = Done::new(reply, &work, ready);
        done.took = units.iter().any(|unit| unit.kind == Kind::Take);
        let mut waits = units.iter().filter(|unit| unit.kind == Kind::Wait);
        done.waits = waits.next_back().map(|unit| unit.whole(0) != 0);
        Ok(done)
    }

    fn trim(&mut self, work: &Work<'_>) -> Result<()> {
        let others_wait = work.db.any(Sql::AnyWaits, [self.holder])?;
        self.retention.apply(work, others_wait)
    }

    /// Notes what was kept.
    pub(crate) fn note(&mut self, done: &Done) {
        if done.renewed {
            self.tell();
        }
        if done.beaten {
            self.beat_at = Some(Instant::now());
        }
        self.holder = done.holder;
        self.kept_holder = done.holder;
        self.holds |= done.took;
        if let Some(waits) = done.waits {
            self.waits = waits;
            self.holds |= waits;
        }
    }

    /// A transaction was not kept.
    pub(crate) fn forget(&mut self) {
        self.holder = self.kept_holder;
    }

    /// Removes what is to be kept no longer, where nothing else happens; notes whether anything is held.
    pub(crate) fn tidy(&mut self, db: &mut Db, now: i64) -> Result<()> {
        self.holds = self.waits || db.number(Sql::Held, [self.holder])? > 0;
        if !self.retention.pending() {
            return Ok(());
        }
        db.transaction(|db| {
            let work = Work::new(db, self.queue, now, self.holder_of())?;
            self.trim(&work)
        })
    }

    /// Gives a sign of life, in a transaction.
    pub(crate) fn beat(&mut self, db: &Db, now: i64) -> Result<()> {
        let mut holder = HolderOf::new(self.holder, self.lease as i64, false);
        holder.beat(db, now)?;
        self.beat_at = Some(Instant::now());
        if holder.renewed {
            self.tell();
        }
        self.holder = holder.id;
        self.kept_holder = holder.id;
        Ok(())
    }

    /// Whether somebody waits for news.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiter.is_some()
    }

    /// Something may have changed.
    pub(crate) fn tell(&mut self) {
        match self.waiter.take() {
            Some(waiter) => {
                self.news = false;
                waiter.finish(Ok(Vec::new()));
            }
            None => self.news = true,
        }
    }

    /// Tells once when something changes.
    pub(crate) fn wait(&mut self, waiter: Completer) {
        self.wake();
        self.waiter = Some(waiter);
        if self.news {
            self.tell();
        }
    }

    /// Ends the waiting.
    pub(crate) fn wake(&mut self) {
        if let Some(waiter) = self.waiter.take() {
            waiter.finish(Ok(Vec::new()));
        }
    }
}

impl Done {
    fn new(reply: Reply, work: &Work<'_>, ready: bool) -> Self {
        Self {
            reply,
            ready,
            holder: work.holder.id,
            renewed: work.holder.renewed,
            beaten: work.holder.beaten,
            took: false,
            waits: None,
        }
    }

    /// The answer of a request that was not done.
    pub(crate) fn failed(session: &Session, error: &FileError) -> Result<Self> {
        let mut reply = Reply::default();
        reply.failure(error)?;
        Ok(Self {
            reply,
            ready: false,
            holder: session.holder,
            renewed: false,
            beaten: false,
            took: false,
            waits: None,
        })
    }

    /// The holder as this leaves it.
    pub(crate) fn holder_id(&self) -> i64 {
        self.holder
    }

    /// Adds what came of further requests of the same call.
    pub(crate) fn append(&mut self, other: &Done) {
        self.reply.append(&other.reply);
        self.ready |= other.ready;
    }
}
