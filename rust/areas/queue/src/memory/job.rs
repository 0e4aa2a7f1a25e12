//! One job.

use std::sync::Arc;

/// Where a job stands; the numbers are those of JavaScript's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Due, and not handed out.
    Waiting,
    /// For later.
    Delayed,
    /// Waits for its children.
    Blocked,
    /// Handed out.
    Running,
    /// Has a result.
    Done,
    /// Failed for good.
    Dead,
    /// Is not wanted any more.
    Cancelled,
}

impl State {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delayed => "delayed",
            Self::Blocked => "blocked",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state with a number.
    pub fn from_number(number: u32) -> Option<Self> {
        let all = [
            Self::Waiting,
            Self::Delayed,
            Self::Blocked,
            Self::Running,
            Self::Done,
            Self::Dead,
            Self::Cancelled,
        ];
        all.get(number as usize).copied()
    }

    /// Whether nothing follows by itself.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Cancelled)
    }
}

/// A job to be added.
#[derive(Clone, Debug, Default)]
pub struct NewJob<'a> {
    /// Unique.
    pub id: &'a str,
    /// JSON, which nobody here reads.
    pub data: &'a str,
    /// No two unfinished jobs have the same; empty for none.
    pub key: &'a str,
    /// Groups take turns.
    pub group: &'a str,
    /// The id of the job that waits for it; empty for none.
    pub parent: &'a str,
    /// JSON of a repeat, or empty.
    pub repeat: &'a str,
    /// Higher first.
    pub priority: i32,
    /// Not before, milliseconds since 1970.
    pub run_at: f64,
    /// Handed on to who takes it.
    pub retries: f64,
    /// Handed on to who takes it.
    pub backoff_ms: f64,
    /// Handed on to who takes it.
    pub timeout_ms: f64,
    /// How many jobs it waits for.
    pub children: u32,
    /// Whether it runs though some of them came to nothing.
    pub tolerant: bool,
}

/// A child, as its parent knows it.
#[derive(Debug)]
pub struct Child {
    pub slot: u32,
    pub seq: u64,
    pub id: Arc<str>,
    /// What it came to, where it is done; kept though the child itself may be gone.
    pub result: Option<Arc<str>>,
}

/// What few jobs have.
#[derive(Debug, Default)]
pub struct Rare {
    /// Slot and number of the parent, and which of its children it is.
    pub parent: Option<(u32, u64, usize)>,
    pub children: Vec<Child>,
    /// How many children it waits for.
    pub pending: u32,
    pub progress: Option<Box<str>>,
    /// Views that are told of its progress, one entry a listener.
    pub listeners: Vec<u64>,
    /// Views that are told of its end.
    pub waiters: Vec<u64>,
}

/// A job.
#[derive(Debug)]
pub struct Job {
    pub id: Arc<str>,
    pub data: Arc<str>,
    pub key: Box<str>,
    pub group: Box<str>,
    pub repeat: Box<str>,
    pub result: Option<Arc<str>>,
    pub error: Option<Box<str>>,
    /// Its number in the order of adding.
    pub seq: u64,
    pub added_at: f64,
    pub due_at: f64,
    pub finished_at: f64,
    pub retries: f64,
    pub backoff_ms: f64,
    pub timeout_ms: f64,
    pub token: u64,
    /// The view that took it.
    pub holder: u64,
    pub priority: i32,
    pub attempt: u32,
    /// Neighbours in the list that it is in.
    pub previous: u32,
    pub next: u32,
    pub lane: u32,
    pub state: State,
    pub tolerant: bool,
    pub rare: Option<Box<Rare>>,
}

impl Job {
    /// What few jobs have, made if there is none yet.
    pub fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Whether it waits for children.
    pub fn is_blocked(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.pending > 0)
    }

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        Outcome {
            id: self.id.clone(),
            state: self.state,
            result: self.result.clone(),
            error: self.error.clone(),
            attempts: self.attempt,
        }
    }

    /// As JavaScript reads it: the fields of `StoredJob`.
    pub fn to_json(&self) -> serde_json::Value {
        let mut record = serde_json::json!({
            "id": &*self.id,
            "state": self.state.word(),
            "data": &*self.data,
            "attempts": self.attempt,
            "addedAt": self.added_at,
            "priority": self.priority,
            "key": &*self.key,
            "group": &*self.group,
            "repeat": &*self.repeat,
            "runAt": self.due_at,
        });
        if let Some(result) = &self.result {
            record["result"] = (&**result).into();
        }
        if let Some(error) = &self.error {
            record["error"] = (&**error).into();
        }
        if let Some(progress) = self.rare.as_ref().and_then(|rare| rare.progress.as_deref()) {
            record["progress"] = progress.into();
        }
        if self.state.is_end() {
            record["finishedAt"] = self.finished_at.into();
        }
        record
    }
}

/// How a job ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub id: Arc<str>,
    pub state: State,
    pub result: Option<Arc<str>>,
    pub error: Option<Box<str>>,
    pub attempts: u32,
}

/// A job that was handed out.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What its end is told with; never given twice.
    pub token: u64,
    /// 1 at the first try.
    pub attempt: u32,
    /// Whether a try of it failed before.
    pub failed: bool,
    /// As it was added, like what follows.
    pub priority: i32,
    /// See [`NewJob`].
    pub retries: f64,
    /// See [`NewJob`].
    pub backoff_ms: f64,
    /// See [`NewJob`].
    pub timeout_ms: f64,
    /// See [`NewJob`].
    pub id: Arc<str>,
    /// See [`NewJob`].
    pub data: Arc<str>,
    /// See [`NewJob`].
    pub key: Box<str>,
    /// See [`NewJob`].
    pub group: Box<str>,
    /// See [`NewJob`].
    pub repeat: Box<str>,
    /// Ids and results of its children that are done.
    pub children: Vec<(Arc<str>, Arc<str>)>,
}

impl Taken {
    /// Its texts: id, data, key, group and repeat, then id and result of each child.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let own: [&str; 5] = [&self.id, &self.data, &self.key, &self.group, &self.repeat];
        let children = self.children.iter();
        let children = children.flat_map(|(id, result)| [&**id, &**result]);
        own.into_iter().chain(children)
    }
}
