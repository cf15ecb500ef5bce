//! The index of tags: what it lacks, and what it has too much.

use std::collections::HashSet;

use truthound_stores_core::{Collection, Finding, Level, RecordMeta, Report, Result};

use crate::dialect::Dialect;
use crate::error::Failed;
use crate::find::Place;
use crate::pool::Lease;
use crate::row::{map_of, tag_key};
use crate::sql::{Sql, Value, blocks};
use crate::store::{DatabaseStore, call};
use crate::write::{add_tags, lock_old};

/// How many entries are read at once.
const AT_ONCE: i64 = 2_000;

/// An entry of the index.
type Entry = (String, Vec<u8>, i64, String);

impl DatabaseStore {
    /// Looks for documents whose tags are not all in the index.
    pub(super) async fn missing_tags(
        &self,
        collection: &Collection,
        metas: &[RecordMeta],
        mend: bool,
        report: &mut Report,
    ) -> Result<()> {
        let place = self.place();
        let wanted: usize = metas.iter().map(|meta| meta.attributes.tags.len()).sum();
        if wanted == 0 {
            return Ok(());
        }
        let found = call!(self, call, "upkeep", lease => count_tags(lease, place, collection, metas))?;
        if found == wanted as u64 {
            return Ok(());
        }
        for meta in metas {
            // Looked at once more, in a transaction: another writer may have been there in between.
            let lacking = call!(self, write, "upkeep", lease => complete(lease, place, meta, mend))?;
            if lacking {
                let finding = Finding::new(Level::Damage, "index", "the index of tags lacks the document")
                    .at(meta.key.clone())
                    .with_remedy("rebuild the index with reindex");
                report.add(finding.with_repaired(mend));
            }
        }
        Ok(())
    }

    /// Looks for entries that lead nowhere, or to documents without the tag.
    pub(super) async fn stale_tags(&self, mend: bool, level: Level, report: &mut Report) -> Result<()> {
        let place = self.place();
        let mut after: Option<Entry> = None;
        let mut stale = 0;
        loop {
            let (read, odd) = call!(self, call, "upkeep", lease => entries(lease, place, after.as_ref()))?;
            stale += odd.len();
            if mend && !odd.is_empty() {
                call!(self, write, "upkeep", lease => remove(lease, place, &odd))?;
            }
            match read {
                Some(last) => after = Some(last),
                None => break,
            }
        }
        if stale > 0 {
            let message = format!("the index of tags has {stale} entries too many");
            let finding = Finding::new(level, "index", message).with_remedy("rebuild the index with reindex");
            report.add(finding.with_repaired(mend));
        }
        Ok(())
    }
}

/// Counts how many of the tags of documents are in the index.
async fn count_tags(
    lease: &mut Lease,
    place: &Place,
    collection: &Collection,
    metas: &[RecordMeta],
) -> Result<u64, Failed> {
    let mut found = 0;
    let wanted: Vec<(&RecordMeta, [u8; 16])> = metas
        .iter()
        .flat_map(|meta| meta.attributes.tags.iter().map(move |(name, value)| (meta, tag_key(name, value))))
        .collect();
    for wanted in blocks(&wanted, 250) {
        let sql = among_entries(lease.dialect(), place, collection, wanted);
        let mut rows = lease.fetch(sql).await?;
        found += rows.first_mut().map_or(Ok(0), crate::conn::Row::int)?.cast_unsigned();
    }
    Ok(found)
}

/// The statement that counts which entries there are.
pub(crate) fn among_entries<'v>(
    dialect: Dialect,
    place: &'v Place,
    collection: &'v Collection,
    wanted: &[(&'v RecordMeta, [u8; 16])],
) -> Sql<'v> {
    let mut sql = Sql::new(dialect);
    let values = |(meta, tag): &(&'v RecordMeta, [u8; 16])| {
        let run_time = Value::Int(meta.attributes.run_time.as_micros());
        [Value::Tag(*tag), run_time, Value::name(meta.key.id())]
    };
    if dialect == Dialect::Sqlite {
        // Of several alternatives that are not all one column's, it would look at all entries of the space.
        sql.push("SELECT count(*) FROM (VALUES ").rows(wanted.iter().map(values));
        sql.push(&format!(") w CROSS JOIN {} t WHERE t.space = ", place.tables.tags)).name(&place.space);
        sql.push(" AND t.collection = ").name(collection.as_str());
        sql.push(" AND t.tag = w.column1 AND t.run_time = w.column2 AND t.id = w.column3");
        return sql;
    }
    sql.push(&format!("SELECT count(*) FROM {} WHERE space = ", place.tables.tags)).name(&place.space);
    sql.push(" AND collection = ").name(collection.as_str()).push(" AND (");
    for (index, wanted) in wanted.iter().enumerate() {
        let [tag, run_time, id] = values(wanted);
        sql.push(if index == 0 { "(" } else { " OR (" }).push("tag = ").bind(tag);
        sql.push(" AND run_time = ").bind(run_time).push(" AND id = ").bind(id).push(")");
    }
    sql.push(")");
    sql
}

/// Tells whether a document lacks entries; adds them if `mend`.
async fn complete(lease: &mut Lease, place: &Place, meta: &RecordMeta, mend: bool) -> Result<bool, Failed> {
    lease.begin().await?;
    let done = complete_within(lease, place, meta, mend).await;
    lease.end(done).await
}

