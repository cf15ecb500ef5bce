//! Saving: new documents in one statement where the database can, others in a transaction that looks first.

use truthound_stores_core::{PutMode, Result, Revision, Written};

use super::decide::{self, Verdict};
use super::entries::{delete_tags, insert_tags};
use super::rows::{Taken, insert_changes, insert_records, lock_old};
use super::{Old, name_of};
use crate::dialect::Dialect;
use crate::error::{Failed, Trouble};
use crate::find::Place;
use crate::pool::Lease;
use crate::row::New;
use crate::sql::{Sql, Value};

/// How often a transaction that the database gave up for the sake of another is carried out anew, at once.
pub(super) const MOST_ROUNDS: u32 = 20;

/// Writes documents of different keys, those that have no outcome yet, and fills their outcomes in. New ones may be written before the others, which
/// need a look: what has an outcome has it for good, whatever becomes of the others. `doubtful` says that an earlier attempt may have been carried out:
/// then it is looked for.
///
/// # Errors
/// What kept all that have no outcome from being written. [`Trouble::Unknown`] if it is not known whether that was so.
pub(crate) async fn put(
    lease: &mut Lease,
    place: &Place,
    news: &[New],
    mode: &PutMode,
    doubtful: bool,
    outcomes: &mut [Option<Result<Written>>],
) -> Result<(), Failed> {
    if !doubtful && !matches!(mode, PutMode::Replace(_)) {
        let left = left(news, outcomes);
        let written = put_new(lease, place, &left).await?;
        let open = outcomes.iter_mut().filter(|outcome| outcome.is_none());
        for ((outcome, new), is_new) in open.zip(left).zip(written) {
            if is_new {
                *outcome = Some(Ok(Written::new(new.meta.clone(), None)));
            }
        }
    }
    let left = left(news, outcomes);
    if !left.is_empty() {
        let mut rounds = 0;
        let mut answers = loop {
            match put_over(lease, place, &left, mode, doubtful).await {
                Err(failed)
                    if matches!(failed.trouble, Trouble::Again | Trouble::Taken) && rounds < MOST_ROUNDS =>
                {
                    rounds += 1;
                }
                answers => break answers?,
            }
        }
        .into_iter();
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_none()) {
            *outcome = answers.next();
        }
    }
    Ok(())
}

/// Those that have no outcome yet.
fn left<'n>(news: &'n [New], outcomes: &[Option<Result<Written>>]) -> Vec<&'n New> {
    let all = news.iter().zip(outcomes);
    all.filter(|(_, outcome)| outcome.is_none()).map(|(new, _)| new).collect()
}

/// Writes those documents whose keys are free; answers which those were. On databases that would need a look first, none is written.
async fn put_new(lease: &mut Lease, place: &Place, news: &[&New]) -> Result<Vec<bool>, Failed> {
    match lease.dialect() {
        Dialect::Postgres => {
            let mut rounds = 0;
            loop {
                match postgres(lease, place, news).await {
                    Err(failed) if failed.trouble == Trouble::Again && rounds < MOST_ROUNDS => rounds += 1,
                    written => return written,
                }
            }
        }
        Dialect::MySql => {
            lease.begin().await?;
            let done = insert_all(lease, place, news).await;
            match lease.end(done).await {
                Ok(()) => Ok(vec![true; news.len()]),
                // Which of them it was, a look tells.
                Err(failed) if matches!(failed.trouble, Trouble::Taken | Trouble::Again) => {
                    Ok(vec![false; news.len()])
                }
                Err(failed) => Err(failed),
            }
        }
        // A look costs next to nothing here.
        Dialect::Sqlite => Ok(vec![false; news.len()]),
    }
}

/// Writes new documents within a transaction; a key that is taken fails.
async fn insert_all(lease: &mut Lease, place: &Place, news: &[&New]) -> Result<(), Failed> {
    insert_records(lease, place, news, Taken::Fails).await?;
    insert_tags(lease, place, news).await?;
    let changes: Vec<(&New, Option<&str>)> = news.iter().map(|new| (*new, None)).collect();
    insert_changes(lease, place, &changes).await
}

