//! A store whose every call takes two steps, one before its effect and one after, and a scheduler that decides by a seed who takes the next.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use truthound_stores_core::{
    ChangePage, ChangeToken, DeleteOptions, FactsPage, GetOptions, Grouping, Key, Page, PageToken,
    PutOptions, Query, Record, Result, Store, StoreInfo, Stored, Summary, Upkeep, Written,
};

use crate::SeededRandom;

/// Gives the others a turn.
#[derive(Default)]
struct Step(bool);

impl Future for Step {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Takes a step before and after each call: whoever is interleaved with others meets them there. A batch of deletes takes them for each document.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Key, StoreExt};
/// use truthound_stores_memory::MemoryStore;
/// use truthound_stores_testkit::{Stepping, Task, interleave};
///
/// let memory = MemoryStore::new();
/// let store = Stepping::new(memory);
/// let key = Key::result("one")?;
/// let tasks = (0..2).map(|_| Box::pin(async { assert!(store.read(&key).await.is_err()) }) as Task<'_>);
/// interleave(tasks.collect(), 7);
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Stepping<S>(S);

impl<S: Store> Stepping<S> {
    /// Wraps `inner`.
    pub fn new(inner: S) -> Self {
        Self(inner)
    }
}

async fn stepped<T>(call: impl Future<Output = T>) -> T {
    Step::default().await;
    let answer = call.await;
    Step::default().await;
    answer
}

impl<S: Store> fmt::Display for Stepping<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stepping({})", self.0)
    }
}

#[async_trait]
impl<S: Store> Store for Stepping<S> {
    fn info(&self) -> StoreInfo {
        self.0.info()
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        stepped(self.0.put_opts(record, opts)).await
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        stepped(self.0.put_many(records, opts)).await
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        stepped(self.0.get_opts(key, opts)).await
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        stepped(self.0.delete_opts(key, opts)).await
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        // Document by document: somebody may come in between.
        let mut answers = Vec::new();
        for key in keys {
            answers.push(stepped(self.0.delete_opts(&key, opts.clone())).await);
        }
        answers
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        stepped(self.0.list_page(query, after)).await
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        stepped(self.0.scan_page(query, after)).await
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        stepped(self.0.count(query)).await
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        stepped(self.0.summarize(query, grouping)).await
    }

    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        stepped(self.0.changes(after, limit)).await
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        self.0.upkeep()
    }

    async fn check(&self) -> Result<()> {
        self.0.check().await
    }

    async fn flush(&self) -> Result<()> {
        self.0.flush().await
    }

    async fn close(&self) -> Result<()> {
        self.0.close().await
    }
}

/// What is interleaved with others.
pub type Task<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Runs tasks to their ends; the seed decides who takes each step.
pub fn interleave(mut tasks: Vec<Task<'_>>, seed: u64) {
    let mut random = SeededRandom::new(seed);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..100_000 {
        if tasks.is_empty() {
            return;
        }
        let places: Vec<usize> = (0..tasks.len()).collect();
        let at = *random.pick(&places);
        if tasks[at].as_mut().poll(&mut context).is_ready() {
            drop(tasks.swap_remove(at));
        }
    }
    panic!("seed {seed}: the tasks do not come to an end");
}

/// Lets a task take so many steps, and then drops it, as a process that dies; answers whether it had come to its end.
pub fn cut_after(steps: usize, mut task: Task<'_>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    (0..=steps).any(|_| task.as_mut().poll(&mut context).is_ready())
}
