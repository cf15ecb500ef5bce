//! The statements that writers have in common: many rows at once.

use std::borrow::Cow;
use std::collections::HashMap;

use truthound_stores_core::Result;

use super::Old;
use crate::dialect::Dialect;
use crate::error::Failed;
use crate::find::Place;
use crate::pool::Lease;
use crate::row::{META, New, WIDTH};
use crate::sql::{Sql, Value, blocks};

/// The most documents that one statement of MySQL or SQLite writes or looks for: its text stays prepared, and a place in it costs the server memory.
pub(super) const AT_ONCE: usize = 250;

/// What an insert does about a key that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It fails, or (where a failure would end the transaction) touches fewer rows.
    Fails,
    /// The row is overwritten.
    Overwritten,
}

/// The values of a row in the order of [`META`], and the text.
pub(super) fn values(new: &New) -> [Value<'_>; WIDTH] {
    let (meta, counts) = (&new.meta, &new.meta.attributes.statistics);
    let count = |count: u64| Value::Int(count.cast_signed());
    [
        Value::name(meta.key.id()),
        Value::name(&new.asset),
        Value::Int(meta.attributes.run_time.as_micros()),
        Value::name(&new.status),
        Value::MaybeText(new.tags.as_deref()),
        Value::MaybeText(new.suite.as_deref()),
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
        Value::MaybeText(new.ext.as_deref()),
        Value::name(meta.revision.as_str()),
        count(meta.size),
        Value::Bytes(meta.checksum.as_bytes()),
        Value::Int(meta.saved_at.as_micros()),
        Value::Int(new.seal),
        Value::Text(Cow::Borrowed(new.body.as_str())),
    ]
}

