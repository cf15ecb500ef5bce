//! Sixty-four writers beside one, where each request takes 20 ms.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use object_store::memory::InMemory;
use object_store::throttle::{ThrottleConfig, ThrottledStore};
use truthound_stores_catalog::{CatalogStore, TokioRuntime};
use truthound_stores_core::{Store as _, StoreExt as _};
use truthound_stores_testkit::bench::{Limit, Outcome, Row, Turns, Watch, per_second, print_row};

use crate::args::Args;
use crate::fill::{open, record};

const WRITERS: u64 = 64;
const LATENCY: Duration = Duration::from_millis(20);

pub(crate) async fn rows(args: &Args) -> Outcome {
    let mut turns = Turns::default();
    for turn in 0..args.turns.div_ceil(6) {
        let many = rate(WRITERS, args.slice).await?;
        let one = rate(1, args.slice).await?;
        if turn > 0 {
            #[allow(clippy::cast_precision_loss, reason = "64 is exact")]
            turns.add(many, one * WRITERS as f64);
        }
    }
    let what = "save of new documents by 64 writers, each request taking 20 ms";
    let row = Row::new("writers-64", what).turns(&turns, "/s", "64 times one writer")?;
    print_row(&row.limit(Limit::RatioAtLeast(0.95)));
    Ok(())
}

/// Saves with so many handles on one bucket for a while; answers how many documents a second.
async fn rate(writers: u64, slice: Duration) -> Outcome<f64> {
    let slow = ThrottleConfig {
        wait_put_per_call: LATENCY,
        wait_get_per_call: LATENCY,
        wait_delete_per_call: LATENCY,
        wait_list_per_call: LATENCY,
        wait_list_with_delimiter_per_call: LATENCY,
        ..ThrottleConfig::default()
    };
    let bucket = Arc::new(ThrottledStore::new(InMemory::new(), slow));
    let next = Arc::new(AtomicU64::new(0));
    let mut stores = Vec::new();
    for _ in 0..writers {
        let store = open(Arc::<ThrottledStore<InMemory>>::clone(&bucket), Arc::new(TokioRuntime))?;
        // What a handle asks once is no part of its rate.
        store.put(record(next.fetch_add(1, Ordering::Relaxed), 1_000_000)?).await?;
        stores.push(Arc::new(store));
    }
    let watch = Watch::start();
    let tasks: Vec<_> = stores
        .iter()
        .map(|store| {
            let (store, next) = (Arc::<CatalogStore>::clone(store), Arc::clone(&next));
            tokio::spawn(async move {
                let mut saved = 0_u64;
                while watch.passed() < slice {
                    let record =
                        record(next.fetch_add(1, Ordering::Relaxed), 1_000_000).map_err(|e| e.to_string())?;
                    store.put(record).await.map_err(|error| error.report())?;
                    saved += 1;
                }
                Ok::<_, String>(saved)
            })
        })
        .collect();
    let mut saved = 0;
    for task in tasks {
        saved += task.await??;
    }
    let took = watch.passed();
    for store in stores {
        store.close().await?;
    }
    Ok(per_second(saved, took))
}
