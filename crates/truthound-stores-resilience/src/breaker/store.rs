//! The store behind a circuit breaker.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use truthound_stores_core::{
    ChangePage, ChangeToken, DeleteOptions, FactsPage, GetOptions, Grouping, Key, Page, PageToken,
    PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary, Upkeep, Written,
};

use super::{BreakerStatus, CircuitBreaker, Permit, Signal};

/// Refuses calls at once, with [`Unavailable`](truthound_stores_core::ErrorKind::Unavailable), while the store inside does not answer.
///
/// A call that is refused was not begun: a write had no effect. `close` is never refused, and after it calls go on to the store inside, which
/// answers that it is closed. What [`upkeep`](Store::upkeep) does is forwarded as it is, past the breaker.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_core::{ErrorKind, Query, Store, StoreExt, SystemClock};
/// use truthound_stores_resilience::{BreakerState, CircuitBreakerConfig, CircuitBreakerLayer};
/// # use truthound_stores_memory::MemoryStore;
/// # use truthound_stores_testkit::{Faults, FaultyStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> truthound_stores_core::Result<()> {
/// # let faults = Faults::new();
/// # faults.outage(ErrorKind::Timeout);
/// # let down = FaultyStore::new(MemoryStore::new(), &faults);
/// let breaker = CircuitBreakerLayer::new(CircuitBreakerConfig::new(), Arc::new(SystemClock::new()))?;
/// let store = down.layer(breaker);
/// for _ in 0..5 {
///     assert_eq!(store.count(&Query::new()).await.unwrap_err().kind(), ErrorKind::Timeout);
/// }
/// assert_eq!(store.count(&Query::new()).await.unwrap_err().kind(), ErrorKind::Unavailable);
/// assert_eq!(store.status().state, BreakerState::Open);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CircuitBreakerStore<S> {
    inner: S,
    breaker: CircuitBreaker,
    closed: Arc<AtomicBool>,
}

impl<S: Store> CircuitBreakerStore<S> {
    /// Puts `inner` behind `breaker`.
    pub fn new(inner: S, breaker: CircuitBreaker) -> Self {
        Self { inner, breaker, closed: Arc::default() }
    }

    /// Returns the breaker's state and counts of this moment.
    pub fn status(&self) -> BreakerStatus {
        self.breaker.status()
    }

    /// Asks for leave to make a call; a closed store needs none, as all it does is to say that it is closed.
    fn permit(&self, operation: &'static str) -> Result<Option<Permit>> {
        if self.closed.load(Ordering::Acquire) {
            return Ok(None);
        }
        self.breaker.acquire().map(Some).map_err(|error| error.during(operation))
    }

    async fn guarded<T: Send>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let permit = self.permit(operation)?;
        let outcome = call.await;
        if let Some(permit) = permit {
            permit.record(&outcome);
        }
        outcome
    }

    async fn guarded_batch<T: Send>(
        &self,
        operation: &'static str,
        keys: Vec<Key>,
        call: impl Future<Output = Vec<Result<T>>> + Send,
    ) -> Vec<Result<T>> {
        let permit = match self.permit(operation) {
            Ok(permit) => permit,
            Err(refusal) => return keys.iter().map(|key| Err(refusal.repeat().at(key))).collect(),
        };
        let answers = call.await;
        if let Some(permit) = permit {
            let (signal, error) = Signal::of_batch(&answers);
            permit.tell(signal, error);
        }
        answers
    }
}

#[async_trait]
impl<S: Store> Store for CircuitBreakerStore<S> {
    fn info(&self) -> StoreInfo {
        self.inner.info()
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        let key = record.key.clone();
        self.guarded("put", self.inner.put_opts(record, opts)).await.map_err(|error| error.at(&key))
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        let keys = records.iter().map(|record| record.key.clone()).collect();
        self.guarded_batch("put", keys, self.inner.put_many(records, opts)).await
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        self.guarded("get", self.inner.get_opts(key, opts)).await.map_err(|error| error.at(key))
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        self.guarded("delete", self.inner.delete_opts(key, opts)).await.map_err(|error| error.at(key))
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        self.guarded_batch("delete", keys.clone(), self.inner.delete_many(keys, opts)).await
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        self.guarded("list", self.inner.list_page(query, after)).await
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        self.guarded("list", self.inner.scan_page(query, after)).await
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        self.guarded("count", self.inner.count(query)).await
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        self.guarded("summarize", self.inner.summarize(query, grouping)).await
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        self.guarded("changes", self.inner.changes(after, limit)).await
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        self.inner.upkeep()
    }

    async fn check(&self) -> Result<()> {
        self.guarded("check", self.inner.check()).await
    }

    async fn flush(&self) -> Result<()> {
        self.guarded("flush", self.inner.flush()).await
    }

    async fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        self.inner.close().await
    }
}

impl<S: Store> fmt::Display for CircuitBreakerStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CircuitBreaker({})", self.inner)
    }
}
