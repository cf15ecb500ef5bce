//! Connections to files of SQLite, and to databases in memory.

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Row as _, SqliteConnection, TypeInfo, ValueRef};

use super::{Cell, ConnectorOptions};
use crate::dialect::Dialect;
use crate::error::{Failed, Stage};
use crate::sql::Value;

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
    run_statements!(Dialect::Sqlite, bind, cells);
}

fn bind(
    query: Query<'_, sqlx::Sqlite, SqliteArguments>,
    value: Value,
) -> Query<'_, sqlx::Sqlite, SqliteArguments> {
    match value {
        Value::Int(number) => query.bind(number),
        Value::Double(number) => query.bind(number),
        Value::Name(text) | Value::Text(text) => query.bind(text),
        Value::MaybeText(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
        // Only PostgreSQL's statements have columns as values.
        Value::Ints(_) | Value::Doubles(_) | Value::Texts(_) | Value::Blobs(_) => query,
    }
}

fn cells(row: &SqliteRow) -> Result<Vec<Cell>, sqlx::Error> {
    let mut cells = Vec::with_capacity(row.len());
    for index in 0..row.len() {
        let (is_null, kind) = {
            let value = row.try_get_raw(index)?;
            (value.is_null(), value.type_info().name().to_owned())
        };
        let cell = match kind.as_str() {
            _ if is_null => Cell::Null,
            "INTEGER" | "BOOLEAN" => Cell::Int(row.try_get_unchecked(index)?),
            "REAL" | "NUMERIC" => Cell::Double(row.try_get_unchecked(index)?),
            "BLOB" => Cell::Bytes(row.try_get_unchecked(index)?),
            _ => Cell::of_text(row.try_get_unchecked(index)?),
        };
        cells.push(cell);
    }
    Ok(cells)
}
