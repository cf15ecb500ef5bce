//! What SQLite's errors mean, in one place.

use std::path::Path;

use rusqlite::ErrorCode;
use truthound_stores_core::{Error, ErrorKind};

/// What to do about an index that cannot be trusted.
pub(crate) const CURE: &str = "`truthound-stores verify --repair` rebuilds it from the documents";

/// Turns an error of SQLite into a store's error. `doing` completes "cannot …".
pub(crate) fn sql_error(doing: &str, index: &Path, cause: rusqlite::Error) -> Error {
    let cause = match cause {
        rusqlite::Error::ToSqlConversionFailure(other) => match other.downcast::<Error>() {
            // A store's error that has come through SQLite's says all by itself.
            Ok(error) => return *error,
            Err(other) => rusqlite::Error::ToSqlConversionFailure(other),
        },
        cause => cause,
    };
    let (kind, hint) = classify(index, &cause);
    let error = Error::new(kind, format!("cannot {doing}{hint}")).with("index", index.display().to_string());
    match &cause {
        // By itself it would say the same twice: "database is locked: Error code 5: The database file is locked".
        rusqlite::Error::SqliteFailure(code, Some(text)) => {
            error.caused_by(format!("{text} (SQLite code {})", code.extended_code))
        }
        _ => error.caused_by(cause),
    }
}

/// Says that the index contradicts itself.
pub(crate) fn damage(index: &Path, what: &str) -> Error {
    Error::corrupt(format!("the index is damaged; {CURE}"))
        .with("index", index.display().to_string())
        .caused_by(what)
}

/// Says what is wrong with an index, without advice and without its path: for those who say both themselves.
pub(crate) fn what_is_wrong(error: &Error) -> String {
    match (error.context("index"), std::error::Error::source(error)) {
        (Some(_), Some(cause)) => cause.to_string(),
        _ => error.report(),
    }
}

/// Extended result codes (<https://sqlite.org/rescode.html>) that say more than their primary code.
const IOERR_SHORT_READ: i32 = 522;

/// Tells whether SQLite could not make or map the file `index.db-shm`.
fn is_of_shared_memory(cause: &rusqlite::Error) -> bool {
    use rusqlite::ffi;
    const CODES: [i32; 3] = [ffi::SQLITE_IOERR_SHMOPEN, ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_IOERR_SHMMAP];
    matches!(cause, rusqlite::Error::SqliteFailure(code, _) if CODES.contains(&code.extended_code))
}

