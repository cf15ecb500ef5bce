//! MySQL and MariaDB by hand.

use std::str::FromStr as _;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{ConnectOptions as _, MySqlConnection, Row as _};
use truthound_stores_testkit::bench::{ASSET, Outcome};

use super::columns::{insert_rows, read_row};
use super::statements::prepared;
use super::{Line, Statements};
use crate::database::SPACE;

/// Connects, with the level of isolation that the store has.
pub(super) async fn connect(url: &str) -> Outcome<MySqlConnection> {
    let mut connection = MySqlConnectOptions::from_str(url)?.disable_statement_logging().connect().await?;
    sqlx::raw_sql("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").execute(&mut connection).await?;
    Ok(connection)
}

/// Inserts into each table, in one transaction.
pub(super) async fn write(
    connection: &mut MySqlConnection,
    statements: &Statements,
    lines: &[Line],
) -> Outcome {
    sqlx::raw_sql("START TRANSACTION").execute(&mut *connection).await?;
    insert_rows!(&mut *connection, statements, lines, as_name);
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
    Ok(())
}

/// Names are bytes to the table.
fn as_name(text: &str) -> &[u8] {
    text.as_bytes()
}

pub(super) async fn latest(
    connection: &mut MySqlConnection,
    statements: &Statements,
    limit: i64,
) -> Outcome<usize> {
    let query = prepared(&statements.latest)
        .bind(as_name(SPACE))
        .bind(as_name("results"))
        .bind(as_name(ASSET))
        .bind(limit);
    let rows = query.fetch_all(&mut *connection).await?;
    for row in &rows {
        read_row!(row, Vec<u8>);
    }
    Ok(rows.len())
}
