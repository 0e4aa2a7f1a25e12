//! What an export can answer instead of a result: a status for the branch and, in the caller's
//! buffer, a message and fields for the person.

use agent_shared::Error;
use serde_json::{Map, Value, json};

/// The reasons for which an export gives no result. The numbers are part of the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// The caller's buffer is too small; its first four bytes hold the size needed.
    TooSmall = -1,
    /// An argument is not what the export takes.
    InvalidArgument = -2,
    /// The handle is stale, closed, of another isolate, of another library or of another kind.
    InvalidHandle = -3,
    /// The library failed inside; a defect.
    Panic = -4,
    /// The operation was cancelled by its caller.
    Cancelled = -5,
    /// The ring is at its bounds; try again after a completion.
    Busy = -6,
    /// The ring or the object is closed.
    Closed = -7,
    /// What was named does not exist.
    NotFound = -8,
    /// The operating system refused.
    Io = -9,
    /// It took longer than allowed.
    Timeout = -10,
    /// Memory could not be had.
    OutOfMemory = -11,
    /// It cannot be done here.
    Unsupported = -12,
    /// The operating system's or the caller's permissions forbid it.
    Permission = -13,
    /// Stored data is not what it should be.
    Corrupt = -14,
    /// An input or a result is over a documented bound.
    TooLarge = -15,
}

/// A failure with its detail, on its way to the caller's buffer.
#[derive(Clone, Debug)]
pub struct Failure {
    status: Status,
    message: String,
    fields: Map<String, Value>,
}

impl Failure {
    /// A failure with a sentence that says what was wrong and what to do.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            fields: Map::new(),
        }
    }

    /// An argument that is not what the export takes.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Status::InvalidArgument, message)
    }

    /// What is over a documented bound, with its size and the bound.
    pub fn too_large(
        message: impl Into<String>,
        what: &str,
        size: impl Into<Value>,
        limit: impl Into<Value>,
    ) -> Self {
        let failure = Self::new(Status::TooLarge, message).field("what", what);
        failure.field("size", size).field("limit", limit)
    }

    /// Memory for something could not be had.
    pub fn out_of_memory(what: &str) -> Self {
        Self::new(
            Status::OutOfMemory,
            format!("Memory for the {what} could not be had"),
        )
    }

    /// Adds a value that belongs to the failure.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The status that the export returns.
    pub fn status(&self) -> Status {
        self.status
    }

    /// What was wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The detail as JSON, as it travels.
    pub fn to_json(&self) -> String {
        json!({ "message": self.message, "fields": self.fields }).to_string()
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({:?})", self.message, self.status)
    }
}

impl std::error::Error for Failure {}

impl From<std::collections::TryReserveError> for Failure {
    fn from(error: std::collections::TryReserveError) -> Self {
        Failure::new(
            Status::OutOfMemory,
            format!("Memory for the result could not be had: {error}"),
        )
    }
}

/// What the areas share as their errors, in the words of all of them.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Cancelled => Failure::new(Status::Cancelled, "The operation was cancelled"),
            Error::Invalid(message) => Failure::invalid(message),
            Error::TooLarge { size, limit } => {
                let message = format!("The result is over {limit} bytes; ask for less at a time");
                Failure::too_large(message, "result", size, limit)
            }
            Error::OutOfMemory => Failure::out_of_memory("result"),
        }
    }
}
