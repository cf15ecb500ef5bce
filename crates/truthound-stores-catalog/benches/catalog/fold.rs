//! Folding: how many rows of the tail a fold moves into segments in a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore as _, ObjectStoreExt as _};
use truthound_stores_catalog::{Runtime, TokioRuntime};
use truthound_stores_core::{BoxFuture, Query, Store as _, Timer};
use truthound_stores_testkit::bench::{Limit, Outcome, Row, Turns, Watch, per_second, print_row, thousands};

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

/// So many objects of the tail are taken by one fold.
const OBJECTS: usize = 4_096;
/// The folder of the tail, by the default settings.
const TAIL: &str = "truthound/default/results/_catalog/tail";

/// Measures folds of as many rows as a hot segment has at most, as saved one by one and in batches, each beside what its bucket does for it.
pub(crate) async fn rows(args: &Args) -> Outcome {
    for (id, rows, batch, what) in [
        ("fold-batches", 100_000, 500, "saved in batches of 500"),
        ("fold-singles", 16_000, 1, "saved one by one"),
    ] {
        let mut turns = Turns::default();
        for _ in 0..if args.quick { 3 } else { 9 } {
            let (fold, bucket) = one(rows, batch).await?;
            turns.add(fold, bucket);
        }
        let what = format!("folding a tail of {} rows, {what}", thousands(rows));
        let beside = "its bucket alone: listing, reading and deleting the same objects";
        print_row(&Row::new(id, what).turns(&turns, "/s", beside)?.limit(Limit::AtLeast(100_000.0)));
    }
    Ok(())
}

/// Folds once, and says how many rows a second that was: of the fold, and of its bucket alone.
async fn one(rows: u64, batch: u64) -> Outcome<(f64, f64)> {
    let (later, bucket) = (Arc::new(Later::default()), Arc::new(InMemory::new()));
    let store = open(Arc::<InMemory>::clone(&bucket), Arc::<Later>::clone(&later))?;
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
    let copy = bucket.fork();
    let watch = Watch::start();
    fold.await;
    let took = watch.passed();
    if store.count(&Query::new()).await? != rows {
        return Err("a fold has lost rows".into());
    }
    store.close().await?;
    let watch = Watch::start();
    ask_alone(&copy).await?;
    Ok((per_second(rows, took), per_second(rows, watch.passed())))
}

/// Asks a bucket for what folds ask it for, and does nothing with the answers: the tail is listed, its objects are read and deleted in parts, and the
/// last part is listed once more.
async fn ask_alone(bucket: &InMemory) -> Outcome {
    let list = || bucket.list(Some(&Path::from(TAIL))).try_collect::<Vec<ObjectMeta>>();
    let mut all = list().await?;
    if all.is_empty() {
        return Err(format!("there is nothing in {TAIL}").into());
    }
    while !all.is_empty() {
        let rest = all.split_off(all.len().min(OBJECTS));
        let taken: Vec<Path> = all.into_iter().map(|meta| meta.location).collect();
        // The rows of the others are in their names.
        for path in taken.iter().filter(|path| path.as_ref().ends_with("~b")) {
            drop(bucket.get(path).await?.bytes().await?);
        }
        let mut gone = bucket.delete_stream(stream::iter(taken.into_iter().map(Ok)).boxed());
        while gone.try_next().await?.is_some() {}
        all = if rest.len() > OBJECTS { rest } else { list().await? };
    }
    Ok(())
}
