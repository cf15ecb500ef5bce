//! Deleting: a look, and then all that belongs to the documents, in one transaction.

use std::collections::{BTreeMap, HashMap};

use truthound_stores_core::{Key, Result, Revision};

use super::decide;
use super::entries::delete_tags;
use super::landed::{Mark, landed};
use super::put::MOST_ROUNDS;
use super::rows::{AT_ONCE, lock_old};
use crate::dialect::Dialect;
use crate::error::{Failed, Trouble};
use crate::find::Place;
use crate::pool::Lease;
use crate::sql::{Sql, Value, blocks};

/// A document that is to be deleted.
#[derive(Clone, Debug)]
pub(crate) struct Deletion {
    pub(crate) key: Key,
    /// Tells this delete from all others.
    pub(crate) nonce: String,
    /// The revision at which it may be deleted; `None` if any will do.
    pub(crate) if_revision: Option<Revision>,
}

/// Deletes documents of different keys in one transaction; one outcome for each, in order. `doubtful` says that an earlier attempt may have been
/// carried out: then it is looked for.
///
/// # Errors
/// What kept all from being deleted. [`Trouble::Unknown`] if it is not known whether that was so.
pub(crate) async fn delete(
    lease: &mut Lease,
    place: &Place,
    deletions: &[Deletion],
    doubtful: bool,
) -> Result<Vec<Result<bool>>, Failed> {
    let mut rounds = 0;
    loop {
        lease.begin().await?;
        let done = delete_within(lease, place, deletions, doubtful).await;
        match lease.end(done).await {
            Err(failed) if failed.trouble == Trouble::Again && rounds < MOST_ROUNDS => rounds += 1,
            outcomes => return outcomes,
        }
    }
}

async fn delete_within(
    lease: &mut Lease,
    place: &Place,
    deletions: &[Deletion],
    doubtful: bool,
) -> Result<Vec<Result<bool>>, Failed> {
    let stored = lock_old(lease, place, deletions.iter().map(|deletion| &deletion.key)).await?;
    let landed = if doubtful {
        let deletes = deletions.iter().map(|deletion| (&deletion.key, &*deletion.nonce));
        landed(lease, place, Mark::Nonce, deletes).await?
    } else {
        HashMap::new()
    };
    let mut outcomes = Vec::with_capacity(deletions.len());
    let mut gone = Vec::new();
    for deletion in deletions {
        if landed.contains_key(&deletion.nonce) {
            outcomes.push(Ok(true));
            continue;
        }
        let Deletion { key, if_revision, .. } = deletion;
        let old = stored.get(&(key.collection().as_str().to_owned(), key.id().to_owned()));
        let verdict =
            decide::delete(if_revision.as_ref().map(Revision::as_str), old.map(|old| old.revision.as_str()));
        if let (Ok(true), Some(old)) = (&verdict, old) {
            gone.push((deletion, old));
        }
        outcomes.push(verdict.map_err(|error| error.at(key)));
    }
    delete_tags(lease, place, gone.iter().map(|(gone, old)| (gone.key.collection(), gone.key.id(), *old)))
        .await?;
    for gone in blocks(&gone, AT_ONCE) {
        let mut of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (gone, _) in gone {
            of.entry(gone.key.collection().as_str()).or_default().push(gone.key.id());
        }
        for (collection, ids) in of {
            lease.execute(without(lease.dialect(), place, collection, &ids)).await?;
        }
        let mut sql = Sql::new(lease.dialect());
        sql.push(&format!(
            "{} {} (space, collection, id, deleted, revision, nonce) VALUES ",
            lease.dialect().insert(),
            place.tables.changes
        ));
        for (index, (gone, old)) in gone.iter().enumerate() {
            let names = [&place.space, gone.key.collection().as_str(), gone.key.id()];
            sql.push(if index == 0 { "(" } else { ", (" }).list(names.map(Value::name));
            sql.push(", 1, ").name(&old.revision).push(", ").name(&gone.nonce).push(")");
        }
        lease.execute(sql).await?;
    }
    Ok(outcomes)
}

/// The statement that deletes documents of a collection.
pub(crate) fn without<'v>(
    dialect: Dialect,
    place: &'v Place,
    collection: &'v str,
    ids: &[&'v str],
) -> Sql<'v> {
    let mut sql = Sql::new(dialect);
    sql.push(&format!("DELETE FROM {} WHERE space = ", place.tables.records)).name(&place.space);
    sql.push(" AND collection = ").name(collection).push(" AND id IN (");
    sql.list(ids.iter().copied().map(Value::name)).push(")");
    sql
}
