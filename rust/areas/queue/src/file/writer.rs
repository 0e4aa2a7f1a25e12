//! The thread of an open file: it alone has the connection.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime};

use agent_ffi::ring::Completer;
use rusqlite::Row;

use super::calls::Call;
use super::db::Db;
use super::error::Result;
use super::leases::{Holder, Leases};
use super::lost::give_back_all;
use super::session::{Options, Session};
use super::sql::Sql;
use super::wire::Units;

/// Others are looked at so often after something happened...
const SHORT: Duration = Duration::from_millis(10);
/// ...and so often when nothing does.
const LONG: Duration = Duration::from_millis(40);
/// The longest pause between two looks at the holders.
const LOOK_MS: f64 = 1_000.0;
/// One transaction takes so many calls at most.
const MOST_CALLS: usize = 256;

/// What the thread is told.
pub(crate) enum Command {
    /// A queue is used: its number among the sessions comes back.
    Open(Options, Sender<Result<u64>>),
    /// Requests, at a time.
    Run(u64, Units, f64, Completer),
    /// Tell when something changes.
    Wait(u64, Completer),
    /// Tell at once.
    Wake(u64),
    /// Give back what a session holds, and forget it. Whether it was the last is asked of the registry.
    Leave(u64, Option<Completer>),
}

/// The thread's state.
pub(crate) struct Writer {
    pub(crate) db: Db,
    pub(crate) sessions: HashMap<u64, Session>,
    next: u64,
    leases: Option<Leases>,
    began: Instant,
    /// How far the clock of the callers is from the machine's: tests bring their own.
    pub(crate) shift: f64,
    version: i64,
    pause: Duration,
    polled_at: Instant,
    beat_at: f64,
    looked_at: f64,
}

impl Writer {
    pub(crate) fn new(db: Db) -> Result<Self> {
        let version = db.version()?;
        Ok(Self {
            db,
            sessions: HashMap::new(),
            next: 1,
            leases: None,
            began: Instant::now(),
            shift: 0.0,
            version,
            pause: SHORT,
            polled_at: Instant::now(),
            beat_at: f64::NEG_INFINITY,
            looked_at: f64::NEG_INFINITY,
        })
    }