/// Documents, tags and changes in one statement, and so in one round trip: what is taken is left out of all three.
async fn postgres(lease: &mut Lease, place: &Place, news: &[&New]) -> Result<Vec<bool>, Failed> {
    let dialect = lease.dialect();
    let tables = &place.tables;
    let columns: Vec<&str> = crate::row::META.split(", ").chain(["body"]).collect();
    let names = columns.join(", ");
    let mut sql = Sql::new(dialect);
    sql.push("WITH n AS MATERIALIZED (SELECT ").name(&place.space).push("::text AS space, * FROM unnest(");
    let collections = news.iter().map(|new| Some(new.meta.key.collection().as_str().to_owned()));
    sql.bind(Value::Texts(collections.collect())).push("::text[]");
    for (kind, column) in super::rows::columns::of(news) {
        sql.push(", ").bind(column).push(&format!("::{kind}[]"));
    }
    sql.push(", ")
        .bind(Value::Texts(news.iter().map(|new| Some(new.attributes.clone())).collect()))
        .push("::text[]");
    sql.push(&format!(") WITH ORDINALITY AS u (collection, {names}, attributes, nth)), "));
    // Always in one order: two writers of the same documents wait for each other, and do not block each other.
    sql.push(&format!(
        "i AS (INSERT INTO {} (space, collection, {names}) SELECT space, collection, {names} FROM n \
         ORDER BY collection COLLATE \"C\", id COLLATE \"C\" ON CONFLICT DO NOTHING RETURNING collection, id), \
         w AS (SELECT n.* FROM n JOIN i ON n.collection = i.collection AND n.id = i.id), ",
        tables.records
    ));
    sql.push(&format!(
        "t AS (INSERT INTO {} (space, collection, id, tag, run_time) SELECT w.space, w.collection, w.id, k.tag, w.run_time \
         FROM w JOIN unnest(",
        tables.tags
    ));
    let (mut of, mut tags) = (Vec::new(), Vec::new());
    for (nth, new) in (1..).zip(news) {
        of.extend(new.tag_keys.iter().map(|_| nth));
        tags.extend(new.tag_keys.iter().map(|tag| tag.to_vec()));
    }
    sql.bind(Value::Ints(of)).push("::bigint[], ").bind(Value::Blobs(tags));
    sql.push("::bytea[]) AS k (nth, tag) ON k.nth = w.nth ON CONFLICT DO NOTHING), ");
    sql.push(&format!(
        "c AS (INSERT INTO {} (space, collection, id, deleted, revision, attributes, size, checksum, saved_at) \
         SELECT space, collection, id, 0, revision, attributes, size, checksum, saved_at FROM w ORDER BY nth) \
         SELECT nth FROM w",
        tables.changes
    ));
    // The statement is its own transaction: if its answer is lost, nobody knows what became of it.
    let rows = lease.fetch_alone(sql).await.map_err(Failed::unknown_if_lost)?;
    let mut written = vec![false; news.len()];
    for mut row in rows {
        let nth = usize::try_from(row.int()? - 1).unwrap_or(usize::MAX);
        if let Some(is_new) = written.get_mut(nth) {
            *is_new = true;
        }
    }
    Ok(written)
}

/// Writes documents after a look at what is stored under their keys.
async fn put_over(
    lease: &mut Lease,
    place: &Place,
    news: &[&New],
    mode: &PutMode,
    doubtful: bool,
) -> Result<Vec<Result<Written>>, Failed> {
    lease.begin().await?;
    let done = put_within(lease, place, news, mode, doubtful).await;
    lease.end(done).await
}

async fn put_within(
    lease: &mut Lease,
    place: &Place,
    news: &[&New],
    mode: &PutMode,
    doubtful: bool,
) -> Result<Vec<Result<Written>>, Failed> {
    let stored = lock_old(lease, place, news.iter().map(|new| &new.meta.key)).await?;
    let landed = if doubtful { landed(lease, place, news).await? } else { Vec::new() };
    let (mut fresh, mut over): (Vec<&New>, Vec<(&New, &Old)>) = (Vec::new(), Vec::new());
    let mut outcomes = Vec::with_capacity(news.len());
    for new in news {
        let (collection, id) = name_of(&new.meta);
        let old = stored.get(&(collection.to_owned(), id.to_owned()));
        let ours = new.meta.revision.as_str();
        let earlier = landed.iter().find(|(revision, _)| revision == ours);
        let verdict = match earlier {
            Some(_) => Verdict::Done,
            None => decide::put(mode, old.map(|old| old.revision.as_str()), ours),
        };
        outcomes.push(match verdict {
            Verdict::Insert => {
                fresh.push(new);
                Ok(Written::new(new.meta.clone(), None))
            }
            Verdict::Overwrite => {
                if let Some(old) = old {
                    over.push((new, old));
                }
                Ok(Written::new(new.meta.clone(), old.map(|old| Revision::new(old.revision.clone()))))
            }
            Verdict::Done => {
                let replaced = earlier.and_then(|(_, replaced)| replaced.clone()).map(Revision::new);
                Ok(Written::new(new.meta.clone(), replaced))
            }
            Verdict::Refused(error) => Err(error.at(&new.meta.key)),
        });
    }
    if insert_records(lease, place, &fresh, Taken::Fails).await? < fresh.len() as u64 {
        // Somebody came in between, and is seen by another look.
        let error = truthound_stores_core::Error::new(
            truthound_stores_core::ErrorKind::Overloaded,
            "others keep creating and deleting the same documents: try again later",
        );
        return Err(Failed::new(Trouble::Taken, error));
    }
    delete_tags(
        lease,
        place,
        over.iter().map(|(new, old)| (new.meta.key.collection(), new.meta.key.id(), *old)),
    )
    .await?;
    let overwriting: Vec<&New> = over.iter().map(|(new, _)| *new).collect();
    insert_records(lease, place, &overwriting, Taken::Overwritten).await?;
    let written: Vec<&New> = fresh.iter().copied().chain(overwriting).collect();
    insert_tags(lease, place, &written).await?;
    let changes = fresh.iter().map(|new| (*new, None));
    let changes = changes.chain(over.iter().map(|(new, old)| (*new, Some(old.revision.as_str()))));
    insert_changes(lease, place, &changes.collect::<Vec<_>>()).await?;
    Ok(outcomes)
}

/// Finds which of the writes have been carried out, going by the change feed; with what each replaced.
async fn landed(
    lease: &mut Lease,
    place: &Place,
    news: &[&New],
) -> Result<Vec<(String, Option<String>)>, Failed> {
    let mut sql = Sql::new(lease.dialect());
    sql.push(&format!("SELECT revision, replaced FROM {} WHERE space = ", place.tables.changes))
        .name(&place.space);
    sql.push(" AND deleted = 0 AND revision IN (");
    sql.list(news.iter().map(|new| Value::Name(new.meta.revision.as_str().to_owned()))).push(")");
    let mut found = Vec::new();
    for mut row in lease.fetch(sql.once()).await? {
        found.push((row.text()?, row.maybe_text()?));
    }
    Ok(found)
}
