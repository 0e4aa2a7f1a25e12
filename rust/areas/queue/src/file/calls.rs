//! Carrying out what was asked: all calls that came while the thread was busy in one transaction.

use agent_ffi::Failure;
use agent_ffi::ring::Completer;

use super::error::{FileError, Result};
use super::session::Done;
use super::wire::{Reply, Unit, Units};
use super::writer::Writer;

/// The requests of one call.
pub(crate) struct Call {
    pub(crate) session: u64,
    pub(crate) units: Units,
    pub(crate) now: i64,
    pub(crate) completer: Completer,
}

impl Writer {
    /// All calls in one transaction; where that cannot be, each in one of its own.
    pub(crate) fn run(&mut self, calls: Vec<Call>) {
        let Some(last) = calls.last() else { return };
        let shift = last.now as f64 - Self::system_now();
        self.shift = if shift.abs() > 1_000.0 { shift } else { 0.0 };
        // They were read before: what cannot be read came to no thread.
        let packed = calls.iter().map(|call| call.units.packed());
        let Ok(packed) = packed.collect::<std::result::Result<Vec<_>, _>>() else {
            return;
        };
        let read = calls
            .iter()
            .zip(&packed)
            .map(|(call, packed)| call.units.read(packed));
        let Ok(read) = read.collect::<std::result::Result<Vec<_>, _>>() else {
            return;
        };
        let outcomes = match self.run_together(&calls, &read) {
            Ok(outcomes) => outcomes,
            Err(_) => {
                let each = calls.iter().zip(&read);
                each.map(|(call, units)| self.run_each(call, units))
                    .collect()
            }
        };
        drop(read);
        drop(packed);
        for (call, outcome) in calls.into_iter().zip(outcomes) {
            call.completer
                .finish(outcome.map_err(Failure::from).and_then(|outcome| {
                    let mut reply = Reply::default();
                    reply.flag(outcome.ready);
                    reply.append(&outcome.reply);
                    reply.payload()
                }));
        }
    }

    fn run_together(
        &mut self,
        calls: &[Call],
        read: &[Vec<Unit<'_>>],
    ) -> Result<Vec<Result<Done>>> {
        let Self { db, sessions, .. } = self;
        let all = || calls.iter().zip(read);
        if all().all(|(_, units)| units.iter().all(|unit| unit.kind.looks_only())) {
            let looked = db.look(|db| {
                let mut done = Vec::new();
                for (call, units) in all() {
                    let Some(session) = sessions.get(&call.session) else {
                        return Err(gone());
                    };
                    match session.look(db, units, call.now)? {
                        Some(looked) => done.push(Ok(looked)),
                        None => return Ok(None),
                    }
                }
                Ok(Some(done))
            })?;
            if let Some(done) = looked {
                return Ok(done);
            }
        }
        let done = db.transaction(|db| {
            let mut done: Vec<Done> = Vec::new();
            // What an attempt before this one made is not there.
            for session in sessions.values_mut() {
                session.forget();
            }
            for (call, units) in all() {
                let session = sessions.get_mut(&call.session).ok_or_else(gone)?;
                // Two calls of one session in one transaction: the second knows the holder of the first.
                let written = session.write(db, units, call.now)?;
                session.holder = written.holder_id();
                done.push(written);
            }
            Ok(done)
        });
        match done {
            Ok(done) => {
                let mut changers = Vec::new();
                for (call, done) in calls.iter().zip(&done) {
                    if let Some(session) = sessions.get_mut(&call.session) {
                        session.note(done);
                    }
                    changers.push(call.session);
                }
                changers.dedup();
                for changer in changers {
                    self.tell_but(changer);
                }
                Ok(done.into_iter().map(Ok).collect())
            }
            Err(error) => {
                for call in calls {
                    if let Some(session) = sessions.get_mut(&call.session) {
                        session.forget();
                    }
                }
                Err(error)
            }
        }
    }

    /// One call, request by request: one that cannot be done is not to spoil the others.
    fn run_each(&mut self, call: &Call, units: &[Unit<'_>]) -> Result<Done> {
        let mut all: Option<Done> = None;
        for unit in units {
            let units = std::slice::from_ref(unit);
            let result = self.run_one(call, units);
            let session = self.sessions.get(&call.session).ok_or_else(gone)?;
            let done = match result {
                Ok(done) => done,
                Err(error) => Done::failed(session, &error)?,
            };
            match &mut all {
                None => all = Some(done),
                Some(all) => all.append(&done),
            }
        }
        all.ok_or_else(gone)
    }

    fn run_one(&mut self, call: &Call, units: &[Unit<'_>]) -> Result<Done> {
        let Self { db, sessions, .. } = self;
        let session = sessions.get_mut(&call.session).ok_or_else(gone)?;
        if units.iter().all(|unit| unit.kind.looks_only()) {
            let looked = db.look(|db| session.look(db, units, call.now))?;
            if let Some(done) = looked {
                return Ok(done);
            }
        }
        match db.transaction(|db| session.write(db, units, call.now)) {
            Ok(done) => {
                session.note(&done);
                self.tell_but(call.session);
                Ok(done)
            }
            Err(error) => {
                session.forget();
                Err(error)
            }
        }
    }
}

fn gone() -> FileError {
    FileError::Sqlite(
        rusqlite::ffi::SQLITE_MISUSE,
        "the session is closed".to_owned(),
    )
}
