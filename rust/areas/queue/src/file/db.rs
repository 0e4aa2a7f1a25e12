//! One open queue file: the connection, its prepared statements, its transactions.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, Row};

use super::error::{FileError, Result};
use super::sql::{self, Sql};

/// How long another process may keep the file locked while it is opened.
const OPEN_BUSY: Duration = Duration::from_secs(10);
/// How often a transaction asks again for the lock, the n-th time after n ms, at most 10: for some 30 seconds.
const MOST_TRIES: i32 = 3_045;

/// A connection.
pub(crate) struct Db {
    connection: Connection,
}

impl Db {
    /// Opens or creates a file; one that is none of ours is not touched.
    pub(crate) fn open(path: &Path, exists: bool) -> Result<Self> {
        if exists {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(OPEN_BUSY)?;
            is_new(&connection)?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(OPEN_BUSY)?;
        connection.set_prepared_statement_cache_capacity(2 * Sql::ALL.len());
        connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")?;
        // Readers and one writer at once; it stands in the file, and changing it needs the file alone.
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        connection.execute_batch(
            "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; \
             PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY; PRAGMA synchronous = NORMAL",
        )?;
        let mut db = Self { connection };
        if is_new(&db.connection)? {
            db.transaction(|db| {
                // Another process may have made it between the look and the lock.
                if is_new(&db.connection)? {
                    for statement in sql::schema() {
                        db.connection.execute_batch(statement)?;
                    }
                    let (id, version) = (sql::application_id(), sql::version());
                    db.connection.execute_batch(&format!(
                        "PRAGMA application_id = {id}; PRAGMA user_version = {version}"
                    ))?;
                }
                Ok(())
            })?;
        }
        // All at once: a file whose tables are not as they should be is refused now.
        for statement in Sql::ALL {
            db.connection.prepare_cached(statement.text())?;
        }
        db.connection.busy_handler(Some(|tries: i32| {
            std::thread::sleep(Duration::from_millis(tries.clamp(1, 10) as u64));
            tries < MOST_TRIES
        }))?;
        Ok(db)
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) fn run(&self, sql: Sql, params: impl Params) -> Result<usize> {
        Ok(self
            .connection
            .prepare_cached(sql.text())?
            .execute(params)?)
    }

    /// Runs an insertion; the number of its row.
    pub(crate) fn insert(&self, sql: Sql, params: impl Params) -> Result<i64> {
        Ok(self.connection.prepare_cached(sql.text())?.insert(params)?)
    }

    /// The first row, read by `read`.
    pub(crate) fn get<T>(
        &self,
        sql: Sql,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.connection.prepare_cached(sql.text())?;
        Ok(statement.query_row(params, read).optional()?)
    }

    /// Whether there is a row.
    pub(crate) fn any(&self, sql: Sql, params: impl Params) -> Result<bool> {
        Ok(self.get(sql, params, |_| Ok(()))?.is_some())
    }

    /// The first column of the first row; 0 if there is none.
    pub(crate) fn number(&self, sql: Sql, params: impl Params) -> Result<i64> {
        let found = self.get(sql, params, |row| row.get::<_, Option<i64>>(0))?;
        Ok(found.flatten().unwrap_or(0))
    }

    /// All rows.
    pub(crate) fn all<T>(
        &self,
        sql: Sql,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql.text())?;
        let rows = statement.query_map(params, read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Runs work in one transaction: all of it is kept, or nothing. With SQLite's NORMAL it survives the end of the
    /// process; a loss of power, once the log is synced.
    pub(crate) fn transaction<T>(&mut self, mut work: impl FnMut(&Self) -> Result<T>) -> Result<T> {
        let result = self.once(&mut work);
        match &result {
            // The log may hold many states of a page, of which the file needs the last.
            Err(error) if error.lacks_room() && self.make_room() => self.once(&mut work),
            _ => result,
        }
    }

    fn make_room(&self) -> bool {
        matches!(self.number(Sql::MakeRoom, []), Ok(0))
    }

    fn once<T>(&mut self, work: &mut impl FnMut(&Self) -> Result<T>) -> Result<T> {
        self.run(Sql::Begin, [])?;
        let result = work(self).and_then(|result| {
            self.run(Sql::Commit, [])?;
            Ok(result)
        });
        // A full disk may have rolled back already.
        if result.is_err() && !self.connection.is_autocommit() {
            let _ = self.run(Sql::Rollback, []);
        }
        result
    }

    /// Looks at the file as it stands at one moment.
    pub(crate) fn look<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.run(Sql::BeginLook, [])?;
        let result = work(self);
        self.run(Sql::Commit, [])?;
        result
    }

    /// A number that changes when another connection changes the file.
    pub(crate) fn version(&self) -> Result<i64> {
        self.number(Sql::DataVersion, [])
    }
}

/// True for an empty database, false for one of ours; anything else is refused.
fn is_new(connection: &Connection) -> Result<bool> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let found: (i64, i64, i64) = connection.query_row(Sql::Identity.text(), [], read)?;
    if found == (0, 0, 0) {
        return Ok(true);
    }
    if found.0 != sql::application_id() {
        return Err(FileError::Foreign);
    }
    if found.1 > sql::version() {
        return Err(FileError::Newer(found.1));
    }
    Ok(false)
}
