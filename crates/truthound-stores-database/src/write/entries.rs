//! The index of tags, as writers keep it.

use truthound_stores_core::{Collection, RecordMeta, Result};

use super::rows::{AT_ONCE, parts};
use super::{Old, name_of};
use crate::dialect::Dialect;
use crate::error::Failed;
use crate::find::Place;
use crate::pool::Lease;
use crate::row::{New, map_of, tag_key};
use crate::sql::{Sql, Value, blocks};

/// An entry of the index.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'m> {
    pub(crate) collection: &'m str,
    pub(crate) id: &'m str,
    pub(crate) key: [u8; 16],
    pub(crate) run_time: i64,
}

impl<'m> Entry<'m> {
    fn new(meta: &'m RecordMeta, key: [u8; 16]) -> Self {
        let (collection, id) = name_of(meta);
        Self { collection, id, key, run_time: meta.attributes.run_time.as_micros() }
    }
}

/// Inserts the tags of documents.
pub(super) async fn insert_tags(connection: &mut Lease, place: &Place, news: &[&New]) -> Result<(), Failed> {
    let tags = news.iter().flat_map(|new| new.tag_keys.iter().map(|tag| (&new.meta, *tag)));
    insert_entries(connection, place, tags.collect()).await
}

/// Inserts what the index of tags lacks of a document.
pub(crate) async fn add_tags(connection: &mut Lease, place: &Place, meta: &RecordMeta) -> Result<(), Failed> {
    let tags = meta.attributes.tags.iter().map(|(name, value)| (meta, tag_key(name, value)));
    insert_entries(connection, place, tags.collect()).await
}

async fn insert_entries(
    connection: &mut Lease,
    place: &Place,
    tags: Vec<(&RecordMeta, [u8; 16])>,
) -> Result<(), Failed> {
    let tags: Vec<Entry<'_>> = tags.into_iter().map(|(meta, key)| Entry::new(meta, key)).collect();
    let dialect = connection.dialect();
    for tags in parts(dialect, &tags, 4 * AT_ONCE) {
        let sql = match dialect {
            Dialect::Postgres => by_columns(place, tags),
            Dialect::MySql | Dialect::Sqlite => by_rows(dialect, place, tags.iter().copied()),
        };
        connection.execute(sql).await?;
    }
    Ok(())
}

/// The statement that inserts the tags of a new document into a database that takes rows; `None` if it has none.
pub(super) fn tags_of<'v>(dialect: Dialect, place: &'v Place, new: &'v New) -> Option<Sql<'v>> {
    let tags = new.tag_keys.iter().map(|key| Entry::new(&new.meta, *key));
    (!new.tag_keys.is_empty()).then(|| by_rows(dialect, place, tags))
}

fn by_rows<'v>(dialect: Dialect, place: &'v Place, tags: impl Iterator<Item = Entry<'v>>) -> Sql<'v> {
    let mut sql = into_tags(dialect, place);
    sql.push("VALUES ");
    sql.rows(tags.map(|tag| {
        let [space, collection, id] = [&place.space, tag.collection, tag.id].map(Value::name);
        [space, collection, id, Value::Tag(tag.key), Value::Int(tag.run_time)]
    }));
    sql.push(match dialect {
        Dialect::MySql => " ON DUPLICATE KEY UPDATE run_time = VALUES(run_time)",
        Dialect::Postgres | Dialect::Sqlite => " ON CONFLICT DO NOTHING",
    });
    sql
}

fn by_columns<'v>(place: &'v Place, tags: &'v [Entry<'v>]) -> Sql<'v> {
    let mut sql = into_tags(Dialect::Postgres, place);
    sql.push("SELECT ").name(&place.space).push(", * FROM unnest(");
    sql.bind(Value::names(tags.iter().map(|tag| tag.collection))).push("::text[], ");
    sql.bind(Value::names(tags.iter().map(|tag| tag.id))).push("::text[], ");
    sql.bind(Value::Blobs(tags.iter().map(|tag| tag.key.as_slice()).collect())).push("::bytea[], ");
    sql.bind(Value::Ints(tags.iter().map(|tag| tag.run_time).collect()));
    sql.push("::bigint[]) ON CONFLICT DO NOTHING");
    sql
}

fn into_tags<'v>(dialect: Dialect, place: &Place) -> Sql<'v> {
    let (insert, tags) = (dialect.insert(), &place.tables.tags);
    Sql::text(dialect, &format!("{insert} {tags} (space, collection, id, tag, run_time) "))
}

/// Deletes the tags of states that are no more.
pub(super) async fn delete_tags<'a>(
    connection: &mut Lease,
    place: &Place,
    old: impl Iterator<Item = (&'a Collection, &'a str, &'a Old)> + Send,
) -> Result<(), Failed> {
    let dialect = connection.dialect();
    let mut keys: Vec<Entry<'_>> = Vec::new();
    let mut unknown: Vec<(&str, &str)> = Vec::new();
    for (collection, id, old) in old {
        match (old.run_time, old.tags.as_deref().map(|tags| map_of("tags", tags))) {
            (Some(_), None) => {}
            (Some(run_time), Some(Ok(tags))) => {
                let tags = tags.iter().map(|(name, value)| tag_key(name, value));
                keys.extend(tags.map(|key| Entry { collection: collection.as_str(), id, key, run_time }));
            }
            // What they were cannot be read any more: they are looked for.
            _ => unknown.push((collection.as_str(), id)),
        }
    }
    for keys in blocks(&keys, AT_ONCE) {
        connection.execute(without(dialect, place, keys)).await?;
    }
    for (collection, id) in unknown {
        let mut sql = Sql::new(dialect);
        sql.push(&format!("DELETE FROM {} WHERE space = ", place.tables.tags)).name(&place.space);
        sql.push(" AND collection = ").name(collection).push(" AND id = ").name(id);
        connection.execute(sql.once()).await?;
    }
    Ok(())
}

/// The statement that deletes entries, each by its whole key.
pub(crate) fn without<'v>(dialect: Dialect, place: &'v Place, entries: &[Entry<'v>]) -> Sql<'v> {
    let head = format!("DELETE FROM {} WHERE space = ", place.tables.tags);
    let (mut sql, is_each_alone) = (Sql::new(dialect), dialect == Dialect::Sqlite);
    for (index, Entry { collection, id, key, run_time }) in entries.iter().enumerate() {
        match index {
            0 => sql.push(&head).name(&place.space).push(" AND ("),
            // Of several alternatives that are not all one column's, it would look at all entries of the space: a statement for each, in one call.
            _ if is_each_alone => sql.push("; ").push(&head).name(&place.space).push(" AND ("),
            _ => sql.push(" OR "),
        };
        sql.push("(collection = ").name(collection).push(" AND tag = ").bind(Value::Tag(*key));
        sql.push(" AND run_time = ").int(*run_time).push(" AND id = ").name(id).push(")");
        if is_each_alone || index + 1 == entries.len() {
            sql.push(")");
        }
    }
    sql
}
