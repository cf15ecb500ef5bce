//! Writing: what a batch is made of, and one outcome for each.

use truthound_stores_core::{
    DeleteOptions, Error, ErrorKind, Key, PutMode, PutOptions, Record, Result, Revision, Written,
};

use super::{DatabaseStore, missing_outcome};
use crate::row::New;
use crate::write::{self, Deletion};

impl DatabaseStore {
    /// Draws names that nothing else has: chance costs the more the oftener it is asked for.
    fn nonces(&self, count: usize) -> impl Iterator<Item = String> + use<> {
        let mut bytes = vec![0; 16 * count];
        self.clock().fill_random(&mut bytes);
        let (names, _) = bytes.as_chunks::<16>();
        let names: Vec<String> =
            names.iter().map(|name| format!("{:032x}", u128::from_be_bytes(*name))).collect();
        names.into_iter()
    }

    /// Writes documents; one outcome for each, in order.
    pub(super) async fn put_all(&self, records: Vec<Record>, opts: &PutOptions) -> Vec<Result<Written>> {
        let keys: Vec<Key> = records.iter().map(|record| record.key.clone()).collect();
        let mut outcomes: Vec<Option<Result<Written>>> = records.iter().map(|_| None).collect();
        let saved_at = self.clock().now();
        let mut news = Vec::with_capacity(records.len());
        let nonces = self.nonces(records.len());
        for ((index, record), nonce) in records.into_iter().enumerate().zip(nonces) {
            match New::of(record, Revision::new(nonce), saved_at) {
                Ok(new) => news.push((index, new)),
                Err(error) => set(&mut outcomes, index, Err(error)),
            }
        }
        for part in write::parts(news, |(_, new)| &new.meta.key, |(_, new)| new.body.as_bytes().len()) {
            let (places, part): (Vec<usize>, Vec<New>) = part.into_iter().unzip();
            for (place, outcome) in places.into_iter().zip(self.put_part(part, &opts.mode).await) {
                set(&mut outcomes, place, outcome);
            }
        }
        finish(outcomes, &keys, "put")
    }

    /// Writes documents of different keys, in one transaction; one after the other if one of them is what the database refuses.
    async fn put_part(&self, news: Vec<New>, mode: &PutMode) -> Vec<Result<Written>> {
        let mut outcomes: Vec<Option<Result<Written>>> = news.iter().map(|_| None).collect();
        if let Err(error) = self.put_at_once(&news, mode, &mut outcomes).await {
            let one_by_one = news.len() > 1 && is_about_one(&error);
            for (new, outcome) in news.iter().zip(&mut outcomes) {
                // Some may have been written before the others failed.
                if outcome.is_some() {
                    continue;
                }
                let failed = if one_by_one {
                    let (new, outcome) = (std::slice::from_ref(new), std::slice::from_mut(outcome));
                    self.put_at_once(new, mode, outcome).await
                } else {
                    Err(error.repeat())
                };
                if let Err(error) = failed {
                    *outcome = Some(Err(error));
                }
            }
        }
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err(missing_outcome()))).collect()
    }

    async fn put_at_once(
        &self,
        news: &[New],
        mode: &PutMode,
        outcomes: &mut [Option<Result<Written>>],
    ) -> Result<()> {
        in_turn!(self, write, "put", call, lease => {
            write::put(lease, self.place(), news, mode, call.is_doubtful(), outcomes)
        })
    }

    /// Deletes documents; one outcome for each, in order.
    pub(super) async fn delete_all(&self, keys: Vec<Key>, opts: &DeleteOptions) -> Vec<Result<bool>> {
        let mut outcomes: Vec<Option<Result<bool>>> = keys.iter().map(|_| None).collect();
        let deletions = keys.iter().enumerate().zip(self.nonces(keys.len())).map(|((index, key), nonce)| {
            let if_revision = opts.revision_of(key).cloned();
            (index, Deletion { key: key.clone(), nonce, if_revision })
        });
        let deletions = deletions.collect();
        for part in write::parts(deletions, |(_, deletion)| &deletion.key, |_| 0) {
            let (places, part): (Vec<usize>, Vec<Deletion>) = part.into_iter().unzip();
            let answers = self.delete_at_once(&part).await;
            let answers = answers.unwrap_or_else(|error| part.iter().map(|_| Err(error.repeat())).collect());
            for (place, outcome) in places.into_iter().zip(answers) {
                set(&mut outcomes, place, outcome);
            }
        }
        finish(outcomes, &keys, "delete")
    }

    async fn delete_at_once(&self, part: &[Deletion]) -> Result<Vec<Result<bool>>> {
        in_turn!(self, write, "delete", call, lease => {
            write::delete(lease, self.place(), part, call.is_doubtful())
        })
    }
}

/// Tells whether a batch failed for what may be one document's fault.
fn is_about_one(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Invalid | ErrorKind::Internal | ErrorKind::Corrupt | ErrorKind::Conflict
    )
}

fn set<T>(outcomes: &mut [Option<T>], index: usize, outcome: T) {
    if let Some(place) = outcomes.get_mut(index) {
        *place = Some(outcome);
    }
}

/// Names operation and document in what failed.
fn finish<T>(outcomes: Vec<Option<Result<T>>>, keys: &[Key], operation: &'static str) -> Vec<Result<T>> {
    let outcomes = outcomes.into_iter().zip(keys);
    outcomes
        .map(|(outcome, key)| {
            let outcome = outcome.unwrap_or_else(|| Err(missing_outcome()));
            outcome.map_err(|error| error.during(operation).at(key))
        })
        .collect()
}
