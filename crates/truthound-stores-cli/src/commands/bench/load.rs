//! The documents of a measurement, and the calls that are made with them.

use std::fmt::Write as _;

use truthound_stores::{
    Collection, DeleteOptions, Error, ErrorKind, GetOptions, Grouping, Key, Pattern, PutOptions, Query,
    Reading, Record, Result, Status, Store, SystemClock, Timestamp, random_u64,
};

use super::measure::{Called, timed};

/// How many documents are saved or deleted in one call of those that take many.
pub(super) const BATCH: u64 = 64;

/// How many assets the documents are of.
const ASSETS: u64 = 10;

const MICROS_PER_MINUTE: i64 = 60_000_000;

/// What a measurement saves. Documents are made when they are needed: a million need no memory.
#[derive(Debug)]
pub(super) struct Load {
    collection: Collection,
    /// A name that no other measurement has.
    run: String,
    size: usize,
    now: Timestamp,
    reading: Reading,
}

impl Load {
    pub(super) fn new(store: &dyn Store, collection: Collection, size: u64, now: Timestamp) -> Self {
        Self {
            collection,
            run: format!("bench-{:016x}", random_u64(&SystemClock::new())),
            size: usize::try_from(size).unwrap_or(usize::MAX),
            now,
            reading: store.info().reading(),
        }
    }

    /// Asks for all documents of this measurement, and no others.
    pub(super) fn everything(&self) -> Query {
        Query::new().with_collection(self.collection.clone()).with_tag("bench", &self.run)
    }

    /// Names the documents of a batch.
    pub(super) fn keys(&self, batch: u64, saved: u64) -> Result<Vec<Key>> {
        range(batch, saved).map(|n| self.key(n)).collect()
    }

    /// Saves a new document.
    pub(super) async fn save(&self, store: &dyn Store, n: u64) -> Result<Called> {
        let record = self.record(n)?;
        timed(async { store.put_opts(record, PutOptions::default()).await.map(|_| 1) }).await
    }

    /// Makes the `n`th call of an operation on `saved` documents.
    pub(super) async fn call(
        &self,
        store: &dyn Store,
        operation: &str,
        n: u64,
        saved: u64,
    ) -> Result<Called> {
        let page = self.everything().with_data_asset(Pattern::exact(&self.asset(n))).with_limit(20);
        let failures = self.everything().with_status(Status::FAILURE);
        match operation {
            "save_many" => {
                let records = range(n, saved).map(|n| self.record(n)).collect::<Result<Vec<_>>>()?;
                timed(async { all(store.put_many(records, PutOptions::default()).await) }).await
            }
            "get" => {
                // Scattered, but the same each time.
                let key = self.key(n.wrapping_mul(2_654_435_761) % saved.max(1))?;
                timed(async { store.get_opts(&key, GetOptions::default()).await.map(|_| 1) }).await
            }
            "list" => timed(async { Ok(store.list_page(&page, None).await?.metas.len() as u64) }).await,
            "query" => {
                timed(async {
                    let found = store.list_page(&page.with_status(Status::FAILURE), None).await?.metas;
                    for meta in &found {
                        store.get_opts(&meta.key, GetOptions::default()).await?;
                    }
                    Ok(found.len() as u64)
                })
                .await
            }
            "count" => timed(store.count(&failures)).await,
            "stats" => {
                let (query, grouping) = (self.everything(), Grouping::new().with_data_asset(true));
                timed(async {
                    let sums = store.summarize(&query, grouping).await?;
                    Ok(sums.iter().map(|sum| sum.runs).sum())
                })
                .await
            }
            "delete_many" => {
                let keys = self.keys(n, saved)?;
                timed(async { all(store.delete_many(keys, DeleteOptions::default()).await) }).await
            }
            other => Err(Error::new(ErrorKind::Internal, format!("{other} is no operation of bench"))),
        }
    }

    fn key(&self, n: u64) -> Result<Key> {
        Key::new(self.collection.clone(), &format!("{}-{n}", self.run))
    }

    fn asset(&self, n: u64) -> String {
        format!("{}.table_{}", self.run, n % ASSETS)
    }

    /// Makes a document as a run of checks leaves it, of about the size that was asked for.
    fn record(&self, n: u64) -> Result<Record> {
        let status = if n.is_multiple_of(7) { "failure" } else { "success" };
        let minutes = i64::try_from(n).unwrap_or(0);
        let mut text = format!(
            r#"{{"run_id":"{run}-{n}","run_time":"{time}","data_asset":"{asset}","status":"{status}","tags":{{"bench":"{run}"}},"statistics":{{"total_validators":20,"passed_validators":{passed},"total_issues":{issues},"execution_time_ms":12.5}},"results":["#,
            run = self.run,
            time = self.now.plus_micros(-minutes.saturating_mul(MICROS_PER_MINUTE)),
            asset = self.asset(n),
            passed = 20 - n % 7,
            issues = n % 7,
        );
        let mut check = 0;
        while text.len() + 150 < self.size {
            let comma = if check == 0 { "" } else { "," };
            let _ = write!(
                text,
                r#"{comma}{{"validator_name":"range","column":"column_{check}","success":true,"severity":"low","issue_count":0,"message":"between {n} and {check}{n}"}}"#
            );
            check += 1;
        }
        text.push_str("]}");
        Record::parse(self.collection.clone(), text.as_bytes(), &self.reading)
    }
}

/// Returns the numbers of the documents of a batch.
fn range(batch: u64, saved: u64) -> std::ops::Range<u64> {
    let first = batch.saturating_mul(BATCH);
    first..saved.min(first.saturating_add(BATCH))
}

/// Counts outcomes, unless one is an error.
fn all<T>(outcomes: Vec<Result<T>>) -> Result<u64> {
    let done = outcomes.len() as u64;
    outcomes.into_iter().collect::<Result<Vec<T>>>().map(|_| done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_about_the_size_that_was_asked_for() {
        let store = truthound_stores::MemoryStore::new();
        for size in [400, 4000, 100_000] {
            let collection = Collection::new("bench").unwrap();
            let load = Load::new(&store, collection, size, Timestamp::UNIX_EPOCH);
            let length = load.record(999_999).unwrap().body.as_bytes().len();
            let size = usize::try_from(size).unwrap();
            assert!(length <= size && length + 350 > size, "{length} for {size}");
        }
    }
}
