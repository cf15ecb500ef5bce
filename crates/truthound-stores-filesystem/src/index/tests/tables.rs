//! An index of another program, of a later version of this one, or of nobody, is told apart before anything is read from it:
//! the answers of a wrong file would be wrong answers.

use std::path::Path;

use truthound_stores_core::{Error, ErrorKind};

use super::super::{Profile, integrity, open, schema};
use super::{full_row, sample};
use crate::config::Durability;

fn refused(path: &Path) -> Error {
    let error = open(path, Profile::Read).unwrap_err();
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    error
}

#[test]
fn an_index_of_a_later_program_is_refused_by_the_number_of_its_format() {
    let sample = sample(&[full_row(1, "x")]);
    sample.index.pragma_update(None, "user_version", 2).unwrap();
    let error = refused(&sample.path);
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("format 2") && error.to_string().contains("later version"), "{error}");
}

#[test]
fn a_file_that_is_no_index_of_ours_is_damage_with_the_cure() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.db");
    let foreign = rusqlite::Connection::open(dir.path().join("foreign.db")).unwrap();
    foreign.execute_batch("CREATE TABLE record (id TEXT); PRAGMA application_id = 7;").unwrap();
    drop(foreign);
    let foreign = std::fs::read(dir.path().join("foreign.db")).unwrap();
    for bytes in [b"".as_slice(), b"{}", &[0; 8192], &[b'x'; 8192], &foreign, &foreign[..100]] {
        std::fs::write(&path, bytes).unwrap();
        let error = refused(&path);
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{} bytes: {error}", bytes.len());
        assert!(error.to_string().contains("verify --repair"), "{error}");
    }
}

/// A missing index is not made by looking for it.
#[test]
fn opening_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.db");
    assert_eq!(refused(&path).kind(), ErrorKind::Unavailable);
    assert!(!path.exists());
}

#[test]
fn rows_and_indexes_that_disagree_are_found() {
    let sample = sample(&[full_row(1, "x"), full_row(2, "y")]);
    assert!(integrity(&sample.index).unwrap().is_empty());
    // An index over fewer columns is passed off as the one over assets and times.
    let forged = "PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE INDEX record_asset ON record (status, run_time, id)' WHERE name = 'record_asset';
        PRAGMA writable_schema = RESET;";
    let plain = rusqlite::Connection::open(&sample.path).unwrap();
    plain.execute_batch(forged).unwrap();
    drop(plain);
    let index = open(&sample.path, Profile::Read).unwrap();
    let found = integrity(&index).unwrap();
    assert!(!found.is_empty());
    assert!(found.iter().any(|line| line.contains("record_asset")), "{found:?}");
}

/// A connection for reading writes nothing, whatever it is asked.
#[test]
fn readers_cannot_write() {
    let sample = sample(&[full_row(1, "x")]);
    let index = open(&sample.path, Profile::Read).unwrap();
    let cause = index.execute("DELETE FROM record", []).unwrap_err();
    let error = super::super::sql_error("write the index", &sample.path, cause);
    assert_eq!(error.kind(), ErrorKind::Denied);
}

/// On a network file system a commit is the removal of the journal. That was never synced, so that a power cut could undo what was
/// acknowledged.
#[test]
fn a_commit_by_journal_syncs_the_folder_too() {
    for (log_mode, durability, synchronous) in [
        (schema::WAL, Durability::Fsync, 2),
        (schema::JOURNAL, Durability::Fsync, 3),
        (schema::WAL, Durability::Os, 1),
        (schema::JOURNAL, Durability::Os, 1),
    ] {
        let sample = sample(&[]);
        sample.index.execute_batch(schema::pragmas(Profile::Write(durability), log_mode)).unwrap();
        schema::keep_log(&sample.index, log_mode).unwrap();
        let is = |name| sample.index.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(is("synchronous"), synchronous, "{log_mode} {durability:?}");
        let mode: String = sample.index.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, log_mode);
    }
}