async fn complete_within(
    lease: &mut Lease,
    place: &Place,
    meta: &RecordMeta,
    mend: bool,
) -> Result<bool, Failed> {
    let stored = lock_old(lease, place, std::iter::once(&meta.key)).await?;
    if stored.values().all(|old| old.revision != meta.revision.as_str()) {
        return Ok(false);
    }
    let found = count_tags(lease, place, meta.key.collection(), std::slice::from_ref(meta)).await?;
    let lacking = found != meta.attributes.tags.len() as u64;
    if lacking && mend {
        add_tags(lease, place, meta).await?;
    }
    Ok(lacking)
}

/// What comes after an entry: of its tag, of other tags in its collection, in other collections. Each is one stretch of the index, which no database has to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Tag,
    Collection,
    Space,
}

fn rest_of_entries<'v>(
    dialect: Dialect,
    place: &'v Place,
    after: Option<&'v Entry>,
    rest: Rest,
    limit: i64,
) -> Sql<'v> {
    let mut sql = Sql::new(dialect);
    sql.push(&format!(
        "SELECT t.collection, t.tag, t.run_time, t.id, r.id, r.tags FROM {} t LEFT JOIN {} r ON r.space = t.space AND \
         r.collection = t.collection AND r.id = t.id AND r.run_time = t.run_time WHERE t.space = ",
        place.tables.tags, place.tables.records
    ));
    sql.name(&place.space);
    if let Some((collection, tag, run_time, id)) = after {
        sql.push(if rest == Rest::Space { " AND t.collection > " } else { " AND t.collection = " });
        sql.name(collection);
        if rest != Rest::Space {
            sql.push(if rest == Rest::Tag { " AND t.tag = " } else { " AND t.tag > " });
            sql.bind(Value::Bytes(tag));
        }
        if rest == Rest::Tag {
            sql.push(" AND t.run_time >= ").int(*run_time).push(" AND (t.run_time > ").int(*run_time);
            sql.push(" OR t.id > ").name(id).push(")");
        }
    }
    sql.push(" ORDER BY t.collection, t.tag, t.run_time, t.id LIMIT ").int(limit);
    sql
}

/// Reads entries in their order, each with the tags of its document in the same look; answers the last if there may be more, and those that are odd.
async fn entries(
    lease: &mut Lease,
    place: &Place,
    after: Option<&Entry>,
) -> Result<(Option<Entry>, Vec<Entry>), Failed> {
    let mut rows = Vec::new();
    for rest in [Rest::Tag, Rest::Collection, Rest::Space] {
        let left = AT_ONCE - i64::try_from(rows.len()).unwrap_or(AT_ONCE);
        if left > 0 && (after.is_some() || rest == Rest::Space) {
            rows.extend(lease.fetch(rest_of_entries(lease.dialect(), place, after, rest, left)).await?);
        }
    }
    let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) == AT_ONCE;
    let (mut last, mut odd) = (None, Vec::new());
    for mut row in rows {
        let entry: Entry = (row.text()?, row.bytes()?.into_owned(), row.int()?, row.text()?);
        let (there, tags) = (row.maybe_text()?.is_some(), row.maybe_text()?);
        let keys: Option<HashSet<[u8; 16]>> = match tags.as_deref().map(|tags| map_of("tags", tags)) {
            None => Some(HashSet::new()),
            Some(Ok(tags)) => Some(tags.iter().map(|(name, value)| tag_key(name, value)).collect()),
            // A row that cannot be read is reported by itself; what its tags are is not known.
            Some(Err(_)) => None,
        };
        let belongs = there && keys.is_none_or(|keys| keys.iter().any(|key| key.as_slice() == entry.1));
        if !belongs {
            odd.push(entry.clone());
        }
        last = Some(entry);
    }
    Ok((last.filter(|_| full), odd))
}

/// Removes entries, unless a writer has meanwhile made them right.
async fn remove(lease: &mut Lease, place: &Place, odd: &[Entry]) -> Result<(), Failed> {
    for (collection, tag, run_time, id) in odd {
        lease.begin().await?;
        let done = remove_one(lease, place, collection, tag, *run_time, id).await;
        lease.end(done).await?;
    }
    Ok(())
}

async fn remove_one(
    lease: &mut Lease,
    place: &Place,
    collection: &str,
    tag: &[u8],
    run_time: i64,
    id: &str,
) -> Result<(), Failed> {
    let named = match collection.strip_prefix('_') {
        Some(hidden) => Collection::hidden(hidden),
        None => Collection::new(collection),
    };
    let key = named.and_then(|named| truthound_stores_core::Key::new(named, id));
    let stored = match &key {
        Ok(key) => lock_old(lease, place, std::iter::once(key)).await?,
        Err(_) => std::collections::HashMap::new(),
    };
    let belongs = stored.values().any(|old| {
        let tags = old.tags.as_deref().map(|tags| map_of("tags", tags)).transpose();
        old.run_time == Some(run_time)
            && tags.is_ok_and(|tags| {
                tags.unwrap_or_default().iter().any(|(name, value)| tag_key(name, value).as_slice() == tag)
            })
    });
    if belongs {
        return Ok(());
    }
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!("DELETE FROM {} WHERE space = ", place.tables.tags)).name(&place.space);
    sql.push(" AND collection = ").name(collection).push(" AND tag = ").bind(Value::Bytes(tag));
    sql.push(" AND run_time = ").int(run_time).push(" AND id = ").name(id);
    lease.execute(sql).await.map(drop)
}
