//! Plans: by ages alone, where newer records need not be looked at, and by counts, where all must be.

use std::sync::Arc;

use object_store::memory::InMemory;
use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects};
use truthound_stores_core::{Collection, MaintainOptions, Query, Store};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{
    CountBasedPolicy, KeepPolicy, PlanSink, Removal, Retention, RetentionAction, RetentionConfig,
    RetentionTargets, StatusBasedPolicy, TagBasedPolicy, TimeBasedPolicy,
};
use truthound_stores_testkit::ManualClock;
use truthound_stores_testkit::bench::{
    Limit, Outcome, Row, Turns, Watch, millis, peak_memory, print_row, thousands,
};

use crate::args::Args;
use crate::fill::{fill, now};

/// How many records a page of the bare listing has, as a plan's.
const PAGE: usize = 10_000;
/// The longest that a plan over a million records may take, in milliseconds.
const LONGEST: f64 = 1_500.0;

/// Counts what goes, and keeps none of it.
#[derive(Default)]
struct Count(u64);

impl PlanSink for Count {
    fn remove(&mut self, removal: Removal) {
        self.0 += u64::from(!removal.reasons.is_empty());
    }
}

fn ages() -> RetentionConfig {
    RetentionConfig::new()
        .with_grace_days(0.0)
        .with_policy(TimeBasedPolicy::new(2.0 * 365.0, RetentionAction::Delete))
        .with_policy(TagBasedPolicy::new("environment", "production", 2.5 * 365.0, RetentionAction::Delete))
}

fn counts() -> RetentionConfig {
    ages()
        .with_preserve_latest(true)
        .with_policy(StatusBasedPolicy::new("failed", 30.0, RetentionAction::Delete))
        .with_policy(CountBasedPolicy::per_asset(12_000, RetentionAction::Delete))
}

fn keeps() -> RetentionConfig {
    RetentionConfig::new().with_grace_days(0.0).with_policy(
        KeepPolicy::new(RetentionAction::Delete).with_daily(400).with_monthly(36).with_within_days(700.0),
    )
}

pub(crate) async fn over_memory(args: &Args) -> Outcome {
    let store = MemoryStore::new();
    fill(&store, args.records).await?;
    rows("memory", "in memory", &store, args).await
}

pub(crate) async fn over_a_catalog(args: &Args) -> Outcome {
    let objects = Objects::new(Arc::new(InMemory::new()), "memory", "a bucket in memory").with_durable(false);
    let store = CatalogStore::open(objects, CatalogConfig::new().with_use_compression(false))?;
    fill(&store, args.records).await?;
    store.upkeep().ok_or("a store without upkeep")?.maintain(MaintainOptions::default(), &()).await?;
    rows("catalog", "in a catalog", &store, args).await
}

pub(crate) async fn over_files(args: &Args) -> Outcome {
    let folder = tempfile::tempdir_in(&args.folder)?;
    let config = FileSystemConfig::new(folder.path()).with_durability(Durability::Os);
    let store = FileSystemStore::open(config).await?;
    fill(&store, args.records).await?;
    rows("files", "in a folder", &store, args).await?;
    Ok(store.close().await?)
}

pub(crate) async fn over_a_database(args: &Args) -> Outcome {
    let folder = tempfile::tempdir_in(&args.folder)?;
    let url = format!("sqlite:{}", folder.path().join("results.db").display());
    let store = DatabaseStore::open(DatabaseConfig::new(url)).await?;
    fill(&store, args.records).await?;
    rows("database", "in SQLite", &store, args).await?;
    Ok(store.close().await?)
}

async fn rows(id: &str, place: &str, store: &dyn Store, args: &Args) -> Outcome {
    for (name, what, config) in [
        ("ages", "by two policies of age", ages()),
        ("counts", "by ages, status, count per asset and preserve_latest", counts()),
        ("keeps", "by what is kept of days and months", keeps()),
    ] {
        let mut turns = Turns::default();
        let mut going = 0;
        for _ in 0..args.turns {
            let watch = Watch::start();
            going = plan(store, config.clone()).await?;
            let ours = millis(watch.passed());
            let watch = Watch::start();
            list(store, args.records).await?;
            turns.add(ours, millis(watch.passed()));
        }
        let what = format!("planning over {} records {place}, {what}", thousands(args.records));
        let row = Row::new(format!("plan-{id}-{name}"), what).turns(&turns, "ms", "listing all of them")?;
        let row = row.note(format!("{} records would go", thousands(going)));
        // The limit is one of a million records.
        print_row(&if args.quick || id == "database" { row } else { row.limit(Limit::Below(LONGEST)) });
    }
    if let Some(peak) = peak_memory() {
        eprintln!("bench: {peak} kB at the most so far");
    }
    Ok(())
}

async fn plan(store: &dyn Store, config: RetentionConfig) -> Outcome<u64> {
    let clock = Arc::new(ManualClock::new(1));
    clock.set(now());
    let retention = Retention::new(&config, RetentionTargets::none(), clock)?;
    let mut count = Count::default();
    let (totals, damaged) = retention.plan_into(store, &Collection::RESULTS, &mut count).await?;
    if totals.removed() != count.0 || !damaged.is_empty() || count.0 == 0 {
        return Err("a plan did not do the work".into());
    }
    Ok(count.0)
}

/// Lists everything, as a plan must that looks at all.
async fn list(store: &dyn Store, records: u64) -> Outcome {
    let query = Query::new().with_page_size(PAGE);
    let (mut listed, mut after) = (0, None);
    loop {
        let page = store.list_page(&query, after).await?;
        listed += page.metas.len() as u64;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if listed == records { Ok(()) } else { Err(format!("{listed} records were listed").into()) }
}
