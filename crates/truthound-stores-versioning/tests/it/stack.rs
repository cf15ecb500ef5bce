//! What is said with a save reaches the versions through every wrapper outside (R-VER-6), and nothing of it stays with the document. Every wrapper may stand inside, too:
//! what is said of the order is that of `VersioningLayer`.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{BoxFuture, ErrorKind, Layer as _, PutOptions, Store, StoreExt, Timer};
use truthound_stores_memory::MemoryStore;
use truthound_stores_resilience::{
    CircuitBreakerConfig, CircuitBreakerLayer, HealthCheckConfig, HealthCheckLayer, RepeatWrites,
    RetryConfig, RetryLayer,
};
use truthound_stores_testkit::{Fault, Faults, FaultyStore, ManualClock, Operation, PassThrough};
use truthound_stores_versioning::{
    Bump, SaveOptions, VersionedStore, VersioningConfig, VersioningLayer, VersioningMode,
};

use crate::support::{assert_whole, current, key, notes, run, versioned};

type Wrap = fn(Arc<dyn Store>) -> Arc<dyn Store>;

fn outside() -> Vec<(&'static str, Wrap)> {
    vec![
        ("nothing", |store| store),
        ("pass through", |store| Arc::new(PassThrough::new(store))),
        ("retries", |store| {
            let clock = Arc::new(ManualClock::new(1));
            Arc::new(
                RetryLayer::new(RetryConfig::new(), Arc::clone(&clock) as _, clock).unwrap().layer(store),
            )
        }),
        ("a breaker", |store| {
            let clock = Arc::new(ManualClock::new(1));
            Arc::new(CircuitBreakerLayer::new(CircuitBreakerConfig::new(), clock).unwrap().layer(store))
        }),
        ("checks", |store| {
            let clock = Arc::new(ManualClock::new(1));
            Arc::new(
                HealthCheckLayer::new(HealthCheckConfig::new(), Arc::clone(&clock) as _, clock)
                    .unwrap()
                    .layer(store),
            )
        }),
    ]
}

#[tokio::test]
async fn r_ver_6_message_expected_version_branch_and_author_pass_through_every_wrapper_outside() {
    for (name, wrap) in outside() {
        let memory = MemoryStore::new();
        let config = VersioningConfig::new().with_mode(VersioningMode::Semantic).with_enable_branching(true);
        let layer = VersioningLayer::new(config.clone(), Arc::new(ManualClock::new(1))).unwrap();
        let store = wrap(Arc::new(memory.in_namespace("default").unwrap().layer(layer)));
        let direct: VersionedStore<MemoryStore> =
            versioned(memory.in_namespace("default").unwrap(), config, 2);
        let said = SaveOptions::new().with_message("why").with_author("ada").with_metadata("ticket", "DQ-7");
        let attached = |options: &SaveOptions| {
            let mut record = run("r", "x");
            record.attributes.ext.set("other.fact", "kept").unwrap();
            options.attach(&mut record).unwrap();
            record
        };
        let written = store.put(attached(&said.clone().with_expected_version(0))).await.unwrap();
        assert_eq!(
            written.meta.attributes.ext.iter().collect::<Vec<_>>(),
            [("other.fact", "kept")],
            "{name}"
        );
        let head = store.head(&key("r")).await.unwrap();
        assert_eq!(head.attributes, written.meta.attributes, "{name}");
        store
            .put_many(vec![attached(&said.clone().with_bump(Bump::Minor))], PutOptions::default())
            .await
            .remove(0)
            .unwrap();
        let stale = store.put(attached(&said.clone().with_expected_version(1))).await.unwrap_err();
        assert_eq!(stale.kind(), ErrorKind::Conflict, "{name}");
        direct.create_branch(&key("r"), "fix", 1, None).await.unwrap();
        store.put(attached(&said.clone().with_branch("fix").with_expected_version(1))).await.unwrap();
        let latest = direct.get_version(&key("r"), "latest").await.unwrap().info;
        assert_eq!(latest.version, "1.1.0", "{name}");
        let branched = direct.get_version(&key("r"), "fix").await.unwrap().info;
        assert_eq!(branched.version, "fix/1.0.1", "{name}");
        for info in [latest, branched] {
            assert_eq!(
                (info.message.as_deref(), info.created_by.as_deref()),
                (Some("why"), Some("ada")),
                "{name}"
            );
            assert_eq!(info.metadata["ticket"], "DQ-7", "{name}");
        }
        assert_eq!(direct.get_version(&key("r"), 1).await.unwrap().record, {
            let mut record = run("r", "x");
            record.attributes.ext.set("other.fact", "kept").unwrap();
            record
        });
    }
}

