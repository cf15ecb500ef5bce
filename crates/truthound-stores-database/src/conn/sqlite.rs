//! Connections to files of SQLite, and to databases in memory.

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Decode, Row as _, SqliteConnection, TypeInfo, ValueRef};

use super::{Cell, ConnectorOptions, unreadable};
use crate::dialect::Dialect;
use crate::error::{Failed, Stage};
use crate::sql::Value;

/// How many rows of an answer wait to be taken, at the most: a page of a listing.
const ROWS_AHEAD: usize = 1_024;
/// After so many pages, of 4 KiB each, the log is written back into the file. By itself SQLite does so after 1,000, which is less than a batch of a
/// thousand documents changes, whose ids come in any order.
const LOG_PAGES: u32 = 4_000;

/// How to connect.
#[derive(Clone)]
pub(crate) struct Options(SqliteConnectOptions);

impl Options {
    /// `path` is a file, or `:memory:`.
    pub(crate) fn new(path: &str, options: &ConnectorOptions) -> Self {
        let mut inner = SqliteConnectOptions::new()
            .disable_statement_logging()
            .busy_timeout(options.patience)
            .foreign_keys(false)
            // The driver reads on a thread of its own, which waits while so many rows are not taken yet. By itself it has 50, half a page.
            .row_buffer_size(ROWS_AHEAD)
            .pragma("wal_autocheckpoint", LOG_PAGES.to_string())
            // What was acknowledged survives a power cut.
            .synchronous(SqliteSynchronous::Full);
        inner = if path == ":memory:" {
            inner.in_memory(true)
        } else {
            inner.filename(path).create_if_missing(options.create).read_only(options.read_only)
        };
        if !options.read_only {
            inner = inner.journal_mode(SqliteJournalMode::Wal);
        }
        Self(inner)
    }

    pub(crate) async fn connect(&self) -> Result<Sqlite, Failed> {
        let inner = self.0.connect().await;
        let inner = inner.map_err(|cause| Failed::of(Dialect::Sqlite, cause, Stage::Connect))?;
        Ok(Sqlite { inner })
    }
}

pub(crate) struct Sqlite {
    inner: SqliteConnection,
}

impl Sqlite {
    run_statements!(Dialect::Sqlite, bind, (), cells);
}

fn bind<'q>(
    query: Query<'q, sqlx::Sqlite, SqliteArguments>,
    value: Value<'_>,
) -> Query<'q, sqlx::Sqlite, SqliteArguments> {
    match value {
        Value::Int(number) => query.bind(number),
        Value::Double(number) => query.bind(number),
        Value::Name(text) | Value::Text(text) => query.bind(&*text),
        Value::MaybeText(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
        Value::Tag(key) => query.bind(key.as_slice()),
        // Only PostgreSQL's statements have columns as values.
        Value::Ints(_) | Value::Doubles(_) | Value::Texts(_) | Value::Blobs(_) => query,
    }
}

/// Each value has a type of its own here, whatever its column's is.
fn cells<'r>(row: &'r SqliteRow, (): &mut (), cells: &mut Vec<Cell<'r>>) -> Result<(), sqlx::Error> {
    cells.reserve(row.len());
    for index in 0..row.len() {
        let value = row.try_get_raw(index)?;
        let kind = value.type_info().into_owned();
        let cell = match kind.name() {
            _ if value.is_null() => Ok(Cell::Null),
            "INTEGER" => <i64 as Decode<sqlx::Sqlite>>::decode(value).map(Cell::Int),
            "REAL" => <f64 as Decode<sqlx::Sqlite>>::decode(value).map(Cell::Double),
            "BLOB" => <&[u8] as Decode<sqlx::Sqlite>>::decode(value).map(|bytes| Cell::Bytes(bytes.into())),
            _ => <&[u8] as Decode<sqlx::Sqlite>>::decode(value).map(Cell::of_text),
        };
        cells.push(cell.map_err(unreadable(index))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sqlx::Executor as _;

    use super::*;

    #[tokio::test]
    async fn a_file_is_durable_and_its_log_is_long_enough_for_a_batch() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.db");
        let options = ConnectorOptions { create: true, read_only: false, patience: Duration::from_secs(5) };
        let mut sqlite = Options::new(path.to_str().unwrap(), &options).connect().await.unwrap();
        for (statement, expected) in
            [("PRAGMA wal_autocheckpoint", 4_000), ("PRAGMA synchronous", 2), ("PRAGMA busy_timeout", 5_000)]
        {
            let row = sqlite.inner.fetch_one(statement).await.unwrap();
            assert_eq!(row.get::<i64, _>(0), expected, "{statement}");
        }
    }
}
