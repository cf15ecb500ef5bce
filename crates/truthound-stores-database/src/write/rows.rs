//! The statements that writers have in common: many rows at once.

use std::collections::HashMap;

use truthound_stores_core::Result;

use super::Old;
use crate::dialect::Dialect;
use crate::error::Failed;
use crate::find::Place;
use crate::pool::Lease;
use crate::row::{META, New, WIDTH};
use crate::sql::{Sql, Value};

/// What an insert does about a key that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It fails, or (where a failure would end the transaction) touches fewer rows.
    Fails,
    /// The row is overwritten.
    Overwritten,
}

/// The values of a row in the order of [`META`], and the text.
fn values(new: &New) -> [Value; WIDTH] {
    let (meta, counts) = (&new.meta, &new.meta.attributes.statistics);
    let count = |count: u64| Value::Int(count.cast_signed());
    [
        Value::Name(meta.key.id().to_owned()),
        Value::Name(new.asset.clone()),
        Value::Int(meta.attributes.run_time.as_micros()),
        Value::Name(new.status.clone()),
        Value::MaybeText(new.tags.clone()),
        Value::MaybeText(new.suite.clone()),
        count(counts.total_validators),
        count(counts.passed_validators),
        count(counts.failed_validators),
        count(counts.error_validators),
        count(counts.total_rows),
        count(counts.total_columns),
        count(counts.total_issues),
        count(counts.critical_issues),
        count(counts.high_issues),
        count(counts.medium_issues),
        count(counts.low_issues),
        Value::Double(counts.execution_time_ms),
        Value::MaybeText(new.ext.clone()),
        Value::Name(meta.revision.as_str().to_owned()),
        count(meta.size),
        Value::Bytes(meta.checksum.as_bytes().to_vec()),
        Value::Int(meta.saved_at.as_micros()),
        Value::Int(new.seal),
        Value::Text(new.body.clone()),
    ]
}

/// Adds `(…), (…)`, the rows of an insert.
pub(super) fn rows(sql: &mut Sql, rows: impl IntoIterator<Item = Vec<Value>>) {
    for (index, row) in rows.into_iter().enumerate() {
        sql.push(if index == 0 { "(" } else { ", (" });
        sql.list(row).push(")");
    }
}

/// Columns of PostgreSQL, filled row by row.
pub(super) mod columns {
    use super::{New, Value, values};

    /// The type of each column of a row, for `unnest`.
    const TYPES: [&str; super::WIDTH] = [
        "text",
        "text",
        "bigint",
        "text",
        "text",
        "text",
        "bigint",
        "bigint",
        "bigint",
        "bigint",
        "bigint",
        "bigint",
        "bigint",
        "bigint",
        "bigint",
        "bigint",
        "bigint",
        "double precision",
        "text",
        "text",
        "bigint",
        "bytea",
        "bigint",
        "bigint",
        "text",
    ];