/// Columns of PostgreSQL, filled row by row.
pub(super) mod columns {
    use super::{Cow, New, Value, values};

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
    pub(crate) fn of<'n>(news: &[&'n New]) -> Vec<(&'static str, Value<'n>)> {
        let empty = |kind: &str| match kind {
            "bigint" => Value::Ints(Vec::with_capacity(news.len())),
            "double precision" => Value::Doubles(Vec::with_capacity(news.len())),
            "bytea" => Value::Blobs(Vec::with_capacity(news.len())),
            _ => Value::Texts(Vec::with_capacity(news.len())),
        };
        let mut columns: Vec<(&'static str, Value<'_>)> = TYPES.map(|kind| (kind, empty(kind))).to_vec();
        for new in news {
            for ((_, column), value) in columns.iter_mut().zip(values(new)) {
                match (column, value) {
                    (Value::Ints(column), Value::Int(number)) => column.push(number),
                    (Value::Doubles(column), Value::Double(number)) => column.push(number),
                    (Value::Blobs(column), Value::Bytes(bytes)) => column.push(bytes),
                    (Value::Texts(column), Value::Name(text) | Value::Text(text)) => column.push(Some(text)),
                    (Value::Texts(column), Value::MaybeText(text)) => column.push(text.map(Cow::Borrowed)),
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
    let dialect = connection.dialect();
    let mut inserted = 0;
    for news in parts(dialect, news, AT_ONCE) {
        inserted += connection.execute(records(dialect, place, news, taken)).await?;
    }
    Ok(inserted)
}

/// The statement that inserts documents' rows.
pub(super) fn records<'v>(dialect: Dialect, place: &'v Place, news: &[&'v New], taken: Taken) -> Sql<'v> {
    let mut sql = Sql::new(dialect);
    sql.push(&format!("{} {} (space, collection, {META}, body) ", dialect.insert(), place.tables.records));
    match dialect {
        Dialect::Postgres => {
            sql.push("SELECT ").name(&place.space).push(", * FROM unnest(");
            let collections = Value::names(news.iter().map(|new| new.meta.key.collection().as_str()));
            sql.bind(collections).push("::text[]");
            for (kind, column) in columns::of(news) {
                sql.push(", ").bind(column).push(&format!("::{kind}[]"));
            }
            sql.push(")");
        }
        Dialect::MySql | Dialect::Sqlite => {
            sql.push("VALUES ");
            sql.rows(news.iter().map(|new| {
                let key = [&place.space, new.meta.key.collection().as_str()].map(Value::name);
                key.into_iter().chain(values(new))
            }));
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
    sql
}

/// The rows of each statement: PostgreSQL takes any number as columns, by one text.
pub(super) fn parts<T>(dialect: Dialect, rows: &[T], most: usize) -> Vec<&[T]> {
    match dialect {
        Dialect::Postgres => Some(rows).filter(|rows| !rows.is_empty()).into_iter().collect(),
        Dialect::MySql | Dialect::Sqlite => blocks(rows, most).collect(),
    }
}

/// Tells the change feed that documents were written. `replaced` says which state each took the place of.
pub(super) async fn insert_changes(
    connection: &mut Lease,
    place: &Place,
    news: &[(&New, Option<&str>)],
) -> Result<(), Failed> {
    let dialect = connection.dialect();
    for news in parts(dialect, news, AT_ONCE) {
        connection.execute(changes(dialect, place, news)).await?;
    }
    Ok(())
}

/// The statement that tells the change feed of documents.
pub(super) fn changes<'v>(
    dialect: Dialect,
    place: &'v Place,
    news: &[(&'v New, Option<&'v str>)],
) -> Sql<'v> {
    let mut sql = Sql::new(dialect);
    sql.push(&format!("{} {} ({CHANGE}) ", dialect.insert(), place.tables.changes));
    match dialect {
        Dialect::Postgres => {
            let int = |at: fn(&New) -> i64| Value::Ints(news.iter().map(|(new, _)| at(new)).collect());
            sql.push("SELECT ")
                .name(&place.space)
                .push(", n.collection, n.id, 0, n.revision, n.replaced, n.attributes, n.size, ")
                .push("n.checksum, n.saved_at FROM unnest(");
            sql.bind(Value::names(news.iter().map(|(new, _)| new.meta.key.collection().as_str())));
            sql.push("::text[], ").bind(Value::names(news.iter().map(|(new, _)| new.meta.key.id())));
            sql.push("::text[], ");
            sql.bind(Value::names(news.iter().map(|(new, _)| new.meta.revision.as_str())));
            let replaced = news.iter().map(|(_, replaced)| replaced.map(Cow::Borrowed));
            sql.push("::text[], ").bind(Value::Texts(replaced.collect()));
            sql.push("::text[], ").bind(Value::names(news.iter().map(|(new, _)| &*new.attributes)));
            sql.push("::text[], ").bind(int(|new| new.meta.size.cast_signed())).push("::bigint[], ");
            let checksums = news.iter().map(|(new, _)| new.meta.checksum.as_bytes());
            sql.bind(Value::Blobs(checksums.collect())).push("::bytea[], ");
            sql.bind(int(|new| new.meta.saved_at.as_micros())).push(
                "::bigint[]) WITH ORDINALITY AS n (collection, id, revision, replaced, attributes, size, checksum, \
                 saved_at, nth) ORDER BY n.nth",
            );
        }
        Dialect::MySql | Dialect::Sqlite => {
            sql.push("VALUES ");
            sql.rows(news.iter().map(|(new, replaced)| change(place, new, *replaced)));
        }
    }
    sql
}

/// The columns of a change that a writer fills.
pub(super) const CHANGE: &str =
    "space, collection, id, deleted, revision, replaced, attributes, size, checksum, saved_at";

fn change<'v>(place: &'v Place, new: &'v New, replaced: Option<&'v str>) -> [Value<'v>; 10] {
    let meta = &new.meta;
    [
        Value::name(&place.space),
        Value::name(meta.key.collection().as_str()),
        Value::name(meta.key.id()),
        Value::Int(0),
        Value::name(meta.revision.as_str()),
        // In a column that is compared byte by byte.
        replaced.map_or(Value::MaybeText(None), Value::name),
        Value::Text(Cow::Borrowed(&new.attributes)),
        Value::Int(meta.size.cast_signed()),
        Value::Bytes(meta.checksum.as_bytes()),
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
        for ids in parts(dialect, &ids, AT_ONCE) {
            let mut sql = Sql::new(dialect);
            sql.push(&format!(
                "SELECT id, revision, run_time, tags FROM {} WHERE space = ",
                place.tables.records
            ));
            sql.name(&place.space).push(" AND collection = ").name(collection).push(" AND id ");
            match dialect {
                Dialect::Postgres => {
                    sql.push("= ANY(").bind(Value::names(ids.iter().copied())).push(")");
                }
                Dialect::MySql | Dialect::Sqlite => {
                    sql.push("IN (").list(ids.iter().copied().map(Value::name)).push(")");
                }
            }
            sql.push(" ORDER BY id").push(dialect.for_update());
            for mut row in connection.fetch(sql).await? {
                let id = row.text()?;
                // A damaged row is mended by being written over, or deleted: it must not keep anybody from that.
                let revision = row.text().unwrap_or_else(|_damaged| "unreadable".to_owned());
                let (run_time, tags) = (row.int(), row.maybe_text());
                let run_time = run_time.ok().filter(|_| tags.is_ok());
                let old = Old { revision, run_time, tags: tags.ok().flatten() };
                found.insert((collection.to_owned(), id), old);
            }
        }
    }
    Ok(found)
}