    /// Works until the registry says that nobody uses the file any more; then it is closed. Gives who is to be told.
    pub(crate) fn work(
        mut self,
        commands: &Receiver<Command>,
        is_last: impl Fn() -> bool,
    ) -> Option<Completer> {
        loop {
            let first = match self.patience() {
                None => commands.recv().ok(),
                Some(patience) => match commands.recv_timeout(patience) {
                    Ok(command) => Some(command),
                    Err(RecvTimeoutError::Timeout) => {
                        self.look_around();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => None,
                },
            };
            let first = first?;
            let mut calls = Vec::new();
            let mut next = Some(first);
            while let Some(command) = next {
                match command {
                    Command::Run(session, units, now, completer) => calls.push(Call {
                        session,
                        units,
                        now: now as i64,
                        completer,
                    }),
                    other => {
                        // In the order in which they came.
                        self.run(std::mem::take(&mut calls));
                        if let Some(told) = self.obey(other) {
                            if is_last() {
                                return told;
                            }
                            if let Some(told) = told {
                                told.finish(Ok(Vec::new()));
                            }
                        }
                    }
                }
                next = match calls.len() < MOST_CALLS {
                    true => commands.try_recv().ok(),
                    false => None,
                };
            }
            self.run(calls);
            if self.patience() == Some(Duration::ZERO) {
                self.look_around();
            }
        }
    }

    /// How long it may sleep; `None` until it is told something.
    fn patience(&self) -> Option<Duration> {
        let watched = |session: &Session| session.is_waiting() || session.holds;
        self.sessions
            .values()
            .any(watched)
            .then(|| self.pause.saturating_sub(self.polled_at.elapsed()))
    }

    /// Does what is no request. Where a session is gone: who is to be told.
    fn obey(&mut self, command: Command) -> Option<Option<Completer>> {
        match command {
            Command::Open(options, answer) => {
                let opened = Session::open(&mut self.db, &options).map(|session| {
                    let id = self.next;
                    self.next += 1;
                    self.sessions.insert(id, session);
                    id
                });
                let failed = opened.is_err();
                let _ = answer.send(opened);
                return failed.then_some(None);
            }
            Command::Wait(id, completer) => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.wait(completer);
                }
            }
            Command::Wake(id) => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.wake();
                }
            }
            Command::Leave(id, completer) => {
                self.leave(id);
                return Some(completer);
            }
            Command::Run(..) => {}
        }
        None
    }

    fn leave(&mut self, id: u64) {
        let Some(mut session) = self.sessions.remove(&id) else {
            return;
        };
        session.wake();
        if session.holder == 0 {
            return;
        }
        let (holder, now) = (session.holder, self.now());
        // If it cannot be written (a full disk, say) they come back after one lease.
        let given = self
            .db
            .transaction(|db| give_back_all(db, holder, false, now));
        if given.is_ok() {
            self.tell_but(id);
        }
    }

    pub(crate) fn tell_but(&mut self, changer: u64) {
        for (id, session) in &mut self.sessions {
            if *id != changer {
                session.tell();
            }
        }
    }

    pub(crate) fn system_now() -> f64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0.0, |since| since.as_millis() as f64)
    }

    fn now(&self) -> i64 {
        (Self::system_now() + self.shift) as i64
    }

    /// Looks at what others do, gives signs of life, looks for holders that are gone.
    fn look_around(&mut self) {
        self.polled_at = Instant::now();
        if let Ok(version) = self.db.version() {
            let changed = version != self.version;
            self.version = version;
            self.pause = match changed {
                true => SHORT,
                false => LONG.min(self.pause + Duration::from_millis(1)),
            };
            if changed {
                self.tell_but(0);
            }
        }
        let steady = self.began.elapsed().as_secs_f64() * 1_000.0;
        let lease = self
            .sessions
            .values()
            .fold(f64::INFINITY, |least, session| least.min(session.lease));
        // What cannot be written now (a full disk, say) is tried again at the next look.
        if steady - self.beat_at >= lease / 3.0 && self.beat().is_ok() {
            self.beat_at = steady;
        }
        if steady - self.looked_at >= LOOK_MS.min(lease / 4.0) {
            self.looked_at = steady;
            let _ = self.look_at_holders(steady);
            let now = self.now();
            for session in self.sessions.values_mut() {
                let _ = session.tidy(&mut self.db, now);
            }
        }
    }

    fn beat(&mut self) -> Result<()> {
        let now = self.now();
        let Self { db, sessions, .. } = self;
        if !sessions.values().any(|session| session.holds) {
            return Ok(());
        }
        db.transaction(|db| {
            for session in sessions.values_mut().filter(|session| session.holds) {
                session.beat(db, now)?;
            }
            Ok(())
        })
    }

    fn look_at_holders(&mut self, steady: f64) -> Result<()> {
        let now = self.now();
        let read = |row: &Row<'_>| {
            Ok(Holder {
                id: row.get(0)?,
                beat: row.get(1)?,
                beat_at: row.get::<_, i64>(2)? as f64,
                lease: row.get::<_, i64>(3)? as f64,
            })
        };
        let mut holders = self.db.all(Sql::Holders, [], read)?;
        let own = |id| self.sessions.values().any(|session| session.holder == id);
        holders.retain(|holder| !own(holder.id));
        let leases = self
            .leases
            .get_or_insert_with(|| Leases::new(now as f64, steady));
        for gone in leases.look(&holders, now as f64, steady) {
            self.db.transaction(|db| {
                // It may have come back meanwhile.
                let there = db.all(Sql::Holders, [], read)?;
                match there
                    .iter()
                    .any(|holder| holder.id == gone.id && holder.beat == gone.beat)
                {
                    true => give_back_all(db, gone.id, true, now),
                    false => Ok(()),
                }
            })?;
            self.tell_but(0);
        }
        Ok(())
    }
}
