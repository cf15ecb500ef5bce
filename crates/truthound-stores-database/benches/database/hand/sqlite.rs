//! `SQLite` by hand.

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};
use truthound_stores_testkit::bench::Outcome;

use super::columns::{insert_rows, read_row};
use super::statements::prepared;
use super::{Line, Statements};
use crate::database::SPACE;
use crate::documents::ASSET;

/// Connects to a file, with the journal and the durability that the store has.
pub(super) async fn connect(url: &str) -> Outcome<SqliteConnection> {
    let path = url.strip_prefix("sqlite:").ok_or("a database of SQLite's is a file")?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    Ok(options.connect().await?)
}

/// Looks at what is stored under the key, as the store does, and inserts.
pub(super) async fn save(connection: &mut SqliteConnection, statements: &Statements, line: &Line) -> Outcome {
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let look = prepared(&statements.look).bind(SPACE).bind(&*line.collection).bind(&*line.id);
    if !look.fetch_all(&mut *connection).await?.is_empty() {
        return Err("the document is there already".into());
    }
    insert(connection, statements, std::slice::from_ref(line)).await
}

/// Inserts without a look.
pub(super) async fn batch(
    connection: &mut SqliteConnection,
    statements: &Statements,
    lines: &[Line],
) -> Outcome {
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    insert(connection, statements, lines).await
}

async fn insert(connection: &mut SqliteConnection, statements: &Statements, lines: &[Line]) -> Outcome {
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