#[tokio::test]
async fn every_wrapper_may_stand_inside() {
    for (name, wrap) in outside() {
        let memory = MemoryStore::new();
        let config = VersioningConfig::new().with_enable_branching(true);
        let store = versioned(wrap(Arc::new(memory.in_namespace("default").unwrap())), config, 1);
        for (expected, content) in [(0, "one"), (1, "two")] {
            store.save(run("r", content), SaveOptions::new().with_expected_version(expected)).await.unwrap();
        }
        let stale = store.save(run("r", "x"), SaveOptions::new().with_expected_version(1)).await.unwrap_err();
        assert_eq!(stale.kind(), ErrorKind::Conflict, "{name}");
        store.create_branch(&key("r"), "fix", 1, None).await.unwrap();
        store.save(run("r", "fixed"), SaveOptions::new().with_branch("fix")).await.unwrap();
        store.rollback(&key("r"), 1, SaveOptions::new()).await.unwrap();
        assert!(store.delete(&key("r"), SaveOptions::new()).await.unwrap(), "{name}");
        store.rollback(&key("r"), 2, SaveOptions::new()).await.unwrap();
        assert_eq!(current(&store, "r").await, "two", "{name}");
        assert_whole(&memory, "r").await;
    }
}

/// Passes every pause at once.
#[derive(Debug)]
struct Leap;

impl Timer for Leap {
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

fn retries<S: Store>(store: S, writes: RepeatWrites) -> impl Store {
    let config = RetryConfig::new().with_writes(writes);
    RetryLayer::new(config, Arc::new(ManualClock::new(1)), Arc::new(Leap)).unwrap().layer(store)
}

/// A save whose answer is lost is one version wherever retries stand, unless they were told to repeat whatever it was: then it is saved twice.
#[tokio::test]
async fn a_save_whose_answer_is_lost_is_made_again_only_where_that_is_asked_for() {
    use RepeatWrites::{Always, OneEffect};
    for (inside, writes, wanted) in [
        (true, OneEffect, vec!["once", "first"]),
        (true, Always, vec!["once", "first"]),
        (false, OneEffect, vec!["once", "first"]),
        (false, Always, vec!["once", "once", "first"]),
    ] {
        let (memory, faults) = (MemoryStore::new(), Faults::new());
        let under = FaultyStore::new(memory.in_namespace("default").unwrap(), &faults);
        let fresh = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 2);
        fresh.save(run("r", "first"), SaveOptions::new()).await.unwrap();
        // The second write of a save is that of the document.
        faults.add(Fault::fail(ErrorKind::Timeout).on(Operation::Put).nth(2).after());
        let answer = if inside {
            versioned(retries(under, writes), VersioningConfig::new(), 1).put(run("r", "once")).await
        } else {
            retries(versioned(under, VersioningConfig::new(), 1), writes).put(run("r", "once")).await
        };
        if let Err(error) = answer {
            assert_eq!(error.kind(), ErrorKind::Timeout, "{inside} {writes:?}: {}", error.report());
        }
        assert_eq!(notes(&fresh, "r").await, wanted, "{inside} {writes:?}");
        assert_whole(&memory, "r").await;
    }
}