    /// The rows' columns, with their types.
    pub(crate) fn of(news: &[&New]) -> Vec<(&'static str, Value)> {
        let empty = |kind: &str| match kind {
            "bigint" => Value::Ints(Vec::with_capacity(news.len())),
            "double precision" => Value::Doubles(Vec::with_capacity(news.len())),
            "bytea" => Value::Blobs(Vec::with_capacity(news.len())),
            _ => Value::Texts(Vec::with_capacity(news.len())),
        };
        let mut columns: Vec<(&'static str, Value)> = TYPES.map(|kind| (kind, empty(kind))).to_vec();
        for new in news {
            for ((_, column), value) in columns.iter_mut().zip(values(new)) {
                match (column, value) {
                    (Value::Ints(column), Value::Int(number)) => column.push(number),
                    (Value::Doubles(column), Value::Double(number)) => column.push(number),
                    (Value::Blobs(column), Value::Bytes(bytes)) => column.push(bytes),
                    (Value::Texts(column), Value::Name(text) | Value::Text(text)) => column.push(Some(text)),
                    (Value::Texts(column), Value::MaybeText(text)) => column.push(text),
                    _ => {}
                }
            }
        }
        columns
    }
}

/// Inserts documents' rows; answers how many.
pub(super) async fn insert_records(
    connection: &mut Lease,
    place: &Place,
    news: &[&New],
    taken: Taken,
) -> Result<u64, Failed> {
    if news.is_empty() {
        return Ok(0);
    }
    let dialect = connection.dialect();
    let mut sql = Sql::new(dialect);
    sql.push(&format!("INSERT INTO {} (space, collection, {META}, body) ", place.tables.records));
    match dialect {
        Dialect::Postgres => {
            sql.push("SELECT ").name(&place.space).push(", * FROM unnest(");
            let collections = news.iter().map(|new| Some(new.meta.key.collection().as_str().to_owned()));
            sql.bind(Value::Texts(collections.collect())).push("::text[]");
            for (kind, column) in columns::of(news) {
                sql.push(", ").bind(column).push(&format!("::{kind}[]"));
            }
            sql.push(")");
        }
        Dialect::MySql | Dialect::Sqlite => {
            sql.push("VALUES ");
            rows(
                &mut sql,
                news.iter().map(|new| {
                    let key = [&place.space, new.meta.key.collection().as_str()]
                        .map(|name| Value::Name(name.to_owned()));
                    key.into_iter().chain(values(new)).collect()
                }),
            );
        }
    }
    let columns = META.split(", ").chain(["body"]).filter(|column| *column != "id");
    match (dialect, taken) {
        (Dialect::Postgres, Taken::Fails) => {
            sql.push(" ON CONFLICT DO NOTHING");
        }
        (Dialect::MySql, Taken::Overwritten) => {
            let all: Vec<String> = columns.map(|column| format!("{column} = VALUES({column})")).collect();
            sql.push(" ON DUPLICATE KEY UPDATE ").push(&all.join(", "));
        }
        (_, Taken::Overwritten) => {
            let all: Vec<String> = columns.map(|column| format!("{column} = excluded.{column}")).collect();
            sql.push(" ON CONFLICT (space, collection, id) DO UPDATE SET ").push(&all.join(", "));
        }
        (_, Taken::Fails) => {}
    }
    let many = match dialect {
        Dialect::Postgres => 1,
        Dialect::MySql | Dialect::Sqlite => news.len(),
    };
    connection.execute(sql.kept_for(many)).await
}

/// Tells the change feed that documents were written. `replaced` says which state each took the place of.
pub(super) async fn insert_changes(
    connection: &mut Lease,
    place: &Place,
    news: &[(&New, Option<&str>)],
) -> Result<(), Failed> {
    if news.is_empty() {
        return Ok(());
    }
    let dialect = connection.dialect();
    let mut sql = Sql::new(dialect);
    sql.push(&format!("INSERT INTO {} ({CHANGE}) ", place.tables.changes));
    match dialect {
        Dialect::Postgres => {
            let text =
                |at: fn(&New) -> String| Value::Texts(news.iter().map(|(new, _)| Some(at(new))).collect());
            let int = |at: fn(&New) -> i64| Value::Ints(news.iter().map(|(new, _)| at(new)).collect());
            sql.push("SELECT ")
                .name(&place.space)
                .push(", n.collection, n.id, 0, n.revision, n.replaced, n.attributes, n.size, ");
            sql.push("n.checksum, n.saved_at FROM unnest(")
                .bind(text(|new| new.meta.key.collection().as_str().to_owned()));
            sql.push("::text[], ").bind(text(|new| new.meta.key.id().to_owned())).push("::text[], ");
            sql.bind(text(|new| new.meta.revision.as_str().to_owned())).push("::text[], ");
            sql.bind(Value::Texts(news.iter().map(|(_, replaced)| replaced.map(str::to_owned)).collect()));
            sql.push("::text[], ").bind(text(|new| new.attributes.clone())).push("::text[], ");
            sql.bind(int(|new| new.meta.size.cast_signed())).push("::bigint[], ");
            sql.bind(Value::Blobs(
                news.iter().map(|(new, _)| new.meta.checksum.as_bytes().to_vec()).collect(),
            ));
            sql.push("::bytea[], ").bind(int(|new| new.meta.saved_at.as_micros()));
            sql.push("::bigint[]) WITH ORDINALITY AS n (collection, id, revision, replaced, attributes, size, checksum, saved_at, nth) ");
            sql.push("ORDER BY n.nth");
            connection.execute(sql).await.map(drop)
        }
        Dialect::MySql | Dialect::Sqlite => {
            sql.push("VALUES ");
            rows(&mut sql, news.iter().map(|(new, replaced)| change(place, new, *replaced)));
            connection.execute(sql.kept_for(news.len())).await.map(drop)
        }
    }
}

/// The columns of a change that a writer fills.
const CHANGE: &str =
    "space, collection, id, deleted, revision, replaced, attributes, size, checksum, saved_at";

fn change(place: &Place, new: &New, replaced: Option<&str>) -> Vec<Value> {
    let meta = &new.meta;
    let [space, collection, id] = [&place.space, meta.key.collection().as_str(), meta.key.id()]
        .map(|name| Value::Name(name.to_owned()));
    vec![
        space,
        collection,
        id,
        Value::Int(0),
        Value::Name(meta.revision.as_str().to_owned()),
        maybe_name(replaced),
        Value::Text(new.attributes.clone()),
        Value::Int(meta.size.cast_signed()),
        Value::Bytes(meta.checksum.as_bytes().to_vec()),
        Value::Int(meta.saved_at.as_micros()),
    ]
}

/// Finds what is stored under keys, and keeps others from changing it until the transaction ends.
pub(crate) async fn lock_old<'a>(
    connection: &mut Lease,
    place: &Place,
    keys: impl Iterator<Item = &'a truthound_stores_core::Key> + Send,
) -> Result<HashMap<(String, String), Old>, Failed> {
    let mut ids: HashMap<&str, Vec<&str>> = HashMap::new();
    for key in keys {
        ids.entry(key.collection().as_str()).or_default().push(key.id());
    }
    // Always in one order: two writers of the same documents wait for each other, and do not block each other.
    let mut ids: Vec<(&str, Vec<&str>)> = ids.into_iter().collect();
    ids.sort_unstable();
    let dialect = connection.dialect();
    let mut found = HashMap::new();
    for (collection, mut ids) in ids {
        ids.sort_unstable();
        let mut sql = Sql::new(dialect);
        sql.push(&format!(
            "SELECT id, revision, run_time, tags FROM {} WHERE space = ",
            place.tables.records
        ));
        sql.name(&place.space).push(" AND collection = ").name(collection).push(" AND id ");
        let mut many = ids.len();
        match dialect {
            Dialect::Postgres => {
                many = 1;
                sql.push("= ANY(")
                    .bind(Value::Texts(ids.iter().map(|id| Some((*id).to_owned())).collect()))
                    .push(")");
            }
            Dialect::MySql | Dialect::Sqlite => {
                sql.push("IN (").list(ids.iter().map(|id| Value::Name((*id).to_owned()))).push(")");
            }
        }
        sql.push(" ORDER BY id").push(dialect.for_update());
        for mut row in connection.fetch(sql.kept_for(many)).await? {
            let id = row.text()?;
            // A damaged row is mended by being written over, or deleted: it must not keep anybody from that.
            let revision = row.text().unwrap_or_else(|_damaged| "unreadable".to_owned());
            let (run_time, tags) = (row.int(), row.maybe_text());
            let run_time = run_time.ok().filter(|_| tags.is_ok());
            let old = Old { revision, run_time, tags: tags.ok().flatten() };
            found.insert((collection.to_owned(), id), old);
        }
    }
    Ok(found)
}

/// A revision that may be missing, in a column that is compared byte by byte.
fn maybe_name(text: Option<&str>) -> Value {
    text.map_or(Value::MaybeText(None), |text| Value::Name(text.to_owned()))
}
