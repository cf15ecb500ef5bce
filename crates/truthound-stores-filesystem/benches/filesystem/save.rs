//! Sustained durable saves: beside the loop, and into a large store beside a small one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use truthound_stores_core::{DeleteOptions, Store as _, StoreExt as _};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};

use truthound_stores_testkit::bench::{Limit, Row, Turns, Watch, per_second, print_row, thousands};

use crate::large::Large;
use crate::plan::Plan;
use crate::workload::{Pool, path_of};
use crate::{Failure, Outcome, baseline};

/// How many saves were made in how much time.
#[derive(Clone, Copy, Debug, Default)]
struct Slice {
    saves: u64,
    took: Duration,
}

impl Slice {
    fn rate(self) -> f64 {
        per_second(self.saves, self.took)
    }
}

impl std::ops::AddAssign for Slice {
    fn add_assign(&mut self, more: Self) {
        self.saves += more.saves;
        self.took += more.took;
    }
}

/// Measures one caller and 64 callers, each beside the loop at the same concurrency.
pub(crate) async fn sustained(plan: &Plan, room: &Path) -> Outcome {
    let pool = Arc::new(Pool::new()?);
    for (callers, limit) in [(1, 1.0), (64, 5.0)] {
        let folder = room.join(format!("save-{callers}"));
        let (base, beside) = (folder.join("store"), folder.join("loop"));
        std::fs::create_dir_all(&beside)?;
        let store = Arc::new(FileSystemStore::open(FileSystemConfig::new(&base)).await?);
        let next = Arc::new(AtomicU64::new(0));
        let (mut turns, mut ours, mut theirs) = (Turns::default(), Slice::default(), Slice::default());
        // The first turn makes folders and warms up; it does not count.
        for turn in 0..=plan.save_turns {
            let by_store = by_store(&store, &pool, &next, callers, plan.save_slice).await?;
            let by_loop = by_loop(&beside, &pool, &next, callers, plan.save_slice)?;
            if turn > 0 {
                turns.add(by_store.rate(), by_loop.rate());
                ours += by_store;
                theirs += by_loop;
            }
        }
        store.close().await?;
        same_bytes(&base, &pool, 0)?;
        let what = if callers == 1 { "one caller".to_owned() } else { format!("{callers} callers") };
        print_row(
            &Row::new(format!("save-{callers}"), format!("durable save, {what}, sustained"))
                .ours(ours.rate(), "/s")
                .beside(format!("the loop, {callers} {}", threads(callers)), theirs.rate(), "/s")
                .spread(turns.spread())
                .limit(Limit::RatioAtLeast(limit))
                .note(format!(
                    "{:.0} s each, settling included; files of {:.1} KB on average",
                    ours.took.as_secs_f64(),
                    kilobytes(pool.mean_size()),
                )),
        );
    }
    Ok(())
}

fn threads(callers: usize) -> &'static str {
    if callers == 1 { "thread" } else { "threads" }
}

#[allow(clippy::cast_precision_loss, reason = "files are small")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1e3
}

/// Saves for `length` from `callers` tasks, and settles: what is counted is on the disk in its final form.
async fn by_store(
    store: &Arc<FileSystemStore>,
    pool: &Arc<Pool>,
    next: &Arc<AtomicU64>,
    callers: usize,
    length: Duration,
) -> Outcome<Slice> {
    let watch = Watch::start();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (store, pool, next) = (Arc::clone(store), Arc::clone(pool), Arc::clone(next));
            tokio::spawn(async move {
                let mut saves = 0;
                while watch.passed() < length {
                    store.put(pool.record(next.fetch_add(1, Ordering::Relaxed))?).await?;
                    saves += 1;
                }
                Ok::<u64, Failure>(saves)
            })
        })
        .collect();
    let mut saves = 0;
    for task in tasks {
        saves += task.await??;
    }
    store.flush().await?;
    Ok(Slice { saves, took: watch.passed() })
}

/// Saves the same documents for `length` from `callers` threads by the loop.
fn by_loop(folder: &Path, pool: &Pool, next: &AtomicU64, callers: usize, length: Duration) -> Outcome<Slice> {
    let watch = Watch::start();
    let saves = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..callers)
            .map(|caller| {
                scope.spawn(move || {
                    let by_hand = baseline::Saver::new(folder, caller)?;
                    let mut saves = 0;
                    while watch.passed() < length {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        by_hand.save(&pool.id(number)?, &pool.file(number)?)?;
                        saves += 1;
                    }
                    Ok::<u64, Failure>(saves)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_panic| "a thread of the loop panicked")?)
            .sum::<Outcome<u64>>()
    })?;
    Ok(Slice { saves, took: watch.passed() })
}

/// Makes sure that the loop is given exactly what the store writes.
fn same_bytes(base: &Path, pool: &Pool, number: u64) -> Outcome {
    let path: PathBuf = path_of(base, &pool.id(number)?);
    if std::fs::read(&path)? == pool.file(number)? {
        return Ok(());
    }
    Err("the store writes other bytes than the loop was given: the rows would not compare".into())
}

/// How many saves are in a turn where a large store stands beside a small one: few, so that the small one stays small.
const SAVES: u64 = 200;

/// Measures saves into the large store beside saves into the small one, by one caller.
pub(crate) async fn growth(plan: &Plan, small: &Large, large: &Large) -> Outcome {
    let pool = Pool::new()?;
    let (at_large, at_small) = (large.open().await?, small.open().await?);
    let (mut turns, mut next) = (Turns::default(), 0);
    for turn in 0..=plan.turns {
        let ours = new_documents(&at_large, &pool, next).await?;
        let beside = new_documents(&at_small, &pool, next).await?;
        next += SAVES;
        if turn > 0 {
            turns.add(ours, beside);
        }
    }
    at_large.close().await?;
    at_small.close().await?;
    let what = format!("durable save at {} stored, one caller", thousands(large.documents));
    let row = Row::new("save-growth", what)
        .turns(&turns, "µs", format!("the same at {} stored", thousands(small.documents)))?
        .limit(Limit::RatioAtMost(1.2));
    print_row(&row);
    Ok(())
}

/// Saves new documents one after the other and settles; answers the microseconds for each. They are deleted again afterwards.
async fn new_documents(store: &FileSystemStore, pool: &Pool, from: u64) -> Outcome<f64> {
    let mut keys = Vec::new();
    let watch = Watch::start();
    for number in from..from + SAVES {
        let record = pool.record(number)?;
        keys.push(record.key.clone());
        store.put(record).await?;
    }
    store.flush().await?;
    let rate = per_second(SAVES, watch.passed());
    for deleted in store.delete_many(keys, DeleteOptions::default()).await {
        deleted?;
    }
    store.flush().await?;
    Ok(1e6 / rate)
}
