//! Folding: how many rows of the tail a fold moves into segments in a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use object_store::memory::InMemory;
use truthound_stores_catalog::{Runtime, TokioRuntime};
use truthound_stores_core::{BoxFuture, Query, Store as _, Timer};
use truthound_stores_testkit::bench::{Limit, Outcome, Row, Watch, median, per_second, print_row, thousands};

use crate::args::Args;
use crate::fill::{open, save};

/// Keeps what the store would do in the background until it is asked for.
#[derive(Default)]
struct Later(Mutex<Vec<BoxFuture<'static, ()>>>);

impl std::fmt::Debug for Later {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Later")
    }
}

impl Timer for Later {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async move { tokio::time::sleep(duration).await })
    }
}

impl Runtime for Later {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    }

    fn compute(&self, work: Box<dyn FnOnce() + Send>) {
        TokioRuntime.compute(work);
    }

    fn lanes(&self) -> usize {
        TokioRuntime.lanes()
    }
}

impl Later {
    fn take(&self) -> Option<BoxFuture<'static, ()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// Measures folds of as many rows as a hot segment has at most, as saved one by one and in batches.
pub(crate) async fn rows(args: &Args) -> Outcome {
    for (id, rows, batch, what) in [
        ("fold-batches", 100_000, 500, "saved in batches of 500"),
        ("fold-singles", 16_000, 1, "saved one by one"),
    ] {
        let mut rates = Vec::new();
        for _ in 0..if args.quick { 3 } else { 9 } {
            rates.push(one(rows, batch).await?);
        }
        let what = format!("folding a tail of {} rows, {what}", thousands(rows));
        print_row(&Row::new(id, what).ours(median(&rates)?, "/s").limit(Limit::AtLeast(100_000.0)));
    }
    Ok(())
}

async fn one(rows: u64, batch: u64) -> Outcome<f64> {
    let later = Arc::new(Later::default());
    let store = open(Arc::new(InMemory::new()), Arc::<Later>::clone(&later))?;
    // A lone first row is folded before, so that a root and a segment are there.
    save(&store, 0..1, rows, 1).await?;
    save(&store, 1..rows, rows, batch).await?;
    drop(later.take());
    // The turn of the fold that was dropped is free again after a moment by the clock.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let count = store.count(&Query::new()).await?;
    if count != rows {
        return Err(format!("{count} of {rows} rows are there").into());
    }
    let fold = later.take().ok_or("a long tail was not to be folded")?;
    let watch = Watch::start();
    fold.await;
    let took = watch.passed();
    if store.count(&Query::new()).await? != rows {
        return Err("a fold has lost rows".into());
    }
    store.close().await?;
    Ok(per_second(rows, took))
}
