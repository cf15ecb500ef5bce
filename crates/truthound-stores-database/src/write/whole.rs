//! PostgreSQL: all of new documents in one statement, and so in one round trip. What is taken is left out of all three tables.

use std::sync::Arc;

use truthound_stores_core::Result;

use super::rows::{columns, values};
use crate::dialect::{Dialect, Tables};
use crate::error::Failed;
use crate::find::Place;
use crate::pool::Lease;
use crate::row::{META, New, WIDTH};
use crate::sql::{Sql, Value};

/// Writes those documents whose keys are free; answers which those were.
///
/// # Errors
/// [`Trouble::Unknown`](crate::error::Trouble::Unknown) if the answer is lost: the statement is its own transaction, and nobody knows what became
/// of it.
pub(super) async fn insert(lease: &mut Lease, place: &Place, news: &[&New]) -> Result<Vec<bool>, Failed> {
    if let [new] = news {
        let inserted = lease.execute(one(place, new)).await.map_err(Failed::unknown_if_lost)?;
        return Ok(vec![inserted > 0]);
    }
    let mut written = vec![false; news.len()];
    for mut row in lease.fetch(many(place, news)).await.map_err(Failed::unknown_if_lost)? {
        let nth = usize::try_from(row.int()?).unwrap_or(usize::MAX);
        if let Some(is_new) = written.get_mut(nth) {
            *is_new = true;
        }
    }
    Ok(written)
}

/// One document, by its values: there is nothing to join.
pub(super) fn one<'v>(place: &'v Place, new: &'v New) -> Sql<'v> {
    let text = place.tables.one.get_or_init(|| text_of_one(&place.tables).into());
    let mut all = Vec::with_capacity(WIDTH + 4);
    all.extend([Value::name(&place.space), Value::name(new.meta.key.collection().as_str())]);
    all.extend(values(new));
    all.push(Value::Blobs(new.tag_keys.iter().map(<[u8; 16]>::as_slice).collect()));
    all.push(Value::name(&new.attributes));
    Sql::kept(Dialect::Postgres, Arc::clone(text), all)
}

/// The places: space, collection, the document's own in the order of [`META`], its text, the keys of its tags, and what the feed is told.
fn text_of_one(tables: &Tables) -> String {
    let place =
        |name: &str| format!("${}", 3 + META.split(", ").take_while(|column| *column != name).count());
    let own: Vec<String> = (1..=WIDTH + 2).map(|nth| format!("${nth}")).collect();
    let (tags, attributes) = (WIDTH + 3, WIDTH + 4);
    format!(
        "WITH r AS (INSERT INTO {} (space, collection, {META}, body) VALUES ({}) ON CONFLICT DO NOTHING RETURNING 1), \
         t AS (INSERT INTO {} (space, collection, id, tag, run_time) \
         SELECT $1, $2, $3, k, {} FROM r, unnest(${tags}::bytea[]) AS k ON CONFLICT DO NOTHING) \
         INSERT INTO {} (space, collection, id, deleted, revision, attributes, size, checksum, saved_at) \
         SELECT $1, $2, $3, 0, {}, ${attributes}, {}, {}, {} FROM r",
        tables.records,
        own.join(", "),
        tables.tags,
        place("run_time"),
        tables.changes,
        place("revision"),
        place("size"),
        place("checksum"),
        place("saved_at"),
    )
}

/// Many documents, by columns: a text for any number of them.
pub(super) fn many<'v>(place: &'v Place, news: &[&'v New]) -> Sql<'v> {
    let tables = &place.tables;
    // Always in one order: two writers of the same documents wait for each other, and do not block each other. The feed is told them in the order in
    // which they came.
    let mut news: Vec<(i64, &New)> = (0..).zip(news.iter().copied()).collect();
    news.sort_unstable_by_key(|(_, new)| super::name_of(&new.meta));
    let rows: Vec<&New> = news.iter().map(|(_, new)| *new).collect();
    let mut sql = Sql::new(Dialect::Postgres);
    sql.push(&format!("WITH r AS (INSERT INTO {} (space, collection, {META}, body) SELECT ", tables.records));
    sql.name(&place.space).push(", * FROM unnest(");
    sql.bind(Value::names(rows.iter().map(|new| new.meta.key.collection().as_str()))).push("::text[]");
    for (kind, column) in columns::of(&rows) {
        sql.push(", ").bind(column).push("::").push(kind).push("[]");
    }
    // A revision is one write's alone: by it, what was inserted finds what else belongs to it.
    let revisions = || Value::names(rows.iter().map(|new| new.meta.revision.as_str()));
    sql.push(
        ") ON CONFLICT DO NOTHING RETURNING collection, id, run_time, revision, size, checksum, saved_at), ",
    );
    sql.push("w AS (SELECT r.*, n.attributes, n.nth FROM r JOIN unnest(").bind(revisions());
    sql.push("::text[], ").bind(Value::names(rows.iter().map(|new| &*new.attributes))).push("::text[], ");
    sql.bind(Value::Ints(news.iter().map(|(nth, _)| *nth).collect()));
    sql.push("::bigint[]) AS n (revision, attributes, nth) ON n.revision = r.revision), ");
    let of = news.iter().flat_map(|(nth, new)| new.tag_keys.iter().map(|_| *nth));
    let keys = rows.iter().flat_map(|new| new.tag_keys.iter().map(<[u8; 16]>::as_slice));
    sql.push(&format!("t AS (INSERT INTO {} (space, collection, id, tag, run_time) SELECT ", tables.tags));
    sql.name(&place.space).push(", w.collection, w.id, k.tag, w.run_time FROM w JOIN unnest(");
    sql.bind(Value::Ints(of.collect())).push("::bigint[], ").bind(Value::Blobs(keys.collect()));
    sql.push("::bytea[]) AS k (nth, tag) ON k.nth = w.nth ON CONFLICT DO NOTHING), ");
    sql.push(&format!(
        "c AS (INSERT INTO {} (space, collection, id, deleted, revision, attributes, size, checksum, saved_at) SELECT ",
        tables.changes
    ));
    sql.name(&place.space).push(
        ", collection, id, 0, revision, attributes, size, checksum, saved_at FROM w ORDER BY nth) SELECT nth FROM w",
    );
    sql
}
