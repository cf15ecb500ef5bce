//! Saving: new documents in one statement where the database can, others in a transaction that looks first.

use std::collections::HashMap;

use truthound_stores_core::{PutMode, Result, Revision, Written};

use super::decide::{self, Verdict};
use super::entries::{delete_tags, insert_tags};
use super::landed::{Mark, landed};
use super::rows::{Taken, insert_changes, insert_records, lock_old};
use super::{Old, joined, name_of, whole};
use crate::dialect::Dialect;
use crate::error::{Failed, Trouble};
use crate::find::Place;
use crate::pool::Lease;
use crate::row::New;

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

/// Writes those documents whose keys are free; answers which those were. Where a key that is taken ends the transaction, none is written then.
async fn put_new(lease: &mut Lease, place: &Place, news: &[&New]) -> Result<Vec<bool>, Failed> {
    match lease.dialect() {
        Dialect::Postgres => {
            let mut rounds = 0;
            loop {
                match whole::insert(lease, place, news).await {
                    Err(failed) if failed.trouble == Trouble::Again && rounds < MOST_ROUNDS => rounds += 1,
                    written => return written,
                }
            }
        }
        Dialect::MySql | Dialect::Sqlite => {
            lease.begin().await?;
            let ended = match news {
                [new] if joined::fits(lease.dialect(), new) => joined::insert(lease, place, new).await,
                _ => {
                    let done = insert_all(lease, place, news).await;
                    lease.end(done).await
                }
            };
            match ended {
                Ok(()) => Ok(vec![true; news.len()]),
                // Which of them it was, a look tells.
                Err(failed) if matches!(failed.trouble, Trouble::Taken | Trouble::Again) => {
                    Ok(vec![false; news.len()])
                }
                Err(failed) => Err(failed),
            }
        }
    }
}

/// Writes new documents within a transaction; a key that is taken fails.
async fn insert_all(lease: &mut Lease, place: &Place, news: &[&New]) -> Result<(), Failed> {
    insert_records(lease, place, news, Taken::Fails).await?;
    insert_tags(lease, place, news).await?;
    let changes: Vec<(&New, Option<&str>)> = news.iter().map(|new| (*new, None)).collect();
    insert_changes(lease, place, &changes).await
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
    let landed = if doubtful {
        let writes = news.iter().map(|new| (&new.meta.key, new.meta.revision.as_str()));
        landed(lease, place, Mark::Revision, writes).await?
    } else {
        HashMap::new()
    };
    let (mut fresh, mut over): (Vec<&New>, Vec<(&New, &Old)>) = (Vec::new(), Vec::new());
    let mut outcomes = Vec::with_capacity(news.len());
    for new in news {
        let (collection, id) = name_of(&new.meta);
        let old = stored.get(&(collection.to_owned(), id.to_owned()));
        let ours = new.meta.revision.as_str();
        let earlier = landed.get(ours);
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
                let replaced = earlier.cloned().flatten().map(Revision::new);
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
