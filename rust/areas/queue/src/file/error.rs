//! Why a request of a queue file was not done. The sentences are JavaScript's, so that both twins say the same; what
//! goes there is a kind.

use agent_ffi::{Failure, Status};

/// A failure.
#[derive(Clone, Debug)]
pub enum FileError {
    /// SQLite's own number and message.
    Sqlite(i32, String),
    /// The file is an SQLite database of another program.
    Foreign,
    /// A newer version wrote it.
    Newer(i64),
    /// Another copy of SQLite has it open in this process.
    Taken,
    /// The system refused, in its words.
    System(String, std::io::ErrorKind),
}

impl FileError {
    /// Whether something could not be written, perhaps for want of room.
    pub(crate) fn lacks_room(&self) -> bool {
        use rusqlite::ffi::{SQLITE_FULL, SQLITE_IOERR};
        matches!(self, Self::Sqlite(code, _) if [SQLITE_FULL, SQLITE_IOERR].contains(&(code & 0xff)))
    }

    /// Kind, number and message, as they travel.
    pub(crate) fn parts(&self) -> (&'static str, f64, String) {
        match self {
            Self::Sqlite(code, message) => ("sqlite", f64::from(*code), message.clone()),
            Self::Foreign => ("foreign", 0.0, String::new()),
            Self::Newer(version) => ("newer", *version as f64, String::new()),
            Self::Taken => ("taken", 0.0, String::new()),
            Self::System(message, kind) => {
                let refused = *kind == std::io::ErrorKind::PermissionDenied;
                ("system", f64::from(u8::from(refused)), message.clone())
            }
        }
    }
}

impl From<rusqlite::Error> for FileError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(code, message) => Self::Sqlite(
                code.extended_code,
                message.unwrap_or_else(|| code.to_string()),
            ),
            // A row or a type that cannot be: the file is not as it was left.
            other => Self::Sqlite(rusqlite::ffi::SQLITE_CORRUPT, other.to_string()),
        }
    }
}

impl From<std::io::Error> for FileError {
    fn from(error: std::io::Error) -> Self {
        Self::System(error.to_string(), error.kind())
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let (kind, code, message) = error.parts();
        Failure::new(Status::Io, format!("{kind}\n{code}\n{message}"))
            .field("path", "")
            .field("operation", kind)
    }
}

/// What a request of a queue file gives.
pub type Result<T> = std::result::Result<T, FileError>;
