//! The same scenes over each kind of store: what is planned, moved, deleted and brought back does not depend on where documents lie.

use std::sync::Arc;

use object_store::memory::InMemory;
use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects};
use truthound_stores_core::{Query, Store, StoreExt as _, Timestamp};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{
    CountBasedPolicy, KeepPolicy, Removal, RestoreFrom, RetentionAction, RetentionConfig, RetentionTargets,
    StatusBasedPolicy, TagBasedPolicy, TimeBasedPolicy,
};
use truthound_stores_testkit::{Generator, ManualClock};

use crate::support::{DAY, RESULTS, documents, ids, retention, trash};
use RetentionAction::{Archive, Delete, Quarantine};

type Stores = [Arc<dyn Store>; 3];

/// A time after all that stores save now: what was saved is long past its grace period.
fn later() -> Arc<ManualClock> {
    let clock = Arc::new(ManualClock::new(1));
    clock.set("2100-01-01T00:00:00Z".parse::<Timestamp>().unwrap());
    clock
}

fn policies() -> RetentionConfig {
    // The generator's runs are of ninety days of 2026; ages are counted to the year 2100.
    let days = |date: &str| {
        let start: Timestamp = date.parse().unwrap();
        let micros = "2100-01-01T00:00:00Z".parse::<Timestamp>().unwrap().micros_since(start);
        f64::from(u32::try_from(micros / 86_400_000_000).unwrap())
    };
    RetentionConfig::new()
        .with_grace_days(7.0)
        .with_batch_size(13)
        .with_preserve_latest(true)
        .with_policy(TimeBasedPolicy::new(days("2026-02-01"), Delete))
        .with_policy(StatusBasedPolicy::new("failed", days("2026-02-15"), Quarantine))
        .with_policy(TagBasedPolicy::new("environment", "production", days("2026-01-20"), Archive))
        .with_policy(CountBasedPolicy::per_asset(12, Archive))
        .with_policy(KeepPolicy::new(Delete).with_daily(60).with_last(8))
}

/// What a plan says, without what each store calls it.
fn brief(removals: &[Removal]) -> Vec<(String, RetentionAction, Vec<String>)> {
    removals
        .iter()
        .map(|removal| {
            let reasons = removal.reasons.iter().map(ToString::to_string).collect();
            (removal.key.id().to_owned(), removal.action, reasons)
        })
        .collect()
}

async fn the_whole_way(stores: Stores) {
    let [store, archive, quarantine] = stores;
    let clock = later();
    let (reference, nowhere) = (MemoryStore::new(), || Arc::new(MemoryStore::new()));
    let records = Generator::new(11).records(240);
    for outcome in store.put_many(records.clone(), truthound_stores_core::PutOptions::default()).await {
        outcome.unwrap();
    }
    for record in records {
        reference.put(record).await.unwrap();
    }
    let before = documents(&*store, &RESULTS).await;
    let elsewhere = RetentionTargets::none().with_archive(nowhere()).with_quarantine(nowhere());
    let expected = retention(&policies(), elsewhere, &clock).plan(&reference, &RESULTS).await.unwrap();
    let targets =
        RetentionTargets::none().with_archive(Arc::clone(&archive)).with_quarantine(Arc::clone(&quarantine));
    let retention = retention(&policies(), targets, &clock);

    let plan = retention.plan(&*store, &RESULTS).await.unwrap();
    assert_eq!(brief(&plan.removals), brief(&expected.removals));
    for action in RetentionAction::ALL {
        assert!(plan.totals.of(action).records > 3, "{action}: {:?}", plan.totals);
    }
    let applied = retention.apply(&*store, &plan).await.unwrap();
    assert_eq!((applied.failed, applied.changed, applied.gone), (0, 0, 0), "{:?}", applied.errors);
    for (done, planned) in [
        (applied.deleted, plan.totals.delete),
        (applied.archived, plan.totals.archive),
        (applied.quarantined, plan.totals.quarantine),
    ] {
        assert_eq!(done, planned);
    }
    assert_eq!(store.count(&Query::new()).await.unwrap(), plan.totals.kept());
    for (kept, planned) in [
        (documents(&*archive, &RESULTS).await, plan.totals.archive),
        (documents(&*quarantine, &RESULTS).await, plan.totals.quarantine),
        (documents(&*store, &trash()).await, plan.totals.delete),
    ] {
        assert_eq!(kept.len() as u64, planned.records);
        assert!(kept.iter().all(|(id, text)| before.get(id) == Some(text)));
    }
    // All of it comes back, to the letter.
    for from in [RestoreFrom::Deleted, RestoreFrom::Archive, RestoreFrom::Quarantine] {
        let restored = retention.restore_all(&*store, &Query::new(), from).await.unwrap();
        assert_eq!(restored.failed, 0, "{:?}", restored.errors);
    }
    assert_eq!(documents(&*store, &RESULTS).await, before);
    assert_eq!((ids(&*archive).await.len(), ids(&*quarantine).await.len()), (0, 0));
    // Again, and this time for good.
    let second = retention.run(&*store, &RESULTS).await.unwrap();
    assert_eq!(second.removed(), plan.totals.removed());
    clock.advance(7 * DAY);
    let purged = retention.purge(&*store, &RESULTS).await.unwrap().purged;
    assert_eq!(purged.records, plan.totals.delete.records);
    assert!(documents(&*store, &trash()).await.is_empty());
    for store in [store, archive, quarantine] {
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn over_memory() {
    let memory = MemoryStore::new();
    let store = |namespace: &str| Arc::new(memory.in_namespace(namespace).unwrap()) as Arc<dyn Store>;
    the_whole_way(["default", "archive", "quarantine"].map(store)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_folders() {
    let temp = tempfile::tempdir().unwrap();
    let mut stores = Vec::new();
    for name in ["live", "archive", "quarantine"] {
        let config = FileSystemConfig::new(temp.path().join(name));
        stores.push(Arc::new(FileSystemStore::open(config).await.unwrap()) as Arc<dyn Store>);
    }
    the_whole_way(stores.try_into().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_database() {
    let temp = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", temp.path().join("results.db").display());
    let store = DatabaseStore::open(DatabaseConfig::new(url)).await.unwrap();
    let others = ["archive", "quarantine"].map(|name| Arc::new(store.in_namespace(name).unwrap()) as _);
    let [archive, quarantine] = others;
    the_whole_way([Arc::new(store), archive, quarantine]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_object_storage() {
    let objects = Objects::new(Arc::new(InMemory::new()), "memory", "in memory");
    let store = |namespace: &str| {
        let mut config = CatalogConfig::new().with_use_compression(false);
        config.store.namespace = namespace.to_owned();
        Arc::new(CatalogStore::open(objects.clone(), config).unwrap()) as Arc<dyn Store>
    };
    the_whole_way(["default", "archive", "quarantine"].map(store)).await;
}

/// A database of a server, where there is one.
async fn over_a_server(config: Option<DatabaseConfig>) {
    let Some(config) = config else { return };
    let store = DatabaseStore::open(config).await.unwrap();
    let others = ["archive", "quarantine"].map(|name| Arc::new(store.in_namespace(name).unwrap()) as _);
    let [archive, quarantine] = others;
    the_whole_way([Arc::new(store), archive, quarantine]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgresql() {
    over_a_server(crate::places::postgresql()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_mariadb() {
    over_a_server(crate::places::mariadb()).await;
}
