//! The tables of the index, and how connections to it are opened.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use truthound_stores_core::{Error, Result};

use super::error::{damage, sql_error};
use crate::config::Durability;
use crate::place;

/// The index's file, in the catalog.
pub(crate) const FILE: &str = "index.db";

/// Marks the file as ours: `TsFi`.
const APPLICATION: i64 = 0x5473_4669;
/// The version of the tables. Under one number a program may add tables and indexes, but not change what is here.
const FORMAT: i64 = 1;

/// The ways of logging, as SQLite names them.
pub(super) const WAL: &str = "wal";
pub(super) const JOURNAL: &str = "delete";

/// From so many bytes on, the log is moved into the index.
pub(crate) const LONG_LOG: u64 = 8 << 20;

/// How long a connection waits for programs that know nothing of our turns; our own writers queue before they come here.
const PATIENCE: Duration = Duration::from_secs(30);

/// `record` has a row for each document; its `seq` is its place in the change feed, too. `log` has what the feed tells of states that
/// are no more: with a `state`, one that was overwritten or deleted; without, a deletion. `unsettled` has what is acknowledged and not
/// yet known to be on the disk: the bytes of a file, or, without any, a file to be removed. `odd` has files that are not, or not alone,
/// a document.
const TABLES: &str = "
    CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
    CREATE TABLE record (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        data_asset TEXT NOT NULL,
        run_time INTEGER NOT NULL,
        status TEXT NOT NULL,
        tags TEXT,
        suite_name TEXT,
        total_validators INTEGER NOT NULL,
        passed_validators INTEGER NOT NULL,
        failed_validators INTEGER NOT NULL,
        error_validators INTEGER NOT NULL,
        total_rows INTEGER NOT NULL,
        total_columns INTEGER NOT NULL,
        total_issues INTEGER NOT NULL,
        critical_issues INTEGER NOT NULL,
        high_issues INTEGER NOT NULL,
        medium_issues INTEGER NOT NULL,
        low_issues INTEGER NOT NULL,
        execution_time_ms REAL NOT NULL,
        ext TEXT,
        stem TEXT,
        suffix TEXT NOT NULL,
        size INTEGER NOT NULL,
        checksum BLOB NOT NULL,
        modified INTEGER NOT NULL,
        seal INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX record_id ON record (id);
    CREATE TABLE log (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, state TEXT, revision TEXT) STRICT;
    CREATE TABLE unsettled (
        seq INTEGER PRIMARY KEY,
        owner INTEGER NOT NULL,
        id TEXT NOT NULL,
        stem TEXT NOT NULL,
        suffix TEXT NOT NULL,
        modified INTEGER NOT NULL,
        body BLOB
    ) STRICT;
    CREATE INDEX unsettled_removal ON unsettled (stem, suffix) WHERE body IS NULL;
    CREATE TABLE odd (
        file TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        id TEXT,
        modified INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX odd_id ON odd (id);
";

/// Made after the rows where there are many: one sort each is faster than a search for each row.
const INDEXES: &str = "
    CREATE INDEX record_asset ON record (data_asset, run_time, id);
    CREATE INDEX record_time ON record (run_time, id);
    CREATE INDEX record_status ON record (status, run_time, id);
    CREATE UNIQUE INDEX record_stem ON record (stem, suffix) WHERE stem IS NOT NULL;
";

/// What other programs may rely on. Times are ISO 8601 in UTC, always with six digits of a fraction, so that texts sort as times do.
fn view() -> String {
    let iso = |micros: &str| {
        let fraction = format!("((({micros}) % 1000000 + 1000000) % 1000000)");
        format!(
            "strftime('%Y-%m-%dT%H:%M:%S', (({micros}) - {fraction}) / 1000000, 'unixepoch') || printf('.%06dZ', {fraction})"
        )
    };
    // Numbers over 2⁶³ are kept as negative ones.
    let unsigned = |count: &str| {
        format!(
            "(CASE WHEN {count} < 0 THEN {count} + 18446744073709551616.0 ELSE CAST({count} AS REAL) END)"
        )
    };
    format!(
        "CREATE VIEW records AS SELECT id, data_asset, {} AS run_time, status, coalesce(tags, '{{}}') AS tags, suite_name,
         CASE WHEN total_issues < 0 THEN 9223372036854775807 ELSE total_issues END AS total_issues,
         CASE total_validators WHEN 0 THEN 1.0 ELSE {} / {} END AS pass_rate,
         size, {} AS saved_at FROM record;",
        iso("run_time"),
        unsigned("passed_validators"),
        unsigned("total_validators"),
        // Rounded down, before 1970 too.
        iso("(modified - (modified % 1000 + 1000) % 1000) / 1000")
    )
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Reading alone.
    Read,
    /// Writing, with what an acknowledgement is to survive.
    Write(Durability),
}

/// Opens the index that is there.
///
/// # Errors
/// `Corrupt` for a file that is no index of ours; `Unsupported` for one of a later program.
pub(crate) fn open(path: &Path, profile: Profile) -> Result<Connection> {
    let failed = |cause| sql_error("open the index", path, cause);
    if crate::files::stamp(path)?.is_some_and(|stamp| stamp.size == 0) {
        // SQLite would delete its log, which may hold what was acknowledged last.
        return Err(damage(path, "the file is empty"));
    }
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    let (application, format) = identity(&connection).map_err(failed)?;
    if application != APPLICATION {
        return Err(damage(path, "the file is not an index of this program"));
    }
    if format > FORMAT {
        return Err(Error::unsupported(format!(
            "the index has format {format}, and this program knows {FORMAT}: use a later version"
        ))
        .with("index", path.display().to_string()));
    }
    connection.execute_batch(pragmas(profile, log_mode(path))).map_err(failed)?;
    if matches!(profile, Profile::Write(_)) {
        if connection.is_readonly("main").map_err(failed)? && is_writable(path) {
            return Err(damage(path, "its header says that it must not be written"));
        }
        keep_log(&connection, log_mode(path)).map_err(failed)?;
    }
    // The publisher moves the log into the file when it has grown; a commit never waits for that.
    connection.pragma_update(None, "wal_autocheckpoint", 0).map_err(failed)?;
    // A log that begins anew after it was long gives its room back: whoever opens the index looks through all of it.
    connection.pragma_update(None, "journal_size_limit", LONG_LOG.cast_signed()).map_err(failed)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Returns what a connection is set to.
pub(super) fn pragmas(profile: Profile, log_mode: &str) -> &'static str {
    match (profile, log_mode) {
        (Profile::Read, _) => "PRAGMA query_only = ON; PRAGMA cache_size = -4000;",
        // FULL syncs the log at each commit, NORMAL leaves that to the system (<https://sqlite.org/pragma.html#pragma_synchronous>).
        (Profile::Write(Durability::Fsync), WAL) => "PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;",
        // A rollback journal commits by being removed: until the folder is synced, too, a power cut may bring it back, and undo the commit.
        (Profile::Write(Durability::Fsync), _) => "PRAGMA synchronous = EXTRA; PRAGMA cache_size = -16000;",
        (Profile::Write(Durability::Os), _) => "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000;",
    }
}

/// Makes a new index at `path`, which must not exist; the caller fills it and calls [`finish`].
pub(crate) fn create(path: &Path) -> Result<Connection> {
    let failed = |cause| sql_error("create the index", path, cause);
    // SQLite would forbid all but the owner to write, whatever the umask says; an empty file is taken as it is, and what lies beside the
    // index gets the mode that it has (<https://sqlite.org/src/file/src/os_unix.c>, `findCreateFileMode`).
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    made.map_err(|cause| crate::error::io_error("create the index", path, cause))?;
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    // Until it is whole nobody else knows of it: what a crash leaves is thrown away.
    let fast = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32000;";
    let tables = format!(
        "BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}; {TABLES} {}",
        view()
    );
    connection.execute_batch(fast).and_then(|()| connection.execute_batch(&tables)).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Completes a new index, and closes it. From then on it keeps a log.
pub(crate) fn finish(connection: Connection, path: &Path) -> Result<()> {
    let failed = |cause| sql_error("create the index", path, cause);
    connection.execute_batch(&format!("{INDEXES} COMMIT;")).map_err(failed)?;
    keep_log(&connection, log_mode(path)).map_err(failed)?;
    connection.close().map_err(|(_, cause)| failed(cause))
}

/// Tells whether the file itself may be written.
fn is_writable(path: &Path) -> bool {
    std::fs::OpenOptions::new().write(true).open(path).is_ok()
}

/// Decides how the index logs: ahead of its writes, in a file that processes share through memory; on a network file system, where
/// machines share no memory, by a rollback journal, which needs no more than the locks of files (<https://sqlite.org/wal.html>).
fn log_mode(path: &Path) -> &'static str {
    if place::network(path).is_some() { JOURNAL } else { WAL }
}

/// Sets the way of logging, which the file remembers, if it is another.
pub(super) fn keep_log(connection: &Connection, mode: &str) -> rusqlite::Result<()> {
    let present: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if present == mode { Ok(()) } else { connection.pragma_update(None, "journal_mode", mode) }
}

/// Checks every page of the index, and that its indexes agree with its rows; answers what is wrong.
pub(crate) fn integrity(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
    let found =
        statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().filter(|line| line != "ok").collect())
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    // Each connection is used by one thread at a time. The file itself must be no link; where its folder is, links may have led.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(place::resolved(path), flags)?;
    connection.busy_timeout(PATIENCE)?;
    // Nothing that lies in a file may make us call or load anything.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // A plan depends on the statement alone: else SQLite prepares anew whatever is run with other values, a sixth of a listing's time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

fn identity(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let read = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok((read("application_id")?, read("user_version")?))
}
