//! The store that makes calls again.

use std::fmt;

use async_trait::async_trait;
use truthound_stores_core::{
    ChangePage, ChangeToken, DeleteOptions, Error, ErrorKind, FactsPage, GetOptions, Grouping, Key, Page,
    PageToken, PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary, Upkeep, Written,
};

use super::batch::Batch;
use super::effect::{Doubt, Write, unsure};
use super::{RepeatWrites, Retry, RetryStats};

/// Makes calls of the store inside again that failed in a way that may pass.
///
/// Reads are made again after any error that [is retryable](Error::is_retryable). Of writes and deletes, one that is made twice must not have two
/// effects; see [`RepeatWrites`] and [the crate's page](crate#a-write-that-is-made-again). `close` is made once: a second call succeeds
/// whatever the first could not flush. What [`upkeep`](Store::upkeep) does is forwarded as it is.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_core::{Query, Store, StoreExt};
/// use truthound_stores_resilience::{RetryConfig, RetryLayer};
/// # use truthound_stores_core::ErrorKind;
/// # use truthound_stores_memory::MemoryStore;
/// # use truthound_stores_testkit::{Fault, Faults, FaultyStore, ManualClock, Operation};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> truthound_stores_core::Result<()> {
/// # let faults = Faults::new();
/// # faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Count).times(2));
/// # let flaky = FaultyStore::new(MemoryStore::new(), &faults);
/// # let clock = Arc::new(ManualClock::new(1));
/// # let timer = Arc::clone(&clock);
/// let retries = RetryLayer::new(RetryConfig::new().with_base_delay(0.0), clock, timer)?;
/// let store = flaky.layer(retries);
/// assert_eq!(store.count(&Query::new()).await?, 0, "the third attempt succeeded");
/// assert_eq!(store.stats().retries, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RetryStore<S> {
    inner: S,
    retry: Retry,
    writes: RepeatWrites,
}

impl<S: Store> RetryStore<S> {
    /// Wraps `inner`; `retry` says when calls are made again, `writes` which writes.
    pub fn new(inner: S, retry: Retry, writes: RepeatWrites) -> Self {
        Self { inner, retry, writes }
    }

    /// Returns what retries have done so far.
    pub fn stats(&self) -> RetryStats {
        self.retry.stats()
    }

    /// Judges the last error of a put.
    async fn judge_put(&self, record: &Record, doubt: Doubt, error: Error) -> Error {
        let slight = doubt == Doubt::Slight && error.kind() == ErrorKind::Conflict;
        if slight && self.may_be_ours(record).await {
            return unsure(error).during("put").at(&record.key);
        }
        named(doubt, error, "put", &record.key)
    }

    /// Looks whether a conflict may be one with our own earlier attempt. It said that it had no effect, but a store that errs there would
    /// have us answer "somebody else wrote first" to whom wrote first. Equal content proves nothing; other content is other people's.
    async fn may_be_ours(&self, record: &Record) -> bool {
        match self.inner.get_opts(&record.key, GetOptions::meta_only()).await {
            Ok(Stored { meta, .. }) => {
                meta.checksum.matches(&record.body.checksum()) && meta.attributes == record.attributes
            }
            Err(error) => error.kind() != ErrorKind::NotFound,
        }
    }
}

/// Gives an error of a write the kind that is true of the whole call.
fn named(doubt: Doubt, error: Error, operation: &'static str, key: &Key) -> Error {
    doubt.over(error).during(operation).at(key)
}

/// Answers a delete of which an earlier attempt may have been carried out: who finds nothing then does not know whether there was something.
fn judge_delete(key: &Key, doubt: Doubt, answer: Result<bool>) -> Result<bool> {
    match answer {
        Ok(false) if doubt == Doubt::Grave => {
            let gone = Error::new(ErrorKind::NotFound, "the document is gone by now");
            Err(unsure(gone).during("delete").at(key))
        }
        Ok(was_there) => Ok(was_there),
        Err(error) => Err(named(doubt, error, "delete", key)),
    }
}

#[async_trait]
impl<S: Store> Store for RetryStore<S> {
    fn info(&self) -> StoreInfo {
        self.inner.info()
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        let write = Write::put(&opts, self.writes);
        let (mut attempts, mut doubt) = (self.retry.begin(), Doubt::None);
        loop {
            match self.inner.put_opts(record.clone(), opts.clone()).await {
                Err(error) if write.may_repeat(&error) => {
                    let before = doubt;
                    doubt.note(&error);
                    if let Err(last) = attempts.again(error).await {
                        return Err(named(before, last, "put", &record.key));
                    }
                }
                Err(error) => {
                    let error = self.judge_put(&record, doubt, error).await;
                    return attempts.end(Err(error));
                }
                written => return attempts.end(written),
            }
        }
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        let mut batch = Batch::new(records, |record| record.key.clone(), Write::put(&opts, self.writes));
        let mut attempts = self.retry.begin();
        loop {
            batch.take(self.inner.put_many(batch.due(), opts.clone()).await);
            let Some((places, error)) = batch.repeatable() else { break };
            if attempts.again(error).await.is_err() {
                break;
            }
            batch.reopen(&places);
        }
        attempts.settle(batch.is_done());
        let mut answers = Vec::new();
        for (record, doubt, answer) in batch.into_answers() {
            answers.push(match answer {
                Err(error) if doubt != Doubt::None => Err(self.judge_put(&record, doubt, error).await),
                answer => answer,
            });
        }
        answers
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        self.retry.run(|_| self.inner.get_opts(key, opts.clone())).await
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        let write = Write::delete(std::slice::from_ref(key), &opts, self.writes);
        let (mut attempts, mut doubt) = (self.retry.begin(), Doubt::None);
        loop {
            match self.inner.delete_opts(key, opts.clone()).await {
                Err(error) if write.may_repeat(&error) => {
                    let before = doubt;
                    doubt.note(&error);
                    if let Err(last) = attempts.again(error).await {
                        return Err(named(before, last, "delete", key));
                    }
                }
                answer => return attempts.end(judge_delete(key, doubt, answer)),
            }
        }
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        let write = Write::delete(&keys, &opts, self.writes);
        let mut batch = Batch::new(keys, Key::clone, write);
        let mut attempts = self.retry.begin();
        loop {
            batch.take(self.inner.delete_many(batch.due(), opts.clone()).await);
            let Some((places, error)) = batch.repeatable() else { break };
            if attempts.again(error).await.is_err() {
                break;
            }
            batch.reopen(&places);
        }
        attempts.settle(batch.is_done());
        let judged = batch.into_answers().map(|(key, doubt, answer)| match doubt {
            Doubt::None => answer,
            _ => judge_delete(&key, doubt, answer),
        });
        judged.collect()
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        self.retry.run(|_| self.inner.list_page(query, after.clone())).await
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        self.retry.run(|_| self.inner.scan_page(query, after.clone())).await
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        self.retry.run(|_| self.inner.count(query)).await
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        self.retry.run(|_| self.inner.summarize(query, grouping)).await
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        self.retry.run(|_| self.inner.changes(after.clone(), limit)).await
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        self.inner.upkeep()
    }

    async fn check(&self) -> Result<()> {
        self.retry.run(|_| self.inner.check()).await
    }

    async fn flush(&self) -> Result<()> {
        self.retry.run(|_| self.inner.flush()).await
    }

    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
}

impl<S: Store> fmt::Display for RetryStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Retry({})", self.inner)
    }
}
