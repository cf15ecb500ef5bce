//! Deletions from object storage: how many requests they take, and how long.

use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStore;
use object_store::memory::InMemory;
use object_store::throttle::{ThrottleConfig, ThrottledStore};
use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects};
use truthound_stores_core::{Collection, MaintainOptions, Store as _};
use truthound_stores_retention::{
    Retention, RetentionAction, RetentionConfig, RetentionTargets, TimeBasedPolicy,
};
use truthound_stores_testkit::ManualClock;
use truthound_stores_testkit::bench::{Outcome, Row, Watch, per_second, print_row, thousands};
use truthound_stores_testkit::object::{SimulatedStore, StoreOptions};

use crate::args::Args;
use crate::fill::{fill, now};

/// How long a request takes over a network.
const LATENCY: Duration = Duration::from_millis(20);

/// Removes all there is, at once.
fn everything(clock: Arc<ManualClock>) -> Outcome<Retention> {
    let config = RetentionConfig::new()
        .with_grace_days(0.0)
        .with_allow_empty(true)
        .with_policy(TimeBasedPolicy::new(0.0, RetentionAction::Delete));
    Ok(Retention::new(&config, RetentionTargets::none(), clock)?)
}

async fn filled(bucket: Arc<dyn ObjectStore>, documents: u64) -> Outcome<CatalogStore> {
    let objects = Objects::new(bucket, "simulated", "simulated").with_durable(false);
    let store = CatalogStore::open(objects, CatalogConfig::new().with_use_compression(false))?;
    fill(&store, documents).await?;
    store.upkeep().ok_or("a store without upkeep")?.maintain(MaintainOptions::default(), &()).await?;
    Ok(store)
}

fn clock_after_all() -> Arc<ManualClock> {
    let clock = Arc::new(ManualClock::new(1));
    clock.set(now());
    clock
}

#[allow(clippy::cast_precision_loss, reason = "a figure")]
pub(crate) async fn in_batches(args: &Args) -> Outcome {
    let clock = clock_after_all();
    let bucket = SimulatedStore::new(StoreOptions::default(), Arc::<ManualClock>::clone(&clock), 1);
    let store = filled(Arc::new(bucket.clone()), args.deletions).await?;
    let retention = everything(clock)?;
    bucket.reset_requests();
    let watch = Watch::start();
    let applied = retention.run(&store, &Collection::RESULTS).await?;
    let took = watch.passed();
    let requests = bucket.requests().total();
    if applied.deleted.records != args.deletions {
        return Err(format!("{applied:?}").into());
    }
    let what = format!("deleting {} documents of a bucket", thousands(args.deletions));
    print_row(
        &Row::new("delete-rate", what.as_str())
            .ours(per_second(args.deletions, took), "/s")
            .note("the bucket answers at once: what is left is the work of the store"),
    );
    print_row(
        &Row::new("delete-requests", what)
            .ours(requests as f64 / args.deletions as f64, "requests each")
            .note("a batch of 1,000 at a time"),
    );
    Ok(())
}

/// The same where each request takes its time: what counts is how many are under way.
pub(crate) async fn over_a_network(args: &Args) -> Outcome {
    let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    filled(Arc::clone(&memory), args.deletions).await?.close().await?;
    let slow = ThrottleConfig {
        wait_put_per_call: LATENCY,
        wait_get_per_call: LATENCY,
        wait_delete_per_call: LATENCY,
        wait_list_per_call: LATENCY,
        wait_list_with_delimiter_per_call: LATENCY,
        ..ThrottleConfig::default()
    };
    let objects = Objects::new(Arc::new(ThrottledStore::new(memory, slow)), "simulated", "simulated");
    let config = CatalogConfig::new().with_use_compression(false);
    let store = CatalogStore::open(objects.with_durable(false), config)?;
    let retention = everything(clock_after_all())?;
    let watch = Watch::start();
    let applied = retention.run(&store, &Collection::RESULTS).await?;
    let took = watch.passed();
    if applied.deleted.records != args.deletions {
        return Err(format!("{applied:?}").into());
    }
    let what = format!("deleting {} documents, each request taking 20 ms", thousands(args.deletions));
    print_row(&Row::new("delete-network", what).ours(per_second(args.deletions, took), "/s"));
    Ok(())
}