fn classify(index: &Path, cause: &rusqlite::Error) -> (ErrorKind, &'static str) {
    use rusqlite::Error as Sql;
    const DAMAGED: (ErrorKind, &str) = (
        ErrorKind::Corrupt,
        ": the index is damaged; `truthound-stores verify --repair` rebuilds it from the documents",
    );
    let code = match cause {
        Sql::SqliteFailure(code, _) | Sql::SqlInputError { error: code, .. } => code,
        // A row that does not have the form that was written: somebody, or the disk, has changed it.
        Sql::FromSqlConversionFailure(..)
        | Sql::IntegralValueOutOfRange(..)
        | Sql::InvalidColumnType(..)
        | Sql::Utf8Error(..) => {
            return DAMAGED;
        }
        _ => return (ErrorKind::Internal, ""),
    };
    match code.code {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => DAMAGED,
        ErrorCode::SystemIoFailure if code.extended_code == IOERR_SHORT_READ => DAMAGED,
        // A table or column that is gone: the file is a database, but not, or no longer, ours. Every statement is fixed, so it is not the
        // statement that is wrong.
        ErrorCode::Unknown if code.extended_code == rusqlite::ffi::SQLITE_ERROR => DAMAGED,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            (ErrorKind::Timeout, ": another program has held the index for too long")
        }
        ErrorCode::DiskFull => {
            (ErrorKind::Unavailable, ": the disk or the quota is full; free some space and try again")
        }
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            (ErrorKind::Denied, ": check who owns the index and its folder, and their permissions")
        }
        ErrorCode::CannotOpen if index.is_dir() => {
            (ErrorKind::Corrupt, ": a folder stands in its place; move it away, and the index is made anew")
        }
        ErrorCode::CannotOpen => (ErrorKind::Unavailable, ": it cannot be opened"),
        ErrorCode::OutOfMemory => (ErrorKind::Overloaded, ": out of memory"),
        ErrorCode::SystemIoFailure if is_of_shared_memory(cause) => (
            ErrorKind::Unavailable,
            ": the file of the memory that its processes share cannot be made, as a rule because the disk or the quota is full; free some space and try again",
        ),
        ErrorCode::SystemIoFailure => (ErrorKind::Unavailable, ": the disk answers with an error"),
        _ => (ErrorKind::Internal, ""),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn results_of_sqlite_become_kinds_that_callers_act_on() {
        for (code, kind) in [
            (ffi::SQLITE_CORRUPT, ErrorKind::Corrupt),
            (ffi::SQLITE_NOTADB, ErrorKind::Corrupt),
            // A bit that flipped in the name of a column, which the description of tables keeps as text, came out as a bug of ours.
            (ffi::SQLITE_ERROR, ErrorKind::Corrupt),
            (IOERR_SHORT_READ, ErrorKind::Corrupt),
            (ffi::SQLITE_BUSY, ErrorKind::Timeout),
            (ffi::SQLITE_FULL, ErrorKind::Unavailable),
            (ffi::SQLITE_IOERR, ErrorKind::Unavailable),
            (ffi::SQLITE_READONLY, ErrorKind::Denied),
            (ffi::SQLITE_PERM, ErrorKind::Denied),
            (ffi::SQLITE_CANTOPEN, ErrorKind::Unavailable),
        ] {
            let cause = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            let error = sql_error("read the index", Path::new("/data/index.db"), cause);
            assert_eq!(error.kind(), kind, "{code}");
            assert!(error.to_string().contains("/data/index.db"));
        }
    }

    /// An index whose damage was met while names were compared came out as a bug of ours, and so did a folder that may not be listed:
    /// `verify` ended with it, and mended nothing.
    #[test]
    fn an_error_of_the_store_that_comes_through_sqlite_stays_what_it_is() {
        let inner = damage(Path::new("/data/index.db"), "it is no index of this program");
        let told = inner.report();
        let through = rusqlite::Error::ToSqlConversionFailure(Box::new(inner));
        let error = sql_error("compare names", Path::new("/data/index.db"), through);
        assert_eq!((error.kind(), error.report()), (ErrorKind::Corrupt, told));
        let other = rusqlite::Error::ToSqlConversionFailure("no number".into());
        assert_eq!(sql_error("write", Path::new("/data/index.db"), other).kind(), ErrorKind::Internal);
    }

    /// SQLite's texts came twice, "database disk image is malformed: Error code 11: database disk image is malformed", and what was found
    /// by `verify` had the advice of the error in it, and its own behind it.
    #[test]
    fn what_is_wrong_is_said_once() {
        let cause = rusqlite::Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_CORRUPT),
            Some("database disk image is malformed".to_owned()),
        );
        let error = sql_error("open the index", Path::new("/data/index.db"), cause);
        assert_eq!(
            error.report(),
            "cannot open the index: the index is damaged; `truthound-stores verify --repair` rebuilds it from the documents \
             (index: /data/index.db): database disk image is malformed (SQLite code 11)"
        );
        assert_eq!(what_is_wrong(&error), "database disk image is malformed (SQLite code 11)");
        let error = damage(Path::new("/data/index.db"), "it is no index of this program");
        assert_eq!(what_is_wrong(&error), "it is no index of this program");
        assert_eq!(what_is_wrong(&Error::corrupt("x").with("file", "y")), "x (file: y)");
    }
}
