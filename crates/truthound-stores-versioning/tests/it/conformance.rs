//! The suite that every store passes, over memory that can fail, in every mode.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::{Key, Store, SystemClock};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{FragilePlace, Place, conformance_tests};
use truthound_stores_versioning::{DeletedHistory, VersionedStore, VersioningConfig, VersioningMode};

/// A memory, and handles on it.
#[derive(Debug, Default)]
struct Memory(MemoryStore);

#[async_trait]
impl Place for Memory {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(self.0.in_namespace(namespace).unwrap())
    }

    fn persists(&self) -> bool {
        true
    }
}

/// A place whose stores keep versions, some of them twice.
struct Versioned(FragilePlace<Memory>, VersioningConfig, bool);

impl Versioned {
    fn by(config: VersioningConfig) -> Self {
        Self(FragilePlace::default(), config, false)
    }
}

fn wrap(inner: Arc<dyn Store>, config: &VersioningConfig) -> Arc<dyn Store> {
    Arc::new(VersionedStore::new(inner, config.clone(), Arc::new(SystemClock::new())).unwrap())
}

#[async_trait]
impl Place for Versioned {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let store = wrap(self.0.open(namespace).await, &self.1);
        if self.2 { Arc::new(truthound_stores_testkit::PassThrough::new(store)) } else { store }
    }

    fn persists(&self) -> bool {
        self.0.persists()
    }

    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        self.0.damage(namespace, key).await
    }

    async fn set_outage(&self, on: bool) -> bool {
        self.0.set_outage(on).await
    }
}

fn config() -> VersioningConfig {
    VersioningConfig::new()
}

conformance_tests!(incremental, || Versioned::by(config()));
conformance_tests!(git_like_without_changes, || Versioned::by(
    config().with_mode(VersioningMode::GitLike).with_track_changes(false)
));
conformance_tests!(semantic_with_few_versions, || Versioned::by(
    config().with_mode(VersioningMode::Semantic).with_max_versions(2)
));
conformance_tests!(timestamp_without_histories_of_the_deleted, || Versioned::by(
    config().with_mode(VersioningMode::Timestamp).with_deleted_history(DeletedHistory::Remove)
));
conformance_tests!(passed_through, || Versioned(FragilePlace::default(), config(), true));
