//! What is said with a save reaches the versions through every wrapper outside (R-VER-6), and nothing of it stays with the document.

use std::sync::Arc;

use truthound_stores_core::{ErrorKind, Layer as _, PutOptions, Store, StoreExt};
use truthound_stores_memory::MemoryStore;
use truthound_stores_resilience::{
    CircuitBreakerConfig, CircuitBreakerLayer, HealthCheckConfig, HealthCheckLayer, RetryConfig, RetryLayer,
};
use truthound_stores_testkit::{ManualClock, PassThrough};
use truthound_stores_versioning::{
    Bump, SaveOptions, VersionedStore, VersioningConfig, VersioningLayer, VersioningMode,
};

use crate::support::{key, run, versioned};

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
