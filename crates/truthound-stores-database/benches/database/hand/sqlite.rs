//! `SQLite` by hand.

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};
use truthound_stores_testkit::bench::{ASSET, Outcome};

use super::columns::{insert_rows, read_row};
use super::statements::prepared;
use super::{Line, Statements};
use crate::database::SPACE;

/// Connects to a file, with the journal and the durability that the store has.
pub(super) async fn connect(url: &str) -> Outcome<SqliteConnection> {
    let path = url.strip_prefix("sqlite:").ok_or("a database of SQLite's is a file")?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", "4000")
        .disable_statement_logging();
    Ok(options.connect().await?)
}

/// Inserts into each table, in one transaction.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    statements: &Statements,
    lines: &[Line],
) -> Outcome {
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    insert_rows!(&mut *connection, statements, lines, as_name);
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
    Ok(())
}

fn as_name(text: &str) -> &str {
    text
}

pub(super) async fn latest(
    connection: &mut SqliteConnection,
    statements: &Statements,
    limit: i64,
) -> Outcome<usize> {
    let query = prepared(&statements.latest).bind(SPACE).bind("results").bind(ASSET).bind(limit);
    let rows = query.fetch_all(&mut *connection).await?;
    for row in &rows {
        read_row!(row, String);
    }
    Ok(rows.len())
}
