//! Writing documents and reading single ones, as decision 0009 says in its sections 2 and 3: documents first, then their rows, then the answer.
//!
//! `decide` says what comes next and does nothing; `run` does it for one document; `settle` puts the rows.

pub(crate) mod decide;
pub(crate) mod find;
mod ground;
mod heads;
pub(crate) mod run;
pub(crate) mod settle;

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use object_store::path::Path;
use truthound_stores_core::{DeleteOptions, Error, ErrorKind, Key, PutMode, Record, Result, Written};

use crate::bucket::Bucket;
use crate::document::Form;
use crate::document::draft::Draft;
use crate::layout::Place;
use crate::name;
use crate::suffix::names::Names;
use crate::write::decide::Wish;
use crate::write::run::{Done, Job, Subject, Verdict};

/// So many documents of a batch are written at once: at 20 ms a request some 1,600 a second, well below the 3,500 that S3 takes under one
/// prefix (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>); `429` and `503` are waited out.
const AT_ONCE: usize = 64;

/// The documents of one collection, and the tail of its catalog.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    pub(crate) bucket: Bucket,
    pub(crate) place: Place,
    pub(crate) form: Form,
    /// Which suffixes documents have.
    pub(crate) names: Names,
    /// Names this process in the names of its rows.
    pub(crate) writer: u64,
    /// Whether rows may stand in the names of their objects.
    pub(crate) rows_in_names: bool,
    /// How long a call goes on trying without an answer. It then fails, with its effect unknown; the horizon ends it in any case.
    pub(crate) patience: Duration,
}

impl Documents {
    /// Returns the name of a new document's object.
    #[cfg(test)]
    pub(crate) fn path(&self, key: &Key) -> Result<Path> {
        self.path_under(key, self.names.known().newest())
    }

    /// Returns a name of a document's object.
    pub(crate) fn path_under(&self, key: &Key, suffix: &str) -> Result<Path> {
        let stem = name::stem(key.id(), self.form.folds_case);
        self.place.document(&stem, suffix).map_err(|error| error.at(key))
    }

    /// Saves a document. `known` says that it is known to be there, which saves a request.
    ///
    /// # Errors
    /// `Conflict` as the mode says; `Invalid` for a document that cannot be kept; `Timeout` if it is not known whether it was saved.
    ///
    /// # Cancel safety
    /// Done or not done. If it is done, it may be unlisted until the next who meets it lists it.
    pub(crate) async fn save(&self, record: Record, mode: PutMode, known: bool) -> Result<Written> {
        let key = record.key.clone();
        let saved = async {
            let job = self.save_job(record, mode, known)?;
            let Done { verdict, due } = self.run(&job).await?;
            self.settle(due.into_iter().collect()).await?;
            written(&job, &verdict)
        };
        saved.await.map_err(|error: Error| error.during("put").at(&key))
    }

    /// Saves documents: each as [`save`](Self::save) does, but with the rows of all in one object. One outcome for each, in order.
    pub(crate) async fn save_many(&self, records: Vec<Record>, mode: &PutMode) -> Vec<Result<Written>> {
        let keys: Vec<Key> = records.iter().map(|record| record.key.clone()).collect();
        let jobs = records.into_iter().map(|record| self.save_job(record, mode.clone(), false)).collect();
        let outcomes = self.run_many(jobs, written).await;
        let named = outcomes.into_iter().zip(&keys);
        named.map(|(outcome, key)| outcome.map_err(|error| error.during("put").at(key))).collect()
    }

    /// Deletes a document; answers whether there was one.
    ///
    /// # Errors
    /// `Conflict` if another revision is there than asked for; `Timeout` if it is not known whether it was deleted.
    ///
    /// # Cancel safety
    /// As for [`save`](Self::save).
    pub(crate) async fn delete(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        let deleted = async {
            let job = delete_job(key.clone(), &opts);
            let Done { verdict, due } = self.run(&job).await?;
            self.settle(due.into_iter().collect()).await?;
            deleted(&job, &verdict)
        };
        deleted.await.map_err(|error: Error| error.during("delete").at(key))
    }

    /// Deletes documents: each as [`delete`](Self::delete) does, but with the rows of all in one object. One outcome for each, in order.
    pub(crate) async fn delete_many(&self, keys: Vec<Key>, opts: &DeleteOptions) -> Vec<Result<bool>> {
        let jobs = keys.iter().map(|key| Ok(delete_job(key.clone(), opts))).collect();
        let outcomes = self.run_many(jobs, deleted).await;
        let named = outcomes.into_iter().zip(&keys);
        named.map(|(outcome, key)| outcome.map_err(|error| error.during("delete").at(key))).collect()
    }

