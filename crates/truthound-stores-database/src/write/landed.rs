//! Whether a write was carried out whose answer was lost, going by the change feed.

use std::collections::{BTreeMap, HashMap};

use truthound_stores_core::{Key, Result};

use super::rows::{AT_ONCE, parts};
use crate::dialect::Dialect;
use crate::error::Failed;
use crate::find::Place;
use crate::pool::Lease;
use crate::sql::{Sql, Value};

/// The column by which a write is known again: drawn before its first attempt, the same in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A save's.
    Revision,
    /// A delete's.
    Nonce,
}

/// Finds which of the writes have been carried out, by their documents and marks; with the revision that each replaced.
pub(super) async fn landed<'w>(
    lease: &mut Lease,
    place: &Place,
    mark: Mark,
    writes: impl Iterator<Item = (&'w Key, &'w str)> + Send,
) -> Result<HashMap<String, Option<String>>, Failed> {
    let mut of: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (key, mark) in writes {
        of.entry(key.collection().as_str()).or_default().push((key.id(), mark));
    }
    let mut found = HashMap::new();
    for (collection, writes) in of {
        for writes in parts(lease.dialect(), &writes, AT_ONCE) {
            let sql = statement(lease.dialect(), place, mark, collection, writes);
            for mut row in lease.fetch(sql).await? {
                found.insert(row.text()?, row.maybe_text()?);
            }
        }
    }
    Ok(found)
}

/// The statement for documents of a collection: it walks the changes of these documents alone.
pub(crate) fn statement<'v>(
    dialect: Dialect,
    place: &'v Place,
    mark: Mark,
    collection: &'v str,
    writes: &[(&'v str, &'v str)],
) -> Sql<'v> {
    let (column, deleted) = match mark {
        Mark::Revision => ("revision", "0"),
        Mark::Nonce => ("nonce", "1"),
    };
    let mut sql = Sql::new(dialect);
    sql.push(&format!("SELECT {column}, replaced FROM {} WHERE space = ", place.tables.changes));
    sql.name(&place.space).push(" AND collection = ").name(collection).push(" AND id ");
    among(&mut sql, writes.iter().map(|(id, _)| *id));
    sql.push(&format!(" AND deleted = {deleted} AND {column} "));
    among(&mut sql, writes.iter().map(|(_, mark)| *mark));
    sql
}

fn among<'v>(sql: &mut Sql<'v>, names: impl Iterator<Item = &'v str>) {
    match sql.dialect() {
        Dialect::Postgres => sql.push("= ANY(").bind(Value::names(names)).push(")"),
        Dialect::MySql | Dialect::Sqlite => sql.push("IN (").list(names.map(Value::name)).push(")"),
    };
}
