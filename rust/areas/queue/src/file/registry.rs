//! The files that the process has open natively, by what they are and not by their names.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use agent_ffi::ring::Completer;

use super::claims::{Claim, Identity, identity_of};
use super::db::Db;
use super::error::{FileError, Result};
use super::wire::Units;
use super::writer::{Command, Writer};

pub use super::session::Options;

/// An open file.
struct Open {
    commands: Sender<Command>,
    log: Arc<Log>,
    /// How many sessions there are; 0 while it is being closed.
    sessions: usize,
}

/// Where identities are not to be had, the path stands for them.
type Key = (Identity, PathBuf);

static FILES: LazyLock<Mutex<HashMap<Key, Open>>> = LazyLock::new(Mutex::default);
static CLOSED: Condvar = Condvar::new();

fn files() -> MutexGuard<'static, HashMap<Key, Open>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The log beside a file.
struct Log {
    path: PathBuf,
    file: OnceLock<File>,
}

impl Log {
    fn new(path: &Path) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        Self {
            path: PathBuf::from(name),
            file: OnceLock::new(),
        }
    }

    fn sync(&self) -> std::io::Result<()> {
        let file = match self.file.get() {
            Some(file) => file,
            None => {
                let opened = OpenOptions::new().write(true).open(&self.path)?;
                self.file.get_or_init(|| opened)
            }
        };
        file.sync_data()
    }
}

/// A queue in a file, as one store object of an isolate holds it. Dropped (also when the isolate ends) it gives back at
/// once what it holds.
pub struct Held {
    commands: Sender<Command>,
    session: u64,
    log: Arc<Log>,
    closed: AtomicBool,
}

impl Held {
    /// Opens a queue of a file, which is made where there is none.
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        let key = key_of(path)?;
        let mut files = files();
        loop {
            match files.get_mut(&key) {
                Some(open) if open.sessions > 0 => {
                    open.sessions += 1;
                    let (commands, log) = (open.commands.clone(), open.log.clone());
                    drop(files);
                    return Self::enter(commands, log, options);
                }
                // It is being closed.
                Some(_) => files = CLOSED.wait(files).unwrap_or_else(PoisonError::into_inner),
                None => break,
            }
        }
        // Others wait: who opens the file decides for all.
        let claim = Claim::new(path, key.0)?;
        let exists = std::fs::metadata(path)?.len() > 0;
        let writer = Writer::new(Db::open(path, exists)?)?;
        let (commands, receiver) = channel();
        let log = Arc::new(Log::new(path));
        let open = Open {
            commands: commands.clone(),
            log: log.clone(),
            sessions: 1,
        };
        let thread = std::thread::Builder::new().name("agent-queue-file".to_owned());
        let kept = key.clone();
        thread.spawn(move || serve(writer, &receiver, kept, claim))?;
        files.insert(key, open);
        drop(files);
        Self::enter(commands, log, options)
    }

    fn enter(commands: Sender<Command>, log: Arc<Log>, options: Options) -> Result<Self> {
        let (answer, answered) = channel();
        let ended = || FileError::System("the file's thread ended".to_owned(), ErrorKind::Other);
        commands
            .send(Command::Open(options, answer))
            .map_err(|_| ended())?;
        let session = answered.recv().map_err(|_| ended())??;
        Ok(Self {
            commands,
            session,
            log,
            closed: AtomicBool::new(false),
        })
    }

    /// Does requests; the completer gets the answers once they are durable as promised.
    pub fn run(&self, units: Units, now: f64, completer: Completer) {
        // A thread that is gone drops the completer, which tells the caller.
        let _ = self
            .commands
            .send(Command::Run(self.session, units, now, completer));
    }

    /// Makes what was changed before survive a loss of power: one call for all that was committed before it. It touches
    /// the log, on which SQLite has no locks.
    pub fn sync(&self) -> impl FnOnce() -> Result<()> + Send + 'static {
        let log = self.log.clone();
        move || Ok(log.sync()?)
    }

    /// Completes when somebody else may have changed the file, or changed it since this completed last.
    pub fn wait(&self, completer: Completer) {
        let _ = self.commands.send(Command::Wait(self.session, completer));
    }

    /// Completes what waits.
    pub fn wake(&self) {
        let _ = self.commands.send(Command::Wake(self.session));
    }

    /// Gives back what it holds, and lets go.
    pub fn close(&self, completer: Completer) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return completer.finish(Ok(Vec::new()));
        }
        let _ = self
            .commands
            .send(Command::Leave(self.session, Some(completer)));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            let _ = self.commands.send(Command::Leave(self.session, None));
        }
    }
}

/// The file's thread, from its first session to its last.
fn serve(writer: Writer, commands: &Receiver<Command>, key: Key, claim: Claim) {
    // However it ends: nobody must wait for it for ever.
    struct End(Option<Claim>, Key);
    impl Drop for End {
        fn drop(&mut self) {
            self.0.take();
            files().remove(&self.1);
            CLOSED.notify_all();
        }
    }
    let end = End(Some(claim), key);
    let told = writer.work(commands, || {
        let mut files = files();
        let Some(open) = files.get_mut(&end.1) else {
            return true;
        };
        open.sessions -= 1;
        open.sessions == 0
    });
    drop(end);
    if let Some(told) = told {
        told.finish(Ok(Vec::new()));
    }
}

/// What a file is; it is made where there is none.
fn key_of(path: &Path) -> Result<Key> {
    let made = OpenOptions::new().write(true).create_new(true).open(path);
    if let Err(error) = made
        && error.kind() != ErrorKind::AlreadyExists
    {
        return Err(match error.kind() {
            ErrorKind::NotFound => {
                FileError::Sqlite(rusqlite::ffi::SQLITE_CANTOPEN, error.to_string())
            }
            _ => error.into(),
        });
    }
    let identity = identity_of(&std::fs::metadata(path)?);
    let path = match identity {
        (0, 0) => path.to_owned(),
        _ => PathBuf::new(),
    };
    Ok((identity, path))
}
