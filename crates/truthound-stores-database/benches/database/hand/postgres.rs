//! PostgreSQL by hand.

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection, Row as _};
use truthound_stores_testkit::bench::{ASSET, Outcome};

use super::columns::{bind_record, read_row};
use super::statements::prepared;
use super::{Line, Statements};
use crate::database::SPACE;

pub(super) async fn connect(url: &str) -> Outcome<PgConnection> {
    Ok(PgConnectOptions::from_str(url)?.disable_statement_logging().connect().await?)
}

fn as_name(text: &str) -> &str {
    text
}

/// Inserts into all three tables by one statement, as the store does: one round trip.
pub(super) async fn save(connection: &mut PgConnection, statements: &Statements, line: &Line) -> Outcome {
    let query = bind_record!(prepared(&statements.whole), line, as_name);
    query.bind(&line.tag_keys).bind(&*line.attributes).execute(&mut *connection).await?;
    Ok(())
}

/// Inserts columns of rows into each table, in one transaction.
pub(super) async fn batch(connection: &mut PgConnection, statements: &Statements, lines: &[Line]) -> Outcome {
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await?;
    records(connection, statements, lines).await?;
    let tags = || lines.iter().flat_map(|line| line.tag_keys.iter().map(move |tag| (line, tag)));
    prepared(&statements.tags)
        .bind(SPACE)
        .bind(tags().map(|(line, _)| &*line.collection).collect::<Vec<&str>>())
        .bind(tags().map(|(line, _)| &*line.id).collect::<Vec<&str>>())
        .bind(tags().map(|(_, tag)| tag.as_slice()).collect::<Vec<&[u8]>>())
        .bind(tags().map(|(line, _)| line.run_time).collect::<Vec<i64>>())
        .execute(&mut *connection)
        .await?;
    prepared(&statements.changes)
        .bind(SPACE)
        .bind(texts(lines, |line| &line.collection))
        .bind(texts(lines, |line| &line.id))
        .bind(texts(lines, |line| &line.revision))
        .bind(texts(lines, |line| &line.attributes))
        .bind(numbers(lines, |line| line.size))
        .bind(lines.iter().map(|line| line.checksum.as_slice()).collect::<Vec<&[u8]>>())
        .bind(numbers(lines, |line| line.saved_at))
        .execute(&mut *connection)
        .await?;
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
    Ok(())
}

async fn records(connection: &mut PgConnection, statements: &Statements, lines: &[Line]) -> Outcome {
    let mut query = prepared(&statements.records)
        .bind(SPACE)
        .bind(texts(lines, |line| &line.collection))
        .bind(texts(lines, |line| &line.id))
        .bind(texts(lines, |line| &line.asset))
        .bind(numbers(lines, |line| line.run_time))
        .bind(texts(lines, |line| &line.status))
        .bind(lines.iter().map(|line| line.tags.as_deref()).collect::<Vec<Option<&str>>>())
        .bind(lines.iter().map(|line| line.suite.as_deref()).collect::<Vec<Option<&str>>>());
    for at in 0..11 {
        query = query.bind(numbers(lines, |line| line.counts.get(at).copied().unwrap_or_default()));
    }
    query
        .bind(lines.iter().map(|line| line.execution_time).collect::<Vec<f64>>())
        .bind(lines.iter().map(|line| line.ext.as_deref()).collect::<Vec<Option<&str>>>())
        .bind(texts(lines, |line| &line.revision))
        .bind(numbers(lines, |line| line.size))
        .bind(lines.iter().map(|line| line.checksum.as_slice()).collect::<Vec<&[u8]>>())
        .bind(numbers(lines, |line| line.saved_at))
        .bind(numbers(lines, |line| line.seal))
        .bind(texts(lines, |line| &line.body))
        .execute(&mut *connection)
        .await?;
    Ok(())
}

fn texts(lines: &[Line], of: impl Fn(&Line) -> &str) -> Vec<&str> {
    lines.iter().map(of).collect()
}

fn numbers(lines: &[Line], of: impl Fn(&Line) -> i64) -> Vec<i64> {
    lines.iter().map(of).collect()
}

pub(super) async fn latest(
    connection: &mut PgConnection,
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