    fn save_job(&self, record: Record, mode: PutMode, known: bool) -> Result<Job> {
        let wish = match mode {
            PutMode::Upsert => Wish::Upsert,
            PutMode::Create => Wish::Create,
            PutMode::Replace(revision) => Wish::Replace(revision),
            _ => return Err(Error::unsupported("this kind of store does not know that mode of writing")),
        };
        let key = record.key.clone();
        let draft = Draft::under(&self.form, record, self.names.known().newest())?;
        Ok(Job { key, subject: Subject::Save(Box::new(draft)), wish, known })
    }

    /// Carries out jobs, several at once but those of one key in their order, and then puts the rows that are due in one object.
    async fn run_many<T>(
        &self,
        jobs: Vec<Result<Job>>,
        answer: impl Fn(&Job, &Verdict) -> Result<T> + Send + Sync,
    ) -> Vec<Result<T>>
    where
        T: Send,
    {
        let mut outcomes: Vec<Option<Result<T>>> = jobs.iter().map(|_| None).collect();
        let mut chains: Vec<Vec<(usize, Job)>> = Vec::new();
        let mut chain_of: HashMap<Key, usize> = HashMap::new();
        for (at, job) in jobs.into_iter().enumerate() {
            match job {
                Ok(job) => {
                    let chain = *chain_of.entry(job.key.clone()).or_insert(chains.len());
                    match chains.get_mut(chain) {
                        Some(known) => known.push((at, job)),
                        None => chains.push(vec![(at, job)]),
                    }
                }
                Err(error) => set(&mut outcomes, at, Err(error)),
            }
        }
        let ran: Vec<_> = stream::iter(chains)
            .map(|chain| Box::pin(self.run_chain(chain)))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let (mut dues, mut done) = (Vec::new(), Vec::new());
        for (at, job, ran) in ran.into_iter().flatten() {
            match ran {
                Ok(Done { verdict, due }) => {
                    done.push((at, due.is_some(), answer(&job, &verdict)));
                    dues.extend(due);
                }
                Err(error) => set(&mut outcomes, at, Err(error)),
            }
        }
        let settled = self.settle(dues).await;
        for (at, rests_on_row, outcome) in done {
            let outcome = match &settled {
                Err(error) if rests_on_row => Err(error.repeat()),
                _ => outcome,
            };
            set(&mut outcomes, at, outcome);
        }
        let missing = || Err(Error::new(ErrorKind::Internal, "an operation of a batch has no outcome"));
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(missing)).collect()
    }

    async fn run_chain(&self, chain: Vec<(usize, Job)>) -> Vec<(usize, Job, Result<Done>)> {
        let mut ran = Vec::with_capacity(chain.len());
        for (at, mut job) in chain {
            // What was just written is known to be there.
            job.known |= !ran.is_empty();
            let outcome = self.run(&job).await;
            ran.push((at, job, outcome));
        }
        ran
    }
}

fn set<T>(outcomes: &mut [Option<T>], at: usize, outcome: T) {
    if let Some(place) = outcomes.get_mut(at) {
        *place = Some(outcome);
    }
}

fn delete_job(key: Key, opts: &DeleteOptions) -> Job {
    let wish = Wish::Delete(opts.revision_of(&key).cloned());
    Job { key, subject: Subject::Delete, wish, known: true }
}

fn written(job: &Job, verdict: &Verdict) -> Result<Written> {
    match (verdict, &job.subject) {
        (Verdict::Saved { state, size, replaced }, Subject::Save(draft)) => {
            Ok(Written::new(draft.meta(*state, *size), replaced.clone()))
        }
        (Verdict::Conflict, _) if job.wish == Wish::Create => {
            Err(Error::new(ErrorKind::Conflict, "the document exists already"))
        }
        (Verdict::Conflict, _) => {
            Err(Error::new(ErrorKind::Conflict, "the stored document is another revision, or gone"))
        }
        _ => Err(Error::new(ErrorKind::Internal, "a save came to what no save comes to")),
    }
}

fn deleted(_: &Job, verdict: &Verdict) -> Result<bool> {
    match verdict {
        Verdict::Deleted(there) => Ok(*there),
        Verdict::Conflict => Err(Error::new(ErrorKind::Conflict, "the stored document is another revision")),
        Verdict::Saved { .. } => Err(Error::new(ErrorKind::Internal, "a delete came to a save")),
    }
}

#[cfg(test)]
pub(crate) mod tests;
