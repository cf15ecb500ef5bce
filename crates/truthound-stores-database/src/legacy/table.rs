//! The statements that read Truthound's table.

use std::borrow::Cow;

use truthound_stores_core::{
    Body, Checksum, Collection, Error, ErrorKind, Key, Reading, RecordMeta, Result, Revision, Stored,
    Timestamp, Zone, describe,
};

use super::no_table;
use crate::conn::Row;
use crate::dialect::Dialect;
use crate::error::Failed;
use crate::pool::Lease;
use crate::sql::{Sql, Value};

/// How many rows are read at once.
const AT_ONCE: i64 = 500;

/// What a namespace holds.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    pub(super) metas: Vec<RecordMeta>,
    pub(super) damaged: Vec<Error>,
}

impl Snapshot {
    /// Refuses to answer for all where some cannot be read.
    pub(super) fn refuse_damage(&self) -> Result<()> {
        self.damaged.first().map_or(Ok(()), |error| Err(error.repeat()))
    }
}

/// How a namespace's rows are, as far as the database can say at once: what changes them, changes this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    rows: i64,
    last: i64,
    bytes: i64,
    updated: String,
}

/// The words in which the databases differ: the time of a column as text, and the bytes of a text.
fn words(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::Postgres => (
            "to_char(coalesce(updated_at, created_at), 'YYYY-MM-DD\"T\"HH24:MI:SS.US')",
            "octet_length(data_json)",
        ),
        Dialect::MySql => (
            "CAST(DATE_FORMAT(coalesce(updated_at, created_at), '%Y-%m-%dT%H:%i:%s.%f') AS CHAR(40))",
            "octet_length(data_json)",
        ),
        Dialect::Sqlite => ("coalesce(updated_at, created_at)", "length(CAST(data_json AS BLOB))"),
    }
}

pub(super) async fn fingerprint(lease: &mut Lease, namespace: &str) -> Result<Fingerprint, Failed> {
    let (time, bytes) = words(lease.dialect());
    let whole = match lease.dialect() {
        Dialect::Postgres => "BIGINT",
        Dialect::MySql => "SIGNED",
        Dialect::Sqlite => "INTEGER",
    };
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!(
        "SELECT count(*), CAST(coalesce(max(id), 0) AS {whole}), CAST(coalesce(sum({bytes}), 0) AS {whole}), \
         coalesce(max({time}), '') FROM validation_results WHERE namespace = "
    ));
    sql.bind(Value::Text(Cow::Borrowed(namespace)));
    let mut rows = lease.fetch(sql).await?;
    let row = rows.first_mut().ok_or_else(|| Error::corrupt("the database cannot count"))?;
    Ok(Fingerprint { rows: row.int()?, last: row.int()?, bytes: row.int()?, updated: row.text()? })
}

/// Checks that the table can be read.
pub(super) async fn check(lease: &mut Lease, namespace: &str) -> Result<(), Failed> {
    let checked = fingerprint(lease, namespace).await;
    checked.map(drop).map_err(|failed| Failed::new(failed.trouble, no_table(failed.error)))
}

/// The statement of rows, up to their conditions.
fn rows<'v>(dialect: Dialect) -> Sql<'v> {
    let (time, _) = words(dialect);
    let whole = if dialect == Dialect::MySql { "SIGNED" } else { "BIGINT" };
    let text = format!(
        "SELECT CAST(id AS {whole}), run_id, namespace, data_json, {time} FROM validation_results WHERE "
    );
    Sql::text(dialect, &text)
}

pub(super) async fn read_all(
    lease: &mut Lease,
    namespace: &str,
    reading: &Reading,
) -> Result<Snapshot, Failed> {
    let mut snapshot = Snapshot::default();
    let mut after = i64::MIN;
    loop {
        let mut sql = rows(lease.dialect());
        sql.push("namespace = ").bind(Value::Text(Cow::Borrowed(namespace)));
        sql.push(" AND id > ").int(after).push(" ORDER BY id LIMIT ").int(AT_ONCE);
        let found = lease.fetch(sql).await?;
        let full = i64::try_from(found.len()).unwrap_or(i64::MAX) == AT_ONCE;
        for mut row in found {
            after = row.int()?;
            match document(&mut row, namespace, reading) {
                Ok(Some(stored)) => snapshot.metas.push(stored.meta),
                Ok(None) => {}
                Err(error) => snapshot.damaged.push(error),
            }
        }
        if !full {
            return Ok(snapshot);
        }
    }
}

pub(super) async fn get(
    lease: &mut Lease,
    namespace: &str,
    key: &Key,
    reading: &Reading,
) -> Result<Stored, Failed> {
    if *key.collection() != Collection::RESULTS {
        return Err(Error::not_found(key).into());
    }
    let mut sql = rows(lease.dialect());
    sql.push("run_id = ").bind(Value::Text(Cow::Borrowed(key.id())));
    sql.push(" AND namespace = ").bind(Value::Text(Cow::Borrowed(namespace)));
    for mut row in lease.fetch(sql).await? {
        row.int()?;
        // The database may take names for the same that differ by case, say.
        if let Some(stored) = document(&mut row, namespace, reading)?
            && stored.meta.key == *key
        {
            return Ok(stored);
        }
    }
    Err(Error::not_found(key).into())
}

/// Reads a row's document; `None` for a row of another namespace.
fn document(row: &mut Row<'_>, namespace: &str, reading: &Reading) -> Result<Option<Stored>> {
    let (id, space, text, time) = (row.text()?, row.text()?, row.text()?, row.maybe_text()?);
    if space != namespace {
        return Ok(None);
    }
    let corrupt = |error: Error| error.with_kind(ErrorKind::Corrupt).with("run_id", id.clone());
    let key = Key::result(&id).map_err(corrupt)?;
    let corrupt = |error: Error| error.with_kind(ErrorKind::Corrupt).at(&key);
    let body = Body::parse(text.as_bytes()).map_err(corrupt)?;
    let (_, attributes) = describe(&Collection::RESULTS, body.as_bytes(), reading).map_err(corrupt)?;
    let saved_at = match &time {
        Some(time) => Timestamp::parse(time, &Zone::Utc).map_err(corrupt)?,
        None => attributes.run_time,
    };
    let mut start = Checksum::of(text.as_bytes()).to_string();
    start.truncate(16);
    let revision = Revision::new(format!("{}-{start}", saved_at.as_micros()));
    let meta = RecordMeta::new(key, attributes, revision, text.len() as u64, body.checksum(), saved_at);
    Ok(Some(Stored::new(meta, Some(body))))
}
