//! Deletions from object storage: how many requests they take, and how long.

use std::sync::Arc;

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

#[allow(clippy::cast_precision_loss, reason = "a figure")]
pub(crate) async fn in_batches(args: &Args) -> Outcome {
    let clock = Arc::new(ManualClock::new(1));
    clock.set(now());
    let bucket = SimulatedStore::new(StoreOptions::default(), Arc::<ManualClock>::clone(&clock), 1);
    let objects = Objects::new(Arc::new(bucket.clone()), "simulated", "simulated").with_durable(false);
    let store = CatalogStore::open(objects, CatalogConfig::new().with_use_compression(false))?;
    fill(&store, args.deletions).await?;
    store.upkeep().ok_or("a store without upkeep")?.maintain(MaintainOptions::default(), &()).await?;
    let config = RetentionConfig::new()
        .with_grace_days(0.0)
        .with_policy(TimeBasedPolicy::new(0.0, RetentionAction::Delete));
    let retention = Retention::new(&config, RetentionTargets::none(), clock)?;
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
